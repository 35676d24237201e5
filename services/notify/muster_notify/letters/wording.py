"""What a mail says of one report owed and of all of them together, in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from muster_notify.ladder import NextStep
from muster_notify.letters.head import plain
from muster_notify.letters.language import Language, noted
from muster_notify.letters.letter import Colleague, Line

_REPORTS: Final = {
    "interim": noted("interim report"),
    "final": noted("final report"),
    "financial": noted("financial report"),
}
_ROLES: Final = {
    "owner": noted("project manager"),
    "alternate": noted("alternate manager"),
    "head": noted("head of office"),
    "reviewer": noted("regional reviewer"),
    "headquarters": noted("headquarters"),
}


def report_name(language: Language, kind: str) -> str:
    """What a type of report is called: interim report."""
    return language.say(_REPORTS[kind]) if kind in _REPORTS else language.say("{type} report", type=kind)


def lateness(language: Language, line: Line) -> str:
    """How late it is, or when it is due."""
    if line.days_late > 0:
        return language.say_number("{number} day overdue", "{number} days overdue", line.days_late)
    if line.days_late == 0:
        return language.say("due today")
    return language.say_number("due in {number} day", "due in {number} days", -line.days_late)


def standing(language: Language, line: Line) -> str:
    """The due date and how late that is, in one sentence."""
    return language.say("Due on {day}: {lateness}.", day=language.day(line.due), lateness=lateness(language, line))


def overdue(lines: Sequence[Line]) -> int:
    """How many of the reports are overdue."""
    return sum(line.days_late > 0 for line in lines)


def summary(language: Language, lines: Sequence[Line]) -> str:
    """How many reports are owed and how many of them are overdue, in one sentence."""
    number, late = len(lines), overdue(lines)
    if late == number:
        return language.say_number(
            "{number} report is owed, and it is overdue.", "{number} reports are owed, all of them overdue.", number
        )
    if late == 0:
        return language.say_number(
            "{number} report is owed; it is not overdue.", "{number} reports are owed; none is overdue.", number
        )
    return language.say_number(
        "{number} report is owed, {late} of them overdue.",
        "{number} reports are owed, {late} of them overdue.",
        number,
        late=language.number(late),
    )


def history(language: Language, line: Line) -> list[str]:
    """What has happened about it so far, a sentence each; empty where nothing has."""
    said = []
    if line.returned:
        said.append(language.say("The donor returned it."))
    if line.reminded_since is not None and line.reminded_since < line.today:
        said.append(language.say("Reminded since {day}.", day=language.day(line.reminded_since)))
    if line.acknowledged_on is not None:
        said.append(language.say("Acknowledged on {day}.", day=language.day(line.acknowledged_on)))
    if line.snoozed_until is not None:
        said.append(language.say("Snoozed until {day}.", day=language.day(line.snoozed_until)))
    return said


def next_told(language: Language, step: NextStep | None) -> str:
    """Who is told next and when."""
    if step is None:
        return language.say("This is the last reminder of the ladder.")
    roles = language.listed(role_name(language, role) for role in step.tell)
    return language.say("Next, on {day}: {people}.", day=language.day(step.on), people=roles)


def responsible(language: Language, line: Line) -> str:
    """Who is to hand it in."""
    if not line.owner:
        return language.say("Nobody is named as responsible.")
    return language.say("Responsible: {name}.", name=plain(line.owner))


def donor_name(language: Language, line: Line) -> str:
    """Whom it is for."""
    return plain(line.donor) or language.say("the donor")


def told_too(language: Language, line: Line) -> str:
    """Who else is told with this reminder; empty where nobody is."""
    if not line.also_told:
        return ""
    return language.say("Also told: {people}.", people=language.listed(_named(language, one) for one in line.also_told))


def stand_in_note(language: Language, line: Line) -> str:
    """In whose place the reader is told, and why; empty where it is their own."""
    if not line.instead_of_name:
        return ""
    name = plain(line.instead_of_name)
    if line.unreachable:
        return language.say("You are told in place of {name}, whom mail does not reach.", name=name)
    return language.say("You are told in place of {name}, who named you as stand-in.", name=name)


def role_name(language: Language, role: str) -> str:
    """A role of the ladder; the role itself where it is a new one."""
    return language.say(_ROLES[role]) if role in _ROLES else role


def _named(language: Language, one: Colleague) -> str:
    if not one.role:
        return plain(one.name)
    return language.say("{name} ({role})", name=plain(one.name), role=role_name(language, one.role))
