"""What was overdue on a day: by days late and region, and one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from muster_report.blocks import Column, ColumnRole, Format, Row, Table, Value
from muster_report.figures import TOTAL, Part
from muster_report.reports.reporting_compliance_owed import Compliance, Due
from muster_report.reports.reporting_compliance_rates import parts_of_figure
from muster_report.small_cells import leaves_the_house

BANDS: Final = {"1-7": 7, "8-30": 30, "31-60": 60, "61-90": 90, "91-180": 180, "181+": None}  # days, the last included


def overdue_by_band(compliance: Compliance, regions: Mapping[str, str]) -> Table:
    """Regions by days late; a row for each region of the code list."""
    overdue = [one for one in compliance.due if one.overdue]
    cells: dict[tuple[str, str], list[Due]] = {(row, band): [] for row in (*regions, TOTAL) for band in (*BANDS, TOTAL)}
    for one in overdue:
        for row in (one.place.region, TOTAL):
            for band in (band_of(one.days_late), TOTAL):
                cells[row, band].append(one)
    columns = (
        Column("label", compliance.say("region"), 44, "text", "label", "#region+name"),
        *(Column(band, compliance.say("days_late_band", band=band.replace("-", "\N{EN DASH}")), 12) for band in BANDS),
        Column(TOTAL, compliance.say("overdue_in_all"), 14, role="total"),
    )
    bands = (*BANDS, TOTAL)
    figures: dict[str, list[Value]] = {row: [len(cells[row, band]) for band in bands] for row in (*regions, TOTAL)}
    body = [Row(code, (name, *figures[code])) for code, name in regions.items()]
    total = (compliance.say("all_regions"), *figures[TOTAL])
    return Table(
        "bands",
        columns,
        (*body, Row(TOTAL, total, "total")),
        parts=lambda row, column: parts_of_figure("overdue", cells.get((row, column), [])),
    )


def band_of(days: int) -> str:
    """The band of a lateness of one day or more."""
    return next(band for band, most in BANDS.items() if most is None or days <= most)


def overdue_table(compliance: Compliance) -> Table:
    """The filterable list, the latest first; whom to ask stands in the internal copy only."""
    overdue = sorted((one for one in compliance.due if one.overdue), key=lambda one: (-one.days_late, one.obligation))
    columns = tuple(_columns(compliance))
    by_key = {one.obligation.obligation_id: one for one in overdue}
    rows = tuple(Row(key, _cells(compliance, one, columns), label=_label(one)) for key, one in by_key.items())
    return Table("overdue", columns, rows, filtered=True, parts=lambda row, column: _parts(by_key.get(row), column))


_COLUMNS: Final[Mapping[str, tuple[int, Format, str]]] = {
    "project": (17, "code", "#activity+code"),
    "title": (34, "text", "#activity+name"),
    "office": (20, "text", "#org+name+office"),
    "region": (24, "text", "#region+name"),
    "grant": (20, "code", "#activity+code+grant"),
    "donor": (28, "text", "#org+funder+name"),
    "type": (12, "text", "#meta+type+report"),
    "period_start": (12, "text", "#date+start"),
    "period_end": (12, "text", "#date+end"),
    "due": (12, "text", "#date+due"),
    "days_late": (9, "number", "#meta+count+days+late"),
    "state": (18, "text", "#status+report"),
    "owner": (22, "text", "#contact+name"),
    "owner_email": (30, "text", "#contact+email"),
}
_PERSONS: Final = {"owner", "owner_email"}


def _columns(compliance: Compliance) -> Iterator[Column]:
    for key, (width, asked, tag) in _COLUMNS.items():
        if not (key in _PERSONS and leaves_the_house(compliance.copy)):
            role: ColumnRole = "label" if key == "project" else "body"
            yield Column(key, compliance.say(f"overdue.{key}"), width, asked, role, tag)


def _cells(compliance: Compliance, one: Due, columns: Sequence[Column]) -> tuple[Value, ...]:
    owed, manager = one.obligation, one.project.fields.get("manager") or {}
    donor = compliance.donors.get(one.grant.fields["donor_id"])
    shown: dict[str, Value] = {
        "project": owed.project_code,
        "title": one.project.fields["title"],
        "office": one.place.name,
        "region": compliance.regions[one.place.region],
        "grant": owed.grant_id,
        "donor": donor.fields["name"] if donor else one.grant.fields["donor_id"],
        "type": compliance.say(f"type.{owed.type}"),
        "period_start": owed.period_start,
        "period_end": owed.period_end,
        "due": owed.due,
        "days_late": one.days_late,
        "state": compliance.say("state.returned" if one.reports else "state.not_received"),
        "owner": manager.get("name"),
        "owner_email": manager.get("email"),
    }
    return tuple(shown[column.key] for column in columns)


def _label(one: Due) -> str:
    return f"{one.obligation.grant_id} {one.obligation.type} {one.obligation.period_end}"


def _parts(one: Due | None, column: str) -> Sequence[Part]:
    if one is None or column != "days_late":
        return []
    return [Part(one.grant, "reporting_rules", one.days_late, f"days after {one.obligation.due}, when it was due")]
