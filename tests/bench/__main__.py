"""``make bench``: every figure beside a yardstick measured in the same run; exits 1 where a bound does not hold."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from bench import figures_on_pages, fresh_reports, mails_out, reports_out, sweeping, workbooks_in
from bench.measuring import Bounded, Compared, held
from chaos.running import Running
from muster_shared.settings import Settings

HOME = datetime(2016, 11, 30, 8, tzinfo=UTC)


def main() -> int:
    """Measure workbooks in, then reports out, or what the command line names of them; print."""
    found: list[Compared | Bounded] = []
    console = Console(width=150)
    for name in sys.argv[1:] or BENCHES:
        for result in BENCHES[name]():
            console.print(" | ".join(result.row()))
            found.append(result)
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
    "workbooks-in": lambda: on_an_instance(workbooks_in.results),
    "fresh-reports": lambda: on_an_instance(fresh_reports.results),
    "reports-out": reports_out.results,
    "sweeping": sweeping.results,
    "mails-out": mails_out.results,
    "figures-on-pages": figures_on_pages.results,
}


def table(found: list[Compared | Bounded]) -> Table:
    made = Table("job", "yardstick", "ours", "yardstick's", "ratio", "bound", "holds")
    for result in found:
        made.add_row(*result.row(), "yes" if held(result) else "NO")
    return made


if __name__ == "__main__":
    sys.exit(main())
