"""Funding and projects: what is required, granted and spent."""

from __future__ import annotations

from typing import Final

from muster_report.boards.board import OF_PROJECTS, Board
from muster_report.boards.panels import Panel
from muster_report.boards.years import funding_years, projects_by_year
from muster_report.figures import TOTAL
from muster_shared.language import noted

_FUNDING, _ANALYSIS = "funding-requirements", "project-analysis"
_MONEY: Final = ("budget", "granted", "spent")
_OF_MONEY: Final = ("Project of the year", "Budget", "Granted", "Spent")
_STATUSES: Final = ("draft", "submitted", "returned", "endorsed", "active", "completed", "closed", "cancelled")

FUNDING: Final = Board(
    "funding",
    noted("Funding"),
    noted("What offices require for a year, by region, area and office, and what was granted and received."),
    ("year", "region", "office", "area"),
    (
        Panel(
            "regions",
            noted("Funding required by region"),
            noted("USD"),
            _FUNDING,
            "overview",
            (TOTAL,),
            turned=True,
            leads="region",
            terms=("Funding requirement", "Region", "Multi-regional"),
        ),
        Panel(
            "areas",
            noted("Funding required by area"),
            noted("USD"),
            _FUNDING,
            "overview",
            (TOTAL,),
            leads="area",
            terms=("Funding requirement", "Empty cell"),
        ),
        Panel(
            "offices",
            noted("Funding required by office"),
            noted("USD"),
            _FUNDING,
            "lines",
            (TOTAL,),
            leads="office",
            terms=("Funding requirement", "Line"),
            needs="region",
        ),
        Panel(
            "years",
            noted("Funding required, granted and received by year"),
            noted("USD"),
            _FUNDING,
            funding_years,
            ("required", "granted", "received"),
            "columns",
            leads="year",
            rule=noted(
                "Granted: grants signed in the year, to projects that are endorsed or further, in USD at the rate of "
                "the month of signing. Received: those of them that stand as received."
            ),
        ),
    ),
    ("project-analysis",),
)

PROJECTS: Final = Board(
    "projects",
    noted("Projects"),
    noted("Projects by year and status, and those of a year by area, type of activity and gender marker."),
    ("year", *OF_PROJECTS),
    (
        Panel(
            "years",
            noted("Projects by year of their start and status"),
            noted("Projects"),
            "projects",
            projects_by_year,
            tuple(f"status {status}" for status in _STATUSES),
            "columns",
            stacked=True,
            leads="year",
            terms=("Project",),
            rule=noted(
                "A project stands in the year in which it starts; drafts and cancelled projects are counted too."
            ),
        ),
        Panel(
            "statuses",
            noted("Projects by region and status"),
            noted("Projects"),
            "projects",
            "regions",
            tuple(f"status {status}" for status in _STATUSES),
            stacked=True,
            leads="region",
            terms=("Project", "Region"),
        ),
        Panel(
            "areas",
            noted("Projects of the year by area"),
            noted("USD"),
            _ANALYSIS,
            "areas",
            _MONEY,
            leads="area",
            terms=(*_OF_MONEY, "Area share", "Rounding"),
        ),
        Panel(
            "activities",
            noted("Projects of the year by type of activity"),
            noted("USD"),
            _ANALYSIS,
            "activities",
            _MONEY,
            terms=(*_OF_MONEY, "Rounding"),
        ),
        Panel(
            "markers",
            noted("Projects of the year by gender marker"),
            noted("USD"),
            _ANALYSIS,
            "markers",
            _MONEY,
            terms=("Gender marker", *_OF_MONEY),
        ),
        Panel(
            "regions",
            noted("Projects of the year by region"),
            noted("USD"),
            _ANALYSIS,
            "regions",
            _MONEY,
            leads="region",
            terms=_OF_MONEY,
        ),
    ),
)
