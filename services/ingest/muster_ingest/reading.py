"""From bytes to a JSON document, exactly: decimals stay decimals, a repeated name is an error, NaN has a place."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from muster_shared.problems import DataError, Problem

_DEEPEST = 30
_NOT_TEXT = re.compile("[\x00\ud800-\udfff]")


class NotANumber:
    """``NaN`` or ``Infinity`` where JSON knows no such thing; kept so that the error can say where."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


class _RepeatedNameError(ValueError):
    pass


def read_json(body: bytes) -> Any:
    """The document in the body.

    Raises:
        Problem: 400, the body is not JSON in UTF-8; the detail says where it breaks off.
    """
    try:
        return json.loads(
            body.decode("utf-8-sig"),
            parse_float=Decimal,
            parse_constant=NotANumber,
            object_pairs_hook=_no_repeats,
        )
    except UnicodeDecodeError as error:
        raise _unreadable(f"the body is not UTF-8: byte {error.start} does not belong there") from error
    except json.JSONDecodeError as error:
        raise _unreadable(f"the body is not JSON: {error.msg}, line {error.lineno}, column {error.colno}") from error
    except _RepeatedNameError as error:
        raise _unreadable(f"the name '{error.args[0]}' stands twice in one object: keep one") from error
    except RecursionError as error:
        raise _unreadable("the document is nested too deeply") from error
    except ValueError as error:
        raise _unreadable("a number in the document is too long") from error


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        raise _RepeatedNameError(next(name for name in names if names.count(name) > 1)[:80])
    return made


def _unreadable(detail: str) -> Problem:
    return Problem(400, "not_readable", detail)


def unstorable(document: Any) -> Iterator[DataError]:
    """Values that no record can hold: NaN, characters that text cannot carry, too deep a nesting."""
    if not _is_storable(document, _DEEPEST):
        yield from _walk(document, "", None)


def _is_storable(value: Any, deeper: int) -> bool:
    """The same in short, without saying where: nearly always nothing is wrong."""
    if isinstance(value, str):
        return not _NOT_TEXT.search(value)
    if isinstance(value, dict):
        return deeper > 0 and all(
            not _NOT_TEXT.search(name) and _is_storable(inner, deeper - 1) for name, inner in value.items()
        )
    if isinstance(value, list):
        return deeper > 0 and all(_is_storable(inner, deeper - 1) for inner in value)
    return not isinstance(value, NotANumber)


def _walk(value: Any, pointer: str, record: int | None) -> Iterator[DataError]:
    if isinstance(value, NotANumber):
        yield DataError(
            "not_a_number", f"{value} is not a number: give one, or null for none", None, record, pointer, str(value)
        )
    elif isinstance(value, str):
        yield from _characters(value, pointer, record)
    elif pointer.count("/") > _DEEPEST:
        yield DataError("too_deep", "is nested too deeply", None, record, pointer)
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _characters(name, pointer, record)
            yield from _walk(inner, f"{pointer}/{escape(name)}", record)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _walk(inner, f"{pointer}/{index}", index if pointer == "/records" else record)


def _characters(text: str, pointer: str, record: int | None) -> Iterator[DataError]:
    if _NOT_TEXT.search(text):
        message = "holds a character that text cannot carry (NUL or half a pair): leave it out"
        yield DataError("bad_character", message, None, record, pointer)


def escape(name: str) -> str:
    """A name as a part of an RFC 6901 pointer."""
    return name.replace("~", "~0").replace("/", "~1").encode("utf-8", "replace").decode("utf-8")
