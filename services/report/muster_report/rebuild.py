"""``python -m muster_report.rebuild``: derive all facts anew and replay every recorded issue to the same bytes.

Prints one JSON object; exits 1 where a byte differs.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from muster_report import history, mending
from muster_report.applying import apply
from muster_report.follow import follow
from muster_report.held_facts import held_by
from muster_report.making_again import again
from muster_report.models import Cursor, FactRow, Issue, ReportState
from muster_report.reports import catalogue
from muster_shared import set_aside, settings
from muster_shared.changelog import ChangeLog, LogUnreachable
from muster_shared.context import Context


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild found; ``differing`` names the issues whose bytes or position came out otherwise."""

    changes: int
    issues: int
    differing: tuple[str, ...]


def rebuild(context: Context, log: ChangeLog) -> Rebuilt:
    """Derive the facts from position 0 in one transaction, then make every issue again and compare.

    What the log holds beyond the cursor is followed first, and what is set aside is tried again, so that it makes
    reports stale as ever: a rebuild only repeats. Nothing of an issue is changed: what differs is reported. Issues of
    a log that was restored to an earlier point, or made without a change that was applied since, cannot be made again
    and are left out, and so are those that name somebody who was erased since, and those that were thinned: nothing is
    kept of them that could differ.

    Raises:
        LogUnreachable: ingest is away, or its log was restored meanwhile; everything is as before.
    """
    follow(context, log)
    mending.retry_every(context, log)
    with context.sessions.begin() as session:
        cursor = session.scalars(select(Cursor).with_for_update()).one()
        session.execute(delete(FactRow))
        changes = _derive(session, cursor, log)
        misplaced = list(_misplaced(session))
    with context.sessions() as session:
        if kept := held_by(session):
            kept.forget()  # a replay reads what was derived anew
        can_be = ~Issue.of_lost_log & Issue.restricted_at.is_(None) & Issue.thinned_at.is_(None)
        query = select(Issue).where(can_be).order_by(Issue.report, Issue.params_key, Issue.number)
        issues = session.scalars(query).all()
        differing = list(_differing(session, context, issues))
    return Rebuilt(changes, len(issues), (*differing, *misplaced))


def _derive(session: Session, cursor: Cursor, log: ChangeLog) -> int:
    derived = count = 0
    aside = set_aside.positions(session)
    while derived < cursor.position and (end := (page := log.after(derived)).end):
        if page.epoch != cursor.epoch:
            raise LogUnreachable("the log was restored while it was read: try again")
        items = [one for one in page.items if one.position <= cursor.position and one.position not in aside]
        if items:
            apply(session, items)
        derived, count = end, count + len(items)
    return count


def _differing(session: Session, context: Context, issues: Iterable[Issue]) -> Iterator[str]:
    for issue in issues:
        made = again(session, context.objects, issue)
        if made.content.sha256 != issue.sha256 or issue.marks not in (None, made.protection.marks):
            yield f"{issue.report} {issue.params_key} issue {issue.number}"


def _misplaced(session: Session) -> Iterator[str]:
    """States whose newest affecting change, found anew, is not the one that following the log had noted."""
    applied = history.applied_position(session)
    for state in session.scalars(select(ReportState)):
        report = catalogue()[state.report]
        if not history.rightly_placed(session, report, state.params, state.position, applied):
            yield f"{state.report} {state.params_key} position"


def main() -> None:
    """Rebuild the instance that the settings name."""
    loaded = settings.load()
    rebuilt = rebuild(Context.open("report", loaded), ChangeLog(loaded, "report"))
    sys.stdout.write(json.dumps(asdict(rebuilt)) + "\n")
    sys.exit(1 if rebuilt.differing else 0)


if __name__ == "__main__":
    main()
