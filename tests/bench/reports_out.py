"""Reports out: a bulk workbook beside openpyxl's write-only mode, and what one changed record costs."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, Final

from sqlalchemy import text, update

from bench.large_portfolio import (
    DONORS,
    FIRST_YEAR,
    LAST_DAY,
    SOURCE,
    YEARS,
    PartneredPortfolio,
    Portfolio,
    Record,
    bulk_projects,
    corrected,
    handed_in_later,
    key_of,
)
from bench.measuring import Bounded, Compared, own_cpu
from bench.report_database import Databases, change_of, databases
from bench.same_cells import write_only
from muster_report import follow, history
from muster_report.held_facts import hold
from muster_report.models import ReportState
from muster_report.params import params_key
from muster_report.regenerating import regenerate_due
from muster_report.reports import catalogue
from muster_shared.changelog import BATCH, ChangeLog, Page
from muster_shared.context import Context
from muster_shared.garbage import collect_less_often

BULK_ROWS: Final = 200_000
PROJECTS: Final = 5_000
ROUNDS: Final = 5
_SPREAD: Final = tuple((turn + 0.5) / ROUNDS for turn in range(ROUNDS))
_LAST: Final = tuple(1 - turn / 100 for turn in range(ROUNDS))
_BETWEEN: Final = tuple(place + 0.05 for place in _SPREAD)
_ONLY_WHAT_RUNS: Final = Path(__file__).parent / "only_what_runs"
Result = Compared | Bounded
_Set = tuple[str, Mapping[str, str]]


def changing() -> Iterator[Result]:
    """What one changed record costs, in a process set up as the worker's; its databases are gone afterwards."""
    thresholds = gc.get_threshold()
    collect_less_often()
    try:
        yield from _changing()
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()


def _changing() -> Iterator[Result]:
    with tempfile.TemporaryDirectory(prefix="muster-bench-") as folder, databases(Path(folder)) as made:
        yield from one_change(made)


