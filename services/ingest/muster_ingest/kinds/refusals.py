"""How a value is refused: a stable code, what is wrong, and what would be right."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

from marshmallow import ValidationError


class Coded(str):
    """A message that keeps its stable error code."""

    __slots__ = ("code",)
    code: str

    def __new__(cls, code: str, message: str) -> Coded:
        """A message under a code."""
        made = super().__new__(cls, message)
        made.code = code
        return made


def refused(code: str, message: str) -> ValidationError:
    """The refusal of a value; ``message`` says what is wrong and what would be right."""
    return ValidationError([Coded(code, message)])


def nearest(text: str, choices: Mapping[str, str]) -> str:
    """``"; did you mean Kenya (KEN)?"`` for the nearest code or name, or nothing where none is near."""
    folded = {label.casefold(): code for code, name in choices.items() for label in (code, name)}
    match = get_close_matches(text.casefold(), folded, n=1, cutoff=0.7)
    return f"; did you mean {label(folded[match[0]], choices)}?" if match else ""


def label(code: str, choices: Mapping[str, str]) -> str:
    """A code with its name, where it has one of its own."""
    return code if choices[code] in ("", code) else f"{choices[code]} ({code})"


def shown(value: Any) -> str:
    """A value as an error quotes it, cut where it is long."""
    if isinstance(value, Decimal):
        return format(value, "f") if abs(value.adjusted()) < 40 else str(value)[:40]
    text = {True: "true", False: "false"}[value] if isinstance(value, bool) else f"'{value}'"
    return text if len(text) <= 80 else text[:77] + "...'"


def as_read(value: Any) -> str:
    """A stored or sent value as a person reads it, cut where it is long; ``nothing`` where it is blank."""
    if value in (None, "", []):
        return "nothing"
    if isinstance(value, Mapping):
        return " ".join(as_read(part) for part in value.values() if part is not None)
    if isinstance(value, list):
        text = "; ".join(as_read(entry) for entry in value)
        return f"'{text}'" if len(text) <= 200 else f"'{text[:197]}...'"
    return shown(value)
