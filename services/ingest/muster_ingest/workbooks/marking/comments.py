"""Notes of a sheet (the comments part): ours added, those of an earlier run taken out, the user's own kept."""

import re
from dataclasses import dataclass, field

from muster_ingest.workbooks.marking.rows import cell_at, position_of
from muster_ingest.workbooks.marking.xml import Document, Element, ascii_xml, escaped

AUTHOR = "Muster"
MOST_TEXT = 32_767
"""Excel's limit for the text of a cell, in UTF-16 units; we hold notes to it too."""

_RULE = "\u2500" * 12
_OURS = re.compile(rf"\A{AUTHOR} \[(\d+)\]\n?")
_OURS_BEFORE_ANOTHER = re.compile(rf"\A{AUTHOR} \[(\d+)\]\n.*?{_RULE}\n", re.DOTALL)
_FACE = '<{p}sz val="9"/><{p}color indexed="81"/><{p}rFont val="Tahoma"/><{p}family val="2"/>'

Cell = tuple[int, int]


@dataclass
class NotesChange:
    """What becomes of a sheet's notes.

    `data`: the part as it shall be, None where no note is left. `former`: cells that had a mark of an earlier run, with
    the mark's number where the note tells it. `gone` and `new`: cells whose box goes and comes.
    `reworded`: whether a note of the user's now has our words before its own.
    """

    data: bytes | None
    former: dict[Cell, int | None] = field(default_factory=dict)
    gone: set[Cell] = field(default_factory=set)
    new: set[Cell] = field(default_factory=set)
    reworded: bool = False

    @property
    def changes_anything(self) -> bool:
        """Whether the part is to be written anew."""
        return bool(self.former or self.new or self.reworded)


def note_text(number: int, messages: list[str]) -> str:
    """What a note of ours says: its number in the list of errors, then one line for each thing wrong."""
    lines = "\n".join(message.replace(_RULE[0], "-") for message in messages)
    return cut(f"{AUTHOR} [{number}]\n{lines}")


def cut(text: str, most: int = MOST_TEXT) -> str:
    """The text shortened to this many UTF-16 units."""
    raw = text.encode("utf-16-le", "surrogatepass")
    return text if len(raw) <= 2 * most else raw[: 2 * (most - 1)].decode("utf-16-le", "ignore") + "\u2026"


def change_notes(data: bytes | None, texts: dict[Cell, str], namespace: str) -> NotesChange:
    """Take our former notes out of a comments part (None: there is none) and put these in."""
    empty = f'<comments xmlns="{namespace}"><authors></authors><commentList></commentList></comments>'
    part = _Notes(Document(empty.encode() if data is None else data))
    return part.change(texts)


