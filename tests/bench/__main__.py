"""``make bench``: every figure beside a yardstick measured in the same run; exits 1 where a bound does not hold."""

from __future__ import annotations

import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench import workbooks_in
from bench.measuring import Bounded, Compared, held
from chaos.running import Running
from muster_shared.settings import Settings

HOME = datetime(2016, 11, 30, 8, tzinfo=UTC)


def main() -> int:
    """Start an instance of its own, measure, print."""
    found: list[Compared | Bounded] = []
    console = Console(width=150)
    with tempfile.TemporaryDirectory(prefix="muster-bench-") as folder:
        running = Running(Settings(data_dir=Path(folder) / "data", port=0, clock=HOME))
        running.start()
        try:
            for result in workbooks_in.results(running):
                console.print(" | ".join(result.row()))
                found.append(result)
        finally:
            running.stop()
    console.print(table(found))
    return 0 if all(held(result) for result in found) else 1


def table(found: list[Compared | Bounded]) -> Table:
    made = Table("job", "yardstick", "ours", "yardstick's", "ratio", "bound", "holds")
    for result in found:
        made.add_row(*result.row(), "yes" if held(result) else "NO")
    return made


if __name__ == "__main__":
    sys.exit(main())
