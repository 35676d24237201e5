"""What stands in each column of the sheets of `projects`: every field of a project, with its tag and its parts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from muster_report.blocks import Format, Value
from muster_report.facts import Fact
from muster_report.figures import Part
from muster_report.reports.reporting_compliance_places import Place
from muster_report.small_cells import leaves_the_house
from muster_report.tables import spelt_out
from muster_report.words import code_name, known_as
from muster_shared.codelists import activity_types, areas


@dataclass(frozen=True, slots=True)
class Reader:
    """How a copy reads: its language, who it is for, and the names of regions."""

    lang: str
    copy: str
    regions: Mapping[str, str]


@dataclass(slots=True)  # made for each row, so not frozen: that would take as long as all else that makes a row
class Entry:
    """One row: a project, its fields, and in the sheets of its lists the entry of the list and its number from 0."""

    fact: Fact
    fields: Mapping[str, Any]
    place: Place
    reader: Reader
    list_name: str = ""
    at: int = 0

    @property
    def item(self) -> Mapping[str, Any]:
        """The entry's fields."""
        item: Mapping[str, Any] = self.fields[self.list_name][self.at]
        return item


@dataclass(frozen=True, slots=True)
class Field:
    """One column: how wide, how it reads a row, and where its figures come from.

    ``where`` is the path of the value in the record; ``counts`` names the list whose entries the figure counts.
    ``inside`` columns stay in the house: persons, and counts of people, which copies that leave it tell protected,
    in the reports made for it.
    """

    key: str
    width: int
    format: Format
    tag: str
    value: Callable[[Entry], Value]
    where: str = ""
    counts: str = ""
    inside: bool = False


def _text(name: str) -> Callable[[Entry], Value]:
    return lambda entry: entry.fields.get(name)


def _day(name: str) -> Callable[[Entry], Value]:
    return lambda entry: date.fromisoformat(entry.fields[name]) if entry.fields.get(name) else None


def _person(name: str, part: str) -> Callable[[Entry], Value]:
    return lambda entry: (entry.fields.get(name) or {}).get(part)


def _number_of(name: str) -> Callable[[Entry], Value]:
    return lambda entry: len(entry.fields.get(name) or ())


def _item(name: str) -> Callable[[Entry], Value]:
    return lambda entry: entry.item.get(name)


def _item_day(name: str) -> Callable[[Entry], Value]:
    return lambda entry: date.fromisoformat(entry.item[name]) if entry.item.get(name) else None


def _percent(entry: Entry) -> Value:
    return Decimal(str(entry.item["percent"]))


def _budget(entry: Entry) -> Value:
    amount = (entry.fields.get("budget") or {}).get("amount")
    return None if amount is None else Decimal(str(amount))


def _currency(entry: Entry) -> Value:
    return (entry.fields.get("budget") or {}).get("currency")


def _status(entry: Entry) -> Value:
    return status_name(entry.fields.get("status"), entry.reader.lang)


@lru_cache(maxsize=64)
def status_name(status: str | None, lang: str) -> str:
    """A project's status in words."""
    return known_as("projects.status", status or "none", spelt_out(status or ""), lang)


def _area(entry: Entry) -> Value:
    code, listed = entry.item["code"], areas()
    name = listed[code]["name"] if code in listed else spelt_out(code)
    return code_name("area", code, name, entry.reader.lang)


def _activity(entry: Entry) -> Value:
    code, listed = entry.item["code"], activity_types()
    return code_name(
        "activity_type", code, listed[code]["name"] if code in listed else spelt_out(code), entry.reader.lang
    )


def _sex(entry: Entry) -> Value:
    sex = entry.item.get("sex")
    return known_as("projects.sex", sex, spelt_out(sex), entry.reader.lang) if sex else None


def _completed(entry: Entry) -> Value:
    return sum(1 for milestone in entry.fields.get("milestones") or () if milestone.get("completed"))


def people_targeted(fields: Mapping[str, Any]) -> int:
    """All people that a project means to reach."""
    return sum(int(target["count"]) for target in fields.get("targets") or ())


