"""Templates of mails, and plain text that mail programs may wrap anew (``format=flowed``)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from muster_notify.letters.head import plain
from muster_notify.letters.language import language_of
from muster_notify.letters.letter import Letter

_WIDTH: Final = 72
_STUFFED: Final = (" ", "From ", ">")


def written(name: str, letter: Letter, **told: Any) -> tuple[str, str]:
    """A mail as plain text and as HTML: the templates ``mail/NAME.txt`` and ``mail/NAME.html`` filled in."""
    values = {**_always(letter), **told}
    text, html = (_templates().get_template(f"mail/{name}.{form}") for form in ("txt", "html"))
    return flowed(text.render(values)), html.render(values)


def flowed(text: str) -> str:
    """Lines of at most 72 characters; one that ends in a space goes on in the next (RFC 3676).

    A word longer than a line, such as an address, stays whole.
    """
    return "\n".join(line for paragraph in text.split("\n") for line in _flowing(paragraph)).strip("\n") + "\n"


def _flowing(paragraph: str) -> list[str]:
    paragraph = paragraph.strip(" ").rstrip()
    if len(paragraph) <= _WIDTH:
        return [f" {paragraph}" if paragraph.startswith(_STUFFED) else paragraph]
    lines, line = [], ""
    for word in paragraph.split(" "):
        if line and len(line) + len(word) >= _WIDTH:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    stuffed = [f" {line}" if line.startswith(_STUFFED) else line for line in [*lines, line]]
    return [f"{line} " for line in stuffed[:-1]] + stuffed[-1:]


def _always(letter: Letter) -> Mapping[str, Any]:
    language = language_of(letter.language)
    return {
        "letter": letter,
        "lang": language.code,
        "name": plain(letter.recipient_name),
        "say": language.say,
        "say_number": language.say_number,
        "day": language.day,
    }


@cache
def _templates() -> Environment:
    made = Environment(
        loader=PackageLoader("muster_notify"),
        autoescape=select_autoescape(["html"]),
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        auto_reload=False,
    )
    made.filters["plain"] = plain
    return made
