"""What Muster itself writes into a submission: remarks and notes, kept in English, and said in a reader's language.

They are worded here, so that what is kept can be recognized again by the very text that it was worded with.
"""

from __future__ import annotations

import re
from functools import cache
from string import Formatter
from typing import Final

from muster_ingest.step_words import STEPS, step_name
from muster_shared.language import Language, noted

HIDDEN_SHEET: Final = noted("the sheet '{sheet}' is hidden; it was read like the others")
HIDDEN_ROWS: Final = noted("{count} rows of the sheet '{sheet}' are hidden; they were read like the others")
UNREAD_SHEET: Final = noted("the sheet '{sheet}' is not named for a kind of record and was not read")
BOTH_MANAGERS: Final = noted("{project}: {person} is its manager and its alternate manager now")
HANDED_OVER: Final = noted("projects of {giver} handed over to {taker}")
UNDOES: Final = noted("undoes {receipt}")
_LONGEST: Final = 1000  # characters; notes of people may have four times as many
_KNOWN: Final = (HIDDEN_SHEET, HIDDEN_ROWS, UNREAD_SHEET, BOTH_MANAGERS, HANDED_OVER, UNDOES)


def said(language: Language, text: str) -> str:
    """A kept remark or note in the reader's language; what a person wrote as it was written."""
    for known in _KNOWN if len(text) <= _LONGEST else ():
        if found := _form(known).fullmatch(text):
            return language.say(known, **found.groupdict())
    step, _, project = text.partition(": ")
    if step in STEPS and project and " " not in project:
        return f"{step_name(step, language)}{language.colon} {project}"
    return text


@cache
def _form(known: str) -> re.Pattern[str]:
    """Finds the values in a text that was worded so."""
    parts = (re.escape(text) + (f"(?P<{name}>.+)" if name else "") for text, name, _, _ in Formatter().parse(known))
    return re.compile("".join(parts), re.DOTALL)
