"""Cell styles: the user's own style with our fill, the way back, and the looks of the list of errors."""

from dataclasses import dataclass

from muster_ingest.workbooks.marking.xml import Document, Element, with_attribute

MARK_COLOUR = "FFFFC9BD"
"""The fill of a wrong cell (ARGB). It is ours alone, so that marks are known again after any program saved the file."""

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_MOST_STYLES = 64_000  # Excel opens no workbook with more cell styles than this
_ORDER = ("numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs")
_FIRST = {
    "fonts": ('<{p}font><{p}sz val="11"/><{p}name val="Calibri"/></{p}font>',),
    "fills": (
        '<{p}fill><{p}patternFill patternType="none"/></{p}fill>',
        '<{p}fill><{p}patternFill patternType="gray125"/></{p}fill>',
    ),
    "borders": ("<{p}border><{p}left/><{p}right/><{p}top/><{p}bottom/><{p}diagonal/></{p}border>",),
    "cellStyleXfs": ('<{p}xf numFmtId="0" fontId="0" fillId="0" borderId="0"/>',),
    "cellXfs": ('<{p}xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>',),
}
_SOLID = (
    '<{{p}}fill><{{p}}patternFill patternType="solid"><{{p}}fgColor rgb="{}"/>'
    '<{{p}}bgColor indexed="64"/></{{p}}patternFill></{{p}}fill>'
)
_FONT = (
    '<{{p}}font>{}<{{p}}sz val="{}"/><{{p}}color rgb="{}"/><{{p}}name val="Calibri"/><{{p}}family val="2"/></{{p}}font>'
)
_RULED = (
    '<{p}border><{p}left/><{p}right/><{p}top/><{p}bottom style="thin"><{p}color rgb="FFD9D9D9"/></{p}bottom>'
    "<{p}diagonal/></{p}border>"
)

_NO_STYLES = (
    '<styleSheet xmlns="{}"><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
    "</styleSheet>"
)

_Key = tuple[frozenset[tuple[str, str]], bytes]


@dataclass(frozen=True)
class ListLooks:
    """The numbers of the styles the list of errors is written in."""

    title: int
    advice: int
    header: int
    body: int
    link: int


class _Collection:
    """One list of the style part (fonts, fills, ...), to which entries are only ever added."""

    def __init__(self, document: Document, name: str) -> None:
        self._name = name
        self._document = document
        self._element = document.root.child(name)
        self.prefix = document.prefix(document.root)
        children = self._element.children if self._element else []
        self.entries = [document.raw(child) for child in children]
        self._kept = len(self.entries)
        if not self.entries:
            self.entries = [entry.format(p=self.prefix).encode() for entry in _FIRST[name]]

    @property
    def children(self) -> list[Element]:
        return self._element.children if self._element else []

    def number(self, entry: str) -> int:
        """The number of an entry ("{p}" stands for the prefix), added if there is none like it."""
        written = entry.format(p=self.prefix).encode()
        if written not in self.entries:
            self.entries.append(written)
        return self.entries.index(written)

    def save(self) -> None:
        """Put what was added into the document."""
        added = b"".join(self.entries[self._kept :])
        if not added:
            return
        count = str(len(self.entries))
        if self._element is not None:
            self._document.set(self._element, "count", count)
            self._document.append(self._element, added)
            return
        tag = f"{self.prefix}{self._name}"
        self._insert(f'<{tag} count="{count}">'.encode() + added + f"</{tag}>".encode())

    def _insert(self, written: bytes) -> None:
        before = _ORDER[: _ORDER.index(self._name)]
        ahead = [child.end for child in self._document.root.children if child.name in before]
        place = max(ahead, default=self._document.root.open_end)
        self._document.replace(place, place, written)


