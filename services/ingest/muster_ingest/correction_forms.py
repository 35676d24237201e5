"""The form with which one value of a record is corrected: made from the field's schema, and read back.

An input is named by its place in the value: ``value``, of an object ``value.amount``, of a list of objects
``value.0.percent``. A list of plain values is one text with a line for each, or one choice of several codes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from marshmallow import ValidationError
from werkzeug.datastructures import MultiDict

from muster_ingest import kind_words
from muster_ingest.kinds.dates import Day, Month
from muster_ingest.kinds.numbers import Number, Whole
from muster_ingest.kinds.refusals import Coded
from muster_ingest.kinds.values import Choice, Email, Text
from muster_ingest.shown_values import Shown
from muster_ingest.workbooks import words
from muster_ingest.workbooks.cells import converter_for
from muster_ingest.workbooks.columns import Column, columns_of

VALUE: Final = "value"
_SPARE: Final = 3  # blank entries offered below those that are there
_MOST_ENTRIES: Final = 1000
_LINES_FROM: Final = 500  # characters that may stand in a field, above which it has several lines
_AT: Final = re.compile(r"value\.(\d{1,4})\.")
_EITHER: Final = Coded("either", "choose a rule set, or write out each due report, not both")
Texts = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Input:
    """One input; ``shape`` is text, lines, day, month, number, email, choice or choices."""

    name: str
    label: str
    hint: str
    shape: str
    texts: Sequence[str]
    required: bool
    options: Sequence[tuple[str, str]] = ()
    wrong: Sequence[Coded] = ()

    @property
    def text(self) -> str:
        """What stands in it."""
        return self.texts[0] if self.texts else ""


@dataclass(frozen=True, slots=True)
class Group:
    """Inputs that belong together: an object, or an entry of a list, counted from 1 (0: no list)."""

    number: int
    inputs: Sequence[Input]


@dataclass(slots=True)
class Read:
    """A value as it was typed, and what is wrong with it by the name of the input."""

    value: Any = None
    wrong: dict[str, list[Coded]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FieldForm:
    """The form of one field: what stands in its inputs, and what is wrong in them, by the name of the input."""

    kind: str
    field_name: str
    texts: Texts
    wrong: Mapping[str, Sequence[Coded]]
    shown: Shown

    def groups(self) -> list[Group]:
        """The inputs, and below the entries of a list a few blank ones."""
        single, entries = _columns(self.kind, self.field_name)
        made = [Group(0, [self._input(column, _place(column)) for column in single])] if single else []
        count = min(_count(self.texts) + _SPARE, _MOST_ENTRIES) if entries else 0
        made.extend(
            Group(index + 1, [self._input(each, _place(each, index)) for each in entries]) for index in range(count)
        )
        return made

    def _input(self, column: Column, place: str) -> Input:
        known, language = column.field, self.shown.language
        part = kind_words.part_name(self.kind, column.group, column.part, language) if column.part else ""
        return Input(
            place,
            part or kind_words.field_name(self.kind, column.name, language),
            words.writing(self.kind, column.name, language.code),
            _shape(column),
            self.texts.get(place, ()),
            column.required and not column.entry and not column.part,
            [(code, self.shown.code(column, code)) for code in known.choices] if isinstance(known, Choice) else (),
            self.wrong.get(place, ()),
        )


def texts_of(kind: str, name: str, value: Any) -> dict[str, list[str]]:
    """A stored value as its form begins with it."""
    if isinstance(value, Mapping):
        return {f"{VALUE}.{part}": [str(inner)] for part, inner in value.items() if inner is not None}
    if isinstance(value, list):
        if any(column.entry for column in _of(kind, name)):
            return {
                f"{VALUE}.{index}.{part}": [str(inner)]
                for index, entry in enumerate(value)
                for part, inner in entry.items()
                if inner is not None
            }
        coded = any(isinstance(column.field, Choice) for column in _of(kind, name))
        return {VALUE: [str(each) for each in value] if coded else ["\n".join(map(str, value))]}
    return {} if value is None else {VALUE: [str(value)]}


def texts_in(form: MultiDict[str, str]) -> dict[str, list[str]]:
    """What was typed into a form; entries of a list move up over those that were left blank."""
    typed = {name: form.getlist(name) for name in form if name == VALUE or name.startswith(f"{VALUE}.")}
    filled = sorted({int(match[1]) for name, texts in typed.items() if (match := _AT.match(name)) and any(texts)})
    moved = {str(old): str(new) for new, old in enumerate(filled)}
    return {_AT.sub(lambda match: f"{VALUE}.{moved.get(match[1], match[1])}.", name): typed[name] for name in typed}


def read(kind: str, name: str, texts: Texts) -> Read:
    """The value that a form states, as a record of an envelope states it."""
    single, entries = _columns(kind, name)
    told = Read()
    stated = list(_entries(entries, texts, told))
    if any(column.part for column in single):
        told.value = _object(single, None, texts, told)
    elif single:
        told.value = _single(single[0], texts, told)
    if stated and told.value is not None:
        told.wrong[_place(single[0])] = [_EITHER]
    return Read(stated or told.value, told.wrong)


def input_at(path: Sequence[str], name: str) -> str | None:
    """The input that an error's path within a record leads to; None where it is about another field."""
    if not path or path[0] != name:
        return None
    return ".".join((VALUE, *path[1:]))


