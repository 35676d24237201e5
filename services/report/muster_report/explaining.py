"""Where a figure comes from: the workbook is built again, and its cell is asked for its parts.

Nothing is kept for it: a report is a pure function of the facts at a position, so the recipe is the report itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from muster_report import making, queries, seen, usecases
from muster_report.book import Book, Cell, Sheet, plain_value
from muster_report.figures import Part
from muster_report.models import FactRow, Issue
from muster_report.params import params_key
from muster_report.protecting import people_of
from muster_report.reports import Report
from muster_report.small_cells import HIDDEN, leaves_the_house
from muster_shared.auth import Caller
from muster_shared.clock import iso_z
from muster_shared.context import Context
from muster_shared.one_of import one_of
from muster_shared.problems import DataError, Problem, not_found

_CELL = re.compile(r"[A-Z]{1,3}[1-9]\d{0,6}")


@dataclass(frozen=True, slots=True)
class Place:
    """Which figure is asked about: sheet and cell, of an issue or, without one, of the current one."""

    sheet: str | None
    cell: str | None
    issue: str | None


def explain(
    context: Context, caller: Caller, report: Report, params: Mapping[str, str], place: Place
) -> dict[str, Any]:
    """The parts of a figure, each with its record, revision, submission and source cell.

    Of a record of an office that the caller does not see, only the office, the kind and the value are told.

    Raises:
        Problem: 422 where sheet, cell or issue is not one, 404 where there is no such issue or figure, 403 for a
            count of people in a copy that leaves the house, 409 for an issue of a log that was lost.
    """
    _check(place)
    issue = _issue(context, report, params, place)
    with context.sessions() as session:
        sheet, cell = _found(making.of_issue(session, issue), str(place.sheet), str(place.cell))
        _refuse_counts_of_people(report, issue.params, cell)
        parts = _parts(sheet, cell)
        told = _told(session, parts, seen.records_of(session, caller))
    return {
        "report": report.key,
        "params": dict(params),
        "issue_id": str(issue.issue_id),
        "position": issue.position,
        "sheet": place.sheet,
        "cell": place.cell,
        "row": cell.row_label,
        "column": cell.column_label,
        "value": plain_value(cell.value),
        "sum": plain_value(sum((part.value for part in parts), Decimal(0))),
        "parts": told,
    }


def _check(place: Place) -> None:
    for name, right in (("sheet", place.sheet), ("cell", place.cell and _CELL.fullmatch(place.cell))):
        if not right:
            message = f"'{name}' is missing or not one: ask with sheet=Overview&cell=D14"
            raise Problem(422, "bad_parameter", message, errors=[DataError("bad_parameter", message, field=name)])


def _issue(context: Context, report: Report, params: Mapping[str, str], place: Place) -> Issue:
    if place.issue is None:
        return usecases.current_issue(context, report, params)
    try:
        issue_id = UUID(place.issue)
    except ValueError as error:
        raise not_found(f"there is no issue '{place.issue[:60]}'") from error
    with context.sessions() as session:
        issue = queries.issue(session, issue_id)
    if (issue.report, issue.params_key) != (report.key, params_key(params)):
        raise not_found(f"issue {issue_id} is not of {report.key} with these parameters")
    if issue.of_lost_log:
        raise Problem(409, "of_lost_log", "this issue was made of changes that are no longer in the change log")
    return issue


def _refuse_counts_of_people(report: Report, params: Mapping[str, str], cell: Cell) -> None:
    """What is hidden is not told, nor are the parts of a count that is shown: small counts are among them."""
    identity = cell.identity
    place = (identity[1], identity[2], identity[3]) if identity[0] == "table" else ("", "", "")
    if counts_people(report, params, place) or (cell.value == HIDDEN and leaves_the_house(params["copy"])):
        detail = (
            f"{cell.coordinate} counts people, and copies for donors and the public do not tell what such a count is "
            "made of: small counts could be worked out from it. Ask with copy=internal"
        )
        raise Problem(403, "people_not_told", detail)


def counts_people(report: Report, params: Mapping[str, str], place: tuple[str, str, str]) -> bool:
    """Whether a figure, by the keys of its table, row and column, counts people in a copy that leaves the house."""
    people = people_of(report, params)
    return people is not None and bool(people.set_of(*place) or people.computed_from(*place))


def _found(book: Book, sheet_name: str, coordinate: str) -> tuple[Sheet, Cell]:
    sheet = next((sheet for sheet in book.sheets if sheet.name == sheet_name), None)
    if sheet is None:
        raise not_found(f"there is no sheet '{sheet_name[:60]}' with figures; there are {_names(book)}")
    cell = next((cell for cell in sheet.cells() if cell.coordinate == coordinate), None)
    if cell is None:
        raise _no_figure(sheet, coordinate)
    return sheet, cell


def _no_figure(sheet: Sheet, coordinate: str) -> Problem:
    return not_found(f"{coordinate} of '{sheet.name}' is not a figure")


def _names(book: Book) -> str:
    return ", ".join(f"'{sheet.name}'" for sheet in book.sheets)


def _parts(sheet: Sheet, cell: Cell) -> Sequence[Part]:
    if cell.identity[0] == "table" and cell.value is not None:
        _, table_key, row, column = cell.identity
        table, _ = sheet.table(table_key)
        if table.parts is not None:
            return table.parts(row, column)
    raise _no_figure(sheet, cell.coordinate)


def _told(session: Session, parts: Sequence[Part], is_seen: Callable[[str], bool]) -> list[dict[str, Any]]:
    places = _places(session, {part.fact.position for part in parts})
    told = [_part(part, *places[part.fact.position]) for part in parts]
    return [part if is_seen(part["office"]) else dict.fromkeys(part) | _outline(part) for part in told]


def _outline(part: Mapping[str, Any]) -> dict[str, Any]:
    return {name: part[name] for name in ("kind", "office", "value")}


def _places(session: Session, positions: set[int]) -> dict[int, tuple[str | None, Mapping[str, Any]]]:
    query = select(FactRow.position, FactRow.pointer, FactRow.source).where(one_of(FactRow.position, positions))
    return {position: (pointer, source) for position, pointer, source in session.execute(query)}


def _part(part: Part, pointer: str | None, source: Mapping[str, Any]) -> dict[str, Any]:
    fact, submission = part.fact, part.fact.submission
    field = f"/{part.path}" if part.path else ""
    return {
        "kind": fact.kind,
        "key": fact.key,
        "revision": fact.revision,
        "position": fact.position,
        "office": fact.office,
        "field": part.path or None,
        "value": plain_value(part.value),
        "note": part.note or None,
        "receipt": submission.receipt,
        "submission_id": submission.submission_id,
        "received_at": iso_z(submission.received_at),
        "sha256": submission.sha256,
        "sheet": source.get("sheet"),
        "row": source.get("row"),
        "cell": source.get("cells", {}).get(part.path),
        "pointer": f"{pointer}{field}" if pointer else None,
    }
