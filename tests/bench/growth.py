"""``python -m bench.growth [SIZES…] [--only WORDS]``: what each main operation costs as the portfolio grows.

Sizes are numbers of projects, fifty facts to each; 200, 2,000 and 20,000 where none is given: once, ten times and a
hundred times the sample. ``--only`` names words of operations. With ``--write`` the page and the picture of ``docs``
are written anew.
``--results`` names a file to which what was measured is added, so that sizes and services may be measured apart.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from bench import growth_ingest, growth_notify, growth_page, growth_report
from bench.growth_curves import Cost, Curve, Operation, World, cost_of, worst
from bench.growth_worlds import world_of
from bench.mails_out import discarding_server
from bench.report_database import Databases
from muster_shared.embedded.postgres import Postgres

SIZES = (200, 2_000, 20_000)
OPERATIONS = (*growth_ingest.OPERATIONS, *growth_report.OPERATIONS, *growth_notify.OPERATIONS)


def main() -> int:
    """Measure, print each curve as it comes; 1 where one grows faster than it may."""
    asked = _asked()
    console = Console(width=150)
    known = _known(asked.results)
    wanted = [each for each in OPERATIONS if is_asked(each, asked.only)]
    curves = [Curve(each, known.get(named(each), {})) for each in wanted]
    services = {each.service for each in wanted}
    with server() as databases, discarding_server() as smtp:
        for size in filter(None, asked.sizes):
            world = world_of(databases, size, services, smtp)
            for curve in curves:
                _measure(curve, world, console)
                _keep(asked.results, curve, size)
    found = [curve for curve in curves if curve.costs]
    console.print(growth_page.table(found))
    if asked.write:
        growth_page.write(found)
    return 1 if worst(found) else 0


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.growth")
    parser.add_argument("sizes", type=int, nargs="*", default=SIZES, help="0: nothing more is measured")
    parser.add_argument("--only", nargs="*", default=(), help="words of the names of operations")
    parser.add_argument("--results", type=Path, help="a file of what was measured before, to which this is added")
    parser.add_argument("--write", action="store_true", help="write docs/growth.md and its picture anew")
    return parser.parse_args()


def is_asked(operation: Operation, words: Sequence[str]) -> bool:
    return not words or any(word in named(operation) for word in words)


def named(operation: Operation) -> str:
    """An operation by its service and name."""
    return f"{operation.service}: {operation.name}"


def _known(results: Path | None) -> dict[str, dict[int, Cost]]:
    if results is None or not results.exists():
        return {}
    told = json.loads(results.read_text(encoding="utf-8"))
    return {name: {int(size): Cost(*cost) for size, cost in costs.items()} for name, costs in told.items()}


def _keep(results: Path | None, curve: Curve, size: int) -> None:
    if results is None or size not in curve.costs:
        return
    told = json.loads(results.read_text(encoding="utf-8")) if results.exists() else {}
    cost = curve.costs[size]
    told.setdefault(named(curve.operation), {})[str(size)] = [cost.seconds, cost.memory]
    results.write_text(json.dumps(told, indent=1), encoding="utf-8")


def _measure(curve: Curve, world: World, console: Console) -> None:
    try:
        cost = cost_of(curve.operation, world)
    except RuntimeError as error:
        console.print(f"{curve.operation.name} failed: {error}", markup=False)
        return
    curve.costs[world.projects] = cost
    console.print(
        f"{world.projects:>7,} {named(curve.operation):<55} {1000 * cost.seconds:>10,.1f} ms {cost.memory:>6,.0f} MB"
    )


@contextmanager
def server() -> Iterator[Databases]:
    """A server that does not wait for the disk and vacuums nothing by itself: neither is what is measured."""
    with tempfile.TemporaryDirectory(prefix="muster-growth-") as name:
        folder = Path(name)
        with Postgres(folder / "postgres") as server:
            with server.connect() as connection:
                for told in ("fsync = off", "synchronous_commit = off", "autovacuum = off", "max_wal_size = '4GB'"):
                    connection.execute(f"ALTER SYSTEM SET {told}".encode())
                connection.execute("SELECT pg_reload_conf()")
            yield Databases(server, folder)


if __name__ == "__main__":
    sys.exit(main())
