"""A column among values that are handed over as one: the statement reads the same however many they are.

``in_`` writes each value into the text, which SQLAlchemy, the driver and the server then read as a statement they have
never seen.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, any_, cast, func, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

Column = ColumnElement[Any] | InstrumentedAttribute[Any]


def one_of(column: Column, values: Iterable[object]) -> ColumnElement[bool]:
    """Whether a column, or what is made of it, is one of these values."""
    among: ColumnElement[bool] = column == any_(_array(column, values))
    return among


def one_of_pairs(first: Column, second: Column, pairs: Collection[tuple[object, object]]) -> ColumnElement[bool]:
    """Whether two columns together are one of these pairs."""
    told = func.unnest(_array(first, (one for one, _ in pairs)), _array(second, (one for _, one in pairs)))
    wanted = told.table_valued("first", "second").render_derived()
    return tuple_(first, second).in_(select(wanted.c.first, wanted.c.second))


def _array(column: Column, values: Iterable[object]) -> ColumnElement[Any]:
    return cast(list(values), ARRAY(column.type))
