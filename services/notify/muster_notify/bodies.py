"""JSON bodies of requests, read strictly: every error is told, each with its pointer (RFC 6901)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any, Final

from flask import Request
from marshmallow import Schema, ValidationError, fields
from werkzeug.exceptions import BadRequest

from muster_shared.clock import known_time_zones
from muster_shared.problems import DataError, Problem

_ADDRESS: Final = re.compile(r"[^@\s<>(),;:\"\[\]\\]+@[^@\s<>(),;:\"\[\]\\]+\.[^@\s<>(),;:\"\[\]\\.]+")
_LINE_ENDS: Final = "\n\t"
_LONGEST_ADDRESS: Final = 254


class Told(fields.String):
    """Text for people, of one line or of several: space around it is cut off, control characters are refused."""

    def __init__(self, *, longest: int, lines: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self._longest, self._lines = longest, lines

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        text = "\n".join(str(super()._deserialize(value, *args, **kwargs)).splitlines()).strip()
        if not text:
            raise ValidationError("is empty: say something, or leave it out")
        if len(text) > self._longest:
            raise ValidationError(f"has {len(text)} characters: at most {self._longest} fit")
        if any(_is_control(c) and not (self._lines and c in _LINE_ENDS) for c in text):
            raise ValidationError("holds characters that cannot be printed: write plain text")
        return text


class Address(Told):
    """An e-mail address, kept as it was written."""

    def __init__(self, **options: Any) -> None:
        super().__init__(longest=_LONGEST_ADDRESS, **options)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, *args, **kwargs)
        if not is_address(text):
            raise ValidationError(f"'{text[:80]}' is not an e-mail address: write it like name@example.org")
        return text


class TimeZone(fields.String):
    """An IANA time zone; one that is not known is refused with one that is near."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        text = str(super()._deserialize(value, *args, **kwargs)).strip()
        if text in known_time_zones():
            return text
        raise ValidationError(f"'{text[:60]}' is not a time zone: {_near_zone(text)}")


def is_address(text: str) -> bool:
    """Whether a text can be an e-mail address."""
    return len(text) <= _LONGEST_ADDRESS and text.isprintable() and _ADDRESS.fullmatch(text) is not None


def read_body(request: Request, schema: Schema) -> dict[str, Any]:
    """The JSON object a request carries.

    Raises:
        Problem: 415 it is not sent as JSON, 400 it is not JSON, 422 with every error.
    """
    if request.mimetype != "application/json":
        raise Problem(415, "unsupported_type", "send the body as application/json")
    try:
        document = request.get_json()
    except BadRequest as error:
        raise Problem(400, "not_readable", "the body is not JSON in UTF-8") from error
    if not isinstance(document, dict):
        raise refused([DataError("wrong_type", "the body is not an object: write it in braces", pointer="")])
    return load(document, schema)


def load(document: Mapping[str, Any], schema: Schema) -> dict[str, Any]:
    """What a schema makes of a document.

    Raises:
        Problem: 422 with every error.
    """
    try:
        loaded: dict[str, Any] = schema.load(document)
    except ValidationError as error:
        raise refused([_error(path, message) for path, message in _flat(error.messages_dict, ())]) from error
    return loaded


def refused(errors: list[DataError]) -> Problem:
    """422: nothing was changed, for these reasons."""
    return Problem(422, "not_valid", "nothing was changed; see errors", errors=errors)


def wrong(name: str, message: str, code: str = "not_valid") -> Problem:
    """422 because of one field; ``name`` may lead into an object, as in ``stand_in/email``."""
    field = name.rpartition("/")[2]
    return refused([DataError(code, f"{field}: {message}", field, pointer=f"/{name}")])


def _error(path: tuple[str, ...], message: str) -> DataError:
    pointer = "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in path)
    if not path:
        return DataError("not_valid", message, pointer=pointer)
    return DataError("not_valid", f"{path[-1]}: {message}", path[-1], pointer=pointer)


def _flat(messages: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(messages, dict):
        for name, inner in messages.items():
            yield from _flat(inner, path if name == "_schema" else (*path, str(name)[:80]))
    elif isinstance(messages, list):
        for inner in messages:
            yield from _flat(inner, path)
    else:
        yield path, str(messages)


def _is_control(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cs", "Co", "Cn"}


def _near_zone(text: str) -> str:
    known = {zone.casefold(): zone for zone in sorted(known_time_zones())}
    places = {zone.rpartition("/")[2]: zone for zone in reversed(known)}
    wanted = text.strip().casefold().replace(" ", "_")
    near = get_close_matches(wanted, known, n=1, cutoff=0.75)
    by_place = get_close_matches(wanted.rpartition("/")[2], places, n=1, cutoff=0.75)
    found = near[0] if near else places[by_place[0]] if by_place else None
    return f"did you mean {known[found]}?" if found else "give one like Africa/Nairobi"
