"""Partnerships of one source: by area and region, by role and type, by country, and all of them listed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from muster_report.book import Block, Book, Chart, Charts, Column, Note, Row, Series, Sheet, Table
from muster_report.facts import Facts
from muster_report.figures import Observation, Part, Parts
from muster_report.reports.partnership_list import (
    NOT_KNOWN,
    Partnership,
    Partnerships,
    area_name,
    list_table,
    read_partnerships,
    role_name,
)
from muster_report.reports.report import Parameter, Params, Report, every_known, only
from muster_report.tables import TOTAL, alphabetical, explained_matrix, in_order, key_figures
from muster_report.words import ENGLISH, code_name, code_names, pairs, say
from muster_shared.codelists import areas_of_collaboration, regions
from muster_shared.language import noted

_NO_COUNTRY: Final = "none"


def build(facts: Facts, params: Params) -> Book:
    """The workbook of one source; ``params`` are ``source``, ``copy`` and ``lang`` (English where it is left out)."""
    lang = params.get("lang", ENGLISH)
    partnerships = read_partnerships(facts, params["source"], lang)
    title = _say("title", partnerships, source=partnerships.source)
    return Book(
        title=title,
        subtitle=_say("subtitle", partnerships),
        sheets=tuple(_sheets(partnerships, title, params["copy"])),
        description=_say("description", partnerships),
        definitions=pairs("partnerships.definitions", lang),
        used=partnerships.used,
        lang=lang,
    )


def _say(key: str, partnerships: Partnerships, **values: object) -> str:
    return say(f"partnerships.{key}", partnerships.lang, **values)


def _sheets(partnerships: Partnerships, title: str, copy: str) -> Iterator[Sheet]:
    names = [_say(f"sheet_{what}", partnerships) for what in ("area", "role", "country", "list")]
    subtitle = _say("subtitle", partnerships)
    if not partnerships.rows:
        nothing = Note("none", _say("nothing", partnerships, source=partnerships.source), "alert")
        yield from (Sheet(name, title, subtitle, (nothing,)) for name in names)
        return
    roles, countries, listed = (
        _say(f"title_{what}", partnerships, title=title) for what in ("role", "country", "list")
    )
    yield Sheet(names[0], title, subtitle, _by_area(partnerships), freeze="areas", one_page=True)
    yield Sheet(names[1], roles, subtitle, _by_role(partnerships), freeze="roles", one_page=True)
    yield Sheet(names[2], countries, subtitle, _by_country(partnerships), freeze="countries", landscape=False)
    yield Sheet(names[3], listed, subtitle, (list_table(partnerships, copy),), freeze="list")


def _by_area(partnerships: Partnerships) -> tuple[Block, ...]:
    rows = partnerships.rows
    return (
        _headline(partnerships),
        explained_matrix(
            "areas",
            [Observation(row.fields["area"], row.region, row.part) for row in rows],
            corner=_say("area", partnerships),
            rows=_area_names({row.fields["area"] for row in rows}, partnerships.lang),
            columns=_region_names(partnerships),
            none=0,
            label_width=50,
            column_width=15,
            lang=partnerships.lang,
        ),
        Note("region", _say("region_rule", partnerships)),
        Charts((_chart(partnerships),)),
    )


def _headline(partnerships: Partnerships) -> Table:
    counted = {"Partnerships_Total": _each(partnerships.rows), "Partners_Total": _partners(partnerships.rows)}
    names = {"Partnerships_Total": "partnerships", "Partners_Total": "partners"}
    return key_figures(
        "headline",
        [(key, _say(names[key], partnerships), len(parts)) for key, parts in counted.items()],
        caption=_say("in_all", partnerships),
        heading=_say("number", partnerships),
        parts=_looked_up({(key, "figure"): parts for key, parts in counted.items()}),
    )


def _by_role(partnerships: Partnerships) -> tuple[Block, ...]:
    rows, lang = partnerships.rows, partnerships.lang
    types = in_order({row.partner_type for row in rows}, code_names("partner_type", lang))
    return (
        explained_matrix(
            "roles",
            [Observation(row.fields["role"], row.partner_type, row.part) for row in rows],
            corner=_say("role_of_partner", partnerships),
            rows={code: role_name(code, lang) for code in sorted({row.fields["role"] for row in rows})},
            columns=types,
            none=0,
            column_width=14,
            caption=_say("partnerships", partnerships),
            lang=lang,
        ),
        _by_type(partnerships, types),
        Note("types", _say("types_rule", partnerships)),
    )


def _by_type(partnerships: Partnerships, types: Mapping[str, str]) -> Table:
    by_type = {code: _partners(row for row in partnerships.rows if row.partner_type == code) for code in types}
    counted = {code: len(parts) for code, parts in by_type.items()}
    everyone = [part for parts in by_type.values() for part in parts]
    return key_figures(
        "partners",
        [(code, name, counted[code]) for code, name in types.items()],
        caption=_say("partners_by_type", partnerships),
        heading=_say("partners", partnerships),
        total=(TOTAL, _say("total", partnerships), sum(counted.values())),
        named=False,  # these keys are codes of the records, not names that a workbook allows
        parts=_looked_up({(code, "figure"): parts for code, parts in {**by_type, TOTAL: everyone}.items()}),
    )


def _by_country(partnerships: Partnerships) -> tuple[Block, ...]:
    rows = partnerships.rows
    in_country = [(code, row) for row in rows for code in row.countries]
    stated = sum(1 for row in rows if row.countries)
    return (
        _counted(partnerships),
        _countries(partnerships, in_country),
        Note("rule", _say("country_rule", partnerships, stated=stated, pairs=len(in_country))),
    )


def _counted(partnerships: Partnerships) -> Table:
    rows = partnerships.rows
    stated, without = [row for row in rows if row.countries], [row for row in rows if not row.countries]
    counted = {
        "Partnerships_With_Country": _each(stated),
        "Partnerships_Without_Country": _each(without),
        "Partnerships_Counted": _each(rows),
    }
    names = dict(zip(counted, ("with_country", "no_country", "total"), strict=True))
    *figures, total = [(key, _say(names[key], partnerships), len(parts)) for key, parts in counted.items()]
    return key_figures(
        "counted",
        figures,
        caption=_say("countries_stated", partnerships),
        heading=_say("partnerships", partnerships),
        total=total,
        parts=_looked_up({(key, "figure"): parts for key, parts in counted.items()}),
    )


def _countries(partnerships: Partnerships, in_country: list[tuple[str, Partnership]]) -> Table:
    names = partnerships.country_names
    without = [row for row in partnerships.rows if not row.countries]
    codes = sorted({code for code, _ in in_country}, key=lambda code: alphabetical(names.get(code, code)))
    of = {code: [row for c, row in in_country if c == code] for code in codes}
    rows = [_country_row(code, names.get(code, code), of[code]) for code in codes]
    rows.append(Row(TOTAL, (_say("pairs", partnerships), len(in_country), None, None), "total"))
    cells = dict(_country_cells({**of, _NO_COUNTRY: without})) | {
        (TOTAL, "partnerships"): _each(r for _, r in in_country)
    }
    if without:
        figures = (len(without), len(_partners(without)))
        rows.append(Row(_NO_COUNTRY, (_say("no_country", partnerships), *figures, None)))
    return Table("countries", _country_columns(partnerships), tuple(rows), parts=_looked_up(cells))


def _country_cells(of: Mapping[str, list[Partnership]]) -> Iterator[tuple[tuple[str, str], Sequence[Part]]]:
    for code, rows in of.items():
        yield (code, "partnerships"), _each(rows)
        yield (code, "partners"), _partners(rows)


def _country_columns(partnerships: Partnerships) -> tuple[Column, ...]:
    return (
        Column("label", _say("country", partnerships), 46, "text", "label", tag="#country+name"),
        Column("partnerships", _say("partnerships", partnerships), 16, tag="#meta+count+partnerships"),
        Column("partners", _say("partners", partnerships), 16, tag="#meta+count+partners"),
        Column("code", _say("code", partnerships), 10, "text", tag="#country+code+v_iso3"),
    )


def _country_row(code: str, name: str, rows: list[Partnership]) -> Row:
    return Row(code, (name, len(rows), len(_partners(rows)), code))


def _each(rows: Iterable[Partnership]) -> list[Part]:
    return [row.part for row in rows]


def _partners(rows: Iterable[Partnership]) -> list[Part]:
    """The partners, each once."""
    return list({row.partner_id: row.partner_part for row in rows}.values())


def _looked_up(cells: Mapping[tuple[str, str], Sequence[Part]]) -> Parts:
    """The parts of the cells of a table, by the keys of row and column."""
    return lambda row, column: cells.get((row, column), ())


def _region_names(partnerships: Partnerships) -> dict[str, str]:
    lang = partnerships.lang
    names = {code: code_name("region", code, region["name"], lang) for code, region in regions().items()}
    unknown = any(row.region == NOT_KNOWN for row in partnerships.rows)
    return names | ({NOT_KNOWN: _say("no_region", partnerships)} if unknown else {})


def _area_names(stated: set[str], lang: str) -> dict[str, str]:
    listed = areas_of_collaboration()
    return in_order({*listed, *stated}, {code: area_name(code, lang) for code in listed})


def _chart(partnerships: Partnerships) -> Chart:
    return Chart(
        key="by-area",
        title=_say("chart_title", partnerships),
        description=_say("chart_description", partnerships),
        table="areas",
        series=(Series(_say("partnerships", partnerships), "rows", TOTAL),),
        direction="bar",
    )


def _affected(kind: str, fields: Mapping[str, Any], known: Iterable[Params]) -> Iterable[dict[str, str]]:
    if kind in {"office", "partner"}:
        return every_known(known)
    source = fields.get("source")
    return ({"source": str(source)},) if kind == "partnership" and source else ()


def _source(text: str) -> str:
    if not text.strip() or len(text) > 100:
        raise ValueError("give the source as it stands in the records, for example MC/INF/253")
    return text.strip()


REPORT: Final = Report(
    key="partnerships",
    title=noted("Partnerships"),
    description=noted(
        "Partnerships of one source by area, region, role, type of partner and country, with a list of all."
    ),
    parameters=(Parameter("source", _source, noted("the document the partnerships come from"), "MC/INF/253"),),
    kinds=frozenset({"partnership", "partner", "office"}),
    looks_at=only(office="name type region iso3"),
    affected=_affected,
    build=build,
    standing=True,
)
