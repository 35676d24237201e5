"""What the address of a page of figures asks for: which year, which offices and projects, at which position."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final
from urllib.parse import urlencode

from muster_report import asking
from muster_report.reports.beneficiaries import FIRST_YEAR, LAST_YEAR

OF_OFFICES: Final = ("region", "office")
OF_PROJECTS: Final = ("area", "donor", "status")
FILTERS: Final = ("year", "until", *OF_OFFICES, *OF_PROJECTS, "source")
_MORE: Final = ("at", "of", "lang")
_LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class Asked:
    """The filters of an address; an empty one does not filter. ``at`` is a position, None for the newest.

    ``year`` and ``until`` always hold: what is not given follows from the other, or from the day it is asked on.
    ``of`` is the figure of a map.
    """

    year: str
    until: date
    region: str = ""
    office: str = ""
    area: str = ""
    donor: str = ""
    status: str = ""
    source: str = ""
    of: str = ""
    at: int | None = None
    given: tuple[tuple[str, str], ...] = ()

    @property
    def picks_projects(self) -> bool:
        """Whether single projects are picked: by their area, donor or status."""
        return any(getattr(self, name) for name in OF_PROJECTS)

    @property
    def narrows(self) -> bool:
        """Whether it leaves records out."""
        return self.picks_projects or any(getattr(self, name) for name in OF_OFFICES)

    def address(self, path: str, **changes: str) -> str:
        """The address of a page with the filters that were given, some of them changed; an empty one is left out."""
        held = {**dict(self.given), **changes}
        query = urlencode({name: text for name, text in held.items() if text})
        return f"{path}?{query}" if query else path

    def only(self, filters: Collection[str]) -> Asked:
        """The same for a page that has these filters and no others: equal where the page is."""
        others = {name: "" for name in (*OF_OFFICES, *OF_PROJECTS, "source") if name not in filters}
        given = tuple((name, text) for name, text in self.given if name in {*filters, *_MORE})
        year = self.year if "year" in filters else ""
        until = self.until if "until" in filters else date.max
        return replace(self, year=year, until=until, given=given, **others)  # type: ignore[arg-type] # these are texts


def read(given: Mapping[str, str], today: date) -> Asked:
    """The filters of a query, each name at most once.

    Raises:
        Problem: 422, one is unknown or cannot be read.
    """
    known = {name: _text(name, text) for name, text in given.items() if text.strip()}
    for name in sorted(known.keys() - {*FILTERS, *_MORE}):
        raise asking.wrong(name[:60], f"'{name[:60]}' is not a filter here: give {', '.join(FILTERS)}")
    until = _day(known.get("until"))
    year = _year(known.get("year")) or str((until or today).year)
    texts = {name: known.get(name, "") for name in (*OF_OFFICES, *OF_PROJECTS, "source", "of")}
    kept = tuple((name, text) for name, text in known.items() if name != "lang")
    return Asked(year, until or min(today, date(int(year), 12, 31)), **texts, at=_position(known.get("at")), given=kept)


def _text(name: str, text: str) -> str:
    if len(text) > _LONGEST or not asking.is_storable(text):
        raise asking.wrong(name[:60], "the text is too long, or holds a character that text cannot carry")
    return text.strip()


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise asking.wrong("until", f"'{text}' is not a day: give it as 2016-11-30") from error


def _year(text: str | None) -> str | None:
    if text and not (text.isascii() and text.isdecimal() and FIRST_YEAR <= int(text) <= LAST_YEAR):
        raise asking.wrong("year", f"'{text}' is not a year: give four digits, for example 2016")
    return text


def _position(text: str | None) -> int | None:
    if text and not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise asking.wrong("at", f"'{text}' is not a position of the change log: give a whole number")
    return int(text) if text else None
