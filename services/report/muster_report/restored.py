"""A log that was restored: what it has in common with the facts stays, what it no longer holds is forgotten."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import Session

from muster_report import history
from muster_report.applying import row_of
from muster_report.models import Cursor, FactRow, Issue, ReportState
from muster_report.params import own
from muster_report.reports import catalogue
from muster_shared import set_aside
from muster_shared.changelog import Change, ChangeLog


def forget_what_is_lost(session: Session, cursor: Cursor, log: ChangeLog) -> int:
    """Put the cursor back to where the log and the facts part; returns how many facts were forgotten.

    Issues made of what is forgotten stay to be read, and are marked: nothing is compared with them any more.
    """
    cursor.position = _common(session, cursor.position, log)
    later = FactRow.position > cursor.position
    lost = len(session.scalars(delete(FactRow).where(later).returning(FactRow.position)).all())
    session.execute(update(FactRow).where(FactRow.until > cursor.position).values(until=None))
    session.execute(update(Issue).where(Issue.position > cursor.position).values(of_lost_log=True))
    set_aside.forget_after(session, cursor.position)
    return lost


def _common(session: Session, upto: int, log: ChangeLog) -> int:
    """The last position up to which the log says what the facts say; of what is set aside there is none."""
    common, aside = 0, set_aside.positions(session)
    while common < upto and (end := (page := log.after(common)).end):
        held = _held(session, common, end)
        for change in page.items:
            if change.position not in aside and held.get(change.position) != _said(change):
                return common
            common = change.position
        common = end
    return common


def _held(session: Session, after: int, upto: int) -> dict[int, Mapping[str, Any]]:
    columns = [column for column in FactRow.__table__.c if column.name != "until"]
    query = select(*columns).where(FactRow.position > after, FactRow.position <= upto)
    return {row["position"]: dict(row) for row in session.execute(query).mappings()}


def _said(change: Change) -> dict[str, Any]:
    return {name: value for name, value in row_of(change).items() if name != "until"}


def states_left_without(session: Session, kept: int) -> Iterator[tuple[str, dict[str, str], int]]:
    """Report, parameters and newest affecting position of the states whose newest change is lost, put back to it.

    Whoever is at work on one of them has lost its lease. Where no change is left, the position is 0 and the state
    is not among them: its last issue stays until there is something to report again.
    """
    session.execute(text("LOCK TABLE report_state IN EXCLUSIVE MODE"))  # no order of rows to agree on with others
    query = select(ReportState).where(ReportState.position > kept).order_by(ReportState.report, ReportState.params_key)
    for state in session.scalars(query).all():
        state.position = history.affecting_position(session, catalogue()[state.report], state.params, kept)
        state.attempt, state.lease_until = state.attempt + 1, None
        session.flush()
        if state.position:
            yield state.report, own(state.params), state.position
