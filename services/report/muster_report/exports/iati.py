"""The portfolio as an IATI 2.03 activities file, written activity by activity: memory does not grow with it.

No clock is read. The file says when each activity was last updated, not when it was made, so that the same facts
and the same day give the same bytes; ``generated-datetime`` is optional in the standard and left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import chain
from typing import Final
from xml.etree.ElementTree import Element, indent, tostring

from muster_report.exports.iati_activity import Publisher, activity_of, is_published
from muster_report.exports.projects import ProjectFacts, Register

CONTENT_TYPE: Final = "application/xml; charset=utf-8"
_HEAD: Final = b'<?xml version="1.0" encoding="UTF-8"?>\n<iati-activities version="2.03">\n'
_FOOT: Final = b"</iati-activities>\n"


class NothingToExport(LookupError):
    """No project is for the public: the schema has no empty activities file."""


def iati_activities(
    projects: Iterable[ProjectFacts], register: Register, *, as_of: datetime, publisher: Publisher | None = None
) -> Iterator[bytes]:
    """The file in pieces, UTF-8; ``as_of`` (aware) is the time after whose day nothing counts as done.

    Raises:
        NothingToExport: at once, before the first piece, where no project is published.
        ValueError: ``as_of`` is naive.
    """
    if as_of.tzinfo is None:
        raise ValueError("as_of has no time zone")
    today, who = as_of.astimezone(UTC).date(), publisher or Publisher()
    activities = (activity_of(of, register, who, today) for of in projects if is_published(of))
    first = next(activities, None)
    if first is None:
        raise NothingToExport("no project is endorsed, active, completed or closed")
    return _file(chain([first], activities))


def _file(activities: Iterable[Element]) -> Iterator[bytes]:
    yield _HEAD
    for activity in activities:
        indent(activity, "  ")
        yield tostring(activity, encoding="unicode").encode() + b"\n"
    yield _FOOT
