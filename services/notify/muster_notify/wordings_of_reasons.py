"""Why a reminder was not sent, in the reader's language: they are kept in English, as ``judging`` words them.

What is not known here, such as the words of a mail server, stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Final

from muster_notify import judging
from muster_notify.ladder import ROLE_NAMES
from muster_notify.letters.language import Language, noted
from muster_notify.letters.wording import role_name

_FIXED: Final[Mapping[str, str]] = {
    judging.OVERTAKEN: noted("A later step was reached first: only the latest one due is sent."),
    judging.NO_LONGER_OWED: noted("The report is no longer owed."),
    judging.REPLACED: noted("Somebody else is told by now."),
    judging.FAILS: noted("Mail cannot reach this address."),
    "the donor returned the report": noted("The donor returned the report."),
}
_DAY: Final = r"(?P<day>\d{4}-\d\d-\d\d)"
_WHOSE: Final = r"by (?P<who>\S+): (?P<why>.*)"
_WORDED: Final = tuple(
    (re.compile(pattern, re.DOTALL), text)
    for pattern, text in (
        (rf"the report was handed in on {_DAY}", noted("The report was handed in on {day}.")),
        (rf"the report is now due on {_DAY}", noted("The report is now due on {day}.")),
        (rf"snoozed until {_DAY} {_WHOSE}", noted("Put off until {day} by {who}: {why}")),
        (rf"acknowledged on {_DAY} {_WHOSE}", noted("{who} is at it since {day}: {why}")),
        (r"came back: (?P<why>.*)", noted("The mail came back: {why}")),
    )
)
_MISSING: Final = {judging.why_missing(role): role for role in ROLE_NAMES}


def in_words(language: Language, reason: str | None) -> str:
    """A reason that is kept with a reminder or a mail, in a language; empty where there is none."""
    if not reason:
        return ""
    if reason in _FIXED:
        return language.say(_FIXED[reason])
    if reason in _MISSING:
        return language.say("Nobody with an address is named as {role}.", role=role_name(language, _MISSING[reason]))
    for pattern, text in _WORDED:
        if found := pattern.fullmatch(reason):
            return language.say(text, **_filled(language, found.groupdict()))
    if reason.startswith(judging.NOT_CHASED):
        return language.say("Nobody is chased for a project that was cancelled.")
    return reason


def _filled(language: Language, told: Mapping[str, str]) -> dict[str, str]:
    return {name: language.day(date.fromisoformat(text)) if name == "day" else text for name, text in told.items()}
