"""What travels between the reading child and its parent: JSON frames behind their length (4 bytes, big endian)."""

from __future__ import annotations

import json
import struct
from dataclasses import asdict, dataclass
from typing import Any, Literal

from muster_ingest.workbooks.reading.refused import Refused

LENGTH = struct.Struct(">I")
LONGEST_FRAME = 512 * 1024 * 1024  # a row of 500 cells, each of 32,767 characters of four bytes, several times over
BATCH_ROWS = 500
BATCH_CHARACTERS = 2_000_000

Rows = list[list[Any]]  # a row: its number, then typed cells from column A on, trailing blanks cut


@dataclass(frozen=True)
class Opened:
    """What is known once the guard let a file pass.

    ``rows`` counts the row elements of all sheets (lines of a CSV file): the measure for progress, not a promise.
    """

    form: Literal["xlsx", "csv"]
    properties: dict[str, str]
    sheets: tuple[tuple[str, str], ...]  # (name, "visible" | "hidden" | "veryHidden")
    rows: int
    delimiter: str | None


@dataclass(frozen=True)
class SheetBegins:
    """The sheet whose rows follow."""

    name: str
    index: int
    state: str


@dataclass(frozen=True)
class SheetEnds:
    """What is known of a sheet after its last row."""

    merged: tuple[str, ...]
    hidden_rows: int
    hidden_columns: int
    date_1904: bool


Frame = SheetBegins | Rows | SheetEnds


def framed(document: object) -> bytes:
    """The bytes of one frame."""
    body = json.dumps(document, ensure_ascii=False, check_circular=False).encode("utf-8", "surrogatepass")
    return LENGTH.pack(len(body)) + body


def unframed(body: bytes) -> Any:
    """The document of a frame, its length taken off."""
    return json.loads(body.decode("utf-8", "surrogatepass"))


def of_frame(frame: Frame) -> dict[str, Any] | Rows:
    """A frame as plain JSON."""
    if isinstance(frame, list):
        return frame
    return {"begins" if isinstance(frame, SheetBegins) else "ends": asdict(frame)}


def frame_of(document: Any) -> Frame:
    """The frame that ``of_frame`` made plain."""
    if isinstance(document, list):
        return document
    if "begins" in document:
        return SheetBegins(**document["begins"])
    ends = document["ends"]
    return SheetEnds(**{**ends, "merged": tuple(ends["merged"])})


def of_refusal(refused: Refused) -> list[Any]:
    """A refusal as plain JSON."""
    return [refused.status, refused.code, refused.message, refused.sheet, refused.cell]


def refusal_of(parts: list[Any]) -> Refused:
    """The refusal that ``of_refusal`` made plain."""
    status, code, message, sheet, cell = parts
    return Refused(status, code, message, sheet=sheet, cell=cell)


def of_opened(opened: Opened) -> dict[str, Any]:
    """What the guard found as plain JSON."""
    return asdict(opened)


def opened_of(document: dict[str, Any]) -> Opened:
    """What the guard found, from plain JSON."""
    sheets = tuple((name, state) for name, state in document["sheets"])
    return Opened(**{**document, "sheets": sheets})
