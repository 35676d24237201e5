"""The tables of the annual statistics: each adds up the same people, each figure knows its parts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from muster_report.book import Column, Named, Row, Table, Value
from muster_report.figures import TOTAL, Part, Parts
from muster_report.reports.beneficiaries_read import SINCE, Beneficiaries, ProjectPeople
from muster_report.reports.donor_money import share, share_parts
from muster_report.reports.offices import office_name
from muster_report.reports.people_read import REACHED, SETS, TARGET, base_of, place_of
from muster_report.reports.project_analysis_portfolio import UNKNOWN
from muster_report.suppressed_tables import PeopleCells, Place
from muster_report.tables import alphabetical
from muster_report.words import code_name, say
from muster_shared.age_bands import AGES, SEXES
from muster_shared.codelists import regions

MEASURES: Final = (TARGET, REACHED, SINCE)
PERCENT: Final = "percent"
PROJECTS: Final = "projects"
REPORTING: Final = "reporting"
HEADLINE: Final[Mapping[str, str]] = {
    "People_Target": TARGET,
    "People_Reached": REACHED,
    "People_Reached_Since": SINCE,
    "Percent_Reached": PERCENT,
    "Projects": PROJECTS,
    "Projects_Reporting": REPORTING,
}
_SUMMED: Final = (PROJECTS, REPORTING, *MEASURES, PERCENT)
_FIGURE: Final = "figure"
_TAGS: Final = {
    TARGET: "#targeted",
    REACHED: "#reached",
    SINCE: "#reached+cumulative",
    PERCENT: "#reached+pct",
    PROJECTS: "#meta+count+projects",
    REPORTING: "#meta+count+projects+reporting",
}
_SEX_TAGS: Final = {"female": "+f", "male": "+m", "other": "+i", "unknown": "+unknown"}

Cells = Mapping[Place, list[Part]]


@dataclass(frozen=True, slots=True)
class Counted:
    """A count of people, of a project or of nothing but the project itself, by what tables ask of it."""

    project: ProjectPeople
    measure: str
    group: str
    sex: str
    age: str
    part: Part


def counts_of(people: Beneficiaries) -> list[Counted]:
    """Every part of every figure: people by measure, and the projects themselves."""
    found: list[Counted] = []
    for one in people.projects:
        found.append(Counted(one, PROJECTS, "", "", "", Part(one.fact, "", 1)))
        if one.reports_in_year:
            found.append(Counted(one, REPORTING, "", "", "", Part(one.fact, "", 1)))
        for measure in MEASURES:
            found += [Counted(one, measure, *place_of(part), part) for part in one.parts(measure)]
    return found


def headline(counts: Iterable[Counted], people: Beneficiaries) -> Table:
    """The key figures of the year."""
    totals = _summed(counts, lambda _: TOTAL, (*MEASURES, PROJECTS, REPORTING))
    cells = {(name, _FIGURE): totals.get((TOTAL, measure), []) for name, measure in HEADLINE.items()}
    columns = (
        Column("label", _say("key_figures", people), 44, "text", "label", tag="#indicator+name"),
        Column(_FIGURE, _say("number", people), 16, tag="#indicator+value"),
    )
    rows = tuple(
        Row(name, (_say(f"figure.{name}", people), _value("headline", cells, (name, _FIGURE)))) for name in HEADLINE
    )
    names = tuple(Named(name, name, _FIGURE) for name in HEADLINE)
    return Table("headline", columns, rows, names=names, parts=_parts("headline", cells))


def by_region(counts: Iterable[Counted], people: Beneficiaries) -> Table:
    """Target, reached and projects by region."""
    names = {code: (name,) for code, name in _region_names(people).items()}
    labels = (Column("label", _say("region", people), 44, "text", "label", tag="#region+name"),)
    return _compared("regions", labels, names, row_of=lambda one: one.project.region, counts=counts, people=people)


def by_office(counts: Iterable[Counted], people: Beneficiaries) -> Table:
    """The same by office; in the order of the offices' names."""
    regions_, offices = _region_names(people), {one.office_code: one for one in people.projects}
    names = {code: (_office_name(one, people.lang), regions_[one.region]) for code, one in offices.items()}
    labels = (
        Column("label", _say("office", people), 44, "text", "label", tag="#org+name+office"),
        Column("region", _say("region", people), 34, "text", tag="#region+name"),
    )
    ordered = dict(sorted(names.items(), key=lambda office: (alphabetical(office[1][0]), office[0])))
    return _compared(
        "offices", labels, ordered, row_of=lambda one: one.project.office_code, counts=counts, people=people
    )


def by_group_and_sex(counts: Sequence[Counted], people: Beneficiaries) -> Table:
    """Target and reached by group and sex."""
    groups = sorted({one.group for one in counts if one.group}, key=alphabetical)
    names = {_group_key(group): group for group in groups}  # a group in the records' own words may be named "*"
    of = "#beneficiary+group"
    return _by_sex("groups", of, names, row_of=lambda one: _group_key(one.group), counts=counts, people=people)


def _group_key(group: str) -> str:
    return f"group {group}"


def by_age_and_sex(counts: Sequence[Counted], people: Beneficiaries) -> Table:
    """Target and reached by age band and sex."""
    names = {age: _say("unknown", people) if age == AGES[-1] else age for age in AGES}
    return _by_sex("ages", "#indicator+age", names, row_of=lambda one: one.age, counts=counts, people=people)


