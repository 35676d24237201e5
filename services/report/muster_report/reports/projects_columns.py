"""What stands in each column of the sheets of `projects`: every field of a project, with its tag and its parts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

from muster_report.blocks import Format, Value
from muster_report.each_once import each_once
from muster_report.facts import Fact, Submission
from muster_report.figures import Part
from muster_report.reports.reporting_compliance_places import Place
from muster_report.small_cells import leaves_the_house
from muster_report.tables import spelt_out
from muster_report.words import code_name, known_as
from muster_shared.codelists import activity_types, areas

Fields = Mapping[str, Any]

_NOTHING: Final[Fields] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Reader:
    """How a copy reads: its language, who it is for, and the names of regions."""

    lang: str
    copy: str
    regions: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Entries:
    """Rows of a sheet, by columns: of each the key, and what is known of its project.

    ``items`` are the entries of a list in the sheet of that list, and empty in the sheet of the projects.
    """

    reader: Reader
    keys: Sequence[str]
    fields: Sequence[Fields]
    places: Sequence[Place]
    occurred_at: Sequence[datetime]
    submissions: Sequence[Submission]
    items: Sequence[Fields] = ()


@dataclass(frozen=True, slots=True)
class Field:
    """One column: how wide, what it gives for each of some rows, and where its figures come from.

    ``where`` is the path of the value in the record; ``counts`` names the list whose entries the figure counts.
    ``inside`` columns stay in the house: persons, and counts of people, which copies that leave it tell protected,
    in the reports made for it.
    """

    key: str
    width: int
    format: Format
    tag: str
    values: Callable[[Entries], Sequence[Value]]
    where: str = ""
    counts: str = ""
    inside: bool = False


def _text(name: str) -> Callable[[Entries], Sequence[Value]]:
    return lambda entries: [fields.get(name) for fields in entries.fields]


def _day(name: str) -> Callable[[Entries], Sequence[Value]]:
    return lambda entries: each_once(_date, [fields.get(name) for fields in entries.fields])


def _date(told: str | None) -> date | None:
    return date.fromisoformat(told) if told else None


def _person(name: str, part: str) -> Callable[[Entries], Sequence[Value]]:
    return lambda entries: [(fields.get(name) or _NOTHING).get(part) for fields in entries.fields]


def _number_of(name: str) -> Callable[[Entries], Sequence[Value]]:
    return lambda entries: [len(fields.get(name) or ()) for fields in entries.fields]


def _item(name: str) -> Callable[[Entries], Sequence[Value]]:
    return lambda entries: [item.get(name) for item in entries.items]


def _item_day(name: str) -> Callable[[Entries], Sequence[Value]]:
    return lambda entries: each_once(_date, [item.get(name) for item in entries.items])


def _percents(entries: Entries) -> Sequence[Value]:
    return each_once(_decimal, [item["percent"] for item in entries.items])


def _decimal(told: Any) -> Decimal | None:
    return None if told is None else Decimal(str(told))


def _budgets(entries: Entries) -> Sequence[Value]:
    return [_decimal((fields.get("budget") or _NOTHING).get("amount")) for fields in entries.fields]


def _currencies(entries: Entries) -> Sequence[Value]:
    return [(fields.get("budget") or _NOTHING).get("currency") for fields in entries.fields]


def _statuses(entries: Entries) -> Sequence[Value]:
    lang = entries.reader.lang
    return each_once(lambda status: status_name(status, lang), [fields.get("status") for fields in entries.fields])


@lru_cache(maxsize=64)
def status_name(status: str | None, lang: str) -> str:
    """A project's status in words."""
    return known_as("projects.status", status or "none", spelt_out(status or ""), lang)


def _areas(entries: Entries) -> Sequence[Value]:
    return _named("area", areas(), entries)


def _activities(entries: Entries) -> Sequence[Value]:
    return _named("activity_type", activity_types(), entries)


def _named(code_list: str, listed: Mapping[str, Mapping[str, Any]], entries: Entries) -> Sequence[Value]:
    def name(code: str) -> str:
        english = listed[code]["name"] if code in listed else spelt_out(code)
        return code_name(code_list, code, english, entries.reader.lang)

    return each_once(name, [item["code"] for item in entries.items])


def _sexes(entries: Entries) -> Sequence[Value]:
    def name(sex: str | None) -> str | None:
        return known_as("projects.sex", sex, spelt_out(sex), entries.reader.lang) if sex else None

    return each_once(name, [item.get("sex") for item in entries.items])


def _regions(entries: Entries) -> Sequence[Value]:
    names = entries.reader.regions
    return [names[place.region] for place in entries.places]


def _counts(entries: Entries) -> Sequence[Value]:
    return [int(item["count"]) for item in entries.items]


def _completed(entries: Entries) -> Sequence[Value]:
    listed = [fields.get("milestones") for fields in entries.fields]
    return [len([one for one in milestones if one.get("completed")]) if milestones else 0 for milestones in listed]


def _people(entries: Entries) -> Sequence[Value]:
    return [people_targeted(fields) if fields.get("targets") else 0 for fields in entries.fields]


