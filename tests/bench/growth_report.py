"""What report does, at any size: following, making each report, lists and exports, explaining, comparing, pages."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any, Final

from sqlalchemy import text, update
from sqlalchemy.orm import Session

from bench.figures_on_pages import ANALYST, PAGES, ask, signed_in
from bench.growth_curves import Doing, Operation, World
from bench.growth_portfolio import GrowingPortfolio, donor
from bench.large_portfolio import FIRST_YEAR, LAST_DAY, YEARS, Record, corrected
from bench.report_database import change_of
from muster_report import comparing, explaining, exporting, follow, history, usecases
from muster_report.boards.kept import Kept
from muster_report.explaining import Place
from muster_report.making import make, of_issue
from muster_report.models import ReportState
from muster_report.params import params_key
from muster_report.regenerating import latest_issue, regenerate_due, regenerate_one
from muster_report.reports import catalogue
from muster_shared.auth import Caller
from muster_shared.changelog import BATCH, ChangeLog, Page
from muster_shared.context import Context

YEAR: Final = str(FIRST_YEAR + YEARS - 2)
FOCAL_POINT: Final = Caller("amina@example.org", "focal_point", offices=(GrowingPortfolio(1).office_of(0),))
CHANGES: Final = 500
NUMBER: Final = 5  # of the project whose records change
_QUARTERS: Final = ("03-31", "06-30", "09-30", "12-31")
Act = Callable[[], object]


def donor_asked(projects: int) -> dict[str, str]:
    """The report of one donor, as large in every portfolio."""
    return {"donor_id": donor(NUMBER // 4, projects), "until": LAST_DAY.isoformat()}


def service(world: World) -> Context:
    """Report as its worker has it, in this process; it keeps no facts in memory, at any size."""
    settings = replace(world.settings["report"], quiet_seconds=0, quiet_cap_seconds=0, facts_held=0)
    return Context.open("report", settings)


class Reports(ChangeLog):
    """A log with further revisions of progress reports, as many at a time as are asked for."""

    def __init__(self, context: Context, projects: int) -> None:
        super().__init__(context.settings, "report")
        self._of = [record for number in range(min(projects, 400)) for record in _reports(projects, number)]
        self._pages: deque[Page] = deque()
        self._next = 0

    def tell(self, context: Context, count: int) -> None:
        """Let that many changes come behind what is applied."""
        with context.sessions() as session:
            last = history.applied_position(session)
        places = range(last + 1, last + 1 + count)
        items = tuple(change_of(self._revised(), position, position) for position in places)
        self._pages.append(Page("bench", items, last + count))

    def after(self, position: int, *, limit: int = BATCH) -> Page:  # noqa: ARG002 - all at once
        return self._pages.popleft() if self._pages else Page("bench", (), position)

    def _revised(self) -> Record:
        record = self._of[self._next % len(self._of)]
        self._next += 1
        return corrected(record, self._next)


def _reports(projects: int, number: int) -> Iterator[Record]:
    told = GrowingPortfolio(projects).project((number * 7 + NUMBER) % projects)
    return (record for record in told if record["kind"] == "progress_report" and record["reached"])


def stand(context: Context, projects: int) -> None:
    """Let stand what is wanted: every donor's report, every year's, the last quarters'; all up to date."""
    with context.sessions.begin() as session:
        applied = history.applied_position(session)
        for report, params in standing(projects):
            follow.ensure(session, report, catalogue()[report].read(params), applied)
        session.execute(text("UPDATE report_state SET built = wanted, lease_until = NULL"))


def standing(projects: int) -> Iterator[tuple[str, dict[str, str]]]:
    """Reports and parameters that are asked for and kept up to date."""
    years = [str(year) for year in range(FIRST_YEAR, FIRST_YEAR + YEARS)]
    for report in ("funding-requirements", "beneficiaries", "project-analysis", "field-activities"):
        yield from ((report, {"year": year}) for year in years)
    yield from (("reporting-compliance", {"until": f"{years[-1]}-{day}"}) for day in _QUARTERS)
    donors = sorted({donor(number, projects) for number in range(projects)})
    yield from (("donor", {"donor_id": each, "until": LAST_DAY.isoformat()}) for each in donors)


def changes_followed(world: World) -> Act:
    """A page of changes taken in, and what they affect marked."""
    context = service(world)
    log = Reports(context, world.projects)
    stand(context, world.projects)

    def act() -> None:
        log.tell(context, CHANGES)
        applied = follow.follow(context, log)
        if applied != CHANGES:
            raise AssertionError(f"{applied} changes applied")

    return act


def one_change(world: World, *, everything: bool) -> Doing:
    """One change taken in, and the donor's new issue of it, or all that tells of it."""
    context = service(world)
    log, params = Reports(context, world.projects), catalogue()["donor"].read(donor_asked(world.projects))
    stand(context, world.projects)
    _made_before(context, params)

    def act() -> None:
        log._next = 0  # the same record again and again
        log.tell(context, 1)
        follow.follow(context, log)
        if everything:
            regenerate_due(context)
        else:
            regenerate_one(context, "donor", params)

    return Doing(act, partial(_all_served, context))


def _made_before(context: Context, params: dict[str, str]) -> None:
    usecases.want(context, catalogue()["donor"], params)
    regenerate_one(context, "donor", params)
    _all_served(context)


def _all_served(context: Context) -> None:
    with context.sessions.begin() as session:
        session.execute(update(ReportState).values(built=ReportState.wanted))