def by_region_and_sex(counts: Sequence[Counted], people: Beneficiaries) -> Table:
    """Target and reached by region and sex."""
    names, tag = _region_names(people), "#region+name"
    return _by_sex("region-sex", tag, names, row_of=lambda one: one.project.region, counts=counts, people=people)


def _say(key: str, people: Beneficiaries) -> str:
    return say(f"beneficiaries.{key}", people.lang)


def _region_names(people: Beneficiaries) -> dict[str, str]:
    """The regions of the year's projects in the order of the code list, those not known last."""
    found = {one.region for one in people.projects}
    names = {code: code_name("region", code, region["name"], people.lang) for code, region in regions().items()}
    others = sorted(found - names.keys() - {UNKNOWN})
    named = {code: name for code, name in names.items() if code in found} | {code: code for code in others}
    return named | ({UNKNOWN: _say("no_region", people)} if UNKNOWN in found else {})


def _office_name(one: ProjectPeople, lang: str) -> str:
    return office_name(one.office.fields, lang) if one.office else one.office_code


def _compared(
    key: str,
    labels: tuple[Column, ...],
    names: Mapping[str, tuple[str, ...]],
    *,
    row_of: Callable[[Counted], str],
    counts: Iterable[Counted],
    people: Beneficiaries,
) -> Table:
    columns = (*labels, *(Column(m, _say(f"column.{m}", people), 17, tag=_TAGS[m], sums=m != PERCENT) for m in _SUMMED))
    cells = _summed(counts, row_of, _SUMMED)
    everything = {**names, TOTAL: (_say("total", people), *[""] * (len(labels) - 1))}
    rows = tuple(
        Row(
            code,
            (*name, *(_value(key, cells, (code, measure)) for measure in _SUMMED)),
            "total" if code == TOTAL else "body",
        )
        for code, name in everything.items()
    )
    return Table(key, columns, rows, parts=_parts(key, cells))


def _by_sex(
    key: str,
    tag: str,
    names: Mapping[str, str],
    *,
    row_of: Callable[[Counted], str],
    counts: Iterable[Counted],
    people: Beneficiaries,
) -> Table:
    places = [(measure, sex) for measure in (TARGET, REACHED) for sex in (*SEXES, TOTAL)]
    columns = (
        Column("label", _say(f"corner.{key}", people), 36, "text", "label", tag=tag),
        *(
            Column(f"{m}/{sex}", _heading(m, sex, people), 12, tag=_TAGS[m] + _SEX_TAGS.get(sex, ""))
            for m, sex in places
        ),
    )
    cells: dict[Place, list[Part]] = {}
    for one in (one for one in counts if one.measure in (TARGET, REACHED)):
        of_sex, of_both = f"{one.measure}/{one.sex}", f"{one.measure}/{TOTAL}"
        for row in (row_of(one), TOTAL):
            cells.setdefault((row, of_sex), []).append(one.part)
            cells.setdefault((row, of_both), []).append(one.part)
    rows = tuple(
        Row(
            code,
            (name, *(_value(key, cells, (code, f"{measure}/{sex}")) for measure, sex in places)),
            "total" if code == TOTAL else "body",
        )
        for code, name in {**names, TOTAL: _say("total", people)}.items()
    )
    return Table(key, columns, rows, parts=_parts(key, cells))


def _heading(measure: str, sex: str, people: Beneficiaries) -> str:
    of = "total_of" if sex == TOTAL else sex
    return f"{_say(f'column.{measure}', people)}, {_say(of, people).lower()}"


def _summed(counts: Iterable[Counted], row_of: Callable[[Counted], str], measures: Sequence[str]) -> Cells:
    cells: dict[Place, list[Part]] = {}
    for one in (one for one in counts if one.measure in measures):
        for row in dict.fromkeys((row_of(one), TOTAL)):
            cells.setdefault((row, one.measure), []).append(one.part)
    return cells


def _parts(table: str, cells: Cells) -> Parts:
    """The parts of every figure: those of counts as they are, those of a percentage as percents."""

    def parts(row: str, column: str) -> Sequence[Part]:
        basis = computed_from(table, row, column)
        if not basis:
            return cells.get((row, column), [])
        target, reached = (cells.get(place, []) for place in basis)
        percent = _percent(cells, basis)
        return [] if percent is None else share_parts(reached, _count(target), percent, target[0])

    return parts


def _percent(cells: Cells, basis: Sequence[Place]) -> int | None:
    target, reached = (_count(cells.get(place, [])) for place in basis)
    return share(reached, target)


def _count(parts: Iterable[Part]) -> int:
    return sum(int(part.value) for part in parts)


def _value(table: str, cells: Cells, place: Place) -> Value:
    basis = computed_from(table, *place)
    return _percent(cells, basis) if basis else _count(cells.get(place, []))


def computed_from(table: str, row: str, column: str) -> Sequence[Place]:
    """The target and the people reached that a percentage is computed from."""
    if table == "headline":
        of_percent = (row, column) == ("Percent_Reached", _FIGURE)
        return (("People_Target", _FIGURE), ("People_Reached_Since", _FIGURE)) if of_percent else ()
    return ((row, TARGET), (row, SINCE)) if column == PERCENT else ()


def set_of(table: str, row: str, column: str) -> str:
    """Which people a figure counts, targeted or reached; people of the year are some of those since the start."""
    named = HEADLINE.get(row, "") if column == _FIGURE else ""
    measure = named if table == "headline" else column.partition("/")[0]
    return {TARGET: TARGET, REACHED: REACHED, SINCE: REACHED}.get(measure, "")


PEOPLE: Final = PeopleCells(SETS, set_of, computed_from, base_of)
