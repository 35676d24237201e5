"""What one person owes or is told of: the digest of a day, or an escalation that does not wait for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from email.message import EmailMessage
from itertools import groupby
from typing import Final
from urllib.parse import quote

from muster_notify.letters import chart, wording
from muster_notify.letters.chart import Timeline
from muster_notify.letters.head import Picture, Texts, assembled, content_id, plain
from muster_notify.letters.in_steps import InSteps, Work
from muster_notify.letters.language import Language, language_of
from muster_notify.letters.letter import DIGEST, ESCALATION, Letter, Line
from muster_notify.letters.writing import writing

# so that a mail stays below the 102 kB at which large providers cut, however much is owed
_IN_FULL: Final = 14
_IN_BRIEF: Final = 60
_WORKBOOKS: Final = 3


@dataclass(frozen=True, slots=True)
class Told:
    """A line and what is said of it; empty where there is nothing to say."""

    line: Line
    report: str
    lateness: str
    standing: str
    donor: str
    responsible: str
    history: str
    next: str
    also_told: str
    stand_in: str
    upload_url: str


def compose(letter: Letter, lines: Sequence[Line]) -> EmailMessage:
    """The mail, plain text and HTML; the same letter and lines give the same bytes.

    Raises:
        UnwritableAddress: no mail can be addressed to the recipient.
    """
    return InSteps(composing(letter, lines)).result()


def composing(letter: Letter, lines: Sequence[Line]) -> Work[EmailMessage]:
    """The same in steps."""
    language = language_of(letter.language)
    ordered = [line for _, group in by_project(_in_place_of(letter, lines)) for line in group]
    picture, picture_text = _picture(letter, ordered, language)
    headline = subject(ordered, letter.language, letter.kind)
    full, brief = ordered[:_IN_FULL], ordered[_IN_FULL : _IN_FULL + _IN_BRIEF]
    text, html = yield from writing(
        "reminders",
        letter,
        subject=headline,
        summary=wording.summary(language, ordered),
        picture=picture,
        picture_text=picture_text,
        projects=[(first, [_told(letter, line, language) for line in group]) for first, group in by_project(full)],
        brief=[_told(letter, line, language) for line in brief],
        left=len(ordered) - len(full) - len(brief),
        offices=sorted({line.office for line in ordered})[:_WORKBOOKS],
        is_escalation=letter.kind == ESCALATION,
    )
    return assembled(letter, Texts(headline, text, html, picture))


def subject(lines: Sequence[Line], code: str = "en", kind: str = DIGEST) -> str:
    """What a list of mails shows: how many reports, how many overdue, or the one report there is."""
    language = language_of(code)
    said = _of_one(language, lines[0]) if len(lines) == 1 else _of_many(language, lines)
    return plain(language.say("Attention needed: {subject}", subject=said) if kind == ESCALATION else said)


def by_project(lines: Sequence[Line]) -> list[tuple[Line, list[Line]]]:
    """Lines by project, each with its first line: the project with the most overdue report first."""
    earliest: dict[str, Line] = {}
    for line in sorted(lines, key=lambda line: line.due):
        earliest.setdefault(line.project_code, line)
    ordered = sorted(
        lines, key=lambda line: (earliest[line.project_code].due, line.project_code, line.due, line.grant_id, line.type)
    )
    groups = [list(group) for _, group in groupby(ordered, key=lambda line: line.project_code)]
    return [(group[0], group) for group in groups]


def _of_one(language: Language, only: Line) -> str:
    report, lateness = wording.report_name(language, only.type), wording.lateness(language, only)
    return language.say("{project}: {report} {lateness}", project=only.project_code, report=report, lateness=lateness)


def _of_many(language: Language, lines: Sequence[Line]) -> str:
    owed = language.say_number("{number} report owed", "{number} reports owed", len(lines))
    late = wording.overdue(lines)
    if not late:
        return owed
    return language.say_number("{owed}, {number} overdue", "{owed}, {number} overdue", late, owed=owed)


def _in_place_of(letter: Letter, lines: Sequence[Line]) -> Sequence[Line]:
    if not letter.instead_of_name:
        return lines
    return [replace(line, instead_of_name=line.instead_of_name or letter.instead_of_name) for line in lines]


def _told(letter: Letter, line: Line, language: Language) -> Told:
    return Told(
        line,
        report=_capital(wording.report_name(language, line.type)),
        lateness=wording.lateness(language, line),
        standing=wording.standing(language, line),
        donor=wording.donor_name(language, line),
        responsible=wording.responsible(language, line),
        history=" ".join(wording.history(language, line)),
        next=wording.next_told(language, line.next),
        also_told=wording.told_too(language, line),
        stand_in=wording.stand_in_note(language, line),
        upload_url=line.upload_url or f"{letter.base_url}/ingest/upload?office={quote(line.office)}",
    )


def _picture(letter: Letter, lines: Sequence[Line], language: Language) -> tuple[Picture | None, str]:
    if not letter.chart or letter.kind != DIGEST:
        return None, ""
    dated = [(line.due, line.days_late > 0) for line in lines]
    dated = sorted(dated + [(day, day < letter.today) for day in letter.other_due_dates])
    overdue, coming = (tuple(day for day, late in dated if late == wanted) for wanted in (True, False))
    timeline = Timeline(letter.today, overdue, coming)
    picture = Picture(content_id(letter, "due-dates"), chart.draw(timeline, language))
    return picture, chart.in_words(timeline, language)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
