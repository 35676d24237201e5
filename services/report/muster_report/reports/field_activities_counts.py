"""How many field activities there are: in all, by office and type, each figure with the records it counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from muster_report.book import Column, Named, Row, RowRole, Table
from muster_report.figures import TOTAL, Part, Parts
from muster_report.reports.field_activities_read import Activities, Activity, type_names
from muster_report.tables import alphabetical, key_figures
from muster_report.words import say

EACH_ONCE: Final = "activities"  # the column that counts an activity once, whatever types it has
OFFICES: Final = "sum-of-offices"
SHARED: Final = "shared"

Cells = Mapping[tuple[str, str], Sequence[Part]]


def headline(activities: Activities) -> Table:
    """Key figures: programmes and activities of the year, and beside them what is not counted with them."""
    counted = [activity for activity in activities.running if activity.counted]
    counts = {
        "Field_Activities": counted,
        "Programmes": [activity for activity in counted if activity.fields["level"] == "programme"],
        "Activities": [activity for activity in counted if activity.fields["level"] == "activity"],
        "Running_On": running_on(activities),
        "Components": [activity for activity in activities.running if not activity.counted],
        "Undated": [activity for activity in activities.undated if activity.counted],
        "Undated_Components": [activity for activity in activities.undated if not activity.counted],
    }
    shown = {name: of for name, of in counts.items() if of or name in _ALWAYS}
    lang = activities.lang
    table = key_figures(
        "headline",
        [(name, say(f"field_activities.figure.{name}", lang), len(of)) for name, of in shown.items()],
        caption=say("field_activities.at_a_glance", lang),
        heading=say("field_activities.number", lang),
    )
    return replace(table, parts=parts_in({(name, "figure"): _each(of) for name, of in shown.items()}))


def running_on(activities: Activities) -> list[Activity]:
    """Programmes and activities that are in the year only because they started before and state no end."""
    return [a for a in activities.running if a.counted and a.placed.only_runs_on(activities.year)]


def by_office_and_type(key: str, shown: Iterable[Activity], activities: Activities, caption: str) -> Table:
    """Programmes and activities by office and type.

    One of several offices counts in each of them, one of several types in each of these. Below the offices stands
    what is counted more than once, and the total in which each counts once.
    """
    counted, lang = [activity for activity in shown if activity.counted], activities.lang
    types = type_names(counted, lang, say("field_activities.type_not_stated", lang))
    offices = sorted({code for a in counted for code in a.offices}, key=lambda c: _by_name(activities, c))
    columns = [EACH_ONCE, *types]
    rows = {code: activities.office_names[code] or say("field_activities.office_not_stated", lang) for code in offices}
    cells = _cells(counted, columns)
    if any(len(activity.offices) > 1 for activity in counted):
        rows |= {OFFICES: say("field_activities.sum_of_offices", lang), SHARED: say("field_activities.shared", lang)}
    rows |= {TOTAL: say("field_activities.total", lang)}
    return Table(
        key,
        _columns(types, lang),
        tuple(_row(code, label, columns, cells) for code, label in rows.items()),
        caption=caption,
        names=(Named("Field_Activities_By_Office", TOTAL, EACH_ONCE),) if key == "offices" else (),
        parts=parts_in(cells),
    )


def parts_in(cells: Cells) -> Parts:
    """Parts looked up by the keys of row and column."""

    def parts(row: str, column: str) -> Sequence[Part]:
        return cells.get((row, column), ())

    return parts


def _columns(types: Mapping[str, str], lang: str) -> tuple[Column, ...]:
    return (
        Column("label", say("field_activities.office", lang), 42, "text", "label", "#org+name+office"),
        Column(EACH_ONCE, say("field_activities.activities", lang), 14, role="total", tag="#meta+count+activities"),
        *(Column(code, name, 13, tag=f"#meta+count+{code or 'not_stated'}") for code, name in types.items()),
    )


def _row(code: str, label: str, columns: list[str], cells: Cells) -> Row:
    figures = [_sum(cells.get((code, column))) for column in columns]
    return Row(code, (label, *figures), _ROLES.get(code, "body"))


def _cells(counted: Iterable[Activity], columns: list[str]) -> dict[tuple[str, str], list[Part]]:
    cells: dict[tuple[str, str], list[Part]] = {}
    for activity in counted:
        one, again = Part(activity.fact, "", 1), len(activity.offices) - 1
        for column in (column for column in columns if column == EACH_ONCE or column in activity.types):
            places = [*activity.offices, TOTAL, *(OFFICES for _ in activity.offices)]
            for row in places:
                cells.setdefault((row, column), []).append(one)
            if again:
                cells.setdefault((SHARED, column), []).append(Part(activity.fact, "offices", -again))
    return cells


def _each(activities: Iterable[Activity]) -> list[Part]:
    return [Part(activity.fact, "", 1) for activity in activities]


def _sum(parts: Sequence[Part] | None) -> int | None:
    return sum(int(part.value) for part in parts) if parts else None


def _by_name(activities: Activities, code: str) -> tuple[str, str]:
    return alphabetical(activities.office_names[code])


_ROLES: Final[Mapping[str, RowRole]] = {OFFICES: "subtotal", SHARED: "subtotal", TOTAL: "total"}
_ALWAYS: Final = {"Field_Activities", "Programmes", "Activities", "Components"}
