"""A mail of kind review: the projects that wait for their reviewer, longest first."""

from __future__ import annotations

from dataclasses import dataclass
from email.message import EmailMessage
from typing import Final
from zoneinfo import ZoneInfo

from muster_notify.letters.head import Texts, assembled, plain
from muster_notify.letters.language import Language, language_of
from muster_notify.letters.letter import Letter
from muster_notify.letters.news import ReviewNews, WaitingProject
from muster_notify.letters.writing import written
from muster_notify.links import project_url

MOST_PROJECTS: Final = 20


@dataclass(frozen=True, slots=True)
class _Told:
    """A project as the mail shows it."""

    name: str
    office: str
    standing: str
    submitted_by: str
    url: str


def compose_review(letter: Letter, news: ReviewNews) -> EmailMessage:
    """The mail, plain text and HTML; the same letter and news give the same bytes.

    Raises:
        UnwritableAddress: no mail can be addressed to the recipient.
    """
    language = language_of(letter.language)
    subject, shown = _subject(language, news), news.waiting[:MOST_PROJECTS]
    text, html = written(
        "review",
        letter,
        subject=subject,
        summary=language.say_number(
            "{number} project waits for your review.", "{number} projects wait for your review.", len(news.waiting)
        ),
        projects=[_told(language, letter, project) for project in shown],
        left=len(news.waiting) - len(shown),
    )
    return assembled(letter, Texts(subject, text, html))


def _subject(language: Language, news: ReviewNews) -> str:
    if len(news.waiting) == 1:
        return language.say("{project} waits for your review", project=plain(news.waiting[0].project_code))
    number = len(news.waiting)
    return language.say_number(
        "{number} project waits for your review", "{number} projects wait for your review", number
    )


def _told(language: Language, letter: Letter, project: WaitingProject) -> _Told:
    office = f"{project.office_name} ({project.office})" if project.office_name else project.office
    return _Told(
        name=plain(f"{project.project_code} {project.title}"),
        office=plain(office),
        standing=_standing(language, letter, project),
        submitted_by=plain(project.submitted_by),
        url=project_url(letter.base_url, project.project_code),
    )


def _standing(language: Language, letter: Letter, project: WaitingProject) -> str:
    """Since when it waits, by the reader's clock; for how long, where they are told of it again."""
    since = project.since.astimezone(ZoneInfo(letter.time_zone)).date()
    said = language.say("Waits since {day}.", day=language.day(since))
    days = (letter.today - since).days
    if not project.is_reminder or days < 1:
        return said
    waited = language.say_number(
        "It has waited for {number} day; you were told before.",
        "It has waited for {number} days; you were told before.",
        days,
    )
    return f"{said} {waited}"
