"""``python -m bench.profiled SIZE WORDS…``: where the time of operations goes, as ``bench.growth`` does and names them.

Prints for each the share of packages in the time under cProfile, warm, and the functions that take most.
"""

from __future__ import annotations

import cProfile
import os
import pstats
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any, Final

from rich.console import Console

from bench.growth import OPERATIONS, is_asked, named, server
from bench.growth_curves import Doing, Operation, World
from bench.growth_worlds import world_of
from bench.mails_out import discarding_server

_LONG_ENOUGH: Final = 0.5
_PACKAGES: Final = 8
_FUNCTIONS: Final = 6
_console = Console(width=150, highlight=False, soft_wrap=True)


def main() -> int:
    """Profile what the command line names."""
    size, words = int(sys.argv[1]), sys.argv[2:]
    wanted = [each for each in OPERATIONS if is_asked(each, words)]
    with server() as databases, discarding_server() as smtp:
        world = world_of(databases, size, {each.service for each in wanted}, smtp)
        for operation in wanted:
            child = os.fork()
            if not child:
                _tell(operation, world)
                os._exit(0)
            os.waitpid(child, 0)
    return 0


def _tell(operation: Operation, world: World) -> None:
    prepared = operation.prepare(world)
    doing = prepared if isinstance(prepared, Doing) else Doing(prepared)
    doing.act()
    doing.again()
    profile, times, began = cProfile.Profile(), 0, time.monotonic()
    while time.monotonic() - began < _LONG_ENOUGH:
        profile.runcall(doing.act)
        doing.again()
        times += 1
    told: Any = pstats.Stats(profile)
    each = 1000 * told.total_tt / times
    _console.print(f"{named(operation)}, {world.projects:,} projects: {each:,.1f} ms under the profiler")
    packages, functions = Counter[str](), Counter[str]()
    for (file, _line, function), (_, _, own, _, callers) in told.stats.items():
        if file != "~":
            packages[_package(file)] += own
            functions[f"{_package(file)} {Path(file).stem}.{function}"] += own
            continue
        functions[function] += own
        for (caller, _, _), part in callers.items():  # what is built in counts for the package that called it
            packages[_package(caller)] += part[2]
    for title, found, most in (("packages", packages, _PACKAGES), ("functions", functions, _FUNCTIONS)):
        shares = (f"{name} {100 * seconds / told.total_tt:.0f} %" for name, seconds in found.most_common(most))
        _console.print(f"    {title}: {', '.join(shares)}")


def _package(file: str) -> str:
    parts = Path(file).parts
    for above in ("site-packages", "services", "shared", "tests"):
        if above in parts:
            below = parts[parts.index(above) + 1 :]
            return below[1] if above == "services" and len(below) > 1 else below[0].removesuffix(".py")
    return "Python" if file != "~" else "built in"


if __name__ == "__main__":
    sys.exit(main())
