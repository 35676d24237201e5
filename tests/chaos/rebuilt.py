"""The newest issue of every report, made again from the change log alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from chaos.differences import same
from chaos.reached import Reached
from muster_report import looks
from muster_report.applying import apply
from muster_report.making import make
from muster_report.models import FactRow, Issue, ReportState
from muster_report.regenerating import latest_issue
from muster_report.reports import catalogue
from muster_shared.changelog import ChangeLog
from muster_shared.context import Context


def newest_issues_are_rebuilt(running: Reached) -> int:
    """Facts derived anew, in a transaction that is taken back, make each newest issue to the byte; how many.

    Each is made at the position up to which its report has to be current: one that a change did not reach differs.

    Raises:
        AssertionError: an issue differs, or there is none where one was wished for.
    """
    with _report(running) as context, context.sessions() as session:
        _derive(session, ChangeLog(context.settings, "report"))
        states = session.scalars(select(ReportState).where(ReportState.wanted > 0)).all()
        issues = {_name(state): latest_issue(session, state.report, state.params) for state in states}
        found = {name: issue.sha256 if issue else None for name, issue in issues.items()}
        made = {_name(state): _made(session, context, state, issues[_name(state)]) for state in states}
        session.rollback()
    same("newest issues", found, made)
    return len(made)


@contextmanager
def _report(running: Reached) -> Iterator[Context]:
    context = Context.open("report", running.known)
    try:
        yield context
    finally:
        context.engine.dispose()
        context.celery.close()


def _derive(session: Session, log: ChangeLog) -> None:
    session.execute(delete(FactRow))
    position = 0
    while items := log.after(position).items:
        apply(session, items)
        position = items[-1].position


def _made(session: Session, context: Context, state: ReportState, issue: Issue | None) -> str:
    base = session.get(Issue, issue.base_issue_id) if issue and issue.base_issue_id else None
    look = looks.of_issue(session, context.objects, issue) if issue else None
    against = issue.protected_against if issue else ()
    made = make(session, catalogue()[state.report], state.params, state.position, base, against=against, look=look)
    with made.content.file:
        return made.content.sha256


def _name(state: ReportState) -> str:
    return f"{state.report} {state.params_key}"
