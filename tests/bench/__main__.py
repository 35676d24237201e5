"""``make bench``: every figure beside a yardstick measured in the same run; exits 1 where a bound does not hold.

What is found goes into ``docs/benchmarks.md``. ``make bench ONLY="ingesting following"`` runs some benches only.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from bench import (
    figures_on_pages,
    following,
    fresh_reports,
    ingesting,
    instead_of,
    mails_out,
    reports_out,
    scaling,
    sweeping,
    tasks_run,
    told,
    workbooks_in,
)
from bench.measuring import Bounded, Compared, held
from chaos.running import Running
from muster_shared.clock import real_now
from muster_shared.settings import Settings

HOME = datetime(2016, 11, 30, 8, tzinfo=UTC)


def main() -> int:
    """Measure what the command line names, or everything; print it and tell it in the documentation."""
    found: list[Compared | Bounded] = []
    console = Console(width=160)
    for name in sys.argv[1:] or BENCHES:
        load, results = os.getloadavg()[0], []
        for result in BENCHES[name]():
            console.print(" | ".join(result.row()))
            results.append(result)
        told.keep(name, results, now=real_now(), load=load)
        found += results
    console.print(table(found))
    return 0 if all(held(result) for result in found) else 1


def on_an_instance(bench: Callable[[Running], Iterator[Compared | Bounded]]) -> Iterator[Compared | Bounded]:
    """What is measured from outside, on an instance of its own."""
    with tempfile.TemporaryDirectory(prefix="muster-bench-") as folder:
        running = Running(Settings(data_dir=Path(folder) / "data", port=0, clock=HOME, rate_per_minute=0))
        running.start()
        try:
            yield from bench(running)
        finally:
            running.stop()


BENCHES: Final[Mapping[str, Callable[[], Iterator[Compared | Bounded]]]] = {
    "ingesting": ingesting.results,
    "workbooks-in": lambda: on_an_instance(workbooks_in.results),
    "following": following.results,
    "fresh-reports": lambda: on_an_instance(fresh_reports.results),
    "reports-out": reports_out.changing,
    "projects-out": reports_out.in_bulk,
    "sweeping": sweeping.results,
    "mails-out": mails_out.results,
    "figures-on-pages": figures_on_pages.results,
    "tasks-run": tasks_run.results,
    "scaling": scaling.results,
    "instead-exporting": instead_of.exporting,
    "instead-importing": lambda: on_an_instance(instead_of.importing),
}


def table(found: list[Compared | Bounded]) -> Table:
    made = Table("job", "yardstick", "ours", "yardstick's", "ratio", "bound", "rounds", "holds")
    for result in found:
        made.add_row(*result.row(), {True: "yes", False: "NO", None: ""}[result.holds])
    return made


if __name__ == "__main__":
    sys.exit(main())
