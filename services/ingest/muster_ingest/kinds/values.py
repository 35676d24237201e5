"""Field types of records. Each loads what was sent into plain JSON in one canonical form, so that equal
content is equal text: dates as ISO 8601, decimals as strings without trailing zeros, text stripped and NFC.

Each refusal says what is wrong and what would be right, under a stable code.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import cache
from typing import Any

import pycountry
from marshmallow import RAISE, Schema, ValidationError, fields, missing

from muster_ingest.kinds.refusals import Coded, nearest, refused, shown

KOSOVO = "XKX"  # user-assigned code for Kosovo/UNSC 1244
_EMAIL = re.compile(r"[^@\s<>,;\"]+@[^@\s<>,;\"]+\.[^@\s<>,;\".]+")
_LINE_END = re.compile(r"\r\n?")
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class Value(fields.Field[Any]):
    """Base of all fields: null and empty text mean empty, required fields say so under code ``required``."""

    def __init__(self, *, required: bool = False) -> None:
        super().__init__(required=required, allow_none=True)
        if not required:
            self.load_default = None

    def make_error(self, key: str, **_: Any) -> ValidationError:
        """The library's own refusals under our codes."""
        return ValidationError([Coded(key, "is required and must not be empty" if key == "required" else key)])

    def take(self, value: Any) -> Any:
        """What ``deserialize`` gives for a value that is there, without its detours: no field here has validators."""
        return self._deserialize(value, None, None)

    def deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        """Empty text is as good as nothing sent."""
        if isinstance(value, str) and not value.strip():
            value = None
        if value is None:
            if self.required:
                raise self.make_error("required")
            return None
        return super().deserialize(value, *args, **kwargs) if value is missing else self.take(value)


class Text(Value):
    """Text in NFC, lines ended by ``\\n``, without space around it, at most ``longest`` characters."""

    def __init__(self, *, required: bool = False, longest: int = 4000) -> None:
        super().__init__(required=required)
        self.longest = longest

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:
        if not isinstance(value, str):
            raise refused("wrong_type", f"{shown(value)} is not text: write it in quotes")
        text = _canonical(value)
        if len(text) > self.longest:
            raise refused("too_long", f"has {len(text)} characters: at most {self.longest} fit")
        return text


def _canonical(text: str) -> str:
    if "\r" in text:
        text = "\n".join(_LINE_END.split(text))
    return (text if text.isascii() else unicodedata.normalize("NFC", text)).strip()


class Key(Text):
    """A code that names a record: letters, digits, point, underscore, hyphen; at most 100 characters."""

    def __init__(self, *, required: bool = False) -> None:
        super().__init__(required=required, longest=100)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, *args, **kwargs)
        if not _CODE.fullmatch(text):
            raise refused("not_a_code", f"'{text}' is not a code: use letters, digits, points, underscores and hyphens")
        return text


class Choice(Value):
    """One of a code list, given as ``{code: name}``."""

    def __init__(self, choices: Mapping[str, str] | Iterable[str], *, required: bool = False) -> None:
        super().__init__(required=required)
        self.choices = dict(choices) if isinstance(choices, Mapping) else dict.fromkeys(choices, "")

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:
        if isinstance(value, str) and value.strip() in self.choices:
            return value.strip()
        listed = ", ".join(self.choices) if len(self.choices) <= 15 else f"{len(self.choices)} codes"
        hint = nearest(str(value), self.choices) or f"; known are {listed}"
        raise refused("not_in_list", f"{shown(value)} is not in the code list{hint}")


class Country(Choice):
    """ISO 3166-1 alpha-3, or XKX."""

    def __init__(self, *, required: bool = False) -> None:
        super().__init__(countries(), required=required)


class Currency(Choice):
    """ISO 4217."""

    def __init__(self, *, required: bool = False) -> None:
        super().__init__(currencies(), required=required)


@cache
def countries() -> Mapping[str, str]:
    """ISO 3166-1 alpha-3 to name, with XKX."""
    return {country.alpha_3: country.name for country in pycountry.countries} | {KOSOVO: "Kosovo/UNSC 1244"}


@cache
def currencies() -> Mapping[str, str]:
    """ISO 4217 to name."""
    return {currency.alpha_3: currency.name for currency in pycountry.currencies}


class Email(Text):
    """An e-mail address."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, *args, **kwargs)
        if not _EMAIL.fullmatch(text) or len(text) > 254:
            raise refused("not_an_address", f"'{text[:80]}' is not an e-mail address: write it like name@example.org")
        return text


class Many(Value):
    """A list of values of one field, in the order sent."""

    def __init__(self, inner: fields.Field[Any], *, required: bool = False, most: int = 1000) -> None:
        super().__init__(required=required)
        self.inner, self.most = inner, most
        if not required:
            self.load_default = list

    def deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        """An empty list is as good as nothing sent."""
        if value == [] or value is None:
            if self.required:
                raise self.make_error("required")
            return []
        return super().deserialize(value, *args, **kwargs)

    def _bind_to_schema(self, field_name: str, parent: Any) -> None:
        super()._bind_to_schema(field_name, parent)
        self.inner._bind_to_schema(field_name, self)

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> list[Any]:
        if not isinstance(value, list):
            raise refused("wrong_type", f"{shown(value)} is not a list: write it in square brackets")
        self.check_length(len(value))
        return self._each(value)

    def check_length(self, count: int) -> None:
        """Raises the refusal of a list with more entries than fit."""
        if count > self.most:
            raise refused("too_long", f"has {count} entries: at most {self.most} fit")

    def _each(self, values: list[Any]) -> list[Any]:
        loaded, wrong = [], {}
        for index, value in enumerate(values):
            try:
                loaded.append(self.inner.deserialize(value))
            except ValidationError as error:
                wrong[index] = error.messages
        if wrong:
            raise ValidationError(wrong)
        return loaded


class Part(Value):
    """An object within a record."""

    def __init__(self, schema: Schema, *, required: bool = False) -> None:
        super().__init__(required=required)
        self.schema = schema

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise refused("wrong_type", f"{shown(value)} is not an object: write it in braces")
        loaded: dict[str, Any] = self.schema.load(value)
        return loaded


class Strict(Schema):
    """A schema that refuses fields it does not know and says which it knows."""

    class Meta:  # noqa: D106 - marshmallow's own word
        unknown = RAISE

    error_messages = {"unknown": Coded("unknown_field", "is not a field here")}  # noqa: RUF012 - as marshmallow reads it

    def load(self, data: Any, **options: Any) -> Any:
        """What is right as it stands goes field by field; what is not, marshmallow's own way, which finds everything.

        No schema here has hooks, validators or fields under other names, which is what that way is for.
        """
        if not options and isinstance(data, dict) and data.keys() <= self.load_fields.keys():
            with suppress(ValidationError):
                return {name: field.deserialize(data.get(name, missing)) for name, field in self.load_fields.items()}
        return super().load(data, **options)
