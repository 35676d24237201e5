"""What a cell of a template takes: drop-downs, bounds of numbers and dates, lengths, each with words for the user.

What the upload would refuse is stopped; a key that the upload may itself bring is only asked about.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from openpyxl.worksheet.datavalidation import DataValidation

from muster_ingest.kinds.dates import Day
from muster_ingest.kinds.numbers import Amount, Number, Percent, Whole
from muster_ingest.kinds.values import Choice, Text, Value
from muster_ingest.workbooks import words
from muster_ingest.workbooks.templates.columns import SheetColumn
from muster_ingest.workbooks.templates.lists import CodeList

_FIRST_DAY, _LAST_DAY = 61, 2_958_465  # 1900-03-01 and 9999-12-31 as Excel counts days
_MOST_MONEY = Decimal("999999999999999.99")


def validation(column: SheetColumn, lists: Mapping[str, CodeList], to: str) -> DataValidation:
    """The validation of a column; ``lists`` are the lists of the sheet of codes by name, ``to`` is the language."""
    ruled = DataValidation(
        **_rule(column, lists, to),
        allow_blank=True,
        showInputMessage=True,
        promptTitle=column.header(to),
        prompt=words.guidance(column.kind, column.name, to),
    )
    ruled.showErrorMessage = ruled.type is not None
    return ruled


def _rule(column: SheetColumn, lists: Mapping[str, CodeList], to: str) -> dict[str, Any]:
    of_schema = column.column
    if of_schema is not None and of_schema.listed:
        return {}
    codes = lists.get(column.code_list or "")
    if codes is None:
        return _bounds(of_schema.field, to) if of_schema is not None else {}
    is_reference = of_schema is not None and not isinstance(of_schema.field, Choice)
    return _one_of(codes, to) | (_unsure("unsure_reference", to) if is_reference else {})


def _one_of(codes: CodeList, to: str) -> dict[str, Any]:
    return {"type": "list", "formula1": codes.defined_name} | _wrong(
        "wrong_list", to, codes=words.say("sheet_codes", to)
    )


def _bounds(field: Value, to: str) -> dict[str, Any]:
    if isinstance(field, Day):
        return _between("date", _FIRST_DAY, _LAST_DAY) | _wrong("wrong_date", to)
    if isinstance(field, Whole):
        least, most = field.least, field.most
        return _between("whole", least, most) | _wrong("wrong_whole", to, least=least, most=most)
    if isinstance(field, Number):
        return _number(field, to)
    if isinstance(field, Text):
        longest = field.longest
        return _at_most(longest) | _wrong("wrong_length", to, longest=longest)
    return {}


def _number(field: Number, to: str) -> dict[str, Any]:
    if isinstance(field, Percent):
        return _between("decimal", 0, 100) | _wrong("wrong_percent", to)
    if isinstance(field, Amount):
        return _between("decimal", 0, _MOST_MONEY) | _wrong("wrong_amount", to, most=_MOST_MONEY)
    return _between("decimal", -_MOST_MONEY, _MOST_MONEY) | _wrong("wrong_number", to)


def _between(what: str, least: object, most: object) -> dict[str, Any]:
    return {"type": what, "operator": "between", "formula1": str(least), "formula2": str(most)}


def _at_most(longest: int) -> dict[str, Any]:
    return {"type": "textLength", "operator": "lessThanOrEqual", "formula1": str(longest)}


def _wrong(key: str, to: str, **values: object) -> dict[str, Any]:
    message = words.say(key, to, **values)
    return {"errorStyle": "stop", "errorTitle": words.say("wrong_title", to), "error": message}


def _unsure(key: str, to: str) -> dict[str, Any]:
    return {"errorStyle": "warning", "errorTitle": words.say("unsure_title", to), "error": words.say(key, to)}
