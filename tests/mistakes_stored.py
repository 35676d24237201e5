"""What is stored before the workbook of mistakes comes: what it names, what others own, what has moved on since."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import factories
import mistakes_in_projects as projects

Records = tuple[dict[str, Any], ...]
PAUL = "paul@example.org"
_GRANTS = (("G-1", "KE-001"), ("G-2a", "KE-002"), ("G-2b", "KE-002"))


def stored_before() -> Iterator[tuple[str, str, Records]]:
    """Office, sender and records of each submission, in order; an administrator sends those of headquarters."""
    yield "HQ", "admin@example.org", (*(factories.office(code) for code in ("HQ", "KEN", "UGA")), factories.donor())
    yield "KEN", "amina@example.org", _of_kenya()
    yield "UGA", "okello@example.org", _of_uganda()
    yield "KEN", PAUL, _moved_on()


def _of_kenya() -> Records:
    return (
        factories.partner(),
        *(factories.partner(code, name=code.title()) for code in ("tumaini", "rafiki")),
        factories.partnership(partner_id="rafiki"),
        *(factories.project(code) for code in ("KE-001", "KE-002")),
        _shelter(budget={"amount": "1", "currency": "USD"}),
        *(factories.grant(code, project) for code, project in _GRANTS),
        factories.requirement(),
    )


def _of_uganda() -> Records:
    return factories.project("UG-001", office="UGA"), factories.grant("G-UG", "UG-001"), factories.partner("nyota")


def _moved_on() -> Records:
    return _shelter(), factories.requirement(amount="2000000"), factories.partner("tumaini", name="Tumaini Trust")


def _shelter(**changes: Any) -> dict[str, Any]:
    return factories.project("KE-010", title="Shelter and water", **{**projects.ONE_ROW, **changes})
