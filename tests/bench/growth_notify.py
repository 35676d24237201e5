"""What notify does, at any size: following, the sweep over all that is owed, the mails of a day, its pages."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any, Final

import psycopg
from sqlalchemy import text

from bench import sweeping as obligations
from bench.figures_on_pages import ask
from bench.growth_curves import Act, Doing, Operation, World
from bench.growth_portfolio import GrowingPortfolio
from bench.large_portfolio import Record, key_of
from bench.report_database import change_of
from muster_notify import delivering, following, sweeping, usecases
from muster_notify.app import create_app
from muster_shared.auth import Caller, issue
from muster_shared.changelog import BATCH, ChangeLog, Page
from muster_shared.context import Context
from muster_shared.settings import Settings

CHANGES: Final = 200
_DUE: Final = 50  # one obligation in fifty has a rung due
_ALWAYS_DUE: Final = 40
_PROJECTS_OF_AN_OWNER: Final = 7
# one project in so many owes something due: of a number of owners it divides, most would have no such project
_DUE_PROJECTS: Final = 5
_NOT_SENT: Final = (
    "UPDATE reminder SET status = 'held', sent_at = NULL, mail_id = NULL WHERE mail_id IS NOT NULL",
    "DELETE FROM mail",
)
_RECORDED: Final = "SELECT count(*) FROM reminder WHERE created_at = :now"
_OFFICES: Final = """
UPDATE record SET fields = jsonb_build_object('office', key, 'name', key, 'type', 'country', 'region', 'africa',
    'time_zone', 'UTC', 'weekend', '["sat", "sun"]'::jsonb)
WHERE kind = 'office' AND fields = '{}'
"""
_FEW_DUE: Final = """
UPDATE obligation SET next_rung_on = CASE WHEN obligation_id IN (
    SELECT obligation_id FROM obligation WHERE due <= date '2016-12-30' ORDER BY obligation_id LIMIT :few
) THEN date '2016-11-30' ELSE date '2017-06-01' END
"""


def fill(settings: Settings, projects: int) -> None:
    """Ten obligations of each project, one in fifty with a rung due, and the records that a change is of."""
    context = Context.open("notify", settings)
    with psycopg.connect(settings.notify_database_url.replace("+psycopg", ""), autocommit=True) as connection:
        _records(connection, projects)
    owners = max(projects // _PROJECTS_OF_AN_OWNER, 1)
    owners += owners % _DUE_PROJECTS == 0
    obligations.fill(context.engine, projects, every=_DUE, owners=owners)
    with context.sessions.begin() as session:
        session.execute(text(_OFFICES))
    _vacuum(context)
    context.engine.dispose()


def _vacuum(context: Context) -> None:
    """What PostgreSQL does by itself, which here it does not: take out what is gone, and learn what there is."""
    with context.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def _records(connection: psycopg.Connection[Any], projects: int) -> None:
    with connection.cursor().copy("COPY record (kind, key, project_code, office, fields) FROM STDIN") as copy:
        for record in GrowingPortfolio(projects).records():
            if record["kind"] in following.KINDS:
                fields = {name: value for name, value in record.items() if name != "kind"}
                place = (record.get("project_code"), record.get("office", "HQ"), json.dumps(fields))
                copy.write_row((record["kind"], key_of(record), *place))


def service(world: World) -> Context:
    """Notify as its worker has it, on the morning of a day."""
    settings = replace(world.settings["notify"], clock=obligations.HOME, smtp_url=world.smtp, storm_floor=10**9)
    return Context.open("notify", settings)


class Reports(ChangeLog):
    """A log with further revisions of progress reports, as many at a time as are asked for."""

    def __init__(self, context: Context, projects: int) -> None:
        super().__init__(context.settings, "notify")
        self._of = [record for number in range(min(projects, 400)) for record in _reports(projects, number)]
        self._last = 0
        self._page: Page | None = None

    def tell(self, count: int) -> None:
        """Let that many changes come."""
        places = range(self._last + 1, self._last + 1 + count)
        items = tuple(change_of(self._revised(place), place, place) for place in places)
        self._last += count
        self._page = Page("bench", items, self._last)

    def after(self, position: int, *, limit: int = BATCH) -> Page:  # noqa: ARG002 - all at once
        page, self._page = self._page, None
        return page or Page("bench", (), position)

    def _revised(self, place: int) -> Record:
        return {**self._of[place % len(self._of)], "summary": f"corrected in {place}"}


def _reports(projects: int, number: int) -> Iterator[Record]:
    told = GrowingPortfolio(projects).project(number * 7 % projects)
    return (record for record in told if record["kind"] == "progress_report")


def changes_followed(world: World) -> Act:
    """Changes taken in, and what their projects owe worked out anew."""
    context = service(world)
    log = Reports(context, world.projects)
    with context.sessions.begin() as session:
        following.cursor(session).position = 0

    def act() -> None:
        log.tell(CHANGES)
        usecases.follow(context, log)

    return act


def swept(world: World) -> Doing:
    """Everything that is due recorded."""
    context = service(world)
    return Doing(lambda: _sweep(context), partial(_undo, context))


def swept_few(world: World) -> Doing:
    """The same with as many due in every portfolio."""
    context = service(world)
    obligations.undo(context.engine)  # of other operations
    with context.sessions.begin() as session:
        session.execute(text(_FEW_DUE), {"few": _ALWAYS_DUE})
    _vacuum(context)
    return Doing(lambda: _sweep(context), partial(_undo, context))


def _undo(context: Context) -> None:
    obligations.undo(context.engine)
    _vacuum(context)


def _sweep(context: Context) -> None:
    if not sweeping.record_due(context):
        raise AssertionError("held back")
    with context.sessions() as session:
        if not session.scalar(text(_RECORDED), {"now": obligations.HOME}):
            raise AssertionError("nothing was due")


def delivered(world: World) -> Doing:
    """What is due in a day put into mails, written, and handed to a server that throws it away."""
    context = service(world)
    at_nine = replace(context, clock=replace(context.clock, start=obligations.HOME + timedelta(hours=1)))
    _sweep(context)

    def act() -> None:
        if not delivering.deliver(at_nine):
            raise AssertionError("no mail went out")

    return Doing(act, partial(_unsend, context))


def _unsend(context: Context) -> None:
    with context.sessions.begin() as session:
        for statement in _NOT_SENT:
            session.execute(text(statement))
    _vacuum(context)


def page(path: str, world: World) -> Act:
    """A page that is made anew each time."""
    context = service(world)
    token = issue(context.settings, Caller("analyst@example.org", "analyst"), lifetime=timedelta(days=9999))
    client = create_app(context).test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    return lambda: ask(client, path)


def _operation(name: str, meant: Any, prepare: Callable[[World], Act | Doing]) -> Operation:
    return Operation("notify", name, meant, prepare)


OPERATIONS: Final = (
    _operation("sweep, one obligation in 50 due", "linear", swept),
    _operation("the mails of a day", "linear", delivered),
    _operation("page of deadlines", "linear", partial(page, "/notify/")),
    _operation("page of reminders", "linear", partial(page, "/notify/reminders")),
    _operation("obligations over HTTP, a page", "flat", partial(page, "/notify/v1/obligations?limit=100")),
    _operation(f"sweep, {_ALWAYS_DUE} obligations due", "flat", swept_few),
    _operation(f"follow {CHANGES} changes", "flat", changes_followed),
)
