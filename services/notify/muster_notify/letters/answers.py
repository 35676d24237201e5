"""A mail of kind answer: an extension asked for, approved or refused; projects handed over; how one fared."""

from __future__ import annotations

from collections.abc import Mapping
from email.message import EmailMessage
from typing import Final

from muster_notify.letters.head import Texts, assembled, plain
from muster_notify.letters.language import Language, language_of, noted
from muster_notify.letters.letter import Letter
from muster_notify.letters.news import (
    EXTENSION_APPROVED,
    EXTENSION_ASKED,
    EXTENSION_REFUSED,
    HANDOVER,
    PROJECT_CANCELLED,
    PROJECT_CLOSED,
    PROJECT_ENDORSED,
    PROJECT_RETURNED,
    Answer,
)
from muster_notify.letters.writing import written


def compose_answer(letter: Letter, answer: Answer) -> EmailMessage:
    """The mail, plain text and HTML; the same letter and answer give the same bytes.

    Raises:
        UnwritableAddress: no mail can be addressed to the recipient.
    """
    language = language_of(letter.language)
    headline, sentence = _headline(language, answer), _sentence(language, answer)
    text, html = written(
        "answer",
        letter,
        subject=headline,
        sentence=sentence,
        details=_details(language, answer),
        projects=answer.projects if answer.about == HANDOVER else (),
        url=answer.url,
        button_words=language.say("Decide") if answer.about == EXTENSION_ASKED else language.say("Look at it"),
    )
    return assembled(letter, Texts(headline, text, html))


def _project(answer: Answer) -> str:
    return plain(answer.projects[0].project_code) if answer.projects else ""


def _titled(answer: Answer) -> str:
    return plain(f"{answer.projects[0].project_code} {answer.projects[0].title}") if answer.projects else ""


_HEADLINES: Final[Mapping[str, str]] = {
    EXTENSION_ASKED: noted("{project}: an extension is asked for"),
    EXTENSION_APPROVED: noted("{project}: the extension is approved"),
    EXTENSION_REFUSED: noted("{project}: the extension is refused"),
    PROJECT_RETURNED: noted("{project}: returned with comments"),
    PROJECT_ENDORSED: noted("{project}: endorsed"),
    PROJECT_CLOSED: noted("{project}: closed"),
    PROJECT_CANCELLED: noted("{project}: cancelled"),
}
_SENTENCES: Final[Mapping[str, str]] = {
    EXTENSION_ASKED: noted("{name} asks for more time for the project {project}. The decision is yours."),
    EXTENSION_APPROVED: noted(
        "The extension of the project {project} is approved. Due dates that have not passed yet move with its new end."
    ),
    EXTENSION_REFUSED: noted("The extension of the project {project} is refused. Its reports stay due when they were."),
    PROJECT_RETURNED: noted("The project {project} was returned: see the comment, mend it and submit it again."),
    PROJECT_ENDORSED: noted("The project {project} is endorsed."),
    PROJECT_CLOSED: noted("The project {project} is closed: all that was owed for it came in."),
    PROJECT_CANCELLED: noted("The project {project} is cancelled. Nobody is reminded of its reports any more."),
}


def _headline(language: Language, answer: Answer) -> str:
    if answer.about != HANDOVER:
        return language.say(_HEADLINES[answer.about], project=_project(answer))
    return language.say_number(
        "{number} project handed over to {name}",
        "{number} projects handed over to {name}",
        len(answer.projects),
        name=plain(answer.handed_to),
    )


def _sentence(language: Language, answer: Answer) -> str:
    if answer.about != HANDOVER:
        return language.say(_SENTENCES[answer.about], project=_titled(answer), name=plain(answer.asked_by))
    return language.say_number(
        "{number} project of {old} is now with {new}, and so are the reminders of its reports.",
        "{number} projects of {old} are now with {new}, and so are the reminders of their reports.",
        len(answer.projects),
        old=plain(answer.handed_from),
        new=plain(answer.handed_to),
    )


def _details(language: Language, answer: Answer) -> list[tuple[str, str]]:
    """What else is known, as pairs of a label and its text; what is empty is left out."""
    done_by, done_on = _done(language, answer)
    known = [
        (language.say("End so far"), answer.old_end and language.day(answer.old_end)),
        (language.say("New end"), answer.new_end and language.day(answer.new_end)),
        (language.say("Reason"), plain(answer.reason)),
        (language.say("Asked on"), answer.requested_on and language.day(answer.requested_on)),
        (language.say("Note"), _late_note(language, answer)),
        (done_by, plain(answer.decided_by)),
        (done_on, answer.decided_on and language.day(answer.decided_on)),
        (language.say("Comment"), plain(answer.comment)),
    ]
    return [(label, text) for label, text in known if text]


def _done(language: Language, answer: Answer) -> tuple[str, str]:
    """How the mail says who did it and when."""
    if answer.about == HANDOVER:
        return language.say("Handed over by"), language.say("Handed over on")
    return language.say("Decided by"), language.say("Decided on")


def _late_note(language: Language, answer: Answer) -> str:
    if not answer.asked_late:
        return ""
    return language.say("It is asked for later than the donor's rules want.")
