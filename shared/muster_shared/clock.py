"""The only caller of the system clock.

Two times exist. ``Clock.now`` is the time of the business: reports, due dates, revisions. Where
``MUSTER_CLOCK`` is set it stands still until ``muster clock advance`` moves it, for every process of the
data folder. ``real_now`` is the machine's time: leases, tokens, quiet times.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import available_timezones

if TYPE_CHECKING:  # settings bring a client of Redis with them
    from muster_shared.settings import Settings


CLOCK_FILE = "clock.json"
_SPAN = re.compile(r"(\d+)([smhdw])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def real_now() -> datetime:
    """The machine's time, aware, UTC."""
    return datetime.now(UTC)


@cache
def known_time_zones() -> frozenset[str]:
    """Names of the IANA time zones there are: the machine's folder of them is read once, not for every record."""
    return frozenset(available_timezones())


@dataclass(frozen=True, slots=True)
class Clock:
    """The business clock of one data folder."""

    path: Path
    start: datetime | None

    @classmethod
    def of(cls, settings: Settings) -> Clock:
        """The clock that these settings name."""
        return cls(path=settings.data_dir / CLOCK_FILE, start=settings.clock)

    def now(self) -> datetime:
        """The time of the business, aware, UTC."""
        return self._standing() or self.start or real_now()

    @property
    def stands_still(self) -> bool:
        """Whether time moves only when it is advanced."""
        return self.start is not None or self._standing() is not None

    def begin(self) -> None:
        """Bring the data folder's clock in line with ``MUSTER_CLOCK``; called once by ``muster up``.

        The same start as before keeps the advanced time; another start begins there; none lets time run.
        """
        if self.start is None:
            self.path.unlink(missing_ok=True)
        elif self._written().get("start") != _iso(self.start):
            self._write(start=self.start, now=self.start)

    def advance(self, span: timedelta) -> datetime:
        """Move a standing clock forward and return its new time.

        Raises:
            ValueError: the clock is running, not standing.
        """
        standing = self._standing()
        if standing is None:
            raise ValueError("the clock is running: set MUSTER_CLOCK and start with 'muster up' to make it stand")
        moved = standing + span
        self._write(start=datetime.fromisoformat(self._written()["start"]), now=moved)
        return moved

    def _standing(self) -> datetime | None:
        now = self._written().get("now")
        return datetime.fromisoformat(now) if now else None

    def _written(self) -> dict[str, str]:
        try:
            return dict(json.loads(self.path.read_text()))
        except (FileNotFoundError, NotADirectoryError):
            return {}

    def _write(self, *, start: datetime, now: datetime) -> None:
        fresh = self.path.with_suffix(".new")
        fresh.write_text(json.dumps({"start": _iso(start), "now": _iso(now)}))
        fresh.replace(self.path)


def parse_span(text: str) -> timedelta:
    """Read a span such as ``3d``, ``12h`` or ``1d12h``.

    Raises:
        ValueError: the text is not a span.
    """
    parts = _SPAN.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise ValueError(f"'{text}' is not a time span: write it like 3d, 12h or 1d12h")
    return sum((timedelta(**{_UNITS[unit]: int(number)}) for number, unit in parts), timedelta())


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def iso_z(moment: datetime) -> str:
    """A time as the outside sees it: UTC with ``Z``, seconds, and microseconds only where there are any."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
