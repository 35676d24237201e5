"""The small parts of a workbook: content types, relations, the list of sheets, cell formats, custom properties."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from dataclasses import dataclass, field

from muster_ingest.workbooks.reading.formats import NUMBER, meaning
from muster_ingest.workbooks.reading.limits import Limits
from muster_ingest.workbooks.reading.package import Entry, Package
from muster_ingest.workbooks.reading.properties import read_properties
from muster_ingest.workbooks.reading.refused import OVER_LIMIT, UNREADABLE, WRONG_TYPE, Refused, damaged
from muster_ingest.workbooks.reading.xml_events import MAIN, Events, each

_CONTENT_TYPES = "[Content_Types].xml"
_TYPES_SPACE = frozenset({"http://schemas.openxmlformats.org/package/2006/content-types"})
_RELATIONS_SPACE = frozenset({"http://schemas.openxmlformats.org/package/2006/relationships"})
_RELATION_KINDS = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "http://purl.oclc.org/ooxml/officeDocument/relationships",
)
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
_SAVE_AS = 'open it in Excel and save it as "Excel Workbook (.xlsx)"'
_WRONG_TYPES = (
    ("sheet.binary", "binary_workbook", f"this is a binary workbook (.xlsb): {_SAVE_AS}"),
    ("macroenabled", "macro_workbook", f"this workbook may hold macros (.xlsm): {_SAVE_AS}"),
    ("spreadsheetml.template", "template_workbook", f"this is a workbook template (.xltx): {_SAVE_AS}"),
    ("wordprocessingml", "word_document", "this is a Word document (.docx): send a workbook (.xlsx)"),
    ("presentationml", "presentation", "this is a presentation (.pptx): send a workbook (.xlsx)"),
)
_STATES = ("visible", "hidden", "veryHidden")
_LONGEST_NAME = 255  # Excel allows 31, other programs more


@dataclass(frozen=True)
class Relation:
    """One relation of a part; ``kind`` is the last word of its type, ``target`` a part's name unless external."""

    kind: str
    target: str
    external: bool


@dataclass(frozen=True)
class SheetPart:
    """A worksheet: its name as users see it, its state, and its part."""

    name: str
    state: str
    entry: Entry


@dataclass
class Styles:
    """The type of a number by cell format index."""

    kinds: list[str] = field(default_factory=lambda: [NUMBER])


@dataclass(frozen=True)
class Workbook:
    """What is known before any sheet is read."""

    sheets: tuple[SheetPart, ...]
    styles: Styles
    strings: Entry | None
    properties: dict[str, str]
    date_1904: bool


def small_part(package: Package, entry: Entry, most: int) -> Iterable[bytes]:
    """The pieces of a part that is meant to be small.

    Raises:
        Refused: it is not.
    """
    size = 0
    for piece in package.pieces(entry):
        size += len(piece)
        if size > most:
            message = f"the part {entry.name} of this workbook is larger than {most // 1_000_000} MB"
            raise Refused(OVER_LIMIT, "part_too_large", message)
        yield piece


def read_workbook(package: Package, limits: Limits) -> Workbook:
    """The workbook of a package that passed the guard.

    Raises:
        Refused: it is another type of file, or one of these parts is damaged or missing.
    """
    main = _main_part(package, limits)
    relations = relations_of(package, main.name, limits)
    listed = _Listed(limits)
    each(main.name, small_part(package, main, limits.small_part_bytes), listed.element, limits)
    if not listed.is_workbook:
        raise damaged(f"its part {main.name} is no workbook")
    strings, styles = _target(package, relations, "sharedStrings"), _target(package, relations, "styles")
    return Workbook(
        sheets=_sheets(package, relations, listed),
        styles=_styles(package, styles, limits),
        strings=strings,
        properties=_properties(package, limits),
        date_1904=listed.date_1904,
    )


