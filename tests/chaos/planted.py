"""``python -m chaos.planted [WORD...]``: each sabotage in a copy of the sources; exits 1 where no test turns red.

``WORD`` chooses the sabotages whose description holds it. The checkout itself is never written to.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.console import Console

from chaos.sabotages import ROOT, SABOTAGES, Sabotage

_COPIED: Final = ("services", "shared", "tests", "pyproject.toml")
_ON_PATH: Final = ("services/ingest", "services/report", "services/notify", "shared", "tests")
_ALL_PASSED, _SOME_FAILED = 0, 1  # what pytest exits with
_WHERE: Final = "import importlib.util, sys; print(importlib.util.find_spec(sys.argv[1]).origin)"
_console = Console(width=200, highlight=False, markup=False, emoji=False, soft_wrap=True)


class Copy:
    """A copy of the sources, from which tests run; whatever they start imports it too."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in _COPIED:
            self._take(name)

    def run(self, tests: Sequence[str]) -> subprocess.CompletedProcess[str]:
        """The tests, by pytest; no result of an earlier run is looked at."""
        command = ("pytest", "-q", "-x", "--no-header", "-p", "no:cacheprovider", *tests)
        return self._python("-m", *command)

    def imports(self, module: str) -> Path:
        """The file that a module is imported from here."""
        return Path(self._python("-c", _WHERE, module).stdout.strip())

    def _take(self, name: str) -> None:
        if (ROOT / name).is_file():
            shutil.copy2(ROOT / name, self.folder / name)
        else:
            shutil.copytree(ROOT / name, self.folder / name, ignore=shutil.ignore_patterns("__pycache__"))

    def _python(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        path = os.pathsep.join(str(self.folder / part) for part in _ON_PATH)
        environ = os.environ | {"PYTHONPATH": path}
        return subprocess.run(
            (sys.executable, *arguments), cwd=self.folder, env=environ, capture_output=True, text=True, check=False
        )


@dataclass(frozen=True, slots=True)
class Found:
    """What became of a planted sabotage: whether a test failed of it, how long that took, and what it said."""

    sabotage: Sabotage
    caught: bool
    seconds: float
    said: str


def main() -> int:
    """Run the tests on a clean copy, then on one with each sabotage; prints as it goes."""
    chosen = [one for one in SABOTAGES if not sys.argv[1:] or any(word in one.what for word in sys.argv[1:])]
    with tempfile.TemporaryDirectory(prefix="muster-planted-") as folder:
        copy = Copy(Path(folder))
        clean = copy.run(sorted({one.test for one in chosen}))
        if clean.returncode != _ALL_PASSED:
            _console.print(f"without any sabotage the tests do not pass:\n{clean.stdout[-5000:]}{clean.stderr[-2000:]}")
            return 1
        found = [_planted(copy, sabotage) for sabotage in chosen]
    caught = sum(one.caught for one in found)
    _console.print(f"{caught} of {len(found)} caught in {sum(one.seconds for one in found):.0f} s")
    return 0 if caught == len(found) else 1


def _planted(copy: Copy, sabotage: Sabotage) -> Found:
    """Plant it, run its test, and put back what was there."""
    file, began = copy.folder / sabotage.file, time.monotonic()
    kept = file.read_bytes()
    assert sabotage.fits(copy.folder), f"{sabotage.file} does not have the line once: {sabotage.line}"
    sabotage.apply(copy.folder)
    assert copy.imports(sabotage.module).samefile(file), f"{sabotage.module} is not imported from the copy"
    done = copy.run([sabotage.test])
    file.write_bytes(kept)
    found = Found(sabotage, done.returncode == _SOME_FAILED, time.monotonic() - began, _reason(done.stdout))
    word = "caught    " if found.caught else "NOT CAUGHT"
    _console.print(f"{word} {found.seconds:5.1f} s  {sabotage.what}  ({sabotage.file}): {found.said}")
    return found


def _reason(printed: str) -> str:
    """The first line in which pytest says why a test failed, or its last line."""
    reasons = [line.removeprefix("E").strip() for line in printed.splitlines() if line.startswith("E  ")]
    return next(iter(reasons or printed.splitlines()[-1:]), "")[:120]


if __name__ == "__main__":
    sys.exit(main())
