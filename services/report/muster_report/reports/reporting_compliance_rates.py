"""Reporting rate and timeliness with the counts they are made of; every figure knows the reports behind it.

Reporting rate: received over expected. Timeliness: received on time over expected. Where nothing was expected there
is no rate.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from muster_report.blocks import Column, Row, RowRole, Table
from muster_report.figures import TOTAL, Part
from muster_report.reports.reporting_compliance_owed import Compliance, Due
from muster_report.reports.reporting_compliance_places import Place

COUNTS: Final[Mapping[str, Callable[[Due], bool]]] = {
    "expected": lambda _: True,
    "received": lambda one: one.received,
    "on_time": lambda one: one.on_time,
    "late": lambda one: one.late,
    "overdue": lambda one: one.overdue,
    "due_that_day": lambda one: one.due_that_day,
    "returned": lambda one: not one.received and bool(one.reports),
}
RATES: Final = {"reporting_rate": "received", "timeliness": "on_time"}
TAGS: Final = {
    "expected": "#meta+count+expected",
    "received": "#meta+count+received",
    "on_time": "#meta+count+on_time",
    "late": "#meta+count+late",
    "overdue": "#meta+count+overdue",
    "due_that_day": "#meta+count+due",
    "reporting_rate": "#indicator+value+reporting_rate+num",
    "timeliness": "#indicator+value+timeliness+num",
}
_HUNDREDTH: Final = Decimal("0.01")


def figure(measure: str, due: Sequence[Due]) -> int | Decimal | None:
    """A count of reports, or a rate in percent with two decimals; None for a rate where nothing was expected."""
    return figures([measure], due)[0]


def figures(measures: Iterable[str], due: Sequence[Due]) -> list[int | Decimal | None]:
    """The same for several measures; of reports that stand alike one is looked at for all of them."""
    standings = [(one.received, one.days_late > 0, bool(one.reports)) for one in due]
    alike, numbers = dict(zip(standings, due, strict=True)), Counter(standings)

    def count(measure: str) -> int:
        return sum(number for standing, number in numbers.items() if COUNTS[measure](alike[standing]))

    def rate(measure: str) -> Decimal | None:
        return _percent(count(RATES[measure]), len(due)) if due else None

    return [rate(measure) if measure in RATES else count(measure) for measure in measures]


def parts_of_figure(measure: str, due: Sequence[Due]) -> Sequence[Part]:
    """What a figure is made of: 1 for each report counted; for a rate the share of each report expected.

    The shares of a rate add up to the rate as it is rounded: the first of them take the hundredths left over.
    """
    if measure not in RATES:
        counts = COUNTS[measure]
        return [one.counted for one in due if counts(one)]
    counts = COUNTS[RATES[measure]]
    shares = iter(_shares(figure(measure, due), sum(1 for one in due if counts(one))))
    parts = ((one.counted, next(shares) if counts(one) else 0) for one in due)
    return [Part(part.fact, part.path, share, part.note) for part, share in parts]


def rates_by_region(compliance: Compliance, regions: Mapping[str, str]) -> Table:
    """A row for each region of the code list, also where nothing was expected of it."""
    due_of = {code: [one for one in compliance.due if one.place.region == code] for code in regions}
    rows = [_row(compliance, code, name, due_of[code], "body") for code, name in regions.items()]
    rows.append(_row(compliance, TOTAL, compliance.say("all_regions"), compliance.due, "total"))
    return _table("regions", compliance, compliance.say("region"), rows, {**due_of, TOTAL: compliance.due})


def rates_by_office(compliance: Compliance, regions: Mapping[str, str]) -> Table:
    """Each region and, below it, its offices that hold a grant begun by then."""
    rows: list[Row] = []
    due_of: dict[str, Sequence[Due]] = {TOTAL: compliance.due}
    at_place: dict[str, list[Due]] = {}
    for one in compliance.due:
        at_place.setdefault(one.place.code, []).append(one)
    for code, name in regions.items():
        offices = sorted((place for place in _with_grants(compliance) if place.region == code), key=_by_name)
        if offices:
            due_of[f"region {code}"] = [one for one in compliance.due if one.place.region == code]
            rows.append(_row(compliance, f"region {code}", name, due_of[f"region {code}"], "group"))
        for place in offices:
            due_of[place.code] = at_place.get(place.code, [])
            rows.append(_row(compliance, place.code, place.name, due_of[place.code], "body"))
    rows.append(_row(compliance, TOTAL, compliance.say("all_offices"), compliance.due, "total"))
    return _table("offices", compliance, compliance.say("region_and_office"), rows, due_of)


def _with_grants(compliance: Compliance) -> list[Place]:
    return [place for place in compliance.places if place.code in compliance.holding]


def _by_name(place: Place) -> tuple[str, str]:
    return place.name.casefold(), place.code


def _table(
    key: str, compliance: Compliance, corner: str, rows: Sequence[Row], due_of: Mapping[str, Sequence[Due]]
) -> Table:
    measures = [(measure, compliance.say(f"measure.{measure}")) for measure in TAGS]
    columns = (
        Column("label", corner, 44, "text", "label", "#region+name" if key == "regions" else "#org+name+office"),
        *(_column(measure, heading) for measure, heading in measures),
    )
    return Table(key, columns, tuple(rows), parts=lambda row, column: _parts(due_of.get(row, ()), column))


def _column(measure: str, heading: str) -> Column:
    of_rate = measure in RATES
    width, form = (15, "decimal") if of_rate else (12, "number")
    return Column(measure, heading, width, form, tag=TAGS[measure], sums=not of_rate)  # type: ignore[arg-type]


def _parts(due: Sequence[Due], column: str) -> Sequence[Part]:
    return parts_of_figure(column, due) if column in TAGS else []


def _row(compliance: Compliance, key: str, label: str, due: Sequence[Due], role: RowRole) -> Row:
    nothing = compliance.say("nothing_expected")
    return Row(key, (label, *(nothing if value is None else value for value in figures(TAGS, due))), role)


def _percent(count: int, of: int) -> Decimal:
    return (Decimal(100 * count) / Decimal(of)).quantize(_HUNDREDTH, ROUND_HALF_UP)


def _shares(rate: int | Decimal | None, among: int) -> list[Decimal]:
    if not among or rate is None:
        return []
    each, over = divmod(int(Decimal(rate) / _HUNDREDTH), among)
    return [(each + (1 if at < over else 0)) * _HUNDREDTH for at in range(among)]