def _main_part(package: Package, limits: Limits) -> Entry:
    types = _content_types(package, limits)
    for word, code, message in _WRONG_TYPES:
        if any(word in kind.lower() for kind in types.values()):
            raise Refused(WRONG_TYPE, code, message)
    main = _target(package, relations_of(package, "", limits), "officeDocument")
    if main is None:
        raise Refused(UNREADABLE, "damaged", "this zip archive holds no workbook: save it again as .xlsx")
    kind = types.get("/" + main.name.lower()) or types.get(main.name.lower().rpartition(".")[2])
    if kind != _SHEET_TYPE:
        raise Refused(WRONG_TYPE, "not_a_workbook", "this Office file is no workbook: send a workbook (.xlsx)")
    return main


def _content_types(package: Package, limits: Limits) -> dict[str, str]:
    """Content types by part name ("/xl/workbook.xml") or extension ("xml"), both in lower case."""
    entry = package.find(_CONTENT_TYPES)
    if entry is None:
        raise _other_archive(package)
    types: dict[str, str] = {}

    def element(name: str, attributes: dict[str, str]) -> None:
        key = {"Default": "Extension", "Override": "PartName"}.get(name)
        if key and key in attributes:
            types[attributes[key].lower()] = attributes.get("ContentType", "")

    each(entry.name, small_part(package, entry, limits.small_part_bytes), element, limits, _TYPES_SPACE)
    return types


def _other_archive(package: Package) -> Refused:
    mime = package.find("mimetype")
    said = b"".join(small_part(package, mime, 1_000)) if mime else b""
    if said.startswith(b"application/vnd.oasis.opendocument"):
        message = "this is an OpenDocument file (.ods): open it in LibreOffice or Excel and save it as .xlsx"
        return Refused(WRONG_TYPE, "open_document", message)
    if any(name.startswith("index/") or name.endswith(".iwa") for name in package.entries):
        return Refused(WRONG_TYPE, "numbers", "this is an Apple Numbers file: export it to Excel (.xlsx)")
    message = "this is a zip archive, but no workbook: unpack it and send the .xlsx files in it one by one"
    return Refused(WRONG_TYPE, "not_a_workbook", message)


