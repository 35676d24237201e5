"""What a mail to one person is made of, before it is words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from muster_notify.ladder import NextStep

DIGEST: Final = "digest"
ESCALATION: Final = "escalation"
ANSWER: Final = "answer"
REPORT: Final = "report"
REVIEW: Final = "review"


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody else who is told of the same; ``role`` is one of the ladder's, or empty."""

    name: str
    role: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One report owed, as the mail tells of it; ``today`` is the day in the office's time zone.

    ``donor`` and ``owner`` are empty where nobody is known. ``reminded_since`` is the day the first reminder of it
    went out, to anybody. ``action_url`` is the signed link to snooze, acknowledge or ask for more time,
    ``upload_url`` the page to hand it in at. ``instead_of_name`` is the person in whose place the reader is told: as
    their stand-in, or, where ``unreachable``, because mail does not reach them. ``also_told`` are those whom the same
    rung tells.
    """

    project_code: str
    project_title: str
    office: str
    grant_id: str
    donor: str
    type: str
    period_start: date
    period_end: date
    due: date
    today: date
    returned: bool
    owner: str
    next: NextStep | None
    reminded_since: date | None = None
    snoozed_until: date | None = None
    acknowledged_on: date | None = None
    action_url: str = ""
    upload_url: str = ""
    instead_of_name: str = ""
    unreachable: bool = False
    also_told: tuple[Colleague, ...] = ()

    @property
    def days_late(self) -> int:
        """Days since the due date; negative before it."""
        return (self.today - self.due).days


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail consists of besides its lines; ``sent_at`` is the time of the business, aware.

    ``kind`` is digest, escalation, answer, report or review. Only digests show the picture of due dates (where
    ``chart``) and can be unsubscribed from. ``other_due_dates`` are the person's open due dates that no line tells
    of: the picture shows them too. ``instead_of_name`` holds for the lines that name nobody themselves. An address
    left empty is left out; an empty ``upload_url`` of a line leads to the page to upload at. By ``request_id``
    the lines of the log are found that tell of it.
    """

    sender: str
    recipient: str
    recipient_name: str
    message_id: str
    sent_at: datetime
    base_url: str
    language: str = "en"
    time_zone: str = "UTC"
    kind: str = DIGEST
    unsubscribe_url: str | None = None
    preferences_url: str = ""
    instead_of_name: str = ""
    chart: bool = True
    other_due_dates: tuple[date, ...] = ()
    request_id: str = ""

    @property
    def today(self) -> date:
        """The reader's day."""
        return self.sent_at.astimezone(ZoneInfo(self.time_zone)).date()
