"""One sheet of a workbook being annotated: its cells, notes and boxes, and the parts they live in."""

from collections.abc import Iterator
from dataclasses import dataclass

from muster_ingest.workbooks.marking.boxes import EMPTY_DRAWING, box_for, change_boxes
from muster_ingest.workbooks.marking.comments import change_notes
from muster_ingest.workbooks.marking.former import FormerList
from muster_ingest.workbooks.marking.package import Package
from muster_ingest.workbooks.marking.relations import ContentTypes, Relations
from muster_ingest.workbooks.marking.rows import Restyling, cell_at
from muster_ingest.workbooks.marking.sheet import SheetPatch, head_of, mentions, patched
from muster_ingest.workbooks.marking.styles import Styles
from muster_ingest.workbooks.marking.workbook import Sheet

_COMMENTS = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
_VML = "application/vnd.openxmlformats-officedocument.vmlDrawing"

Cell = tuple[int, int]


@dataclass(frozen=True)
class Wanted:
    """What is wanted of a sheet: its wrong cells, the texts of their notes, whether it is to be the selected sheet."""

    wrong: set[Cell]
    texts: dict[Cell, str]
    selected: bool | None


@dataclass(frozen=True)
class House:
    """What the sheets of a workbook share: package, styles, the list of an earlier run, relation base, namespace."""

    package: Package
    types: ContentTypes
    styles: Styles
    former: FormerList
    base: str
    namespace: str


class OneSheet:
    """The change of one sheet. `own_styles` tells after it was written what style each wrong cell had of its own."""

    def __init__(self, house: House, sheet: Sheet, wanted: Wanted) -> None:
        self._house, self._part, self._wanted = house, sheet.part, wanted
        self._name = sheet.name
        self._relations = Relations(house.package, sheet.part)
        self.own_styles: dict[Cell, int] = {}
        comments = [relation for relation in self._relations.of("comments") if house.package.has(relation.target)]
        self._comments = comments[0] if comments else None
        data = house.package.read(self._comments.target) if self._comments else None
        self._notes = change_notes(data, wanted.texts, house.namespace)
        self._head = head_of(house.package.chunks(sheet.part))

    def prepare(self) -> None:
        """Tell the package what to write, if anything of the sheet changes."""
        if not self._changes():
            return
        package = self._house.package
        if self._notes.changes_anything:
            self._prepare_notes()
            package.hold(self._relations.name)
            for relation in self._relations.of("vmlDrawing"):
                package.hold(relation.target)
        package.put(self._part, self._pieces)

    def _changes(self) -> bool:
        if self._wanted.wrong or self._notes.changes_anything or self._selected() is not None:
            return True
        marked = self._house.styles.marked
        return bool(marked) and mentions(self._house.package.chunks(self._part), marked)

    def _selected(self) -> bool | None:
        """Whether the sheet is to be selected or not; None where it is so already."""
        wanted = self._wanted.selected
        return None if wanted == self._head.selected else wanted

    def _prepare_notes(self) -> None:
        package, types, data = self._house.package, self._house.types, self._notes.data
        if self._notes.new:
            types.default("vml", _VML)
        if self._comments is not None and data is None:
            package.drop(self._comments.target)
            types.remove(self._comments.target)
            self._relations.remove(self._comments.id)
        elif self._comments is not None and data is not None:
            package.put(self._comments.target, data)
        elif data is not None:
            name = package.free_name("xl/musterNotes{}.xml")
            package.put(name, data)
            types.add(name, _COMMENTS)
            self._relations.add("comments", name, self._house.base)

    def _pieces(self) -> Iterator[bytes]:
        wrong: dict[int, set[int]] = {}
        for row, column in self._wanted.wrong:
            wrong.setdefault(row, set()).add(column)
        cells = Restyling(wrong, self._mark, self._house.styles.marked, self._original)
        patch = SheetPatch(cells, self._selected(), self._drawing)
        return patched(self._house.package.chunks(self._part), patch)

    def _mark(self, row: int, column: int, style: int) -> int:
        self.own_styles[row, column] = style
        return self._house.styles.with_mark(style)

    def _original(self, row: int, column: int, style: int) -> int:
        """The style a marked cell had: as its note's number tells, as its place was listed, or like it but unmarked."""
        styles, number = self._house.styles, self._notes.former.get((row, column))
        told = self._house.former.styles.get(number) if number is not None else None
        if told is not None and styles.is_own(told):
            return told
        listed = self._house.former.places.get((self._name, cell_at(row, column))) if row and column else None
        if listed is not None and styles.is_own(listed) and styles.alike(listed, style):
            return listed
        return styles.without_mark(style)

    def _drawing(self, relation_id: str | None) -> str | None:
        """Redraw the boxes of the sheet's notes; the relation to the drawing they are in by then."""
        if not self._notes.gone and not self._notes.new:
            return relation_id
        package, part = self._house.package, self._relations.target(relation_id)
        present = part if part is not None and package.has(part) else None
        texts = self._wanted.texts
        boxes = [box_for(cell, texts[cell]) for cell in sorted(self._notes.new)]
        data = package.read(present) if present else None
        drawing = change_boxes(data, self._notes.gone, boxes, self._head.width_of)
        if present is None:
            return None if drawing is None else self._new_drawing(drawing)
        if drawing is None and relation_id and self._house.types.override(present) is None:
            package.drop(present)
            self._relations.remove(relation_id)
            return None
        package.put(present, drawing or EMPTY_DRAWING)
        return relation_id

    def _new_drawing(self, drawing: bytes) -> str:
        name = self._house.package.free_name("xl/drawings/musterNotes{}.vml")
        self._house.package.put(name, drawing)
        return self._relations.add("vmlDrawing", name, self._house.base)
