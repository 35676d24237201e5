"""The list of field activities: those of the year, and apart those that no date places in any year."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from muster_report.book import Column, Row, Table, Value
from muster_report.figures import Part
from muster_report.reports.field_activities_counts import parts_in
from muster_report.reports.field_activities_read import Activities, Activity, level_name, offices_of, type_names
from muster_report.small_cells import leaves_the_house
from muster_report.tables import number_or_text
from muster_report.words import say


def list_table(key: str, shown: Sequence[Activity], activities: Activities, copy: str, caption: str) -> Table:
    """The filterable list, parts below what they are part of; notes are left out of copies that leave the house."""
    columns = tuple(
        Column(name, say(f"field_activities.list.{name}", activities.lang), width, "text", _role(name), tag)
        for name, (width, tag) in _COLUMNS.items()
        if not (name == "note" and leaves_the_house(copy))
    )
    paragraphs = {
        (activity.key, "paragraph"): [Part(activity.fact, "paragraph", number)]
        for activity in shown
        if isinstance(number := number_or_text(activity.fields.get("paragraph")), int)
    }
    rows = tuple(_row(activity, columns, activities) for activity in shown)
    return Table(key, columns, rows, caption=caption, filtered=True, parts=parts_in(paragraphs))


def _role(name: str) -> Literal["label", "body"]:
    return "label" if name in {"activity_id", "title"} else "body"


def _row(activity: Activity, columns: Sequence[Column], activities: Activities) -> Row:
    fields, lang = activity.fields, activities.lang
    types = type_names((activity,), lang, say("field_activities.type_not_stated", lang))
    written: dict[str, Value] = {
        "level": level_name(fields["level"], lang),
        "offices": offices_of(activity, activities),
        "types": ", ".join(types.values()),
        "years_from": say(f"field_activities.basis.{activity.placed.basis}", lang),
        "partners": "; ".join(fields.get("partners") or ()),
        "donors": "; ".join(fields.get("donors") or ()),
        "paragraph": number_or_text(fields.get("paragraph") or None),
    }
    cells = tuple(written[c.key] if c.key in written else fields.get(c.key) or None for c in columns)
    return Row(activity.key, cells, label=f"{fields['title']} ({activity.key})")


_COLUMNS: Final = {  # key: width in characters, HXL tag
    "activity_id": (15, "#activity+code"),
    "title": (38, "#activity+name"),
    "level": (13, "#activity+level"),
    "parent_activity_id": (14, "#activity+code+parent"),
    "offices": (22, "#org+name+office+list"),
    "types": (24, "#activity+type+list"),
    "start": (12, "#date+start"),
    "end": (12, "#date+end"),
    "years_from": (13, "#meta+basis"),
    "partners": (34, "#org+name+impl+list"),
    "donors": (15, "#org+name+funder+list"),
    "note": (30, "#description+note"),
    "source": (13, "#meta+source"),
    "paragraph": (9, "#meta+source+paragraph"),
}
