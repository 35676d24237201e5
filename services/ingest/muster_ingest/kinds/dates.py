"""Dates and times of records, as ISO 8601 writes them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any

from muster_ingest.kinds.refusals import refused, shown
from muster_ingest.kinds.values import Value

_PARTIAL = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


class Day(Value):
    """A date, ``YYYY-MM-DD``."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:
        if isinstance(value, str) and len(value.strip()) == 10:
            try:
                return date.fromisoformat(value.strip()).isoformat()
            except ValueError:
                pass
        raise refused("not_a_date", f"{shown(value)} is not a date: write it like 2016-11-30")


class Month(Value):
    """A month, ``YYYY-MM``."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:
        if isinstance(value, str) and _MONTH.fullmatch(value.strip()):
            return value.strip()
        raise refused("not_a_month", f"{shown(value)} is not a month: write it like 2016-11")


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
        raise refused(
            "not_a_date", f"{shown(value)} is not a year, month or day: write it like 2002, 2002-05 or 2002-05-05"
        )


class Moment(Value):
    """A time with its zone, kept in UTC."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:
        try:
            moment = datetime.fromisoformat(value)
        except (TypeError, ValueError) as error:
            raise refused("not_a_time", f"{shown(value)} is not a time: write it like 2016-11-30T08:00:00Z") from error
        if moment.tzinfo is None:
            raise refused("not_a_time", f"{shown(value)} has no time zone: write it like 2016-11-30T08:00:00Z")
        return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
