"""Records of a project that owes one report, due on a day of the test's choice."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import factories

HOME_DAY = date(2016, 11, 30)
OWNER, ALTERNATE = "amina.otieno@example.org", "paul.mwangi@example.org"
HEAD, REVIEWER, HEADQUARTERS = "karim@example.org", "rosa@example.org", "helen@example.org"


def due_in(days: int) -> str:
    return (HOME_DAY + timedelta(days=days)).isoformat()


def owed(days: int, **entry: str) -> dict[str, str]:
    """An interim report on the first half of 2016, due so many days after the clock's home."""
    period = {"period_start": "2016-01-01", "period_end": "2016-06-30"}
    return {"type": "interim", **period, "due": due_in(days), **entry}


def project_owing(*entries: dict[str, str], code: str = "KE-001", **changes: Any) -> tuple[dict[str, Any], ...]:
    grant = factories.grant(f"G-{code}", code, reporting_rules=list(entries))
    return factories.project(code, **{"status": "active", **changes}), grant


def report_on(code: str = "KE-001", **changes: Any) -> dict[str, Any]:
    period = {"period_start": "2016-01-01", "period_end": "2016-06-30"}
    report: dict[str, Any] = {"grant_id": f"G-{code}", "submitted_on": HOME_DAY.isoformat(), **period, **changes}
    return {**factories.progress_report(code), **report}


def extension() -> dict[str, Any]:
    """The owner of the project asks for three months more."""
    days = {"requested_on": due_in(0), "new_end": "2017-03-31"}
    said = {"reason": "access was closed", "requested_by": OWNER}
    return {"kind": "extension", "project_code": "KE-001", **days, **said}
