"""Running a server that refuses root, when we are root.

First choice is a user namespace in which root appears as nobody: every file stays root's, in folders closed to all
others. Where namespaces are not allowed (most containers), the server runs as the user nobody and owns its folder.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_UNPRIVILEGED = "nobody"


class UnreachableError(Exception):
    """The unprivileged user cannot reach a folder it needs; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Privileges:
    """How to run a command: a prefix before it, or another user, or neither."""

    prefix: tuple[str, ...] = ()
    user: str | None = None

    def give(self, folder: Path) -> None:
        """Let the unprivileged user own a folder and what is in it; nothing to do where no such user runs."""
        if self.user:
            for path in (folder, *folder.rglob("*")):
                shutil.chown(path, self.user, pwd.getpwnam(self.user).pw_gid)

    def reach(self, *paths: Path, own: Path) -> None:
        """Make paths reachable: our own folder may be entered by all; those above it are not ours to open.

        Raises:
            UnreachableError: a folder above is closed to others.
        """
        if not self.user:
            return
        own.chmod(own.stat().st_mode | 0o011)
        closed = [parent for path in paths for parent in path.parents if not parent.stat().st_mode & 0o001]
        if closed:
            raise UnreachableError(
                f"PostgreSQL does not run as root and the user {self.user} may not enter {closed[-1]}: start as "
                f"another user, keep Muster and MUSTER_DATA_DIR where others may enter, or name a PostgreSQL with "
                f"MUSTER_INGEST_DATABASE_URL, MUSTER_REPORT_DATABASE_URL and MUSTER_NOTIFY_DATABASE_URL"
            )


def without_root(stop_signal: signal.Signals) -> Privileges:
    """The privileges a server that refuses root runs with; it gets the signal when its starter dies."""
    if os.geteuid() != 0:
        return Privileges()
    name = stop_signal.name.removeprefix("SIG")
    return (
        Privileges(prefix=(*_namespace(), "setpriv", "--pdeathsig", name))
        if _allowed()
        else Privileges(user=_UNPRIVILEGED)
    )


def _namespace() -> tuple[str, ...]:
    who = pwd.getpwnam(_UNPRIVILEGED)
    return "unshare", "--user", f"--map-user={who.pw_uid}", f"--map-group={who.pw_gid}"


@cache
def _allowed() -> bool:
    if not (shutil.which("unshare") and shutil.which("setpriv")):
        return False
    probe = (*_namespace(), "setpriv", "--pdeathsig", "INT", "true")
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0
