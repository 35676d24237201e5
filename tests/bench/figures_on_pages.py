"""Pages of figures over 5,000 projects and 200,000 facts beside a bare page of the same application.

The application is asked in its own process, so that nothing but its own time is measured. A page that is kept costs
the sign-in, one query and the frame around it; one that is made anew is what the first reader after a change waits for.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Final

from flask.testing import FlaskClient
from sqlalchemy import text

from bench.large_portfolio import FIRST_YEAR, YEARS, Portfolio
from bench.measuring import Bounded, Compared, own_cpu
from bench.report_database import databases
from muster_report.app import create_app
from muster_shared.auth import Caller, issue
from muster_shared.context import Context

PROJECTS, FACTS = 5_000, 200_000
ROUNDS, ASKED = 9, 30
BARE: Final = "/report/sign-out"
YEAR: Final = FIRST_YEAR + YEARS - 2
PAGES: Final = {
    "overview": f"/report/figures?year={YEAR}",
    "funding": f"/report/figures/funding?year={YEAR}",
    "projects": f"/report/figures/projects?year={YEAR}",
    "people": f"/report/figures/people?year={YEAR}",
    "reporting": f"/report/figures/reporting?until={YEAR}-12-31",
    "overdue": f"/report/figures/overdue?until={YEAR}-12-31",
    "map": f"/report/figures/map?of=reached&year={YEAR}",
}
_SLOWEST_MS: Final = 20_000
_KINDS: Final = "('project', 'grant', 'progress_report')"
_REVISED: Final = f"""
INSERT INTO fact (position, until, kind, key, revision, action, office, occurred_at, fields, receipt, submission_id,
    sha256, received_at, pointer, source)
SELECT position + number * :step, NULL, kind, key, revision + number, action, office, occurred_at, fields, receipt,
    submission_id, sha256, received_at, pointer, source
FROM fact, generate_series(1, :times) number WHERE kind IN {_KINDS}
"""  # noqa: S608 - put together from constants
_ENDED: Final = f"UPDATE fact SET until = position + :step WHERE kind IN {_KINDS} AND revision <= :times"  # noqa: S608


def results() -> Iterator[Compared | Bounded]:
    """On a database of its own."""
    with tempfile.TemporaryDirectory(prefix="muster-figures-") as folder, databases(Path(folder)) as held:
        context = held.filled("figures", Portfolio(PROJECTS).records())
        revise(context)
        client = signed_in(context)
        for name, path in PAGES.items():
            anew = own_cpu(partial(ask, client, path))
            yield Bounded(f"{name}: made anew, CPU", 1000 * anew, _SLOWEST_MS, "ms")
            yield kept(client, name, path)
        context.engine.dispose()


def revise(context: Context) -> None:
    """Revise projects, grants and reports until there are as many facts as there should be."""
    with context.sessions.begin() as session:
        last, count = session.execute(text("SELECT max(position), count(*) FROM fact")).one()
        revised = session.scalar(text(f"SELECT count(*) FROM fact WHERE kind IN {_KINDS}"))  # noqa: S608
        times = -(-(FACTS - count) // revised)
        session.execute(text(_REVISED), {"step": last, "times": times})
        session.execute(text(_ENDED), {"step": last, "times": times})
        session.execute(text("UPDATE cursor SET position = :last"), {"last": last * (times + 1)})
    with context.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE fact"))


ANALYST: Final = Caller("analyst@example.org", "analyst")


def signed_in(context: Context, who: Caller = ANALYST) -> FlaskClient:
    """A client of the application that somebody has signed in with."""
    token = issue(context.settings, who, lifetime=timedelta(hours=1))
    client = create_app(context).test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    return client


def kept(client: FlaskClient, name: str, path: str) -> Compared:
    """Rounds of requests for a page that is kept, and as many for the bare one."""
    compared = Compared(f"{ASKED} times {name}, kept", "a bare page of the same application", 5.0)
    for _ in range(ROUNDS):
        compared.round(seconds(partial(ask_often, client, path)), seconds(partial(ask_often, client, BARE)))
    return compared


def ask(client: FlaskClient, path: str) -> None:
    """Ask for a page, which has to be there."""
    answer = client.get(path)
    assert answer.status_code == 200, answer.text


def ask_often(client: FlaskClient, path: str) -> None:
    """Ask for a page as often as a round has it."""
    for _ in range(ASKED):
        ask(client, path)


def seconds(work: Callable[[], object]) -> float:
    """How long some work takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
