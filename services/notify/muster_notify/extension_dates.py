"""When a project ends, before and after its extensions, and until when more time had to be asked for. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from muster_notify.bodies import wrong
from muster_shared.months import add_months
from muster_shared.rulebook import UnknownRules, shipped_rulebook
from muster_shared.schedules import Fields

OPEN, APPROVED, REFUSED = "open", "approved", "refused"
_LONGEST: Final = timedelta(days=3653)


def status_of(extension: Fields) -> str:
    """Whether a request is still open, or how it was decided."""
    return str(extension.get("decision") or OPEN)


def end_of(project: Fields, extensions: Iterable[Fields]) -> date:
    """A project's end as it stands: that of the extension approved last, else its own."""
    return end_before(project, extensions, (date.max, date.max))


def end_before(project: Fields, extensions: Iterable[Fields], moment: tuple[date, date]) -> date:
    """The end as it stood before a ``moment``: the day of a decision, and of its request among those of one day."""
    approved = sorted((_moment(e), e["new_end"]) for e in extensions if status_of(e) == APPROVED)
    ends = [new_end for decided, new_end in approved if decided < moment]
    return date.fromisoformat(ends[-1] if ends else project["end"])


def old_end(project: Fields, extensions: Iterable[Fields], extension: Fields) -> date:
    """The end that an extension changes, or changed."""
    if status_of(extension) == OPEN:
        return end_of(project, extensions)
    return end_before(project, extensions, _moment(extension))


def check_new_end(new_end: date, *, end: date, today: date) -> None:
    """Whether a project that ends on a day may be asked to end on another one.

    Raises:
        Problem: 422 with the pointer ``/new_end``.
    """
    if new_end <= end:
        raise wrong("new_end", f"{new_end} is not after the project's end {end}: give a later day", "not_later")
    if new_end < today:
        raise wrong("new_end", f"{new_end} has passed: give a day from {today} on", "not_in_future")
    if new_end > end + _LONGEST:
        raise wrong("new_end", f"{new_end} is more than ten years after {end}: give an earlier day", "beyond_limit")


def late_requests(grants: Sequence[Fields], *, end: date, asked_on: date) -> Iterator[Mapping[str, str]]:
    """A warning for each grant whose donor wanted to be asked earlier."""
    for grant in grants:
        latest = _latest_request(grant, end)
        if latest is not None and asked_on > latest:
            rules = grant["reporting_rules"]["rules"]
            message = f"{rules} ({grant['grant_id']}) wants to be asked by {latest}; the project ends on {end}"
            yield {"code": "asked_late", "message": message}


def _latest_request(grant: Fields, end: date) -> date | None:
    named = grant["reporting_rules"]
    if not isinstance(named, Mapping):
        return None
    try:
        versions = shipped_rulebook().versions(named["rules"])
    except UnknownRules:
        return None
    version = next((v for v in reversed(versions) if v.holds_from <= end), versions[0])
    months = version.extension_request_months_before_end
    return add_months(end, -months) if months else None


def _moment(extension: Fields) -> tuple[date, date]:
    requested = date.fromisoformat(extension["requested_on"])
    decided = extension.get("decided_on")
    return (date.fromisoformat(decided) if decided else requested), requested
