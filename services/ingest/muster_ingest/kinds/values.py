"""Field types of records. Each loads what was sent into plain JSON in one canonical form, so that equal
content is equal text: dates as ISO 8601, decimals as strings without trailing zeros, text stripped and NFC.

Each refusal says what is wrong and what would be right, under a stable code.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from functools import cache
from typing import Any, NoReturn

import pycountry
from marshmallow import RAISE, Schema, ValidationError, fields

KOSOVO = "XKX"  # user-assigned code for Kosovo/UNSC 1244
_EMAIL = re.compile(r"[^@\s<>,;\"]+@[^@\s<>,;\"]+\.[^@\s<>,;\".]+")
_PARTIAL = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_LARGEST = Decimal("999999999999999.99")


class Coded(str):
    """A message that keeps its stable error code."""

    __slots__ = ("code",)
    code: str

    def __new__(cls, code: str, message: str) -> Coded:
        """A message under a code."""
        made = super().__new__(cls, message)
        made.code = code
        return made


def refuse(code: str, message: str) -> NoReturn:
    """Refuse a value; ``message`` says what is wrong and what would be right."""
    raise ValidationError([Coded(code, message)])


def nearest(text: str, choices: Mapping[str, str]) -> str:
    """``"; did you mean Kenya (KEN)?"`` for the nearest code or name, or nothing where none is near."""
    folded = {label.casefold(): code for code, name in choices.items() for label in (code, name)}
    match = get_close_matches(text.casefold(), folded, n=1, cutoff=0.7)
    return f"; did you mean {label(folded[match[0]], choices)}?" if match else ""


def label(code: str, choices: Mapping[str, str]) -> str:
    """A code with its name, where it has one of its own."""
    return code if choices[code] in ("", code) else f"{choices[code]} ({code})"


class Value(fields.Field[Any]):
    """Base of all fields: null and empty text mean empty, required fields say so under code ``required``."""

    def __init__(self, *, required: bool = False) -> None:
        super().__init__(required=required, allow_none=True)
        if not required:
            self.load_default = None

    def make_error(self, key: str, **_: Any) -> ValidationError:
        """The library's own refusals under our codes."""
        return ValidationError([Coded(key, "is required and must not be empty" if key == "required" else key)])

    def deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        """Empty text is as good as nothing sent."""
        if isinstance(value, str) and not value.strip():
            value = None
        if value is None and self.required:
            raise self.make_error("required")
        return super().deserialize(value, *args, **kwargs)


class Text(Value):
    """Text in NFC, without space around it, at most ``longest`` characters."""

    def __init__(self, *, required: bool = False, longest: int = 4000) -> None:
        super().__init__(required=required)
        self._longest = longest

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:
        if not isinstance(value, str):
            refuse("wrong_type", f"{shown(value)} is not text: write it in quotes")
        text = unicodedata.normalize("NFC", value).strip()
        if len(text) > self._longest:
            refuse("too_long", f"has {len(text)} characters: at most {self._longest} fit")
        return text


class Key(Text):
    """A code that names a record: letters, digits, point, underscore, hyphen; at most 100 characters."""

    def __init__(self, *, required: bool = False) -> None:
        super().__init__(required=required, longest=100)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, *args, **kwargs)
        if not _CODE.fullmatch(text):
            refuse("not_a_code", f"'{text}' is not a code: use letters, digits, points, underscores and hyphens")
        return text


class Choice(Value):
    """One of a code list, given as ``{code: name}``."""

    def __init__(self, choices: Mapping[str, str] | Iterable[str], *, required: bool = False) -> None:
        super().__init__(required=required)
        self.choices = dict(choices) if isinstance(choices, Mapping) else dict.fromkeys(choices, "")

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:
        if isinstance(value, str) and value.strip() in self.choices:
            return value.strip()
        listed = ", ".join(self.choices) if len(self.choices) <= 15 else f"one of {len(self.choices)} codes"
        hint = nearest(str(value), self.choices) or f"; known are {listed}"
        refuse("not_in_list", f"{shown(value)} is not in the code list{hint}")


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


class Whole(Value):
    """A whole number within bounds; 1.5 and "1" are refused, 2.0 is 2."""

    def __init__(self, least: int, most: int, *, required: bool = False, what: str = "a whole number") -> None:
        super().__init__(required=required)
        self._least, self._most, self._what = least, most, what

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            refuse("wrong_type", f"{shown(value)} is not a number: give {self._what}")
        if value != int(value):
            refuse("not_whole", f"{shown(value)} is not whole: give {self._what}")
        if not self._least <= value <= self._most:
            refuse("out_of_range", f"{shown(value)} is outside {self._least} to {self._most}")
        return int(value)


def people(*, required: bool = False) -> Whole:
    """A count of people."""
    return Whole(0, 10**9, required=required, what="a whole number of people")


def year(*, required: bool = False) -> Whole:
    """A year, 1951 to 2100."""
    return Whole(1951, 2100, required=required, what="a year such as 2016")


