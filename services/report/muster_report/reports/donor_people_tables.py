"""The sheets of people of a donor's report: by project, by group, by sex and age, and in every detail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from muster_report.book import Block, Column, Note, Row, Table, Value
from muster_report.disclosure import Key
from muster_report.figures import TOTAL, Part
from muster_report.money import ZERO
from muster_report.reports.donor_grants import DonorGrants
from muster_report.reports.donor_money import share_parts
from muster_report.reports.donor_people import MEASURES, People
from muster_report.reports.people_read import SETS, base_of
from muster_report.small_cells import leaves_the_house
from muster_report.suppressed_tables import PeopleCells, Place
from muster_report.words import say
from muster_shared.age_bands import AGES, SEXES

_TAGS: Final = {"target": "#targeted", "reached": "#reached", "percent": "#reached+pct"}
_SEX_TAGS: Final = {"female": "+f", "male": "+m", "other": "+i", "unknown": "+unknown"}


def people_blocks(people: People, grants: DonorGrants) -> tuple[Block, ...]:
    """By project, by group, by sex and age."""
    lang = grants.lang
    titles = {code: str(fact.fields["title"]) for code, fact in grants.projects().items()}
    projects = {code: ("project", code) for code in titles}
    groups = {group: ("group", group) for group in people.groups()}
    return (
        _compared("projects", people, projects, {c: f"{t} ({c})" for c, t in titles.items()}, lang),
        _compared("groups", people, groups, {group: group for group in groups}, lang),
        _by_sex_and_age(people, lang),
        *notes(grants),
    )


def notes(grants: DonorGrants) -> list[Note]:
    """How to read counts of people, and what a copy hides."""
    found = [Note("people", say("donor.people_rule", grants.lang))]
    if leaves_the_house(grants.copy):
        found.append(Note("hidden", say("donor.hidden_rule", grants.lang)))
    return found


def _compared(key: str, people: People, figures: Mapping[str, Key], labels: Mapping[str, str], lang: str) -> Table:
    columns = (
        Column("label", say(f"donor.people_{key}", lang), 66, "text", "label", tag="#indicator+name"),
        *(Column(m, say(f"donor.{m}", lang), 13, tag=_TAGS[m]) for m in MEASURES),
        Column("percent", say("donor.percent_reached", lang), 13, tag=_TAGS["percent"], sums=False),
    )
    places: dict[str, Key] = {**figures, TOTAL: ("all",)}
    named = {**labels, TOTAL: say("money.total", lang)}
    rows = tuple(
        Row(code, (named[code], *_three(people, figure)), "total" if code == TOTAL else "body")
        for code, figure in places.items()
    )

    def parts(row: str, column: str) -> Sequence[Part]:
        return people_parts(people, places[row], column) if row in places else []

    return Table(key, columns, rows, parts=parts)


def _three(people: People, figure: Key) -> tuple[Value, ...]:
    return (*(people.count(measure, figure) for measure in MEASURES), people.percent(figure))


def people_parts(people: People, figure: Key, column: str) -> list[Part]:
    """The parts of a count of people (target, reached) or of its percentage."""
    if column in MEASURES:
        return people.of(column, figure)
    percent, target = people.percent(figure), people.of("target", figure)
    if column != "percent" or percent is None:
        return []
    whole = sum((part.value for part in target), ZERO)
    return share_parts(people.of("reached", figure), whole, percent, target[0])


def _by_sex_and_age(people: People, lang: str) -> Table:
    places = [(measure, sex) for measure in MEASURES for sex in (*SEXES, TOTAL)]
    columns = (
        Column("label", say("donor.age", lang), 66, "text", "label", tag="#indicator+age"),
        *(
            Column(f"{measure}/{sex}", _heading(measure, sex, lang), 13, tag=_tag(measure, sex))
            for measure, sex in places
        ),
    )
    rows = tuple(
        Row(
            age,
            (_age(age, lang), *(people.count(measure, _sex_and_age(sex, age)) for measure, sex in places)),
            "total" if age == TOTAL else "body",
        )
        for age in (*AGES, TOTAL)
    )

    def parts(row: str, column: str) -> Sequence[Part]:
        measure, _, sex = column.partition("/")
        return people_parts(people, _sex_and_age(sex, row), measure)

    return Table("sex-age", columns, rows, say("donor.by_sex_and_age", lang), parts=parts)


def _sex_and_age(sex: str, age: str) -> Key:
    return ("all",) if sex == age == TOTAL else ("sex", sex, age)


def _age(age: str, lang: str) -> str:
    return say("money.total", lang) if age == TOTAL else say("donor.unknown", lang) if age not in AGES[:-1] else age


def _heading(measure: str, sex: str, lang: str) -> str:
    of = say("money.total", lang) if sex == TOTAL else say(f"donor.{sex}", lang)
    return f"{say(f'donor.{measure}', lang)}, {of.lower()}"


def _tag(measure: str, sex: str) -> str:
    return _TAGS[measure] + _SEX_TAGS.get(sex, "")


def detail_table(people: People, lang: str) -> Table:
    """A row for each project, group and sex: target and reached by age band."""
    places = [(measure, age) for measure in MEASURES for age in (*AGES, TOTAL)]
    columns = (
        Column("project", say("donor.project_code", lang), 16, "code", "label", tag="#activity+code"),
        Column("group", say("donor.group", lang), 26, "text", "label", tag="#beneficiary"),
        Column("sex", say("donor.sex", lang), 10, "text", "label", tag="#beneficiary+sex"),
        *(
            Column(f"{measure}/{age}", _age_heading(measure, age, lang), 11, tag=_age_tag(measure, age))
            for measure, age in places
        ),
    )
    keys = {"/".join(row): row for row in people.rows()}
    rows = tuple(
        Row(
            key,
            (*row[:2], say(f"donor.{row[2]}", lang), *(people.count(m, ("detail", *row, age)) for m, age in places)),
            label=", ".join(row),
        )
        for key, row in keys.items()
    )

    def parts(row: str, column: str) -> Sequence[Part]:
        measure, _, age = column.partition("/")
        return people_parts(people, ("detail", *keys[row], age), measure) if row in keys else []

    return Table("detail", columns, rows, filtered=True, parts=parts)


def _age_heading(measure: str, age: str, lang: str) -> str:
    return f"{say(f'donor.{measure}', lang)} {_age(age, lang).lower()}"


def _age_tag(measure: str, age: str) -> str:
    bounds = "" if age in {TOTAL, AGES[-1]} else f"+age_{age.replace('-', '_').replace('+', '_plus')}"
    return _TAGS[measure] + (bounds or ("" if age == TOTAL else "+age_unknown"))


_EVERYBODY: Final = "in_results"  # the table of the first sheet, with a row for each of these
_HEADLINE: Final = {"People_target": "target", "People_reached": "reached"}


def _set_of(table: str, row: str, column: str) -> str:
    """Which people a figure counts: those to be reached, or those reached."""
    if table == _EVERYBODY:
        return _HEADLINE.get(row, "") if column == "figure" else ""
    measure = column.partition("/")[0]
    return measure if table in {"projects", "groups", "sex-age", "detail"} and measure in MEASURES else ""


def _computed_from(table: str, row: str, column: str) -> Sequence[Place]:
    """The target and the people reached that a percentage is computed from."""
    if table == _EVERYBODY and row == "Reached_percent" and column == "figure":
        return tuple((name, "figure") for name in _HEADLINE)
    return tuple((row, m) for m in MEASURES) if table in {"projects", "groups"} and column == "percent" else ()


PEOPLE: Final = PeopleCells(SETS, _set_of, _computed_from, base_of)
