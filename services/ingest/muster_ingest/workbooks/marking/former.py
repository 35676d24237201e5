"""The list of errors of an earlier run: known again after any program saved the file, and what it still tells."""

import re
from dataclasses import dataclass, field
from xml.parsers import expat

from muster_ingest.workbooks.marking.listing import FIRST_ROW, STATE, STATE_COLUMN, STYLE_COLUMN
from muster_ingest.workbooks.marking.package import Package
from muster_ingest.workbooks.marking.rows import position_of
from muster_ingest.workbooks.marking.words import is_errors_sheet_name
from muster_ingest.workbooks.marking.workbook import ERRORS_NAME, Workbook, sheet_named_in

View = tuple[int, int]


@dataclass
class FormerList:
    """What an earlier list of errors tells.

    `index`: the sheet's position (None: there is none). `styles`: the own style of a marked cell, by the mark's number.
    `places`: the same by sheet and cell as they were then, for marks whose note the user deleted.
    `views`: of each window the active sheet and the first tab shown, as the user had them.
    """

    index: int | None = None
    styles: dict[int, int] = field(default_factory=dict)
    places: dict[tuple[str, str], int] = field(default_factory=dict)
    views: list[View] = field(default_factory=list)


def former_list(package: Package, workbook: Workbook) -> FormerList:
    """Find the list by its defined name, else by its own name and the hidden text in it."""
    named = workbook.index_named(ERRORS_NAME)
    if named is not None and workbook.sheets[named].part:
        return _read(package, workbook, named) or FormerList(named)
    for index, sheet in enumerate(workbook.sheets):
        if sheet.part and sheet.has_cells and is_errors_sheet_name(sheet.name):
            found = _read(package, workbook, index)
            if found is not None:
                return found
    return FormerList()


def _read(package: Package, workbook: Workbook, index: int) -> FormerList | None:
    """What the sheet tells; None where it does not carry our hidden text."""
    cells = _Cells()
    for chunk in package.chunks(workbook.sheets[index].part):
        cells.feed(chunk)
    state = cells.state if cells.shared is None else _shared_text(package, workbook, cells.shared)
    if not state.startswith(STATE):
        return None
    views = [(int(active), int(first)) for active, first in re.findall(r"(\d+)\.(\d+)", state)]
    styles = {number: cells.styles.get(row, 0) for row, number in cells.numbers.items()}
    places = {place: cells.styles.get(row, 0) for row, place in cells.places.items()}
    return FormerList(index, styles, places, views)


def state_of(views: list[View]) -> str:
    """The views as the hidden text holds them."""
    return " ".join(f"{active}.{first}" for active, first in views)


class _Cells:
    """Reads from a list of errors the numbers, the styles beside them and the hidden text."""

    def __init__(self) -> None:
        self.numbers: dict[int, int] = {}
        self.styles: dict[int, int] = {}
        self.places: dict[int, tuple[str, str]] = {}
        self.state = ""
        self.shared: int | None = None
        self._cell, self._kind, self._text = "", "", ""
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._more

    def feed(self, chunk: bytes) -> None:
        try:
            self._parser.Parse(chunk, False)
        except expat.ExpatError as problem:
            raise ValueError(f"a sheet is not well-formed XML: {problem}") from problem

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name.endswith(" hyperlink") and (link := position_of(attributes.get("ref", ""))):
            location = attributes.get("location", "")
            self.places[link[0]] = (sheet_named_in(location), location.rpartition("!")[2])
        if name.endswith(" c"):
            self._cell, self._kind, self._text = attributes.get("r", ""), attributes.get("t", "n"), ""
            if self._cell.startswith(STYLE_COLUMN) and (at := position_of(self._cell)):
                self.styles[at[0]] = int(attributes.get("s", "0"))

    def _more(self, text: str) -> None:
        self._text += text

    def _end(self, name: str) -> None:
        if name.endswith(" c"):
            self._keep(self._text.strip())
            self._text = ""

    def _keep(self, text: str) -> None:
        at = position_of(self._cell)
        if at is not None and at[1] == 1 and at[0] >= FIRST_ROW and self._kind == "n":
            whole = text.removesuffix(".0")
            if whole.isdecimal():
                self.numbers[at[0]] = int(whole)
        elif self._cell == f"{STATE_COLUMN}1":
            self.shared = int(text) if self._kind == "s" and text.isdecimal() else None
            self.state = text


def _shared_text(package: Package, workbook: Workbook, wanted: int) -> str:
    """One of the workbook's shared strings."""
    part = workbook.related("sharedStrings")
    strings = _SharedString(wanted)
    for chunk in package.chunks(part) if part else ():
        strings.feed(chunk)
        if strings.seen > wanted:
            break
    return strings.text


class _SharedString:
    """Reads shared strings as far as the one that is wanted."""

    def __init__(self, wanted: int) -> None:
        self.seen, self.text, self._wanted = 0, "", wanted
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._more

    def feed(self, chunk: bytes) -> None:
        try:
            self._parser.Parse(chunk, False)
        except expat.ExpatError as problem:
            raise ValueError(f"the shared strings are not well-formed XML: {problem}") from problem

    def _more(self, text: str) -> None:
        if self.seen == self._wanted:
            self.text += text

    def _end(self, name: str) -> None:
        self.seen += name.endswith(" si")
