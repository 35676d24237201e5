"""The workbook part: its sheets by name, and the places that count sheets by position."""

import re
from dataclasses import dataclass

from muster_ingest.workbooks.marking.package import Package
from muster_ingest.workbooks.marking.relations import STRICT, TRANSITIONAL, Relations
from muster_ingest.workbooks.marking.xml import Document, Element, ascii_xml, escaped

ERRORS_NAME = "_muster_errors"
"""The hidden defined name that leads to the list of errors whatever its sheet is called by now."""

_BEFORE_NAMES = ("sheets", "functionGroups", "externalReferences")


@dataclass(frozen=True)
class Sheet:
    """One sheet: its name, the part that holds it ("" if none does), whether that part has cells."""

    name: str
    part: str
    has_cells: bool


class Workbook:
    """The workbook part of a package. Raises ValueError where there is none."""

    def __init__(self, package: Package) -> None:
        main = Relations(package, "").of("officeDocument")
        if not main:
            raise ValueError("the package names no workbook")
        self._package = package
        self.part = main[0].target
        self.strict = main[0].base == STRICT
        self.base = STRICT if self.strict else TRANSITIONAL
        self.relations = Relations(package, self.part)
        self._document = Document(package.read(self.part))
        self.namespace = self._document.root.namespace
        self._sheets = self._children("sheets")
        self.sheets = [self._sheet(element) for element in self._sheets]

    def _children(self, name: str) -> list[Element]:
        parent = self._document.root.child(name)
        return parent.children if parent else []

    def _sheet(self, element: Element) -> Sheet:
        relation_id = element.relation_id()
        relation = next((found for found in self.relations.all if found.id == relation_id), None)
        part = relation.target if relation and self._package.has(relation.target) else ""
        return Sheet(element.attributes.get("name", ""), part, bool(relation and relation.kind == "worksheet"))

    def related(self, kind: str) -> str | None:
        """The one part of this kind (styles, sharedStrings) that belongs to the workbook."""
        found = self.relations.of(kind)
        return found[0].target if found and self._package.has(found[0].target) else None

    def index_named(self, defined_name: str) -> int | None:
        """The position of the sheet a defined name leads to."""
        for name in self._children("definedNames"):
            if name.attributes.get("name") == defined_name:
                return self.index_of(sheet_named_in(name.text))
        return None

    def index_of(self, name: str) -> int | None:
        """The position of the sheet with this name; case decides only where two differ by nothing else."""
        names = [sheet.name for sheet in self.sheets]
        if name in names:
            return names.index(name)
        folded = [each.casefold() for each in names]
        return folded.index(name.casefold()) if name.casefold() in folded else None

    @property
    def active(self) -> list[tuple[int, int]]:
        """Of each window, the positions of the active sheet and of the first tab shown."""
        views = (view.attributes for view in self._children("bookViews"))
        return [(_number(view.get("activeTab")), _number(view.get("firstSheet"))) for view in views]

    def rearranged(self, gone: int | None, new: "NewSheet | None", views: list[tuple[int, int]]) -> bytes:
        """The part without the sheet at position `gone`, with `new` as first sheet, and each window set to `views`."""
        document = self._document
        if gone is not None:
            document.remove(self._sheets[gone])
        self._move_names(gone, new)
        for view, (active, first) in zip(self._children("bookViews"), views, strict=True):
            document.set(view, "activeTab", str(active) if active else None)
            document.set(view, "firstSheet", str(first) if first else None)
        if new is not None and (sheets := document.root.child("sheets")) is not None:
            document.prepend(sheets, self._sheet_entry(new))
        return document.changed()

    def free_sheet_id(self) -> int:
        """A sheet id above all that are taken."""
        return 1 + max((_number(sheet.attributes.get("sheetId")) for sheet in self._sheets), default=0)

    def _sheet_entry(self, new: "NewSheet") -> bytes:
        root, document = self._document.root, self._document
        prefix, inline = relation_prefix(document.data[root.start : root.open_end], self.base)
        tag = f"{document.prefix(root)}sheet"
        told = f'name="{escaped(new.name)}" sheetId="{self.free_sheet_id()}"'
        return ascii_xml(f'<{tag}{inline} {told} {prefix}:id="{new.relation_id}"/>')

    def _move_names(self, gone: int | None, new: "NewSheet | None") -> None:
        names = self._children("definedNames")
        kept = [name for name in names if not self._goes(name, gone)]
        added = b"" if new is None else _names_of(new, self._document.prefix(self._document.root))
        parent = self._document.root.child("definedNames")
        if parent is not None and not kept and not added and names:
            self._document.remove(parent)
            return
        for name in names:
            self._move_name(name, gone, None if name not in kept else int(new is not None))
        if added:
            self._add_names(parent, added)

    def _add_names(self, parent: Element | None, added: bytes) -> None:
        if parent is not None:
            self._document.append(parent, added)
            return
        ahead = [child.end for child in self._document.root.children if child.name in _BEFORE_NAMES]
        tag = f"{self._document.prefix(self._document.root)}definedNames".encode()
        self._document.replace(max(ahead), max(ahead), b"<" + tag + b">" + added + b"</" + tag + b">")

    def _move_name(self, name: Element, gone: int | None, shift: int | None) -> None:
        local = name.attributes.get("localSheetId")
        if shift is None:
            self._document.remove(name)
        elif local is not None and (moved := moved_position(int(local), gone, shift)) != int(local):
            self._document.set(name, "localSheetId", str(moved))

    def _goes(self, name: Element, gone: int | None) -> bool:
        if name.attributes.get("name") == ERRORS_NAME:
            return True
        if gone is None:
            return False
        ours = self.sheets[gone].name
        return name.attributes.get("localSheetId") == str(gone) or sheet_named_in(name.text) == ours


@dataclass(frozen=True)
class NewSheet:
    """The list of errors as the workbook sees it."""

    name: str
    relation_id: str
    title_row: int


def moved_position(position: int, gone: int | None, shift: int) -> int:
    """Where a sheet stands after one was taken out and `shift` were put first."""
    return position - (gone is not None and position > gone) + shift


def quoted_sheet(name: str) -> str:
    """A sheet's name as formulas and links write it."""
    return "'" + name.replace("'", "''") + "'"


def relation_prefix(root_tag: bytes, base: str) -> tuple[str, str]:
    """The prefix for r:id below this start tag, and the declaration to write where it has none."""
    found = re.search(rb"xmlns:([\w.-]+)\s*=\s*[\"']" + re.escape(base.encode()) + rb"[\"']", root_tag)
    return (found[1].decode(), "") if found else ("r", f' xmlns:r="{base}"')


def _names_of(new: NewSheet, prefix: str) -> bytes:
    sheet, tag = escaped(quoted_sheet(new.name)), f"{prefix}definedName"
    titles = f'<{tag} name="_xlnm.Print_Titles" localSheetId="0">{sheet}!${new.title_row}:${new.title_row}</{tag}>'
    return ascii_xml(f'<{tag} name="{ERRORS_NAME}" hidden="1">{sheet}!$A$1</{tag}>{titles}')


def sheet_named_in(reference: str) -> str:
    """The sheet a reference ('My sheet'!$A$1) leads to."""
    sheet = reference.strip().removeprefix("$").rpartition("!")[0]
    return sheet[1:-1].replace("''", "'") if sheet[:1] == sheet[-1:] == "'" else sheet


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else 0
