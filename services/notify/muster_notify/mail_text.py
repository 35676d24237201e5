"""One person's mail: what is owed, since when, how late, where to hand it in, who is told next. Pure.

Text of people (titles, names) goes into headers only with its line breaks and control characters taken out,
and into HTML only escaped.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime
from functools import cache
from itertools import groupby
from typing import Final

from jinja2 import Environment, PackageLoader, select_autoescape

from muster_notify.ladder import NextStep, in_words

_LONGEST_HEADER: Final = 150
_ADDRESS: Final = re.compile(r"[^@\s<>(),;:\"\[\]\\]+@[^@\s<>(),;:\"\[\]\\]+")
_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)


class UnwritableAddress(ValueError):
    """The address cannot stand in a mail's head."""


@dataclass(frozen=True, slots=True)
class Line:
    """One report owed, as the mail tells of it; ``today`` is the day in the office's time zone."""

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

    @property
    def days_late(self) -> int:
        """Days since the due date; negative before it."""
        return (self.today - self.due).days

    @property
    def lateness(self) -> str:
        """How late it is, or when it is due, in words."""
        if self.days_late > 0:
            return f"{_days(self.days_late)} overdue"
        return "due today" if self.days_late == 0 else f"due in {_days(-self.days_late)}"

    @property
    def next_told(self) -> str:
        """Who is told next and when, in words."""
        if self.next is None:
            return "This is the last reminder of the ladder."
        return f"Next, on {in_full(self.next.on)}: {in_words(self.next.tell)}."


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail consists of besides its lines; ``sent_at`` is the time of the business, aware."""

    sender: str
    recipient: str
    recipient_name: str
    message_id: str
    sent_at: datetime
    base_url: str


def compose(letter: Letter, lines: Sequence[Line]) -> EmailMessage:
    """The mail, plain text and HTML; the same letter and lines give the same bytes.

    Raises:
        UnwritableAddress: no mail can be addressed to the recipient.
    """
    told = {"name": _plain(letter.recipient_name), "projects": by_project(lines), "base_url": letter.base_url}
    message = EmailMessage(policy=SMTP if letter.recipient.isascii() else SMTPUTF8)
    message["From"] = Address("Muster", addr_spec=letter.sender)
    message["To"] = _addressed(letter)
    message["Subject"] = subject(lines)
    message["Date"] = format_datetime(letter.sent_at)
    message["Message-ID"] = letter.message_id
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(_templates().get_template("reminder.txt").render(told))
    message.add_alternative(_templates().get_template("reminder.html").render(told), subtype="html")
    message.set_boundary(f"=={letter.message_id.strip('<>').partition('@')[0]}")
    return message


def subject(lines: Sequence[Line]) -> str:
    """What a list of mails shows: how many reports, how many overdue, or the one report there is."""
    overdue = sum(line.days_late > 0 for line in lines)
    if len(lines) == 1:
        only = lines[0]
        return _plain(f"{only.project_code}: {only.type} report {only.lateness}")
    counted = f"{len(lines)} reports owed"
    return f"{counted}, {overdue} overdue" if overdue else counted


def by_project(lines: Sequence[Line]) -> list[tuple[Line, list[Line]]]:
    """Lines by project, each with its first line: the project with the most overdue report first."""
    earliest = {line.project_code: min(o.due for o in lines if o.project_code == line.project_code) for line in lines}
    ordered = sorted(lines, key=lambda o: (earliest[o.project_code], o.project_code, o.due, o.grant_id, o.type))
    groups = [list(group) for _, group in groupby(ordered, key=lambda line: line.project_code)]
    return [(group[0], group) for group in groups]


def in_full(day: date) -> str:
    """A day as a letter writes it: 30 November 2016."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"


def _addressed(letter: Letter) -> Address:
    if not _ADDRESS.fullmatch(letter.recipient) or not letter.recipient.isprintable():
        raise UnwritableAddress(f"'{_plain(letter.recipient)}' is not an address a mail can go to")
    username, _, domain = letter.recipient.partition("@")
    return Address(_plain(letter.recipient_name), username, domain)


def _plain(text: str) -> str:
    """Text fit for a header: one line, no control or direction characters, not too long."""
    kept = "".join(" " if unicodedata.category(character)[0] in "CZ" else character for character in text)
    return " ".join(kept.split())[:_LONGEST_HEADER]


@cache
def _templates() -> Environment:
    made = Environment(loader=PackageLoader("muster_notify"), autoescape=select_autoescape(["html"]), trim_blocks=True)
    made.filters["in_full"] = in_full
    made.filters["plain"] = _plain
    return made
