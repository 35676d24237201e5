"""The forms with which a browser does something about an obligation: what they ask for, and how mistakes are told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from marshmallow import Schema

from muster_notify import people_schemas
from muster_notify.actors import Actor
from muster_notify.bodies import load
from muster_notify.deeds import LONGEST_REST, Deed
from muster_notify.letters.language import Language
from muster_shared.problems import DataError, Problem

_ONE_DAY: Final = timedelta(days=1)
_DEEDS: Final[Mapping[str, Schema]] = {
    "snooze": people_schemas.Snooze(),
    "acknowledge": people_schemas.Acknowledge(),
    "extension": people_schemas.AskForExtension(),
}
_DECIDE: Final = people_schemas.Decide()
_DAY_OF: Final = {"snooze": "until", "extension": "new_end"}
_NO_FIELDS: Final = frozenset({"action", "csrf_token"})


@dataclass(frozen=True, slots=True)
class Forms:
    """What can be done about a report. ``end`` is the project's; None: no more time can be asked for.

    ``snooze_days`` are the first and the last day it may be put off to; None: the reader may not.
    """

    language: Language
    end: date | None
    snooze_days: tuple[date, date] | None

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


def snooze_days(due: date, today: date, actor: Actor) -> tuple[date, date] | None:
    """The first and the last day that an actor may put a report off to; None where there is none."""
    first, last = today + _ONE_DAY, today + LONGEST_REST
    if not actor.decides:
        last = min(due, last)
    return (first, last) if first <= last else None


def deed_of(form: Mapping[str, str]) -> Deed:
    """What a form asks for.

    Raises:
        Problem: 422 with every error, 400 it is none of the page's forms.
    """
    action = form.get("action", "")
    if action not in _DEEDS:
        raise not_a_form()
    asked = load(_given(form), _DEEDS[action])
    return Deed(action, asked["reason"], asked.get(_DAY_OF.get(action, "")))


def decision_of(form: Mapping[str, str]) -> dict[str, Any]:
    """``decision`` and ``comment`` of the form that decides on a request for more time.

    Raises:
        Problem: 422 with every error.
    """
    return load(_given(form), _DECIDE)


def not_a_form() -> Problem:
    """400: what was sent is none of the forms of a page."""
    return Problem(400, "not_readable", "this is none of the page's forms: open the page again and send it there")


def _given(form: Mapping[str, str]) -> dict[str, str]:
    """A browser sends a field that was left empty: it counts as left out."""
    return {name: value for name, value in form.items() if name not in _NO_FIELDS and value.strip()}
