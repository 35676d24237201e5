"""Where a person can go: the same on every page of every service, by role."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from muster_shared.auth import Caller
from muster_shared.language import noted
from muster_shared.names import QUEUES

_OFFICES: Final = ("focal_point", "project_manager", "head_of_office", "reviewer", "analyst", "admin", "service")
_ALL: Final = (*_OFFICES, "donor")
ROLE_NAMES: Final[Mapping[str, str]] = {
    "focal_point": noted("Focal point"),
    "project_manager": noted("Project manager"),
    "head_of_office": noted("Head of office"),
    "reviewer": noted("Reviewer"),
    "analyst": noted("Analyst"),
    "donor": noted("Donor"),
    "admin": noted("Administrator"),
    "service": noted("Service"),
}
HOME: Final[Mapping[str, str]] = {"donor": "/report/"}


@dataclass(frozen=True, slots=True)
class Place:
    """A page of the navigation: its English name and who finds it there; ``under`` are paths that belong to it."""

    name: str
    href: str
    roles: tuple[str, ...]
    under: tuple[str, ...] = ()


PLACES: Final = (
    Place(noted("Home"), "/ingest/", _OFFICES),
    Place(noted("Submissions"), "/ingest/submissions", _OFFICES, ("/ingest/upload", "/ingest/records")),
    Place(noted("Projects"), "/ingest/projects", _OFFICES),
    Place(noted("Review"), "/ingest/review", ("head_of_office", "reviewer", "admin")),
    Place(
        noted("Reports"), "/report/", _ALL, ("/report/issues", "/report/reports", "/report/calendar", "/report/compare")
    ),
    Place(noted("Figures"), "/report/figures", _OFFICES),
    Place(noted("Deadlines"), "/notify/", _OFFICES, ("/notify/obligations", "/notify/reminders", "/notify/extensions")),
    Place(
        noted("Administration"),
        "/ingest/admin",
        ("admin",),
        tuple(f"/{service}/{page}" for service in QUEUES for page in ("admin", "health", "audit")),
    ),
)


def home_of(caller: Caller) -> str:
    """Where a person begins."""
    return HOME.get(caller.role, "/ingest/")


def open_to(caller: Caller) -> Iterator[Place]:
    """The places of a person's navigation, in their order."""
    return (place for place in PLACES if caller.role in place.roles)


def place_at(path: str) -> Place | None:
    """The place that a page belongs to."""
    return next((place for place in PLACES if _is_in(place, path)), None)


def _is_in(place: Place, path: str) -> bool:
    starts = (*place.under, *(() if place.href.endswith("/") else (place.href,)))
    return path == place.href or any(path == start or path.startswith(f"{start}/") for start in starts)
