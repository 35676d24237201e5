"""Numbers of records: counts, money, shares. Decimals are kept as strings, never as floats."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from muster_ingest.kinds.refusals import refused, shown
from muster_ingest.kinds.values import Value

_LARGEST = Decimal("999999999999999.99")
_MOST_DIGITS = 20


class Whole(Value):
    """A whole number within bounds; 1.5 and "1" are refused, 2.0 is 2."""

    def __init__(self, least: int, most: int, *, required: bool = False, what: str = "a whole number") -> None:
        super().__init__(required=required)
        self.least, self.most, self._what = least, most, what

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise refused("wrong_type", f"{shown(value)} is not a number: give {self._what}")
        if isinstance(value, Decimal) and value.adjusted() > _MOST_DIGITS:  # int() of 1E+999999 takes for ever
            raise refused("out_of_range", f"{shown(value)} is outside {self.least} to {self.most}")
        if value != int(value):
            raise refused("not_whole", f"{shown(value)} is not whole: give {self._what}")
        if not self.least <= value <= self.most:
            raise refused("out_of_range", f"{shown(value)} is outside {self.least} to {self.most}")
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
        self._places, self.least = places, least

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:
        number = self._decimal(value)
        if abs(number) > _LARGEST:
            raise refused("out_of_range", f"{shown(value)} is too large: at most {_LARGEST}")
        if self.least is not None and number < self.least:
            raise refused("out_of_range", f"{shown(value)} is too small: at least {self.least}")
        exponent = number.normalize().as_tuple().exponent
        if isinstance(exponent, int) and -exponent > self._places:
            raise refused("too_precise", f"{shown(value)} has more than {self._places} decimal places: round it")
        return plain(number)

    def _decimal(self, value: Any) -> Decimal:
        if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
            raise refused("wrong_type", f"{shown(value)} is not a number: write it like 1250.50")
        try:
            number = Decimal(value)
        except (InvalidOperation, ValueError) as error:
            raise refused(
                "wrong_type", f"{shown(value)} is not a number: write it like 1250.50, without thousands separators"
            ) from error
        if not number.is_finite():
            raise refused("not_a_number", f"{shown(value)} is not a finite number")
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
            raise refused("out_of_range", f"{shown(value)} is more than 100 percent")
        return int(number) if number == int(number) else float(number)


def plain(number: Decimal) -> str:
    """A decimal in plain notation without trailing zeros: ``1250.5``, ``4000000``."""
    return format(number.normalize() + 0, "f")
