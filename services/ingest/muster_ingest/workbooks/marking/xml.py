"""XML parts as spans of their own bytes: read with expat, changed by splicing, every other byte as it was."""

import re
from codecs import getincrementaldecoder
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

_TAG = re.compile(rb"<[^\s/>]+(?:[^\"'>]|\"[^\"]*\"|'[^']*')*>")
_NAME = re.compile(rb"<([^\s/>]+)")
_DECLARED_ENCODING = re.compile(r"(<\?xml[^>]*?)\s+encoding\s*=\s*(?:\"[^\"]*\"|'[^']*')")
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(slots=True)
class Element:
    """One element and where its bytes stand.

    Prefixed attributes are named "namespace name". The span of the content is open_end to close_start.
    """

    name: str
    namespace: str
    attributes: dict[str, str]
    start: int
    open_end: int
    close_start: int = 0
    end: int = 0
    children: list["Element"] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The character data directly inside."""
        return "".join(self.texts)

    @property
    def empty_tag(self) -> bool:
        """Whether it was written as <name/>."""
        return self.end == self.open_end

    def child(self, name: str) -> "Element | None":
        """The first child of this local name."""
        return next((child for child in self.children if child.name == name), None)

    def all(self, name: str) -> "Iterator[Element]":
        """Every descendant of this local name, in document order."""
        for child in self.children:
            if child.name == name:
                yield child
            yield from child.all(name)

    def relation_id(self) -> str | None:
        """Its r:id, in the transitional or the strict namespace."""
        found = (value for key, value in self.attributes.items() if key.endswith("/relationships id"))
        return next(found, None)


class Document:
    """A small part held whole. Changes are collected as splices and made by `changed()`.

    Raises ValueError where the bytes are no well-formed XML.
    """

    def __init__(self, data: bytes) -> None:
        self.data = in_utf8(data)
        self._splices: list[tuple[int, int, bytes]] = []
        self.root = _Builder(self.data).root()

    def raw(self, element: Element) -> bytes:
        """The element's own bytes, tags included."""
        return self.data[element.start : element.end]

    def prefix(self, element: Element) -> str:
        """The prefix the element is written with, with its colon, or nothing."""
        return _prefix_of(self._raw_name(element))

    def replace(self, start: int, end: int, data: bytes) -> None:
        """Put `data` in place of the bytes from start to end."""
        self._splices.append((start, end, data))

    def remove(self, element: Element) -> None:
        """Take the element out."""
        self.replace(element.start, element.end, b"")

    def set(self, element: Element, name: str, value: str | None) -> None:
        """Give an attribute without prefix a value, or (None) take it away."""
        span = _attribute_span(self.data, element, name)
        written = b"" if value is None else f' {name}="{escaped(value)}"'.encode("ascii", "xmlcharrefreplace")
        if span is not None:
            self.replace(*span, written)
        elif value is not None:
            after_name = element.start + 1 + len(self._raw_name(element))
            self.replace(after_name, after_name, written)

    def append(self, parent: Element, children: bytes) -> None:
        """Add children at the end of `parent`; at most once for a parent written as <name/>."""
        if parent.empty_tag:
            slash = self.data.rindex(b"/", parent.start, parent.open_end)
            self.replace(slash, parent.open_end, b">" + children + b"</" + self._raw_name(parent) + b">")
        else:
            self.replace(parent.close_start, parent.close_start, children)

    def prepend(self, parent: Element, children: bytes) -> None:
        """Add children at the start of `parent`."""
        if parent.empty_tag:
            self.append(parent, children)
        else:
            self.replace(parent.open_end, parent.open_end, children)

    def changed(self) -> bytes:
        """The part with every change made."""
        pieces, position = [], 0
        for start, end, data in sorted(self._splices, key=lambda splice: splice[:2]):
            pieces += [self.data[position:start], data]
            position = end
        return b"".join([*pieces, self.data[position:]])

    def _raw_name(self, element: Element) -> bytes:
        return _raw_name(self.data, element.start)


class _Builder:
    """Turns expat's events into elements with offsets."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._open: list[Element] = []
        self._root: Element | None = None
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text

    def root(self) -> Element:
        try:
            self._parser.Parse(self._data, True)
        except expat.ExpatError as problem:
            raise ValueError(f"a part is not well-formed XML: {problem}") from problem
        if self._root is None:
            raise ValueError("a part is empty XML")
        return self._root

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        start = self._parser.CurrentByteIndex
        namespace, _, local = name.rpartition(" ")
        element = Element(local, namespace, attributes, start, tag_end(self._data, start))
        if self._open:
            self._open[-1].children.append(element)
        else:
            self._root = element
        self._open.append(element)

    def _end(self, _name: str) -> None:
        element = self._open.pop()
        if self._data[element.open_end - 2 : element.open_end] == b"/>":
            element.close_start = element.end = element.open_end
        else:
            element.close_start = self._parser.CurrentByteIndex
            element.end = self._data.index(b">", element.close_start) + 1

    def _text(self, text: str) -> None:
        self._open[-1].texts.append(text)


def tag_end(data: bytes, start: int) -> int:
    """Where the start tag that begins at `start` ends; ValueError if it does not."""
    match = _TAG.match(data, start)
    if match is None:
        raise ValueError("a tag without an end")
    return match.end()


def _raw_name(data: bytes, start: int) -> bytes:
    match = _NAME.match(data, start)
    if match is None:
        raise ValueError("a tag without a name")
    return match[1]


def _prefix_of(raw_name: bytes) -> str:
    prefix, colon, _ = raw_name.decode().rpartition(":")
    return prefix + colon


def _attribute_span(data: bytes, element: Element, name: str) -> tuple[int, int] | None:
    match = attribute_pattern(name).search(data, element.start, element.open_end)
    return match.span() if match else None


def attribute_pattern(name: str) -> re.Pattern[bytes]:
    """Finds one attribute with the space before it; its value is group 1 or 2."""
    return re.compile(rb"\s" + name.encode() + rb"\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")


def with_attribute(tag: bytes, name: str, value: str) -> bytes:
    """An element's bytes with one attribute of its start tag set; for values without markup."""
    written, opening = f' {name}="{value}"'.encode(), tag_end(tag, 0)
    match = attribute_pattern(name).search(tag, 0, opening)
    if match:
        return tag[: match.start()] + written + tag[match.end() :]
    after_name = 1 + len(_raw_name(tag, 0))
    return tag[:after_name] + written + tag[after_name:]


def in_utf8(data: bytes) -> bytes:
    """A part in UTF-16 turned into UTF-8; any other is left as it is."""
    if data[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        return data
    return _DECLARED_ENCODING.sub(r"\1", data.decode("utf-16"), count=1).encode()


def utf8_chunks(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """A part in UTF-16 turned into UTF-8 as it comes; any other is passed through."""
    first = next(chunks, b"")
    if first[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        yield first
        yield from chunks
        return
    decoder = getincrementaldecoder("utf-16")()
    yield _DECLARED_ENCODING.sub(r"\1", decoder.decode(first), count=1).encode()
    for chunk in chunks:
        yield decoder.decode(chunk).encode()


def escaped(text: str) -> str:
    """Text for an element or an attribute in double quotes; characters XML cannot carry are dropped."""
    clean = _NOT_IN_XML.sub("", text)
    clean = clean.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    return clean.replace("\r", "&#13;")


def ascii_xml(text: str) -> bytes:
    """Markup as bytes that mean the same in whatever encoding the part around them has."""
    return text.encode("ascii", "xmlcharrefreplace")
