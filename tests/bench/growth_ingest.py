"""What ingest does, at any size: a record, a thousand, a workbook; lists, search, the change log."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from itertools import islice
from typing import Any, Final

from bench.figures_on_pages import ask
from bench.growth_curves import Act, Doing, Operation, World
from bench.growth_portfolio import GrowingPortfolio
from bench.large_portfolio import Record
from bench.workbooks_in import book
from muster_ingest import uploads, usecases
from muster_ingest.app import create_app
from muster_ingest.uploads import Upload
from muster_ingest.workbooks.reading.readers import Readers
from muster_shared.auth import Caller, issue
from muster_shared.context import Context
from muster_shared.settings import Settings

AT_ONCE: Final = 1_000
_ROWS_OF_A_WORKBOOK: Final = 200
_ADMIN: Final = Caller("admin@example.org", "admin")


def fill(settings: Settings, projects: int) -> None:
    """Every record of the portfolio, taken in as it would be: a thousand at once."""
    context = Context.open("ingest", settings)
    records = itertools.chain(_offices(), map(_accepted, GrowingPortfolio(projects).records()))
    while some := list(islice(records, AT_ONCE)):
        _submit(context, some)
    context.engine.dispose()


def _accepted(record: Record) -> Record:
    """Offices stand in countries that there are."""
    return record | {"iso3": "KEN"} if record["kind"] == "office" else record


def _offices() -> Iterator[Record]:
    named = {"kind": "office", "time_zone": "UTC", "weekend": ["sat", "sun"]}
    yield named | {"office": "HQ", "name": "Headquarters", "type": "headquarters", "region": "multi_regional"}
    yield named | {"office": "KEN", "name": "Kenya", "type": "country", "region": "east_horn_of_africa", "iso3": "KEN"}


def _submit(context: Context, records: list[Record]) -> None:
    body = json.dumps({"office": "HQ", "records": records}).encode()
    answer = usecases.submit(context, _ADMIN, body, content_type="application/json", key=None)
    if answer.status != 201:
        raise AssertionError(str(answer.document)[:1500])


def submitted(count: int, world: World) -> Act:
    """Further revisions of as many records, sent at once."""
    context = Context.open("ingest", world.settings["ingest"])
    known = [record for number in range(world.projects) for record in _reports(world.projects, number)]
    turn = itertools.count()

    def act() -> None:
        first = next(turn) * count
        chosen = (known[(first + place) % len(known)] for place in range(min(count, len(known))))
        _submit(context, [record | {"summary": f"corrected in turn {first}"} for record in chosen])

    return act


def _reports(projects: int, number: int) -> Iterator[Record]:
    told = GrowingPortfolio(projects).project(number)
    return (record for record in told if record["kind"] == "progress_report")


def uploaded(rows: Callable[[World], int], world: World) -> Doing:
    """A workbook of projects read, checked and stored."""
    context = Context.open("ingest", world.settings["ingest"])
    readers, turn = Readers(), itertools.count()
    books = [book(rows(world), f"W{next(turn)}-{rows(world)}")]

    def act() -> None:
        answer = uploads.submit(context, readers, _ADMIN, Upload(books.pop(), "projects.xlsx", "KEN"))
        if answer.status != 201:
            raise AssertionError(str(answer.document)[:1500])

    return Doing(act, lambda: books.append(book(rows(world), f"W{next(turn)}-{rows(world)}")))


def page(path: str, world: World) -> Act:
    """A page that is made anew each time."""
    context = Context.open("ingest", world.settings["ingest"])
    token = issue(context.settings, _ADMIN, lifetime=timedelta(days=9999))
    client = create_app(context).test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    return lambda: ask(client, path)


def _operation(name: str, meant: Any, prepare: Callable[[World], Act | Doing]) -> Operation:
    return Operation("ingest", name, meant, prepare)


OPERATIONS: Final = (
    _operation("one record", "flat", partial(submitted, 1)),
    _operation("500 records at once", "flat", partial(submitted, 500)),
    _operation("a page of the change log", "flat", partial(page, "/ingest/v1/changes?after=500&limit=500")),
    _operation("home page", "linear", partial(page, "/ingest/")),
    _operation("list of projects", "linear", partial(page, "/ingest/projects")),
    _operation("active projects by title", "linear", partial(page, "/ingest/projects?status=active&sort=title")),
    _operation("list of progress reports", "linear", partial(page, "/ingest/records/progress_report")),
    _operation("list of submissions", "linear", partial(page, "/ingest/submissions")),
    _operation("search for two words", "flat", partial(page, "/ingest/search?q=shelter+17")),
    _operation("search for a word misspelt", "linear", partial(page, "/ingest/search?q=sheltter")),
    _operation("page of a project", "flat", partial(page, "/ingest/projects/P-000005")),
    _operation(
        f"a workbook of {_ROWS_OF_A_WORKBOOK} rows", "flat", partial(uploaded, lambda _world: _ROWS_OF_A_WORKBOOK)
    ),
    _operation("a workbook with half as many rows", "linear", partial(uploaded, lambda world: world.projects // 2)),
)
