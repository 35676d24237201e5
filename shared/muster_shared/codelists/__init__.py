"""Code lists that every service knows: regions, funding areas, areas of collaboration.

Each list is a CSV beside this file, in the order in which reports print it.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files


@cache
def code_list(name: str) -> Mapping[str, Mapping[str, str]]:
    """Rows of the list ``name`` by code (the first column), in printed order."""
    with (files(__package__) / f"{name}.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {next(iter(row.values())): row for row in rows}


def regions() -> Mapping[str, Mapping[str, str]]:
    """Region code to ``{region, name, sheet}``."""
    return code_list("regions")


def areas() -> Mapping[str, Mapping[str, str]]:
    """Funding area code to ``{area, name}``."""
    return code_list("areas")


def areas_of_collaboration() -> Mapping[str, Mapping[str, str]]:
    """Area-of-collaboration code to ``{area, name, name_on_page}``."""
    return code_list("areas_of_collaboration")


def activity_types() -> Mapping[str, Mapping[str, str]]:
    """Activity type code to ``{activity, name}``."""
    return code_list("activity_types")
