"""Files a user names to what is sent for them, in an order in which references exist before use."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any, Final

from muster_cli import records_csv
from muster_cli.records_csv import PEOPLE_FILE, RecordsError, Row, Undecided

WORKBOOK: Final = ".xlsx"
_KNOWN: Final = frozenset({".csv", ".json", WORKBOOK})
_SPREADSHEETS: Final = frozenset({".xls", ".xlsm", ".xlsb", ".xltx", ".xltm", ".ods", ".fods", ".numbers"})


@dataclass(frozen=True, slots=True)
class Sending:
    """One envelope on its way: the file it is from, its JSON, and the line of each record where lines are known."""

    file: Path
    body: Mapping[str, Any]
    lines: tuple[int | None, ...]

    @property
    def office(self) -> str:
        """The office in whose name it is sent; empty where the file does not say (ingest will)."""
        return str(self.body.get("office") or "")


@dataclass(frozen=True, slots=True)
class Workbook:
    """A workbook on its way: it is sent as it is, and ingest reads it."""

    file: Path
    office: str
    note: str | None = None


def queue(
    paths: Sequence[Path], *, office: str | None = None, kind: str | None = None, note: str | None = None
) -> list[Sending | Workbook]:
    """Everything in the order it is to be sent: CSV files, then workbooks as given, then JSON files as given.

    Raises:
        RecordsError: a file cannot be read, or is none of these.
    """
    workbooks = [path for path in paths if is_workbook(path)]
    read = sendings([path for path in paths if path not in workbooks], office=office, kind=kind, note=note)
    tables = list(takewhile(lambda sending: not _is_json(sending.file), read))
    return [*tables, *(_workbook(path, office, note) for path in workbooks), *read[len(tables) :]]


def is_workbook(path: Path) -> bool:
    """Whether the file is sent as a workbook."""
    return path.suffix.lower() == WORKBOOK


def _workbook(path: Path, office: str | None, note: str | None) -> Workbook:
    try:
        with path.open("rb"):
            return Workbook(path, office or "", note)
    except OSError as error:
        raise RecordsError(f"{path.name}: cannot be read ({error.strerror})") from error


def sendings(
    paths: Sequence[Path], *, office: str | None = None, kind: str | None = None, note: str | None = None
) -> list[Sending]:
    """The envelopes of CSV and JSON files; every file is read before anything is sent.

    CSV files go first, kinds that others refer to before those; JSON files follow as given. ``office`` takes all
    records of CSV files; it and ``note`` fill what a JSON envelope leaves out.

    Raises:
        RecordsError: a file cannot be read as what it is named.
    """
    found: list[Sending] = []
    projects: dict[str, str] = {}
    for path in in_order(paths, kind=kind):
        if _is_json(path):
            read = _from_json(path, office=office, note=note)
        else:
            read = _from_csv(path, office=office, kind=kind, note=note, projects=projects)
        projects.update(records_csv.offices_of_projects(_records_of(read)))
        found += read
    return found


def in_order(paths: Sequence[Path], *, kind: str | None = None) -> list[Path]:
    """The files in the order they are to be sent; a people file goes with its activities and is not one by itself.

    Raises:
        RecordsError: a file is of no type that is known, or does not tell its kind.
    """
    folded = {path for path in paths if path.stem == PEOPLE_FILE and _activities_beside(path, paths)}
    kinds = list(records_csv.KEY_COLUMNS)
    ranked = []
    for path in paths:
        if path in folded:
            continue
        told = kind if kind in kinds else None
        rank = len(kinds) if _is_json(path) else kinds.index(told or records_csv.kind_of(path))
        ranked.append((rank, path))
    return [path for _, path in sorted(ranked, key=lambda pair: pair[0])]


def _activities_beside(people: Path, paths: Sequence[Path]) -> bool:
    return any(path.parent == people.parent and path.stem.startswith("field_activities") for path in paths)


def _is_json(path: Path) -> bool:
    suffix = path.suffix.lower()
    if suffix not in _KNOWN:
        raise Undecided(f"{path.name}: not a .xlsx, .csv or .json file: {_advice(suffix)}")
    return suffix == ".json"


def _advice(suffix: str) -> str:
    if suffix in _SPREADSHEETS:
        return "open it in your spreadsheet program, save it as Excel workbook (.xlsx) and submit that"
    return "submit the workbook itself, or save the table as .xlsx or .csv"


def _from_csv(
    path: Path, *, office: str | None, kind: str | None, note: str | None, projects: Mapping[str, str]
) -> list[Sending]:
    rows = records_csv.rows(path, kind=kind)
    try:
        grouped = records_csv.group(rows, office, note=note, project_offices=projects)
    except RecordsError as error:
        raise Undecided(f"{path.name}, {error}") from error
    return [Sending(path, envelope.body(), _lines(envelope.rows)) for envelope in grouped]


def _lines(rows: Iterable[Row]) -> tuple[int | None, ...]:
    return tuple(row.line for row in rows)


def _from_json(path: Path, *, office: str | None, note: str | None) -> list[Sending]:
    given = {"office": office, "note": note}
    filling = {name: value for name, value in given.items() if value is not None}
    return [Sending(path, {**filling, **envelope}, ()) for envelope in _envelopes(path)]


def _envelopes(path: Path) -> list[Mapping[str, Any]]:
    text = records_csv.text_of(path)
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise RecordsError(f"{path.name}, line {error.lineno}: not JSON: {error.msg}") from error
    listed = document if isinstance(document, list) else [document]
    for position, envelope in enumerate(listed, start=1):
        if not isinstance(envelope, dict) or "records" not in envelope:
            raise RecordsError(
                f"{path.name}: item {position} is not an envelope: write "
                f'{{"office": "KEN", "note": "...", "records": [...]}} or a list of these'
            )
    return listed


def _records_of(read: Iterable[Sending]) -> list[dict[str, Any]]:
    listed = [sending.body["records"] for sending in read if isinstance(sending.body["records"], list)]
    return [record for records in listed for record in records if isinstance(record, dict)]
