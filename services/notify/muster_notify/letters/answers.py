"""A mail of kind answer: an extension asked for, approved or refused; projects handed over; how one fared."""

from __future__ import annotations

from collections.abc import Callable
from email.message import EmailMessage
from typing import Final

from muster_notify.letters.head import Texts, assembled, plain
from muster_notify.letters.language import Language, language_of
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
    headline, sentence = (said(language, answer) for said in _SAID[answer.about])
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


def _asked(language: Language, answer: Answer) -> str:
    return language.say("{project}: an extension is asked for", project=_project(answer))


def _approved(language: Language, answer: Answer) -> str:
    return language.say("{project}: the extension is approved", project=_project(answer))


def _refused(language: Language, answer: Answer) -> str:
    return language.say("{project}: the extension is refused", project=_project(answer))


def _handed_over(language: Language, answer: Answer) -> str:
    return language.say_number(
        "{number} project handed over to {name}",
        "{number} projects handed over to {name}",
        len(answer.projects),
        name=plain(answer.handed_to),
    )


def _asked_in_full(language: Language, answer: Answer) -> str:
    return language.say(
        "{name} asks for more time for the project {project}. The decision is yours.",
        name=plain(answer.asked_by),
        project=_titled(answer),
    )


def _approved_in_full(language: Language, answer: Answer) -> str:
    return language.say(
        "The extension of the project {project} is approved. Due dates that have not passed yet move with its new end.",
        project=_titled(answer),
    )


def _refused_in_full(language: Language, answer: Answer) -> str:
    return language.say(
        "The extension of the project {project} is refused. Its reports stay due when they were.",
        project=_titled(answer),
    )


def _handed_over_in_full(language: Language, answer: Answer) -> str:
    return language.say_number(
        "{number} project of {old} is now with {new}, and so are the reminders of its reports.",
        "{number} projects of {old} are now with {new}, and so are the reminders of their reports.",
        len(answer.projects),
        old=plain(answer.handed_from),
        new=plain(answer.handed_to),
    )


def _returned(language: Language, answer: Answer) -> str:
    return language.say("{project}: returned with comments", project=_project(answer))


def _returned_in_full(language: Language, answer: Answer) -> str:
    return language.say(
        "The project {project} was returned: see the comment, mend it and submit it again.", project=_titled(answer)
    )


def _endorsed(language: Language, answer: Answer) -> str:
    return language.say("{project}: endorsed", project=_project(answer))


def _endorsed_in_full(language: Language, answer: Answer) -> str:
    return language.say("The project {project} is endorsed.", project=_titled(answer))


def _closed(language: Language, answer: Answer) -> str:
    return language.say("{project}: closed", project=_project(answer))


def _closed_in_full(language: Language, answer: Answer) -> str:
    return language.say("The project {project} is closed: all that was owed for it came in.", project=_titled(answer))


def _cancelled(language: Language, answer: Answer) -> str:
    return language.say("{project}: cancelled", project=_project(answer))


def _cancelled_in_full(language: Language, answer: Answer) -> str:
    return language.say(
        "The project {project} is cancelled. Nobody is reminded of its reports any more.", project=_titled(answer)
    )


_SAID: Final[dict[str, tuple[Callable[[Language, Answer], str], Callable[[Language, Answer], str]]]] = {
    EXTENSION_ASKED: (_asked, _asked_in_full),
    EXTENSION_APPROVED: (_approved, _approved_in_full),
    EXTENSION_REFUSED: (_refused, _refused_in_full),
    HANDOVER: (_handed_over, _handed_over_in_full),
    PROJECT_RETURNED: (_returned, _returned_in_full),
    PROJECT_ENDORSED: (_endorsed, _endorsed_in_full),
    PROJECT_CLOSED: (_closed, _closed_in_full),
    PROJECT_CANCELLED: (_cancelled, _cancelled_in_full),
}


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
