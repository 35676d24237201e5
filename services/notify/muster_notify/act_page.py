"""What the page behind a mail's link shows and takes: what is owed and three forms, or a request to be decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from muster_notify import acting, wordings_of_acting
from muster_notify.acting import LinkClosed
from muster_notify.actors import Actor
from muster_notify.deed_forms import Forms, decision_of, deed_of, not_a_form, snooze_days
from muster_notify.deeds import Deed
from muster_notify.extension_dates import OPEN, end_of, old_end, status_of
from muster_notify.extensions import Decision, OfProject, of_project
from muster_notify.letters.language import Language
from muster_notify.letters.letter import Line
from muster_notify.letters.wording import report_name, standing
from muster_notify.links import Link
from muster_notify.models import ObligationRow
from muster_notify.windows import local_day
from muster_shared.coverage import RETURNED


@dataclass(frozen=True, slots=True)
class Request:
    """An extension that waits for its decision."""

    asked_on: date
    asked_by: str
    old_end: date
    new_end: date
    reason: str


@dataclass(frozen=True, slots=True)
class Page:
    """The report owed, who looks at it and what they can do; ``request`` is what is to be decided, if that is it."""

    language: Language
    actor: Actor
    line: Line
    forms: Forms
    request: Request | None

    @property
    def report(self) -> str:
        """What the report is called."""
        return report_name(self.language, self.line.type)

    @property
    def standing(self) -> str:
        """The due date and how late that is."""
        return standing(self.language, self.line)


def page_of(session: Session, link: Link, language: Language, *, now: datetime) -> Page:
    """The page behind a link that can be used.

    Raises:
        LinkClosed: it cannot.
    """
    row, actor = acting.behind(session, link, now=now)
    known = of_project(session, row.project_code)
    today = local_day(now, row.time_zone)
    return Page(
        language=language,
        actor=actor,
        line=_line(row, known, today),
        forms=Forms(
            language,
            end=end_of(known.project, known.extensions) if known.project else None,
            snooze_days=snooze_days(row.due, today, actor),
        ),
        request=_request(known, link.extension) if link.extension else None,
    )


def asked_of(form: Mapping[str, str], link: Link) -> Deed | Decision:
    """What a form of the page asks for.

    Raises:
        Problem: 422 with every error, 400 it is none of the page's forms.
    """
    if (form.get("action") == "decide") != bool(link.extension):
        raise not_a_form()
    if not link.extension:
        return deed_of(form)
    asked = decision_of(form)
    return Decision(link.extension, asked["decision"], asked["comment"])


def done_in_words(asked: Deed | Decision) -> str:
    """What was done, in English, as the catalogues know it."""
    return wordings_of_acting.DONE[asked.action if isinstance(asked, Deed) else asked.decision]


def _line(row: ObligationRow, known: OfProject, today: date) -> Line:
    return Line(
        project_code=row.project_code,
        project_title=str((known.project or {}).get("title", "")),
        office=row.office,
        grant_id=row.grant_id,
        donor="",
        type=row.type,
        period_start=row.period_start,
        period_end=row.period_end,
        due=row.due,
        today=today,
        returned=row.state == RETURNED,
        owner=str(row.owner.get("name") or ""),
        next=None,
        snoozed_until=row.snoozed_until,
    )


def _request(known: OfProject, requested_on: str) -> Request:
    asked: Mapping[str, Any] | None = next((e for e in known.extensions if e["requested_on"] == requested_on), None)
    if asked is None or known.project is None:
        raise LinkClosed("gone")
    if status_of(asked) != OPEN:
        raise LinkClosed("decided")
    return Request(
        asked_on=date.fromisoformat(requested_on),
        asked_by=asked.get("requested_by") or "",
        old_end=old_end(known.project, known.extensions, asked),
        new_end=date.fromisoformat(asked["new_end"]),
        reason=asked["reason"],
    )
