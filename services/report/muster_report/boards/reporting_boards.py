"""Reports to donors: how many came in, what is overdue, which projects were extended."""

from __future__ import annotations

from typing import Final

from muster_report.boards.board import OF_PROJECTS, Board
from muster_report.boards.panels import Panel
from muster_report.figures import TOTAL
from muster_shared.language import noted

_COMPLIANCE: Final = "reporting-compliance"

REPORTING: Final = Board(
    "reporting",
    noted("Reporting rate and timeliness"),
    noted("Reports due to donors up to a day: how many came in, and how many in time, by region and office."),
    ("until", *OF_PROJECTS),
    (
        Panel(
            "rates",
            noted("Reporting rate and timeliness by region"),
            noted("Percent of the reports expected"),
            _COMPLIANCE,
            "regions",
            ("reporting_rate", "timeliness"),
            leads="region",
            terms=("Reporting rate", "Timeliness", "Received", "On time"),
            per_cent=True,
        ),
        Panel(
            "standing",
            noted("Reports on time, late and overdue by region"),
            noted("Reports"),
            _COMPLIANCE,
            "regions",
            ("on_time", "late", "overdue"),
            stacked=True,
            leads="region",
            shows=("expected", "on_time", "late", "overdue", "due_that_day"),
            terms=("Expected", "On time", "Overdue"),
        ),
        Panel(
            "offices",
            noted("Reporting rate and timeliness by office"),
            noted("Percent of the reports expected"),
            _COMPLIANCE,
            "offices",
            ("reporting_rate", "timeliness"),
            leads="office",
            terms=("Reporting rate", "Timeliness"),
            per_cent=True,
            most=400,
        ),
    ),
)

OVERDUE: Final = Board(
    "overdue",
    noted("Overdue reports and extensions"),
    noted("Reports that are owed and late, by days late, region and project, and the extensions asked for."),
    ("until", *OF_PROJECTS),
    (
        Panel(
            "bands",
            noted("Overdue reports by days late"),
            noted("Reports"),
            _COMPLIANCE,
            "bands",
            (TOTAL,),
            turned=True,
            terms=("Overdue", "Days late"),
        ),
        Panel(
            "regions",
            noted("Overdue reports by region"),
            noted("Reports"),
            _COMPLIANCE,
            "bands",
            (TOTAL,),
            leads="region",
            terms=("Overdue", "Days late"),
        ),
        Panel(
            "overdue",
            noted("Overdue reports, the latest first"),
            noted("Reports"),
            _COMPLIANCE,
            "overdue",
            shape="none",
            leads="project",
            shows=("project", "title", "office", "donor", "type", "due", "days_late", "state"),
            terms=("Overdue",),
            most=50,
        ),
        Panel(
            "extensions",
            noted("Extensions, the newest first"),
            noted("Extensions"),
            _COMPLIANCE,
            "extensions",
            shape="none",
            leads="project",
            terms=("Extension",),
            most=50,
        ),
    ),
)
