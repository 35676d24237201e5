"""A mail server for trying out: takes every mail on loopback and keeps it as a file, sends nothing on.

``python -m muster_shared.embedded.mailcatcher --port P --folder F``, and ``--host H`` where others may reach it. Files
are named by a number that goes on after a restart and by the first recipient: ``000012-mary.wanjiru.eml``.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import signal
import smtplib
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from muster_shared.embedded.server import Server

_UNSAFE = re.compile(r"[^A-Za-z0-9._+-]+")
_NUMBERED = re.compile(r"(\d{6,})-.*\.eml")
_LARGEST_BYTES = 64 * 1024 * 1024


class MailFolder:
    """A folder of mails, one file each, numbered in the order they came. One writer at a time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        numbers = [int(found[1]) for path in folder.iterdir() if (found := _NUMBERED.fullmatch(path.name))]
        self._last = max(numbers, default=0)

    def keep(self, content: bytes, recipients: Sequence[str]) -> Path:
        """Write a mail as it came; a reader sees the whole file or none."""
        path = self.folder / f"{self._last + 1:06d}-{safe_name(recipients)}.eml"
        fresh = path.with_suffix(".part")
        fresh.write_bytes(content)
        fresh.replace(path)
        self._last += 1
        return path


def safe_name(recipients: Sequence[str]) -> str:
    """The first recipient's local part as a part of a file name: no path, no space, 60 characters at most."""
    local = recipients[0].rpartition("@")[0] if recipients else ""
    return _UNSAFE.sub("_", local).strip("._")[:60] or "mail"


class MailCatcher(Server):
    """The mail catcher as an embedded server; ``folder`` receives the mails."""

    name: ClassVar[str] = "mail"

    def url(self) -> str:
        """Value for ``MUSTER_SMTP_URL``."""
        return f"smtp://{self.host}:{self.port}"

    def prepare(self) -> None:
        """Make the folder."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def ready(self) -> bool:
        """Does it greet?"""
        try:
            with smtplib.SMTP(self.host, self.port, timeout=2) as client:
                return client.noop()[0] == 250
        except (OSError, smtplib.SMTPException):
            return False

    def argv(self) -> tuple[str, ...]:
        """The command: this module."""
        return (sys.executable, "-m", __name__, "--port", str(self.port), "--folder", str(self.folder))

    def environment(self) -> Mapping[str, str]:
        """What a Python process needs besides."""
        return {**super().environment(), "PYTHONUNBUFFERED": "1"}


class _Catcher:
    def __init__(self, mails: MailFolder) -> None:
        self._mails = mails

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        path = self._mails.keep(envelope.original_content, envelope.rcpt_tos)
        return f"250 kept as {path.name}"


async def serve(port: int, folder: Path, host: str = MailCatcher.host) -> None:
    """Catch mails until SIGTERM or SIGINT."""
    from aiosmtpd.smtp import SMTP  # noqa: PLC0415 - comes with muster[local] only

    catcher = _Catcher(MailFolder(folder))
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)

    def session() -> Any:
        return SMTP(catcher, hostname="localhost", enable_SMTPUTF8=True, data_size_limit=_LARGEST_BYTES)

    server = await loop.create_server(session, host, port)
    async with server:
        await stopping.wait()


def main() -> None:
    """Command line of the module."""
    parser = argparse.ArgumentParser(description="Keep every mail as a file.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--host", default=MailCatcher.host)
    given = parser.parse_args()
    asyncio.run(serve(given.port, given.folder, given.host))


if __name__ == "__main__":
    main()