def relations_of(package: Package, part: str, limits: Limits) -> dict[str, Relation]:
    """The relations of a part ("" for the package itself) by their ids; none where it has no such part."""
    folder, _, name = part.rpartition("/")
    entry = package.find(posixpath.join(folder, "_rels", f"{name}.rels"))
    if entry is None:
        return {}
    relations: dict[str, Relation] = {}

    def element(name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship":
            relations[attributes.get("Id", "")] = _relation(folder, attributes)

    each(entry.name, small_part(package, entry, limits.small_part_bytes), element, limits, _RELATIONS_SPACE)
    return relations


def _relation(folder: str, attributes: dict[str, str]) -> Relation:
    space, _, kind = attributes.get("Type", "").rpartition("/")
    external = attributes.get("TargetMode", "Internal") == "External"
    target = attributes.get("Target", "")
    kind = kind if space in _RELATION_KINDS else f"{space}/{kind}"
    return Relation(kind, target if external else _resolved(folder, target), external)


def _resolved(folder: str, target: str) -> str:
    return posixpath.normpath(posixpath.join("/" + folder, target)).lstrip("/")


def _target(package: Package, relations: dict[str, Relation], kind: str) -> Entry | None:
    found = [relation for relation in relations.values() if relation.kind == kind]
    if len(found) > 1:
        raise damaged(f"it has two parts for one purpose ({kind})")
    return _entry(package, found[0]) if found else None


def _entry(package: Package, relation: Relation) -> Entry:
    if relation.external:
        message = (
            f"this workbook keeps a part of itself ({relation.kind}) at another address, which is never fetched:"
            f" {_SAVE_AS}"
        )
        raise Refused(UNREADABLE, "outside_reference", message)
    entry = package.find(relation.target)
    if entry is None:
        raise damaged(f"its part {relation.target[:200]} is missing")
    return entry


class _Listed:
    """What workbook.xml says: sheets with their states and relation ids, and the date system."""

    def __init__(self, limits: Limits) -> None:
        self.is_workbook = False
        self.date_1904 = False
        self.sheets: list[tuple[str, str, str]] = []
        self._limits = limits

    def element(self, name: str, attributes: dict[str, str]) -> None:
        if name == "workbook":
            self.is_workbook = True
        elif name == "workbookPr":
            self.date_1904 = attributes.get("date1904") in {"1", "true"}
        elif name == "sheet":
            self._add(attributes)

    def _add(self, attributes: dict[str, str]) -> None:
        if len(self.sheets) == self._limits.sheets:
            message = f"this workbook has more than {self._limits.sheets} sheets: split it into several"
            raise Refused(OVER_LIMIT, "too_many_sheets", message)
        key = next((attributes[f"{kind}}}id"] for kind in _RELATION_KINDS if f"{kind}}}id" in attributes), "")
        name = attributes.get("name", "")
        if not name or len(name) > _LONGEST_NAME:
            raise damaged("a sheet has no name, or one of more than 255 characters")
        if name.lower() in {other.lower() for other, _, _ in self.sheets}:
            raise damaged("two of its sheets have one name", sheet=name)
        state = attributes.get("state", "visible")
        self.sheets.append((name, state if state in _STATES else "visible", key))


def _sheets(package: Package, relations: dict[str, Relation], listed: _Listed) -> tuple[SheetPart, ...]:
    sheets: list[SheetPart] = []
    for name, state, key in listed.sheets:
        relation = relations.get(key)
        if relation is None:
            raise damaged("a sheet has no part", sheet=name)
        if relation.kind.lower().endswith("macrosheet"):
            message = f"this workbook holds macros (sheet {name}): {_SAVE_AS} without them"
            raise Refused(WRONG_TYPE, "macro_workbook", message, sheet=name)
        if relation.kind == "worksheet":  # chart sheets and dialog sheets have no cells
            sheets.append(SheetPart(name, state, _entry(package, relation)))
    if not sheets:
        raise damaged("it has no sheet with cells")
    if len({sheet.entry.name for sheet in sheets}) < len(sheets):
        raise damaged("two of its sheets share one part")
    return tuple(sheets)


def _styles(package: Package, entry: Entry | None, limits: Limits) -> Styles:
    if entry is None:
        return Styles()
    codes: dict[int, str] = {}
    formats: list[int] = []
    path: list[str] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        path.append(name)
        if name == "numFmt" and path[1:-1] == ["numFmts"]:
            codes[_number(attributes, "numFmtId")] = attributes.get("formatCode", "")[:1_000]
        elif name == "xf" and path[1:-1] == ["cellXfs"]:
            formats.append(_number(attributes, "numFmtId"))
        if max(len(codes), len(formats)) > limits.styles:
            message = f"this workbook has more than {limits.styles:,} cell formats: copy its values into a new workbook"
            raise Refused(OVER_LIMIT, "too_many_styles", message)

    def end(_: str) -> None:
        path.pop()

    events = Events(entry.name, MAIN, limits, start, end)
    for piece in small_part(package, entry, limits.styles_bytes):
        events.feed(piece)
    events.close()
    return Styles([meaning(number, codes.get(number)) for number in formats] or [NUMBER])


def _number(attributes: dict[str, str], name: str) -> int:
    text = attributes.get(name, "0")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise damaged(f"its cell formats hold {text[:40]!r} where a number belongs")
    return int(text)


def _properties(package: Package, limits: Limits) -> dict[str, str]:
    relations = relations_of(package, "", limits)
    entry = _target(package, relations, "custom-properties") or _target(package, relations, "customProperties")
    return read_properties(entry.name, small_part(package, entry, limits.small_part_bytes), limits) if entry else {}
