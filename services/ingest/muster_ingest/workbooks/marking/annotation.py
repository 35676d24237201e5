"""One run over a workbook: which parts change, and how."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from muster_ingest.workbooks.marking.comments import note_text
from muster_ingest.workbooks.marking.former import FormerList, View, former_list, state_of
from muster_ingest.workbooks.marking.listing import TITLE_ROW, Line, link_to, listing
from muster_ingest.workbooks.marking.one_sheet import Cell, House, OneSheet, Wanted
from muster_ingest.workbooks.marking.package import Package
from muster_ingest.workbooks.marking.relations import ContentTypes, Relations
from muster_ingest.workbooks.marking.rows import position_of
from muster_ingest.workbooks.marking.styles import ListLooks, Styles
from muster_ingest.workbooks.marking.titles import retitle
from muster_ingest.workbooks.marking.words import free_sheet_name, words_in
from muster_ingest.workbooks.marking.workbook import NewSheet, Workbook, moved_position

_SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_MOST_NOTES = 5_000  # more make Excel slow, and reading them all again takes memory; fill and list go on
_OF_THE_LIST = ("printerSettings", "comments", "vmlDrawing", "drawing")

Marks = dict[Cell, list[int]]


class Annotation:
    """The change of one workbook: `prepare` decides it; it is made while the package is written."""

    def __init__(self, package: Package, marks: list[dict[str, Any]], language: str) -> None:
        self._package, self._marks, self._words = package, marks, words_in(language)
        self._workbook = workbook = Workbook(package)
        self._former = former_list(package, workbook)
        self._styles_part = workbook.related("styles")
        styles = Styles(package.read(self._styles_part) if self._styles_part else None, workbook.namespace)
        types = ContentTypes(package)
        self._house = House(package, types, styles, self._former, workbook.base, workbook.namespace)
        self._placed = self._place_marks()
        self._sheets: dict[int, OneSheet] = {}
        self._views = _views_of_user(workbook, self._former)

    def prepare(self) -> None:
        """Tell the package what to write."""
        looks = self._house.styles.list_looks() if self._marks else None
        for index, sheet in enumerate(self._workbook.sheets):
            if index != self._former.index and sheet.part:
                self._sheets[index] = OneSheet(self._house, sheet, self._wanted(index))
                self._sheets[index].prepare()
        if looks or self._house.styles.marked:
            self._prepare_styles()
        if looks or self._former.index is not None:
            self._prepare_workbook(looks)

    def _place_marks(self) -> dict[int, Marks]:
        """The numbers (from 1) of the marks on each cell of each sheet that has cells."""
        placed: dict[int, Marks] = defaultdict(lambda: defaultdict(list))
        for number, mark in enumerate(self._marks, 1):
            index, cell = self._sheet_of(mark), position_of(str(mark.get("cell") or ""))
            if index is not None and cell is not None:
                placed[index][cell].append(number)
        return placed

    def _sheet_of(self, mark: dict[str, Any]) -> int | None:
        index = self._workbook.index_of(str(mark.get("sheet") or ""))
        if index is None or index == self._former.index:
            return None
        sheet = self._workbook.sheets[index]
        return index if sheet.part and sheet.has_cells else None

    def _wanted(self, index: int) -> Wanted:
        cells = self._placed.get(index, {})
        noted = [cell for cell in cells if cells[cell][0] <= _MOST_NOTES]
        texts = {cell: note_text(cells[cell][0], self._messages(cells[cell])) for cell in noted}
        return Wanted(set(cells), texts, self._selected(index))

    def _messages(self, numbers: list[int]) -> list[str]:
        return [str(self._marks[number - 1].get("message") or "") for number in numbers]

    def _selected(self, index: int) -> bool | None:
        """Only the list is selected; without it again the sheet that was. Two selected ones would be edited as one."""
        if self._marks:
            return False
        gone = self._former.index
        if gone is None:
            return None
        active = self._views[0][0] if self._views else 0
        return True if moved_position(index, gone, 0) == active else None

    def _prepare_styles(self) -> None:
        part, workbook = self._styles_part, self._workbook
        if part is None:
            usual = "xl/styles.xml"  # some readers look nowhere else
            part = self._package.free_name("xl/musterStyles{}.xml") if self._package.has(usual) else usual
            self._house.types.add(part, f"{_SPREADSHEET}.styles+xml")
            workbook.relations.add("styles", part, workbook.base)
        self._package.hold(part)
        self._package.put(part, lambda: [self._house.styles.written()])

    def _prepare_workbook(self, looks: ListLooks | None) -> None:
        names = [sheet.name for sheet in self._workbook.sheets]
        gone = self._former.index
        if gone is not None:
            self._drop_former(gone)
        new = self._new_sheet([name for at, name in enumerate(names) if at != gone], looks) if looks else None
        views = [(0, 0)] * len(self._views) if new else self._views
        self._package.put(self._workbook.part, self._workbook.rearranged(gone, new, views))
        retitle(self._package, names, gone, new.name if new else None)

    def _drop_former(self, gone: int) -> None:
        part = self._workbook.sheets[gone].part
        relations = Relations(self._package, part)
        belongings = [relation.target for relation in relations.all if relation.kind in _OF_THE_LIST]
        for name in [part, relations.name, *(target for target in belongings if target)]:
            self._package.drop(name)
            self._house.types.remove(name)
        for relation in self._workbook.relations.of("worksheet"):
            if relation.target == part:
                self._workbook.relations.remove(relation.id)

    def _new_sheet(self, taken: list[str], looks: ListLooks) -> NewSheet:
        part = self._package.free_name("xl/worksheets/musterErrors{}.xml")
        self._house.types.add(part, f"{_SPREADSHEET}.worksheet+xml")
        relation_id = self._workbook.relations.add("worksheet", part, self._workbook.base)
        self._package.hold(part)
        self._package.put(part, lambda: self._listing(looks))
        return NewSheet(free_sheet_name(self._words, taken), relation_id, TITLE_ROW)

    def _listing(self, looks: ListLooks) -> Iterator[bytes]:
        lines = [self._line(mark) for mark in self._marks]
        return listing(lines, state_of(self._views), looks, self._words, self._workbook.namespace)

    def _line(self, mark: dict[str, Any]) -> Line:
        index, cell = self._sheet_of(mark), position_of(str(mark.get("cell") or ""))
        if index is None:
            return Line(mark, None, None)
        style = self._sheets[index].own_styles.get(cell) if cell else None
        return Line(mark, link_to(self._workbook.sheets[index].name, mark), style)


def _views_of_user(workbook: Workbook, former: FormerList) -> list[View]:
    """Of each window the active sheet and the first tab, as positions among the user's own sheets.

    Where our list is the active sheet, the user's choice is what the list remembers.
    """
    if former.index is None:
        return workbook.active
    remembered = former.views or [(0, 0)]
    last = max(0, len(workbook.sheets) - 2)
    views = []
    for window, (active, first) in enumerate(workbook.active):
        kept = remembered[min(window, len(remembered) - 1)]
        here = kept[0] if active == former.index else moved_position(active, former.index, 0)
        left = kept[1] if active == former.index else moved_position(first, former.index, 0)
        views.append((min(here, last), min(max(left, 0), last)))
    return views
