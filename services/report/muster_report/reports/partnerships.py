"""Partnerships of one source: by area and region, by role and type, by country, and all of them listed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from muster_report.book import Block, Book, Chart, Charts, Column, Note, Row, Series, Sheet, Table
from muster_report.facts import Facts
from muster_report.reports.partnership_list import (
    NOT_KNOWN,
    PARTNER_TYPES,
    Partnership,
    Partnerships,
    area_name,
    list_table,
    read_partnerships,
)
from muster_report.reports.report import Parameter, Params, Report, every_known
from muster_report.tables import TOTAL, alphabetical, in_order, key_figures, matrix
from muster_shared.codelists import areas_of_collaboration, regions

_SHEETS: Final = ("By area and region", "By role and type", "By country", "List")
_NO_REGION: Final = "Region not known"
_NO_COUNTRY: Final = "No country stated"


def build(facts: Facts, params: Params) -> Book:
    """The workbook of one source; ``params`` are ``source`` and ``copy``."""
    partnerships = read_partnerships(facts, params["source"])
    title = f"Partnerships, {partnerships.source}"
    subtitle = "Partnerships with non-governmental organizations and others"
    return Book(
        title=title,
        subtitle=subtitle,
        sheets=tuple(_sheets(partnerships, title, subtitle, params["copy"])),
        description=REPORT.description,
        definitions=_DEFINITIONS,
        used=partnerships.used,
    )


def _sheets(partnerships: Partnerships, title: str, subtitle: str, copy: str) -> Iterator[Sheet]:
    first, second, third, last = _SHEETS
    if not partnerships.rows:
        nothing = Note("none", f"No partnership has been submitted for the source {partnerships.source}.", "alert")
        yield from (Sheet(name, title, subtitle, (nothing,)) for name in _SHEETS)
        return
    yield Sheet(first, title, subtitle, _by_area(partnerships), freeze="areas", one_page=True)
    yield Sheet(second, f"{title}: by role and type", subtitle, _by_role(partnerships), freeze="roles", one_page=True)
    yield Sheet(third, f"{title}: by country", subtitle, _by_country(partnerships), freeze="countries", landscape=False)
    table = list_table(partnerships.rows, partnerships.country_names, copy)
    yield Sheet(last, f"{title}: list", subtitle, (table,), freeze="list")


def _by_area(partnerships: Partnerships) -> tuple[Block, ...]:
    rows = partnerships.rows
    return (
        _headline(partnerships),
        matrix(
            "areas",
            corner="Area of collaboration",
            rows=_all_of(areas_of_collaboration(), {row.fields["area"] for row in rows}, area_name),
            columns=_region_names(rows),
            cells=Counter((row.fields["area"], row.region) for row in rows),
            none=0,
            label_width=50,
            column_width=15,
        ),
        Note("region", "Region: of the office that runs the partnership. An empty cell: none."),
        Charts((_CHART,)),
    )


def _headline(partnerships: Partnerships) -> Table:
    return key_figures(
        "headline",
        (
            ("Partnerships_Total", "Partnerships", len(partnerships.rows)),
            ("Partners_Total", "Partners", len(_partners(partnerships.rows))),
        ),
        caption="In all",
        heading="Number",
    )


def _by_role(partnerships: Partnerships) -> tuple[Block, ...]:
    rows = partnerships.rows
    roles = in_order({row.fields["role"] for row in rows}, {})
    types = in_order({row.partner_type for row in rows}, PARTNER_TYPES)
    counted = Counter(_partners(rows).values())
    by_type = [(code, name, counted[code]) for code, name in types.items()]
    return (
        matrix(
            "roles",
            corner="Role of the partner",
            rows=roles,
            columns=types,
            cells=Counter((row.fields["role"], row.partner_type) for row in rows),
            none=0,
            column_width=14,
            caption="Partnerships",
        ),
        key_figures(
            "partners",
            by_type,
            caption="Partners by type",
            heading="Partners",
            total=(TOTAL, "Total", sum(counted.values())),
            named=False,  # these keys are codes of the records, not names that a workbook allows
        ),
        Note("types", "A partner with several partnerships counts once among partners. An empty cell: none."),
    )


def _by_country(partnerships: Partnerships) -> tuple[Block, ...]:
    rows = partnerships.rows
    pairs = [(code, row) for row in rows for code in row.countries]
    stated = sum(1 for row in rows if row.countries)
    return (
        key_figures(
            "counted",
            (
                ("Partnerships_With_Country", "With at least one country", stated),
                ("Partnerships_Without_Country", _NO_COUNTRY, len(rows) - stated),
            ),
            caption="Countries stated",
            heading="Partnerships",
            total=("Partnerships_Counted", "Total", len(rows)),
        ),
        _countries(pairs, [row for row in rows if not row.countries], partnerships.country_names),
        Note(
            "rule",
            f"A partnership counts once in each of its countries: {stated} partnerships make {len(pairs)} pairs of "
            f"partnership and country. A partner that works in several countries counts once in each.",
        ),
    )


def _countries(pairs: list[tuple[str, Partnership]], without: list[Partnership], names: Mapping[str, str]) -> Table:
    codes = sorted({code for code, _ in pairs}, key=lambda code: alphabetical(names.get(code, code)))
    columns = (
        Column("label", "Country", 46, "text", "label"),
        Column("partnerships", "Partnerships", 16),
        Column("partners", "Partners", 16),
        Column("code", "Code", 10, "text"),
    )
    rows = [_country_row(code, names.get(code, code), [row for c, row in pairs if c == code]) for code in codes]
    rows.append(Row(TOTAL, ("Pairs of partnership and country", len(pairs), None, None), "total"))
    if without:
        rows.append(Row("none", (_NO_COUNTRY, len(without), len(_partners(without)), None)))
    return Table("countries", columns, tuple(rows))


def _country_row(code: str, name: str, rows: list[Partnership]) -> Row:
    return Row(code, (name, len(rows), len(_partners(rows)), code))


def _partners(rows: Iterable[Partnership]) -> dict[str, str]:
    """Partner to type, each partner once."""
    return {row.partner_id: row.partner_type for row in rows}


def _region_names(rows: Iterable[Partnership]) -> dict[str, str]:
    names = {code: region["name"] for code, region in regions().items()}
    return names | ({NOT_KNOWN: _NO_REGION} if any(row.region == NOT_KNOWN for row in rows) else {})


def _all_of(listed: Iterable[str], stated: set[str], name: Any) -> dict[str, str]:
    return in_order({*listed, *stated}, {code: name(code) for code in listed})


def _affected(kind: str, fields: Mapping[str, Any], known: Iterable[Params]) -> Iterable[dict[str, str]]:
    if kind in {"office", "partner"}:
        return every_known(known)
    source = fields.get("source")
    return ({"source": str(source)},) if kind == "partnership" and source else ()


def _source(text: str) -> str:
    if not text.strip() or len(text) > 100:
        raise ValueError("give the source as it stands in the records, for example MC/INF/253")
    return text.strip()


_CHART: Final = Chart(
    key="by-area",
    title="Partnerships by area of collaboration",
    description="Bars: the number of partnerships in each area, the figures of the table's last column.",
    table="areas",
    series=(Series("Partnerships", "rows", TOTAL),),
    direction="bar",
)
_DEFINITIONS: Final = (
    ("Partnership", "One partner working with one office in one area of collaboration, as the source states it."),
    ("Partner", "An organization; where one was merged into another, the other counts, and once."),
    ("Partner as printed", "The form of the name that the source prints."),
    ("Region", "The region of the office that runs the partnership."),
    ("Type of partner", "Not known: neither the source nor the name tells."),
    ("By country", "A partnership counts once in each of its countries; some state none."),
    ("People reached", "As stated for single partnerships, in the unit beside it; never added up."),
)

REPORT: Final = Report(
    key="partnerships",
    title="Partnerships",
    description="Partnerships of one source by area, region, role, type of partner and country, with a list of all.",
    parameters=(Parameter("source", _source, "the document the partnerships come from", "MC/INF/253"),),
    kinds=frozenset({"partnership", "partner", "office"}),
    affected=_affected,
    build=build,
)
