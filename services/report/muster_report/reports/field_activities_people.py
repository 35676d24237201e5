"""People that field activities are for: target and reached, by office and by group.

A figure that is not stated is not zero: its cell stays empty. What an activity's part states is not added where the
activity itself states that measure, as the same people may be in both.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from muster_report.book import Column, Row, Table, Value
from muster_report.disclosure import Key
from muster_report.figures import TOTAL, Part
from muster_report.reports.field_activities_counts import parts_in
from muster_report.reports.field_activities_read import Activities, Activity, level_name, offices_of
from muster_report.suppressed_tables import PeopleCells, Place
from muster_report.tables import alphabetical
from muster_report.words import say

MEASURES: Final = ("target", "reached")
_GROUPS: Final = "groups"


@dataclass(frozen=True, slots=True)
class Group:
    """A group of people of one activity; ``added`` are the measures that go into totals."""

    activity: Activity
    index: int
    added: frozenset[str]

    @property
    def key(self) -> str:
        """Finds the group again."""
        return f"{self.activity.key}/{self.index}"

    @property
    def office(self) -> str:
        """The offices of the activity as one code: people of several offices' activity cannot be told apart."""
        return ";".join(self.activity.offices)

    @property
    def name(self) -> str:
        """The group in the words of the record."""
        return str(self.activity.fields["people"][self.index]["group"])

    def count(self, measure: str) -> int | None:
        """How many people; None where it is not stated."""
        count = self.activity.fields["people"][self.index].get(measure)
        return None if count is None else int(count)

    def part(self, measure: str) -> Part | None:
        """The part that the record has in sums of a measure; None where it is not stated."""
        count = self.count(measure)
        return None if count is None else Part(self.activity.fact, f"people/{self.index}/{measure}", count)


def groups_of(shown: Sequence[Activity]) -> tuple[Group, ...]:
    """Every group of people of the activities; those that state a figure first."""
    stated = {activity.key: _measures_stated(activity) for activity in shown}
    groups = [group for activity in shown for group in _groups(activity, stated)]
    return tuple(sorted(groups, key=lambda group: all(group.count(measure) is None for measure in MEASURES)))


def people_tables(block: str, groups: Sequence[Group], activities: Activities) -> tuple[Table, Table]:
    """The table by office and the table of groups; ``block`` tells those of the year from those without dates."""
    cells = _parts(groups)
    return _by_office(block, groups, activities, cells), _by_group(block, groups, activities, cells)


def percent(part: int, whole: int) -> Decimal | None:
    """A share in percent with one decimal; None of nothing."""
    return (Decimal(part * 100) / whole).quantize(Decimal("0.1"), ROUND_HALF_UP) if whole else None


def _measures_stated(activity: Activity) -> frozenset[str]:
    people = activity.fields.get("people") or ()
    return frozenset(measure for measure in MEASURES if any(group.get(measure) is not None for group in people))


def _groups(activity: Activity, stated: Mapping[str, frozenset[str]]) -> Iterator[Group]:
    of_wholes = frozenset[str]().union(*(stated.get(whole, frozenset()) for whole in activity.wholes))
    for index in range(len(activity.fields.get("people") or ())):
        yield Group(activity, index, frozenset(MEASURES) - of_wholes)


_Cells = dict[tuple[str, str], list[Part]]


def _parts(groups: Sequence[Group]) -> _Cells:
    """The parts of each figure: of counts of people, and of how many groups there are and state one."""
    cells: _Cells = {}
    for group in groups:
        for row in (group.office, TOTAL):
            cells.setdefault((row, _GROUPS), []).append(Part(group.activity.fact, f"people/{group.index}/group", 1))
        for measure in MEASURES:
            _add(cells, group, measure)
    return cells


def _add(cells: _Cells, group: Group, measure: str) -> None:
    part = group.part(measure)
    if part is None:
        return
    cells[group.key, measure] = [part]
    if measure in group.added:
        for row in (group.office, TOTAL):
            cells.setdefault((row, measure), []).append(part)
            cells.setdefault((row, f"{measure}_stated"), []).append(Part(part.fact, part.path, 1))


def _figure(place: tuple[str, str], cells: _Cells) -> Value:
    return sum(int(part.value) for part in cells[place]) if place in cells else None