def _sdg_targets(entries: Entries) -> Sequence[Value]:
    return ["; ".join(fields.get("sdg_targets") or ()) for fields in entries.fields]


def _updated(entries: Entries) -> Sequence[Value]:
    return each_once(datetime.date, entries.occurred_at)


def _receipts(entries: Entries) -> Sequence[Value]:
    return [submission.receipt for submission in entries.submissions]


def people_targeted(fields: Fields) -> int:
    """All people that a project means to reach."""
    return sum(int(target["count"]) for target in fields.get("targets") or ())


_IDENTITY: Final = (
    Field("project", 18, "code", "#activity+code", _text("project_code")),
    Field("title", 44, "text", "#activity+name", _text("title")),
    Field("office", 9, "code", "#org+code+office", _text("office")),
    Field("office_name", 24, "text", "#org+name+office", lambda entries: [place.name for place in entries.places]),
    Field("region", 46, "text", "#region+name", _regions),
)

PROJECTS: Final = (
    *_IDENTITY,
    Field("status", 12, "text", "#status", _statuses),
    Field("start", 12, "text", "#date+start", _day("start")),
    Field("end", 12, "text", "#date+end", _day("end")),
    Field("manager", 24, "text", "#contact+name+manager", _person("manager", "name"), inside=True),
    Field("manager_email", 32, "text", "#contact+email+manager", _person("manager", "email"), inside=True),
    Field("alternate", 24, "text", "#contact+name+alternate", _person("alternate_manager", "name"), inside=True),
    Field(
        "alternate_email", 32, "text", "#contact+email+alternate", _person("alternate_manager", "email"), inside=True
    ),
    Field("budget", 17, "number", "#value+budget", _budgets, where="budget/amount"),
    Field("currency", 10, "code", "#currency+code", _currencies),
    Field("gender_marker", 9, "text", "#indicator+gender_marker", _text("gender_marker"), where="gender_marker"),
    Field("sdg_targets", 18, "text", "#meta+sdg+list", _sdg_targets),
    Field("objectives", 60, "text", "#description+objectives", _text("objectives")),
    Field("areas", 9, "number", "#meta+count+areas", _number_of("areas"), counts="areas"),
    Field("activities", 10, "number", "#meta+count+activities", _number_of("activities"), counts="activities"),
    Field("targets", 9, "number", "#meta+count+targets", _number_of("targets"), counts="targets"),
    Field("people", 12, "number", "#targeted", _people, counts="people", inside=True),
    Field("milestones", 11, "number", "#meta+count+milestones", _number_of("milestones"), counts="milestones"),
    Field("completed", 11, "number", "#meta+count+completed", _completed, counts="completed"),
    Field("updated", 12, "text", "#date+updated", _updated),
    Field("receipt", 26, "code", "#meta+receipt", _receipts),
)

_CODE: Final = Field("code", 34, "code", "#sector+code", _item("code"))
_SHARE: Final = Field("percent", 10, "number", "#indicator+value+percent", _percents, where="percent")

LISTS: Final[Mapping[str, tuple[Field, ...]]] = {
    "areas": (*_IDENTITY, _CODE, Field("area", 36, "text", "#sector+name", _areas), _SHARE),
    "activities": (*_IDENTITY, _CODE, Field("activity", 36, "text", "#activity+type+name", _activities), _SHARE),
    "targets": (
        *_IDENTITY,
        Field("group", 34, "text", "#targeted+type", _item("group")),
        Field("sex", 11, "text", "#targeted+sex", _sexes),
        Field("age_min", 9, "number", "#targeted+age+min", _item("age_min"), where="age_min"),
        Field("age_max", 9, "number", "#targeted+age+max", _item("age_max"), where="age_max"),
        Field("count", 12, "number", "#targeted", _counts, where="count", inside=True),
    ),
    "milestones": (
        *_IDENTITY,
        Field("milestone", 60, "text", "#output+name", _item("name")),
        Field("due", 12, "text", "#date+due", _item_day("due")),
        Field("done", 12, "text", "#date+completed", _item_day("completed")),
    ),
}


def fields_shown(fields: Sequence[Field], copy: str) -> tuple[Field, ...]:
    """The columns of a copy: those that stay in the house only where it does."""
    return tuple(field for field in fields if not (field.inside and leaves_the_house(copy)))


def parts_of(fact: Fact, field: Field, value: Value, path: str = "") -> Sequence[Part]:
    """What a figure of a row is made of: the value in the record, or 1 for each entry that it counts.

    ``path`` is that of the entry in the record, where the row is one of a list.
    """
    fields = fact.fields
    if field.counts == "people":
        targets = fields.get("targets") or ()
        return [Part(fact, f"targets/{at}/count", int(one["count"])) for at, one in enumerate(targets)]
    if field.counts:
        name = "milestones" if field.counts == "completed" else field.counts
        chosen = [at for at, one in enumerate(fields.get(name) or ()) if name == field.counts or one.get("completed")]
        return [Part(fact, f"{name}/{at}", 1) for at in chosen]
    if not field.where or not isinstance(value, int | Decimal):
        return []
    return [Part(fact, f"{path}/{field.where}" if path else field.where, value)]
