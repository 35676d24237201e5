"""CSV files to records, and records to the envelopes that ingest takes. Reads the files, nothing else.

Cells become what the record's field is: ``;`` separates the values of a list, a column ``manager.email`` is a
field of the object ``manager``, a count becomes a whole number, an amount stays the decimal text as written.
What is wrong with a value or a column name is left for ingest to say, in one place and in one wording.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

HQ: Final = "HQ"

# A kind stands after the kinds its records refer to: files of one run are sent in this order.
KEY_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "office": ("office", "type", "time_zone"),
    "donor": ("donor_id", "name"),
    "partner": ("partner_id", "name"),
    "exchange_rate": ("currency", "month", "usd_rate"),
    "published_total": ("report", "year", "table", "region", "area", "printed"),
    "initiative": ("year", "slug", "required"),
    "indicator_value": ("indicator", "place", "period", "value"),
    "project": ("project_code", "title", "office", "start", "end"),
    "grant": ("grant_id", "donor_id", "project_code"),
    "funding_requirement": ("year", "office", "area", "amount"),
    "partnership": ("partnership_id", "partner_id", "office"),
    "field_activity": ("activity_id", "offices", "title"),
    "extension": ("project_code", "requested_on", "new_end"),
    "progress_report": ("project_code", "type", "period_start", "period_end", "submitted_on"),
    "follow_up": ("project_code", "type", "period_end", "at", "action"),
}
CENTRAL_KINDS: Final = frozenset(
    {"office", "donor", "partner", "exchange_rate", "published_total", "initiative", "indicator_value"}
)
PEOPLE_FILE: Final = "field_activity_people"
PEOPLE_COLUMNS: Final = ("activity_id", "group", "target", "reached")

_LISTS: Final = frozenset({"aliases", "countries", "offices", "types", "weekend", "partners", "donors", "sdg_targets"})
_COUNTS: Final = frozenset(
    {"year", "people_reached", "gender_marker", "age_min", "age_max", "count", "target", "reached", "base_revision"}
)
_FOR_THE_READER: Final[Mapping[str, frozenset[str]]] = {"funding_requirement": frozenset({"region", "line"})}
_STATED_EMPTY: Final[Mapping[str, frozenset[str]]] = {"funding_requirement": frozenset({"amount"})}
_WHOLE_NUMBER = re.compile(r"-?\d+")

Record = dict[str, Any]


class RecordsError(Exception):
    """A file cannot be turned into records; the message names the file, the line and what would be right."""


class Undecided(RecordsError):
    """The files are in order, but do not say something that an option of the command can say."""


@dataclass(frozen=True, slots=True)
class Row:
    """A record and the line of its file it begins at (1 is the header)."""

    record: Record
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Envelope:
    """Rows of one office, sent as one submission."""

    office: str
    rows: tuple[Row, ...]
    note: str | None = None

    def body(self) -> dict[str, Any]:
        """The JSON of the submission: ``{"office", "note", "records"}``, no note where there is none."""
        note = {"note": self.note} if self.note else {}
        return {"office": self.office, **note, "records": [row.record for row in self.rows]}


@dataclass(frozen=True, slots=True)
class _Table:
    name: str
    columns: tuple[str, ...]
    lines: tuple[tuple[int, tuple[str, ...]], ...]


def records(path: Path, *, kind: str | None = None) -> list[Record]:
    """The records of a CSV file, in its order.

    Raises:
        RecordsError: not UTF-8, not a table, or the kind cannot be told.
    """
    return [row.record for row in rows(path, kind=kind)]


def rows(path: Path, *, kind: str | None = None) -> list[Row]:
    """The records of a CSV file with their lines; people of field activities come from the file beside it.

    Raises:
        RecordsError: not UTF-8, not a table, or the kind cannot be told.
    """
    table = _table(path)
    told = kind or _kind_of(path, table.columns)
    converted = [Row(_record(told, table.columns, cells), line) for line, cells in table.lines]
    return _with_people(converted, path) if told == "field_activity" else converted


def kind_of(path: Path) -> str:
    """The kind a CSV file holds, told by its name (``partners_2016.csv``) or else by its columns.

    Raises:
        RecordsError: neither tells, or the file cannot be read.
    """
    return _kind_of(path, _table(path).columns)


def envelopes(
    found: Iterable[Record], office: str | None = None, *, project_offices: Mapping[str, str] | None = None
) -> list[dict[str, Any]]:
    """Group records into one envelope per owning office, sorted by office; ``office`` takes them all.

    Raises:
        RecordsError: a record's office is not told by the record, its project, or ``office``.
    """
    grouped = group([Row(record) for record in found], office, project_offices=project_offices)
    return [envelope.body() for envelope in grouped]


def group(
    found: Sequence[Row],
    office: str | None = None,
    *,
    note: str | None = None,
    project_offices: Mapping[str, str] | None = None,
) -> list[Envelope]:
    """Like ``envelopes``, keeping each record's line.

    Raises:
        RecordsError: a record's office is not told by the record, its project, or ``office``.
    """
    known = {**(project_offices or {}), **offices_of_projects(row.record for row in found)}
    of_office: dict[str, list[Row]] = {}
    for row in found:
        of_office.setdefault(office or _owner(row, known), []).append(row)
    return [Envelope(owner, tuple(of_office[owner]), note) for owner in sorted(of_office)]


def offices_of_projects(found: Iterable[Record]) -> dict[str, str]:
    """The office of each project among the records, by project code."""
    return {
        str(record.get("project_code")): str(record["office"])
        for record in found
        if record.get("kind") == "project" and record.get("office")
    }


def _owner(row: Row, project_offices: Mapping[str, str]) -> str:
    record = row.record
    if record["kind"] in CENTRAL_KINDS:
        return HQ
    of_project = project_offices.get(str(record.get("project_code")))
    owner = record.get("office") or next(iter(record.get("offices", [])), None) or of_project
    if owner is None:
        where = "" if row.line is None else f"line {row.line}: "
        raise Undecided(f"{where}this {record['kind']} does not tell its office: name it with --office")
    return str(owner)


def _kind_of(path: Path, columns: Sequence[str]) -> str:
    if path.stem == PEOPLE_FILE or set(PEOPLE_COLUMNS) == set(columns):
        raise RecordsError(
            f"{path.name}: these people are part of field activities: submit field_activities.csv, with this file "
            f"beside it as {PEOPLE_FILE}.csv"
        )
    kind = _singular(re.sub(r"_\d{4}$", "", path.stem))
    if kind in KEY_COLUMNS:
        return kind
    return _kind_by_columns(path, columns)


def _kind_by_columns(path: Path, columns: Sequence[str]) -> str:
    fitting = [kind for kind, needed in KEY_COLUMNS.items() if set(needed) <= set(columns)]
    if len(fitting) != 1:
        known = ", ".join(KEY_COLUMNS)
        raise Undecided(f"{path.name}: cannot tell what it holds: name it with --kind, one of {known}")
    return fitting[0]


def _singular(plural: str) -> str:
    return plural[:-3] + "y" if plural.endswith("ies") else plural.removesuffix("s")


def _record(kind: str, columns: Sequence[str], cells: Sequence[str]) -> Record:
    record: Record = {"kind": kind, "action": "upsert"}
    for column, cell in zip(columns, cells, strict=True):
        if column in _FOR_THE_READER.get(kind, ()):
            continue
        if cell:
            _place(record, column, _value(column, cell))
        elif column in _STATED_EMPTY.get(kind, ()):
            record[column] = None
    return record


def _value(column: str, cell: str) -> Any:
    name = column.rpartition(".")[2]
    if name in _LISTS:
        return [part.strip() for part in cell.split(";") if part.strip()]
    return int(cell) if name in _COUNTS and _WHOLE_NUMBER.fullmatch(cell) else cell


def _place(record: Record, column: str, value: Any) -> None:
    *outer, name = column.split(".")
    for step in outer:
        record = record.setdefault(step, {})
    record[name] = value


def _with_people(activities: list[Row], path: Path) -> list[Row]:
    beside = path.with_name(f"{PEOPLE_FILE}.csv")
    if not beside.exists():
        return activities
    by_id = {str(row.record.get("activity_id")): row.record for row in activities}
    table = _table(beside)
    for line, cells in table.lines:
        person = dict(zip(table.columns, cells, strict=True))
        activity = by_id.get(person.pop("activity_id", ""))
        if activity is None:
            raise RecordsError(f"{beside.name}, line {line}: its activity_id is not in {path.name}")
        found = {name: _value(name, cell) for name, cell in person.items() if cell}
        activity.setdefault("people", []).append(found)
    return activities


def _table(path: Path) -> _Table:
    reader = csv.reader(io.StringIO(text_of(path), newline=""), strict=True)
    found = list(_lines(reader, path.name))
    if not found:
        raise RecordsError(f"{path.name}: empty; the first row holds the field names")
    columns = found[0][1]
    _check_header(columns, path.name)
    for line, cells in found[1:]:
        if len(cells) != len(columns):
            raise RecordsError(
                f"{path.name}, line {line}: {len(cells)} cells where the header has {len(columns)}; "
                f'put text that holds a comma between double quotes (")'
            )
    return _Table(path.name, columns, tuple(found[1:]))


def _lines(reader: Any, name: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield line, tuple(cell.strip() for cell in cells)
            line = reader.line_num + 1
    except csv.Error as error:
        raise RecordsError(f"{name}, line {line}: not CSV as expected: {error}") from error


def _check_header(columns: Sequence[str], name: str) -> None:
    if len(columns) == 1 and (";" in columns[0] or "\t" in columns[0]):
        raise RecordsError(f"{name}, line 1: separate the columns by commas")
    if "" in columns:
        raise RecordsError(f"{name}, line 1: column {columns.index('') + 1} has no name")
    repeated = sorted({column for column in columns if columns.count(column) > 1})
    nested = sorted(column for column in columns if any(other.startswith(f"{column}.") for other in columns))
    if repeated or nested:
        raise RecordsError(f"{name}, line 1: '{(repeated or nested)[0]}' is there twice")


def text_of(path: Path) -> str:
    """The text of a UTF-8 file, with or without a byte order mark.

    Raises:
        RecordsError: it cannot be read, or is not UTF-8; with the line.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise RecordsError(f"{path}: cannot be read: {error.strerror}") from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise RecordsError(
            f"{path.name}, line {line}: not UTF-8 (byte 0x{raw[error.start]:02x}); save it as UTF-8"
        ) from error