def _by_office(block: str, groups: Sequence[Group], activities: Activities, cells: _Cells) -> Table:
    lang = activities.lang
    names = {group.office: offices_of(group.activity, activities) for group in groups}
    names = dict(sorted(names.items(), key=lambda office: alphabetical(office[1])))
    labels = names | {TOTAL: say("field_activities.people.total", lang)}
    columns = ("groups", "target_stated", "reached_stated", "target", "reached")  # people below people
    return Table(
        f"people-by-office-{block}",
        (
            Column("label", say("field_activities.office", lang), 44, "text", "label", "#org+name+office"),
            *(Column(c, say(f"field_activities.people.{c}", lang), 15, tag=_TAGS.get(c, "")) for c in columns),
        ),
        tuple(
            Row(
                code,
                (label, *(_figure((code, c), cells) for c in columns)),
                "total" if code == TOTAL else "body",
            )
            for code, label in labels.items()
        ),
        caption=say(f"field_activities.people.by_office_{block}", lang),
        parts=parts_in(cells),
    )


def _by_group(block: str, groups: Sequence[Group], activities: Activities, cells: _Cells) -> Table:
    lang, shares = activities.lang, _shares(groups)
    columns = {"activity": 44, "office": 18, "level": 15, "group": 32, "target": 15, "reached": 15, "percent": 15}
    return Table(
        f"people-by-group-{block}",
        (
            *(
                Column(
                    name,
                    say(f"field_activities.people.{name}", lang),
                    width,
                    "number" if name in {*MEASURES, "percent"} else "text",
                    "label" if name == "activity" else "body",
                    _TAGS.get(name, ""),
                )
                for name, width in columns.items()
            ),
            Column("added", say("field_activities.people.added", lang), 24, "text"),
        ),
        tuple(_group_row(group, activities, cells, shares) for group in groups),
        caption=say(f"field_activities.people.by_group_{block}", lang),
        filtered=True,
        parts=parts_in(cells | shares),
    )


def _group_row(group: Group, activities: Activities, cells: _Cells, shares: _Cells) -> Row:
    lang, title = activities.lang, str(group.activity.fields["title"])
    share = shares.get((group.key, "percent"))
    return Row(
        group.key,
        (
            title,
            offices_of(group.activity, activities),
            level_name(group.activity.fields["level"], lang),
            group.name,
            *(_figure((group.key, measure), cells) for measure in MEASURES),
            share[0].value if share else None,
            _added(group, lang),
        ),
        label=f"{title} ({group.activity.key}): {group.name}",
    )


def _added(group: Group, lang: str) -> str | None:
    stated = {measure for measure in MEASURES if group.count(measure) is not None}
    if not stated:
        return say("field_activities.people.not_stated", lang)
    left_out = stated - group.added
    return say(f"field_activities.people.{'in_its_whole' if left_out else 'yes'}", lang)


def _shares(groups: Iterable[Group]) -> _Cells:
    """Reached in percent of the target, where a group states both."""
    shares: _Cells = {}
    for group in groups:
        target, reached = (group.count(measure) for measure in MEASURES)
        share = None if target is None or reached is None else percent(reached, target)
        if share is not None:
            note = f"100 * {reached} / {target}"
            fact, path = group.activity.fact, f"people/{group.index}"
            whole = Part(fact, f"{path}/target", 0, note)
            shares[group.key, "percent"] = [Part(fact, f"{path}/reached", share, note), whole]
    return shares


def _base_of(part: Part) -> Key:
    """A group of an activity: its record and its number in it."""
    return (part.fact.key, part.path.split("/")[1])


def _set_of(table: str, _row: str, column: str) -> str:
    """Which people a figure counts, targeted or reached; others than those of the reports on projects."""
    return f"activity {column}" if table.startswith(_TABLES) and column in MEASURES else ""


def _computed_from(table: str, row: str, column: str) -> Sequence[Place]:
    """The target and the people reached that a percentage is computed from."""
    return tuple((row, m) for m in MEASURES) if table.startswith(_TABLES) and column == "percent" else ()


_TABLES: Final = ("people-by-office-", "people-by-group-")
PEOPLE: Final = PeopleCells(tuple(f"activity {m}" for m in MEASURES), _set_of, _computed_from, _base_of)
_TAGS: Final = {
    "activity": "#activity+name",
    "level": "#activity+level",
    "office": "#org+name+office",
    "group": "#beneficiary+group",
    "target": "#targeted+ind",
    "reached": "#reached+ind",
    "percent": "#indicator+percent+reached",
    "groups": "#meta+count+groups",
}