def in_bulk() -> Iterator[Result]:
    """What `projects` costs, on a database that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="muster-bench-") as folder, databases(Path(folder)) as made:
        yield from bulk(made)


def bulk(made: Databases, rows: int = BULK_ROWS) -> Iterator[Result]:
    """`projects`: facts from the database, the workbook into the object store, as a worker has it made."""
    made.filled("bulk", bulk_projects(rows)).engine.dispose()
    compared = Compared(f"`projects` with {rows:,} rows of 25 columns", "openpyxl write-only, same cells", 1 / 5)
    written = Compared(f"the same {rows:,} rows put out by our writer", "openpyxl write-only, same cells", 1 / 5)
    worker = Compared("memory of the worker meanwhile, at its peak", "the same at rest", None, "MB")
    peaks, peaks_alone = list[float](), list[float]()
    for _ in range(ROUNDS):
        theirs = own_cpu(lambda: write_only(rows))
        told, alone = bulk_once(made), _told_by("bench.bulk_written", str(rows))
        compared.round(told["cpu"], theirs)
        written.round(alone["cpu"], theirs)
        worker.round(told["worker"], told["at_rest"])
        peaks.append(told["peak"])
        peaks_alone.append(alone["peak"])
    yield compared
    yield written
    yield Bounded("peak memory of a process that does nothing but that", max(peaks_alone), 100, "MB")
    yield Bounded("peak memory of the process that made `projects`", max(peaks), 100, "MB")
    yield worker


def bulk_once(made: Databases) -> dict[str, Any]:
    """One regeneration of `projects` on the database "bulk": what ``bench.bulk_once`` prints."""
    told = made.settings("bulk")
    environ = {
        "MUSTER_DATA_DIR": str(told.data_dir),
        "MUSTER_REPORT_DATABASE_URL": told.report_database_url,
        "MUSTER_REDIS_URL": told.redis_url,
        "MUSTER_SECRET_KEY": told.secret_key,
        "MUSTER_CLOCK": f"{told.clock:%Y-%m-%dT%H:%M:%SZ}",
    }
    return _told_by("bench.bulk_once", environ=environ)


def _told_by(module: str, *arguments: str, environ: Mapping[str, str] | None = None) -> dict[str, Any]:
    """What a module prints last, run in a process of its own."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("MUSTER_")}
    environ = inherited | {"PYTHONPATH": os.pathsep.join([str(_ONLY_WHAT_RUNS), *sys.path])} | dict(environ or {})
    child = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(child, env=environ, check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def one_change(made: Databases, projects: int = PROJECTS) -> Iterator[Result]:
    """One progress report corrected: what it costs beside making everything anew, and which rows are read for it."""
    whole, against = PartneredPortfolio(projects), "rebuilding all but `projects`"
    context = _standing(made, "whole", whole)
    compared = Compared(f"a report's people and money corrected at {projects:,} projects", against, 0.05)
    late = Compared("the same, of the reports that came in last", against, 0.05)
    moved = Compared("the day on which a report came in corrected by one", against, 0.05)
    new = Compared("a report that was owed comes in on the last day", against, 0.05)
    rows, rows_late = list[int](), list[int]()
    owed = islice((one for number in range(projects) for one in whole.owed(number)), ROUNDS)
    for turn, owed_one in enumerate(owed):
        rebuilt = _rebuilt(context, turn)
        for places, told, read in ((_SPREAD, compared, rows), (_LAST, late, rows_late)):
            cost, of_facts = _changed(context, whole, places[turn])
            told.round(cost, rebuilt)
            read.append(of_facts)
        moved.round(_changed(context, whole, _BETWEEN[turn], handed_in_later)[0], rebuilt)
        new.round(_followed(context, owed_one)[0], rebuilt)
    yield from (compared, late, moved, new)
    region = whole.in_one_region()
    alone = _standing(made, "region", region)
    _rebuilt(alone, 0)  # as before the first round above
    for places, what, read in ((_SPREAD, "an early one", rows), (_LAST, "the last one", rows_late)):
        _, rows_alone = _changed(alone, region, places[0])
        job = f"fact rows read for {what} ({rows_alone} without other regions)"
        yield Bounded(job, read[0], 1.1 * rows_alone, "rows")


def _standing(made: Databases, name: str, portfolio: Portfolio) -> Context:
    """A service whose sets all stand and are up to date, and which holds its facts."""
    context = made.filled(name, portfolio.records())
    context = replace(context, settings=replace(context.settings, quiet_seconds=0, quiet_cap_seconds=0))
    hold(context.engine, context.settings.facts_held)
    with context.sessions.begin() as session:
        applied = history.applied_position(session)
        for report, params in _sets():
            follow.ensure(session, report, catalogue()[report].read(params), applied)
        for key in {report for report, _ in _sets()}:
            history.facts_for(session, catalogue()[key], applied)
    return context


def _sets() -> list[_Set]:
    """What stands or is followed: each year, each donor, each quarter's compliance, a place's indicators, a source."""
    years = [str(year) for year in range(FIRST_YEAR, FIRST_YEAR + YEARS)]
    quarters = [f"{year}-{day}" for year in years for day in ("03-31", "06-30", "09-30", "12-31")]
    yearly = ("funding-requirements", "beneficiaries", "project-analysis", "field-activities")
    donors = [("donor", {"donor_id": f"donor-{n:02}", "until": LAST_DAY.isoformat()}) for n in range(DONORS)]
    return [
        *((report, {"year": year}) for report in yearly for year in years),
        *(("indicators", {"place": "kenya", "year": year}) for year in years),
        *(("reporting-compliance", {"until": day}) for day in quarters),
        *donors,
        ("partnerships", {"source": SOURCE}),
    ]


def _rebuilt(context: Context, turn: int) -> float:
    """CPU seconds of making every set, by a sample of each report's; the turns together make every one."""
    cost = 0.0
    for report in sorted({report for report, _ in _sets()}):
        sets = [one for one in _sets() if one[0] == report]
        sample = sets[turn::ROUNDS] or sets
        cost += own_cpu(lambda sample=sample: _regenerate(context, sample)) * len(sets) / len(sample)  # type: ignore[misc]
    return cost


def _regenerate(context: Context, sets: list[_Set]) -> None:
    with context.sessions.begin() as session:
        for report, params in sets:
            key = params_key(catalogue()[report].read(params))
            these = (ReportState.report == report) & (ReportState.params_key == key)
            now = datetime.now(UTC) - timedelta(minutes=1)
            session.execute(update(ReportState).where(these).values(wanted=ReportState.wanted + 1, due_at=now))
    made = regenerate_due(context)
    if made != len(sets):
        raise AssertionError(f"{made} of {len(sets)} were made")


def _changed(
    context: Context, portfolio: Portfolio, place: float, changed: Callable[[Record], Record] = corrected
) -> tuple[float, int]:
    """CPU seconds and rows of facts from the change in the log to the last issue that it affects.

    What changes is the report that stands at that place among those handed in, from 0, the first, to 1, the last.
    """
    numbers = range(0, min(270, portfolio.in_one_region().projects), 9)  # those are in the first region of both
    told = (record for number in numbers for record in portfolio.project(number) if record.get("reached"))
    in_order = sorted(told, key=lambda record: (str(record["submitted_on"]), key_of(record)))
    return _followed(context, changed(in_order[round(place * (len(in_order) - 1))]))


def _followed(context: Context, record: Record) -> tuple[float, int]:
    """CPU seconds and rows of facts from one more revision in the log to the last issue that it affects."""
    with context.sessions() as session:
        last = history.applied_position(session)
    log = _OneChange(context.settings, record, last + 1)
    before = _rows_read(context)
    cost = own_cpu(lambda: (follow.follow(context, log), regenerate_due(context)))
    return cost, _rows_read(context) - before


class _OneChange(ChangeLog):
    """A log that goes on with one more revision."""

    def __init__(self, settings: Any, record: Record, position: int) -> None:
        super().__init__(settings, "report")
        self._change = change_of(record, position, revision=position)

    def after(self, position: int, *, limit: int = BATCH) -> Page:
        items = (self._change,)[:limit] if position < self._change.position else ()
        return Page("bench", items, self._change.position)


def _rows_read(context: Context) -> int:
    """Rows of facts that the server handed out, added or changed so far; its sessions count when they have ended."""
    context.engine.dispose()
    others = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        " AND backend_type = 'client backend'"
    )
    counted = (
        "SELECT seq_tup_read + idx_tup_fetch + n_tup_ins + n_tup_upd FROM pg_stat_user_tables WHERE relname = 'fact'"
    )
    with context.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        until = time.monotonic() + 60
        while connection.execute(text(others)).scalar_one():
            if time.monotonic() > until:
                raise AssertionError("a session goes on")
            time.sleep(0.05)
        return int(connection.execute(text(counted)).scalar_one())