class Styles:
    """The style part. `marked` are the styles that had our fill already when it was read."""

    def __init__(self, data: bytes | None, namespace: str = MAIN) -> None:
        self._document = Document(_NO_STYLES.format(namespace).encode() if data is None else data)
        self._collections = {name: _Collection(self._document, name) for name in _FIRST}
        self._xfs = self._collections["cellXfs"]
        self._keys = [self._key(element) for element in self._xfs.children] or [(frozenset[tuple[str, str]](), b"")]
        self._fills = [int(element.attributes.get("fillId", "0")) for element in self._xfs.children] or [0]
        self._known = {
            pair: number for number, pair in reversed([*enumerate(zip(self._keys, self._fills, strict=True))])
        }
        ours = {number for number, fill in enumerate(self._collections["fills"].children) if _is_mark(fill)}
        self.marked = frozenset(number for number, fill in enumerate(self._fills) if fill in ours)

    def _key(self, element: Element) -> _Key:
        """What a style is but for its fill."""
        inner = self._document.data[element.open_end : element.close_start].strip()
        told = {pair for pair in element.attributes.items() if pair[0] not in ("fillId", "applyFill")}
        return frozenset(told), inner

    def with_mark(self, style: int) -> int:
        """The number of the style that is this one with our fill (this one itself where no more styles fit)."""
        return self._with_fill(style, self._collections["fills"].number(_SOLID.format(MARK_COLOUR)))

    def without_mark(self, style: int) -> int:
        """The number of a style equal to this marked one but for our fill: the only one, else one unfilled."""
        alike = [
            number
            for number, key in enumerate(self._keys)
            if key == self._keys[style] and number not in self.marked and self._fills[number] != self._fills[style]
        ]
        return alike[0] if len(alike) == 1 else self._with_fill(style, 0)

    def alike(self, style: int, other: int) -> bool:
        """Whether both styles are there and differ in nothing but their fill."""
        return max(style, other) < len(self._keys) and self._keys[style] == self._keys[other]

    def is_own(self, style: int | None) -> bool:
        """Whether there is a style of this number, and without our fill."""
        return style is not None and style < len(self._keys) and style not in self.marked

    def _with_fill(self, style: int, fill: int) -> int:
        base = style if style < len(self._keys) else 0
        pair = (self._keys[base], fill)
        if pair not in self._known and len(self._keys) < _MOST_STYLES:
            self._known[pair] = len(self._keys)
            written = with_attribute(self._xfs.entries[base], "fillId", str(fill))
            self._xfs.entries.append(with_attribute(written, "applyFill", "1"))
            self._learn(self._keys[base], fill)
        return self._known.get(pair, style)

    def _learn(self, key: _Key, fill: int) -> None:
        """Keep what is known of the styles in step with the styles there are."""
        self._keys.append(key)
        self._fills.append(fill)

    def list_looks(self) -> ListLooks:
        """The styles of the list of errors."""
        return ListLooks(
            title=self._look(_FONT.format("<{p}b/>", 14, "FF9C1C00")),
            advice=self._look(_FONT.format("", 11, "FF000000")),
            header=self._look(_FONT.format("<{p}b/>", 11, "FFFFFFFF"), fill=_SOLID.format("FF1F4E78"), wrap=True),
            body=self._look(_FONT.format("", 11, "FF000000"), border=_RULED, wrap=True),
            link=self._look(_FONT.format("<{p}u/>", 11, "FF0563C1"), border=_RULED, wrap=True),
        )

    def _look(self, font: str, fill: str = "", border: str = "", *, wrap: bool = False) -> int:
        numbers = {
            "fontId": self._collections["fonts"].number(font),
            "fillId": self._collections["fills"].number(fill) if fill else 0,
            "borderId": self._collections["borders"].number(border) if border else 0,
        }
        told = " ".join(f'{name}="{number}"' for name, number in numbers.items())
        aligned = ' wrapText="1"' if wrap else ""
        applied = 'applyFont="1" applyFill="1" applyBorder="1" applyAlignment="1"'
        number = self._xfs.number(
            f'<{{p}}xf numFmtId="0" {told} xfId="0" {applied}>'
            f'<{{p}}alignment horizontal="left" vertical="top"{aligned}/></{{p}}xf>'
        )
        if number == len(self._keys):
            self._learn((frozenset({("for", "the list")}), b""), numbers["fillId"])
        return number

    def written(self) -> bytes:
        """The style part with all that was added."""
        for collection in self._collections.values():
            collection.save()
        return self._document.changed()


def _is_mark(fill: Element) -> bool:
    pattern = fill.child("patternFill")
    colour = pattern.child("fgColor") if pattern else None
    return colour is not None and colour.attributes.get("rgb", "").upper() == MARK_COLOUR