_IDENTITY: Final = (
    Field("project", 18, "code", "#activity+code", _text("project_code")),
    Field("title", 44, "text", "#activity+name", _text("title")),
    Field("office", 9, "code", "#org+code+office", _text("office")),
    Field("office_name", 24, "text", "#org+name+office", lambda entry: entry.place.name),
    Field("region", 46, "text", "#region+name", lambda entry: entry.reader.regions[entry.place.region]),
)

PROJECTS: Final = (
    *_IDENTITY,
    Field("status", 12, "text", "#status", _status),
    Field("start", 12, "text", "#date+start", _day("start")),
    Field("end", 12, "text", "#date+end", _day("end")),
    Field("manager", 24, "text", "#contact+name+manager", _person("manager", "name"), inside=True),
    Field("manager_email", 32, "text", "#contact+email+manager", _person("manager", "email"), inside=True),
    Field("alternate", 24, "text", "#contact+name+alternate", _person("alternate_manager", "name"), inside=True),
    Field(
        "alternate_email", 32, "text", "#contact+email+alternate", _person("alternate_manager", "email"), inside=True
    ),
    Field("budget", 17, "number", "#value+budget", _budget, where="budget/amount"),
    Field("currency", 10, "code", "#currency+code", _currency),
    Field("gender_marker", 9, "text", "#indicator+gender_marker", _text("gender_marker"), where="gender_marker"),
    Field("sdg_targets", 18, "text", "#meta+sdg+list", lambda entry: "; ".join(entry.fields.get("sdg_targets") or ())),
    Field("objectives", 60, "text", "#description+objectives", _text("objectives")),
    Field("areas", 9, "number", "#meta+count+areas", _number_of("areas"), counts="areas"),
    Field("activities", 10, "number", "#meta+count+activities", _number_of("activities"), counts="activities"),
    Field("targets", 9, "number", "#meta+count+targets", _number_of("targets"), counts="targets"),
    Field(
        "people", 12, "number", "#targeted", lambda entry: people_targeted(entry.fields), counts="people", inside=True
    ),
    Field("milestones", 11, "number", "#meta+count+milestones", _number_of("milestones"), counts="milestones"),
    Field("completed", 11, "number", "#meta+count+completed", _completed, counts="completed"),
    Field("updated", 12, "text", "#date+updated", lambda entry: entry.fact.occurred_at.date()),
    Field("receipt", 26, "code", "#meta+receipt", lambda entry: entry.fact.submission.receipt),
)

_CODE: Final = Field("code", 34, "code", "#sector+code", _item("code"))
_SHARE: Final = Field("percent", 10, "number", "#indicator+value+percent", _percent, where="percent")

LISTS: Final[Mapping[str, tuple[Field, ...]]] = {
    "areas": (*_IDENTITY, _CODE, Field("area", 36, "text", "#sector+name", _area), _SHARE),
    "activities": (*_IDENTITY, _CODE, Field("activity", 36, "text", "#activity+type+name", _activity), _SHARE),
    "targets": (
        *_IDENTITY,
        Field("group", 34, "text", "#targeted+type", _item("group")),
        Field("sex", 11, "text", "#targeted+sex", _sex),
        Field("age_min", 9, "number", "#targeted+age+min", _item("age_min"), where="age_min"),
        Field("age_max", 9, "number", "#targeted+age+max", _item("age_max"), where="age_max"),
        Field("count", 12, "number", "#targeted", lambda entry: int(entry.item["count"]), where="count", inside=True),
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


def parts_of_entry(entry: Entry, field: Field) -> Sequence[Part]:
    """What a figure of a row is made of: the value in the record, or 1 for each entry that it counts."""
    if field.counts == "people":
        targets = entry.fields.get("targets") or ()
        return [Part(entry.fact, f"targets/{at}/count", int(one["count"])) for at, one in enumerate(targets)]
    if field.counts:
        listed = entry.fields.get("milestones" if field.counts == "completed" else field.counts) or ()
        chosen = [at for at, one in enumerate(listed) if field.counts != "completed" or one.get("completed")]
        name = "milestones" if field.counts == "completed" else field.counts
        return [Part(entry.fact, f"{name}/{at}", 1) for at in chosen]
    value = field.value(entry)
    if not field.where or not isinstance(value, int | Decimal):
        return []
    path = f"{entry.list_name}/{entry.at}/{field.where}" if entry.list_name else field.where
    return [Part(entry.fact, path, value)]
