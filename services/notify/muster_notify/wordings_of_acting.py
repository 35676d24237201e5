"""What the page behind a mail's link says when something was done, or nothing could be; English, to be translated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from muster_notify.letters.language import noted

DONE: Final[Mapping[str, str]] = {
    "snooze": noted("The report is put off. Nobody is reminded until that day is over."),
    "acknowledge": noted("It is noted that somebody is at it."),
    "extension": noted("More time is asked for. You hear by mail how it was decided."),
    "approved": noted("The extension is approved. Whoever asked hears of it by mail."),
    "refused": noted("The extension is refused. Whoever asked hears of it by mail."),
}
CLOSED: Final[Mapping[str, str]] = {
    "used": noted("This link was used already. The next mail has a new one."),
    "expired": noted("This link is too old. The next mail has a new one."),
    "forged": noted("This link is not complete, or not from Muster. Open it again from the mail."),
    "not_owed": noted("This report was handed in or is no longer owed: there is nothing left to do."),
    "not_theirs": noted("Somebody else is responsible by now: this link does nothing more for you."),
    "gone": noted("This request was taken back: there is nothing left to decide."),
    "decided": noted("This request was decided already."),
    "asked_already": noted("More time was asked for already: one request is decided before the next is made."),
    "not_readable": noted("This was none of the forms of this page. Open the link again from the mail."),
}
AWAY: Final = noted("This cannot be taken in right now. Nothing was changed: please try again in a minute.")
STATUS: Final[Mapping[str, int]] = {"forged": 403, "not_theirs": 403}  # a link that is closed for good: 410
CODES: Final[Mapping[str, str]] = {"decided_already": "decided", "changed_since": "decided", "not_found": "gone"}