class _Notes:
    """One comments part being changed."""

    def __init__(self, document: Document) -> None:
        self._document = document
        authors, notes = document.root.child("authors"), document.root.child("commentList")
        if authors is None or notes is None:
            raise ValueError("a comments part without authors or notes")
        self._authors, self._list = authors, notes
        self._names = [author.text for author in authors.children]
        self._p = document.prefix(document.root)

    def change(self, texts: dict[Cell, str]) -> NotesChange:
        change, left, added = NotesChange(None), 0, dict(texts)
        for note in self._list.children:
            cell = position_of(note.attributes.get("ref", "")) or (0, 0)
            said = "".join(text.text for text in _texts(note))
            found = self._ours_in(note, said)
            if found is not None:
                change.former[cell] = int(found[1]) if found[1] else None
            if found is not None and self._wholly_ours(note, said):
                change.gone.add(cell)
                self._document.remove(note)
            else:
                left += 1
                change.reworded |= cell in added
                self._reword(note, len(found[0]) if found else 0, added.pop(cell, None))
        change.new = set(added)
        if added:
            self._append(added)
        elif change.gone:
            self._drop_our_author(change.gone)
        change.data = self._document.changed() if left or added else None
        return change

    def _author(self, note: Element) -> str:
        number = int(note.attributes.get("authorId", "0"))
        return self._names[number] if number < len(self._names) else ""

    def _ours_in(self, note: Element, said: str) -> re.Match[str] | None:
        """Our words at the start of a note, with the mark's number as group 1."""
        found = _OURS_BEFORE_ANOTHER.match(said) or _OURS.match(said)
        return found or (re.match("()", said) if self._author(note) == AUTHOR else None)

    def _wholly_ours(self, note: Element, said: str) -> bool:
        return self._author(note).strip() in (AUTHOR, "") and not _OURS_BEFORE_ANOTHER.match(said)

    def _reword(self, note: Element, skip: int, new: str | None) -> None:
        """Cut our former words off the start of the user's note and put new ones there."""
        if not skip and new is None:
            return
        ahead = "" if new is None else f"{new}\n{_RULE}\n"
        runs, first = [run for run in note.all("r") if run.child("t")], True
        for text in _texts(note):
            cut_here = min(skip, len(text.text))
            skip -= cut_here
            run = next((run for run in runs if run.start < text.start < run.end), None)
            if run is not None and cut_here == len(text.text) and cut_here:
                self._document.remove(run)
            else:
                self._rewrite(text, cut_here, ahead if first and run is None else "")
            if first and run is not None and ahead:
                self._document.replace(run.start, run.start, self._run(ahead, self._face()))
            first = False

    def _rewrite(self, text: Element, cut_here: int, ahead: str) -> None:
        if not cut_here and not ahead:
            return
        now = ahead + text.text[cut_here:]
        self._document.set(text, "xml:space", "preserve")
        if text.empty_tag:
            self._document.append(text, ascii_xml(escaped(now)))
        else:
            self._document.replace(text.open_end, text.close_start, ascii_xml(escaped(now)))

    def _append(self, texts: dict[Cell, str]) -> None:
        author = self._our_author()
        notes = (self._note(cell, author, texts[cell]) for cell in sorted(texts))
        self._document.append(self._list, b"".join(notes))

    def _our_author(self) -> int:
        if AUTHOR not in self._names:
            self._document.append(self._authors, ascii_xml(f"<{self._p}author>{AUTHOR}</{self._p}author>"))
            self._names.append(AUTHOR)
        return self._names.index(AUTHOR)

    def _drop_our_author(self, gone: set[Cell]) -> None:
        """Forget our name where no note is by us any more, and count the other authors anew."""
        left = [note for note in self._list.children if position_of(note.attributes.get("ref", "")) not in gone]
        if AUTHOR not in self._names or any(self._author(note) == AUTHOR for note in left):
            return
        ours = self._names.index(AUTHOR)
        self._document.remove(self._authors.children[ours])
        for note in left:
            number = int(note.attributes.get("authorId", "0"))
            if number > ours:
                self._document.set(note, "authorId", str(number - 1))

    def _note(self, cell: Cell, author: int, text: str) -> bytes:
        head, _, said = text.partition("\n")
        runs = self._run(head, f"<{self._p}b/>" + self._face()) + self._run(f"\n{said}", self._face())
        opening = f'<{self._p}comment ref="{cell_at(*cell)}" authorId="{author}" shapeId="0"><{self._p}text>'
        return opening.encode() + runs + f"</{self._p}text></{self._p}comment>".encode()

    def _face(self) -> str:
        return _FACE.format(p=self._p)

    def _run(self, text: str, face: str) -> bytes:
        p = self._p
        return ascii_xml(f'<{p}r><{p}rPr>{face}</{p}rPr><{p}t xml:space="preserve">{escaped(text)}</{p}t></{p}r>')


def _texts(note: Element) -> list[Element]:
    """The pieces of a note's text, without the reading aids (rPh) of East Asian text."""
    holder = note.child("text")
    pieces = holder.children if holder else []
    found = (piece if piece.name == "t" else piece.child("t") for piece in pieces if piece.name in ("t", "r"))
    return [piece for piece in found if piece is not None]
