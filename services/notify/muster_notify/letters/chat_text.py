"""A digest for a chat channel: a title and a few plain lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from muster_notify.letters import wording
from muster_notify.letters.digest import by_project, subject
from muster_notify.letters.head import plain
from muster_notify.letters.language import Language, language_of
from muster_notify.letters.letter import Letter, Line

_MOST: Final = 10


def chat_text(letter: Letter, lines: Sequence[Line]) -> tuple[str, str]:
    """Title and body in plain text, most overdue project first, ten reports at most and the number of the others."""
    language = language_of(letter.language)
    ordered = [line for _, group in by_project(lines) for line in group]
    said = [wording.summary(language, ordered), "", *(_told(language, line) for line in ordered[:_MOST])]
    if left := ordered[_MOST:]:
        number = len(left)
        said.append(language.say_number("{number} more report is owed.", "{number} more reports are owed.", number))
    said += ["", language.say("See all due dates: {url}", url=f"{letter.base_url}/notify/")]
    return subject(ordered, letter.language, letter.kind), "\n".join(said)


def _told(language: Language, line: Line) -> str:
    said = f"- {plain(line.project_code)}, {wording.report_name(language, line.type)}: "
    said += wording.standing(language, line)
    if line.action_url:
        said += " " + language.say("Not now, or ask for more time: {url}", url=line.action_url)
    return said