def made(report: str, given: Callable[[World], dict[str, str]], world: World) -> Act:
    """A report's workbook, from the facts to the last byte."""
    context = service(world)
    params = catalogue()[report].read(given(world))

    def act() -> None:
        with context.sessions() as session:
            make(session, catalogue()[report], params, history.applied_position(session), None)

    return act


def exported(pieces: Callable[[Context], Iterator[bytes]], world: World) -> Act:
    """An export, read to its end."""
    context = service(world)
    return lambda: sum(len(piece) for piece in pieces(context))


def explained(report: str, given: Callable[[World], dict[str, str]], world: World) -> Act:
    """The parts of a figure of the current issue."""
    context = service(world)
    asked = catalogue()[report]
    params = asked.read(given(world))
    issue = usecases.current_issue(context, asked, params)
    with context.sessions() as session:
        place = _a_figure(session, issue)
    return lambda: explaining.explain(context, ANALYST, asked, params, place)


def _a_figure(session: Session, issue: Any) -> Place:
    """A cell of the first sheet that has parts."""
    for sheet in of_issue(session, issue).figures():
        for cell in sheet.cells():
            if (
                isinstance(cell.value, int)
                and not isinstance(cell.value, bool)
                and cell.value
                and cell.identity[0] == "table"
            ):
                return Place(sheet.name, cell.coordinate, str(issue.issue_id))
    raise AssertionError("no figure")


def compared(world: World) -> Act:
    """A donor's issue and the one before."""
    context = service(world)
    params = catalogue()["donor"].read(donor_asked(world.projects))
    first = usecases.current_issue(context, catalogue()["donor"], params)
    log = Reports(context, world.projects)
    log.tell(context, 1)
    follow.follow(context, log)
    with context.sessions.begin() as session:
        session.execute(
            update(ReportState)
            .where(ReportState.report == "donor", ReportState.params_key == params_key(params))
            .values(due_at=text("now() - interval '1 minute'"))
        )
    regenerate_one(context, "donor", params)
    with context.sessions() as session:
        second = latest_issue(session, "donor", params)
    if second is None or second.issue_id == first.issue_id:
        raise AssertionError("no second issue")
    return lambda: comparing.compare(context, first.issue_id, second.issue_id)


def board(path: str, world: World, *, kept: bool, who: Caller = ANALYST) -> Act:
    """A page of figures, made anew or as it is kept."""
    client = signed_in(service(world), who)
    if kept:
        ask(client, path)

    def act() -> None:
        if not kept:
            client.application.extensions["muster_figures"] = Kept()
        ask(client, path)

    return act


def page(path: Callable[[World], str], world: World) -> Act:
    """A page that is made anew each time."""
    client = signed_in(service(world))
    asked = path(world)
    return lambda: ask(client, asked)


def _of(**params: str) -> Callable[[World], dict[str, str]]:
    return lambda _world: params


def _of_donor(world: World) -> dict[str, str]:
    return donor_asked(world.projects)


def _operation(name: str, meant: Any, prepare: Callable[[World], Act | Doing]) -> Operation:
    return Operation("report", name, meant, prepare)


def _wanted(_world: World) -> str:
    return "/report/"


OPERATIONS: Final = (
    _operation(f"follow {CHANGES} changes", "flat", changes_followed),
    _operation("one change, and its donor's new issue", "flat", partial(one_change, everything=False)),
    _operation("one change, and all issues that tell of it", "linear", partial(one_change, everything=True)),
    _operation("make donor (one donor)", "flat", partial(made, "donor", _of_donor)),
    _operation("make indicators (one place)", "flat", partial(made, "indicators", _of(place="kenya", year=YEAR))),
    _operation("make funding-requirements", "flat", partial(made, "funding-requirements", _of(year=YEAR))),
    _operation("make partnerships", "linear", partial(made, "partnerships", _of(source="made up"))),
    _operation("make field-activities", "linear", partial(made, "field-activities", _of(year=YEAR))),
    _operation("make beneficiaries", "linear", partial(made, "beneficiaries", _of(year=YEAR))),
    _operation("make project-analysis", "linear", partial(made, "project-analysis", _of(year=YEAR))),
    _operation(
        "make reporting-compliance", "linear", partial(made, "reporting-compliance", _of(until=f"{YEAR}-12-31"))
    ),
    _operation("make projects (bulk)", "linear", partial(made, "projects", _of())),
    _operation("export IATI", "linear", partial(exported, lambda context: exporting.activities(context, None))),
    _operation(
        "export HXL of progress reports",
        "linear",
        partial(exported, lambda context: exporting.records(context, "progress_report", "internal", None)),
    ),
    _operation("explain a figure (one donor)", "flat", partial(explained, "donor", _of_donor)),
    _operation("explain a figure (a year)", "linear", partial(explained, "project-analysis", _of(year=YEAR))),
    _operation("compare two issues (one donor)", "flat", compared),
    *(_operation(f"figures: {name}, anew", "linear", partial(board, path, kept=False)) for name, path in PAGES.items()),
    _operation(
        "figures: projects of one's own office, anew",
        "linear",
        partial(board, PAGES["projects"], kept=False, who=FOCAL_POINT),
    ),
    _operation("figures: overview, kept", "flat", partial(board, PAGES["overview"], kept=True)),
    _operation("page of the catalogue", "flat", partial(page, _wanted)),
)