def _of(kind: str, name: str) -> list[Column]:
    return [column for column in columns_of(kind) if column.group == name]


def _columns(kind: str, name: str) -> tuple[list[Column], list[Column]]:
    """The columns of a field: those of its one value, and those of the entries of its list."""
    own = _of(kind, name)
    return [column for column in own if not column.entry], [column for column in own if column.entry]


def _place(column: Column, index: int | None = None) -> str:
    return ".".join(str(part) for part in (VALUE, index, column.part or None) if part is not None)


def _count(texts: Texts) -> int:
    places = [int(match[1]) for name, typed in texts.items() if (match := _AT.match(name)) and any(typed)]
    return max(places, default=-1) + 1


def _shape(column: Column) -> str:
    known = column.field
    if isinstance(known, Choice):
        return "choices" if column.listed else "choice"
    if column.listed or (type(known) is Text and known.longest > _LINES_FROM):
        return "lines"
    shapes = ((Day, "day"), (Month, "month"), (Whole | Number, "number"), (Email, "email"))
    return next((shape for type_, shape in shapes if isinstance(known, type_)), "text")


def _entries(columns: Sequence[Column], texts: Texts, told: Read) -> Iterator[dict[str, Any]]:
    """The entries in which anything was typed; what is wrong is told at the input, wherever the entry ends up."""
    for index in range(min(_count(texts), _MOST_ENTRIES)):
        entry = _object(columns, index, texts, told)
        if entry is not None:
            yield entry


def _object(columns: Sequence[Column], index: int | None, texts: Texts, told: Read) -> dict[str, Any] | None:
    parts = {column.part: _one(column, _place(column, index), texts, told) for column in columns}
    return parts if any(part is not None for part in parts.values()) else None


def _single(column: Column, texts: Texts, told: Read) -> Any:
    if not column.listed:
        return _one(column, VALUE, texts, told)
    typed = texts.get(VALUE, ())
    lines = typed if isinstance(column.field, Choice) else [line for text in typed for line in text.splitlines()]
    return [value for line in lines if line.strip() for value in [_converted(column, VALUE, line, told)]]


def _one(column: Column, place: str, texts: Texts, told: Read) -> Any:
    text = next(iter(texts.get(place, ())), "")
    return _converted(column, place, text, told) if text.strip() else None


def _converted(column: Column, place: str, text: str, told: Read) -> Any:
    """A typed text as a cell of a CSV file would be understood."""
    try:
        value = converter_for(column.field, typed_numbers=False)(f"s{text}")
    except ValidationError as error:
        told.wrong.setdefault(place, []).extend(_messages(error))
        return text
    return _sendable(column, value)


def _sendable(column: Column, value: Any) -> Any:
    """A number in JSON: a whole one as such, others as text, so that none is rounded."""
    if not isinstance(value, Decimal):
        return value
    return int(value) if isinstance(column.field, Whole) and value == int(value) else format(value, "f")


def _messages(error: ValidationError) -> Iterable[Coded]:
    """What the converter of a cell says, which is always under a code."""
    return [message for message in error.messages if isinstance(message, Coded)]
