"""The charts on a project's page: shares of the budget, targets against people reached."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Final

from markupsafe import Markup

from muster_ingest.kinds.kind import Fields
from muster_ingest.project_figures import People, PeopleRow
from muster_ingest.shown_values import Shown, columns_by_name
from muster_shared.language import noted
from muster_shared.pages.charts import Bar, bars

SEX_NAMES: Final[Mapping[str, str]] = {
    "female": noted("Female"),
    "male": noted("Male"),
    "other": noted("Other"),
    "unknown": noted("Not known"),
}


def charts(project: Fields, people: People, shown: Shown) -> dict[str, Markup]:
    """``areas``, ``activities``, ``sex`` and ``age``; a chart without figures is left out."""
    language = shown.language
    found = {
        "areas": _shares(project, "areas", language.say("Budget by funding area, percent"), shown),
        "activities": _shares(project, "activities", language.say("Budget by activity type, percent"), shown),
        "sex": _people(people.by_sex(), language.say("People by sex"), shown),
        "age": _people(people.by_age(), language.say("People by age"), shown),
    }
    return {name: chart for name, chart in found.items() if chart}


def people_name(name: str, shown: Shown) -> str:
    """A sex or an age band in plain words."""
    return shown.language.say(SEX_NAMES[name]) if name in SEX_NAMES else name


def _shares(project: Fields, name: str, title: str, shown: Shown) -> Markup:
    column = columns_by_name("project")[f"{name}.code"]
    shares = sorted(project.get(name) or (), key=lambda share: -Decimal(str(share["percent"])))
    rows = [Bar(shown.code(column, share["code"]), (Decimal(str(share["percent"])),)) for share in shares]
    return bars(rows, title=title, language=shown.language) if rows else Markup()


def _people(rows: Iterable[PeopleRow], title: str, shown: Shown) -> Markup:
    drawn = [Bar(people_name(row.name, shown), (row.target, row.reached)) for row in rows]
    series = (shown.language.say("Target"), shown.language.say("Reached"))
    return bars(drawn, title=title, language=shown.language, series=series, stacked=False) if drawn else Markup()
