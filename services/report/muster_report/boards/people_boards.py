"""People and partnerships."""

from __future__ import annotations

from typing import Final

from muster_report.boards.board import OF_PROJECTS, Board
from muster_report.boards.panels import Panel
from muster_report.boards.years import people_by_sex
from muster_report.figures import TOTAL
from muster_shared.language import noted

_PEOPLE, _PARTNERSHIPS = "beneficiaries", "partnerships"

PEOPLE: Final = Board(
    "people",
    noted("People"),
    noted("People to be reached and reached by the projects of a year, by sex, age, region and office."),
    ("year", *OF_PROJECTS),
    (
        Panel(
            "sexes",
            noted("People by sex"),
            noted("People"),
            _PEOPLE,
            people_by_sex,
            ("target", "reached"),
            terms=("Target", "Reached in the year", "Sex and age"),
        ),
        Panel(
            "ages",
            noted("People by age"),
            noted("People"),
            _PEOPLE,
            "ages",
            ("target/*", "reached/*"),
            terms=("Target", "Reached in the year", "Sex and age"),
        ),
        Panel(
            "regions",
            noted("People by region"),
            noted("People"),
            _PEOPLE,
            "regions",
            ("target", "since"),
            leads="region",
            terms=("Projects of the year", "Target", "Reached since the start", "Counted twice"),
        ),
        Panel(
            "offices",
            noted("People by office"),
            noted("People"),
            _PEOPLE,
            "offices",
            ("target", "since"),
            leads="office",
            terms=("Target", "Reached since the start", "Percent of target"),
        ),
    ),
)

PARTNERSHIPS: Final = Board(
    "partnerships",
    noted("Partnerships"),
    noted("Partnerships of a document, by area of collaboration, role and country."),
    ("source", "region", "office"),
    (
        Panel(
            "areas",
            noted("Partnerships by area of collaboration"),
            noted("Partnerships"),
            _PARTNERSHIPS,
            "areas",
            (TOTAL,),
            terms=("Partnership", "Partner", "Region"),
        ),
        Panel(
            "roles",
            noted("Partnerships by role of the partner"),
            noted("Partnerships"),
            _PARTNERSHIPS,
            "roles",
            (TOTAL,),
            terms=("Partnership", "Type of partner"),
        ),
        Panel(
            "types",
            noted("Partners by type"),
            noted("Partners"),
            _PARTNERSHIPS,
            "partners",
            ("figure",),
            terms=("Partner", "Type of partner"),
        ),
        Panel(
            "countries",
            noted("Partnerships by country"),
            noted("Partnerships"),
            _PARTNERSHIPS,
            "countries",
            shape="none",
            terms=("Partnership", "By country"),
            most=200,
        ),
    ),
)