class Number(Value):
    """A decimal number as a string, in plain notation without trailing zeros; never a float."""

    def __init__(self, *, required: bool = False, places: int = 10, least: Decimal | None = None) -> None:
        super().__init__(required=required)
        self._places, self._least = places, least

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:
        number = self._decimal(value)
        if abs(number) > _LARGEST:
            refuse("out_of_range", f"{shown(value)} is too large: at most {_LARGEST}")
        if self._least is not None and number < self._least:
            refuse("out_of_range", f"{shown(value)} is too small: at least {self._least}")
        exponent = number.normalize().as_tuple().exponent
        if isinstance(exponent, int) and -exponent > self._places:
            refuse("too_precise", f"{shown(value)} has more than {self._places} decimal places")
        return plain(number)

    def _decimal(self, value: Any) -> Decimal:
        if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
            refuse("wrong_type", f"{shown(value)} is not a number: write it like 1250.50")
        try:
            number = Decimal(value)
        except (InvalidOperation, ValueError):
            refuse("wrong_type", f"{shown(value)} is not a number: write it like 1250.50, without thousands separators")
        if not number.is_finite():
            refuse("not_a_number", f"{shown(value)} is not a finite number")
        return number


class Amount(Number):
    """Money: zero or more, at most two decimal places."""

    def __init__(self, *, required: bool = False) -> None:
        super().__init__(required=required, places=2, least=Decimal(0))


class Percent(Number):
    """A share above 0 and at most 100, with at most four decimal places; stored as a number."""

    def __init__(self, *, required: bool = False) -> None:
        super().__init__(required=required, places=4, least=Decimal(0))

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        number = Decimal(super()._deserialize(value, *args, **kwargs))
        if number > 100:
            refuse("out_of_range", f"{shown(value)} is more than 100 percent")
        return int(number) if number == int(number) else float(number)


def plain(number: Decimal) -> str:
    """A decimal in plain notation without trailing zeros: ``1250.5``, ``4000000``."""
    return format(number.normalize() + 0, "f")


class Day(Value):
    """A date, ``YYYY-MM-DD``."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:
        if isinstance(value, str) and len(value.strip()) == 10:
            try:
                return date.fromisoformat(value.strip()).isoformat()
            except ValueError:
                pass
        refuse("not_a_date", f"{shown(value)} is not a date: write it like 2016-11-30")


class Month(Value):
    """A month, ``YYYY-MM``."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:
        if isinstance(value, str) and _MONTH.fullmatch(value.strip()):
            return value.strip()
        refuse("not_a_month", f"{shown(value)} is not a month: write it like 2016-11")


class PartialDay(Value):
    """A year, a month or a day: ``2002``, ``2002-05``, ``2002-05-05``."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:
        if isinstance(value, str) and _PARTIAL.fullmatch(value.strip()):
            text = value.strip()
            try:
                date.fromisoformat(text + "-01-01"[len(text) - 10 :] if len(text) < 10 else text)
            except ValueError:
                pass
            else:
                return text
        refuse("not_a_date", f"{shown(value)} is not a year, month or day: write it like 2002, 2002-05 or 2002-05-05")


class Moment(Value):
    """A time with its zone, kept in UTC."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:
        try:
            moment = datetime.fromisoformat(value)
        except (TypeError, ValueError):
            refuse("not_a_time", f"{shown(value)} is not a time: write it like 2016-11-30T08:00:00Z")
        if moment.tzinfo is None:
            refuse("not_a_time", f"{shown(value)} has no time zone: write it like 2016-11-30T08:00:00Z")
        return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


class Email(Text):
    """An e-mail address."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, *args, **kwargs)
        if not _EMAIL.fullmatch(text) or len(text) > 254:
            refuse("not_an_address", f"'{text[:80]}' is not an e-mail address: write it like name@example.org")
        return text


class Flag(Value):
    """True or false."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> bool:
        if isinstance(value, bool):
            return value
        refuse("wrong_type", f"{shown(value)} is not true or false")


class Many(Value):
    """A list of values of one field, in the order sent."""

    def __init__(self, inner: fields.Field[Any], *, required: bool = False, most: int = 1000) -> None:
        super().__init__(required=required)
        self.inner, self._most = inner, most
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
            refuse("wrong_type", f"{shown(value)} is not a list: write it in square brackets")
        if len(value) > self._most:
            refuse("too_long", f"has {len(value)} entries: at most {self._most} fit")
        return self._each(value)

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
            refuse("wrong_type", f"{shown(value)} is not an object: write it in braces")
        loaded: dict[str, Any] = self.schema.load(value)
        return loaded


class Strict(Schema):
    """A schema that refuses fields it does not know and says which it knows."""

    class Meta:  # noqa: D106 - marshmallow's own word
        unknown = RAISE

    error_messages = {"unknown": Coded("unknown_field", "is not a field here")}  # noqa: RUF012 - as marshmallow reads it


class Person(Strict):
    """A person by name and e-mail."""

    name = Text(required=True, longest=200)
    email = Email(required=True)


class Money(Strict):
    """An amount in its currency."""

    amount = Amount(required=True)
    currency = Currency(required=True)


def shown(value: Any) -> str:
    """A value as an error quotes it, cut where it is long."""
    if isinstance(value, Decimal):
        return str(value)[:40]
    text = {True: "true", False: "false"}[value] if isinstance(value, bool) else f"'{value}'"
    return text if len(text) <= 80 else text[:77] + "...'"
