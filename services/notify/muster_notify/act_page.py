"""What the page behind a mail's link shows and takes: what is owed and three forms, or a request to be decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from marshmallow import Schema
from sqlalchemy.orm import Session

from muster_notify import acting, people_schemas, wordings_of_acting
from muster_notify.acting import LinkClosed
from muster_notify.actors import Actor
from muster_notify.bodies import load
from muster_notify.deeds import LONGEST_REST, Deed
from muster_notify.extension_dates import OPEN, end_of, old_end, status_of
from muster_notify.extensions import Decision, OfProject, of_project
from muster_notify.letters.language import Language
from muster_notify.letters.letter import Line
from muster_notify.letters.wording import report_name, standing
from muster_notify.links import Link
from muster_notify.models import ObligationRow
from muster_notify.windows import local_day
from muster_shared.coverage import RETURNED
from muster_shared.problems import DataError, Problem

_ONE_DAY: Final = timedelta(days=1)
_SCHEMAS: Final[Mapping[str, Schema]] = {
    "snooze": people_schemas.Snooze(),
    "acknowledge": people_schemas.Acknowledge(),
    "extension": people_schemas.AskForExtension(),
    "decide": people_schemas.Decide(),
}
_DAY_OF: Final = {"snooze": "until", "extension": "new_end"}


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
    """The report owed and who looks at it. ``end`` is the project's, ``request`` what is to be decided, if that is it.

    ``snooze_days`` are the first and the last day the reader may put the report off to; None: they may not.
    """

    language: Language
    actor: Actor
    line: Line
    end: date | None
    snooze_days: tuple[date, date] | None
    request: Request | None

    @property
    def report(self) -> str:
        """What the report is called."""
        return report_name(self.language, self.line.type)

    @property
    def standing(self) -> str:
        """The due date and how late that is."""
        return standing(self.language, self.line)

    def mistakes(self, errors: Sequence[DataError], name: str) -> list[str]:
        """What is wrong with a field of the form that was sent, in the language of the page."""
        return [self._in_words(name) for error in errors if error.field == name][:1]

    def _in_words(self, name: str) -> str:
        if name == "until" and self.snooze_days:
            first, last = (self.language.day(day) for day in self.snooze_days)
            return self.language.say("Choose a day from {first} to {last}.", first=first, last=last)
        if name == "new_end" and self.end:
            return self.language.say("Choose a day after {day}, not in the past.", day=self.language.day(self.end))
        return self.language.say("Write what it is about, not longer than the field.")


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
        end=end_of(known.project, known.extensions) if known.project else None,
        snooze_days=_snooze_days(row.due, today, actor),
        request=_request(known, link.extension) if link.extension else None,
    )


def asked_of(form: Mapping[str, str], link: Link) -> Deed | Decision:
    """What a form of the page asks for.

    Raises:
        Problem: 422 with every error, 400 it is none of the page's forms.
    """
    action = form.get("action", "")
    if action not in _SCHEMAS or (action == "decide") != bool(link.extension):
        raise Problem(400, "not_readable", "this is none of the page's forms: open the link of the mail again")
    # a browser sends a field that was left empty: it counts as left out
    given = {name: value for name, value in form.items() if name != "action" and value.strip()}
    asked = load(given, _SCHEMAS[action])
    if link.extension:
        return Decision(link.extension, asked["decision"], asked["comment"])
    return Deed(action, asked["reason"], asked.get(_DAY_OF.get(action, "")))


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


def _snooze_days(due: date, today: date, actor: Actor) -> tuple[date, date] | None:
    first, last = today + _ONE_DAY, today + LONGEST_REST
    if not actor.decides:
        last = min(due, last)
    return (first, last) if first <= last else None


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
