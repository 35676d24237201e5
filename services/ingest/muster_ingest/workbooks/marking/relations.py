"""Which part belongs to which (relations), and what each part is (content types)."""

import posixpath
from dataclasses import dataclass
from urllib.parse import unquote

from muster_ingest.workbooks.marking.package import CONTENT_TYPES, Package
from muster_ingest.workbooks.marking.xml import Document, Element, ascii_xml, escaped

TRANSITIONAL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRICT = "http://purl.oclc.org/ooxml/officeDocument/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_NO_RELATIONS = f'<Relationships xmlns="{_PACKAGE}/relationships"></Relationships>'.encode()


@dataclass(frozen=True)
class Relation:
    """One relation: its id, the last word of its type ("worksheet"), the part it leads to ("" if outside)."""

    id: str
    kind: str
    base: str
    target: str


class Relations:
    """The relations of one part ("" for the package itself); changes are put into the package at once."""

    def __init__(self, package: Package, part: str) -> None:
        self._package = package
        self._folder, name = posixpath.split(part)
        self.name = posixpath.join(self._folder, "_rels", f"{name}.rels")
        self._read()

    def _read(self) -> None:
        data = self._package.read(self.name) if self._package.has(self.name) else _NO_RELATIONS
        self._document = Document(data)
        self.all = [self._relation(element) for element in self._document.root.children]

    def _relation(self, element: Element) -> Relation:
        base, _, kind = element.attributes.get("Type", "").rpartition("/")
        inside = element.attributes.get("TargetMode") != "External"
        target = self._resolved(element.attributes.get("Target", "")) if inside else ""
        return Relation(element.attributes.get("Id", ""), kind, base, target)

    def _resolved(self, target: str) -> str:
        path = unquote(target.partition("#")[0])
        return posixpath.normpath(posixpath.join("/", self._folder, path)).lstrip("/")

    def of(self, kind: str) -> list[Relation]:
        """The relations of this kind to parts inside."""
        return [relation for relation in self.all if relation.kind == kind and relation.target]

    def target(self, relation_id: str | None) -> str | None:
        """The part an id leads to."""
        return next((relation.target for relation in self.all if relation.id == relation_id), None) or None

    def add(self, kind: str, target: str, base: str) -> str:
        """Relate to a part; the new id."""
        new_id = f"rIdMuster{1 + sum(relation.id.startswith('rIdMuster') for relation in self.all)}"
        while any(relation.id == new_id for relation in self.all):
            new_id += "x"
        root = self._document.root
        tag = f"{self._document.prefix(root)}Relationship"
        written = f'<{tag} Id="{new_id}" Type="{base}/{kind}" Target="/{escaped(target)}"/>'
        self._document.append(root, ascii_xml(written))
        self._put()
        return new_id

    def remove(self, relation_id: str) -> None:
        """Take a relation away; without any the part of relations goes too."""
        for relation, element in zip(self.all, self._document.root.children, strict=True):
            if relation.id == relation_id:
                self._document.remove(element)
        self._put()
        if not self.all:
            self._package.drop(self.name)

    def _put(self) -> None:
        self._package.put(self.name, self._document.changed())
        self._read()


class ContentTypes:
    """What [Content_Types].xml says; changes are put into the package at once."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self._read()

    def _read(self) -> None:
        self._document = Document(self._package.read(CONTENT_TYPES))

    def override(self, part: str) -> Element | None:
        """The entry that names this very part."""
        name = f"/{part}".lower()
        entries = (entry for entry in self._document.root.children if entry.name == "Override")
        return next((entry for entry in entries if entry.attributes.get("PartName", "").lower() == name), None)

    def add(self, part: str, content_type: str) -> None:
        """Say what a new part is."""
        self._append(f'Override PartName="/{escaped(part)}" ContentType="{content_type}"')

    def remove(self, part: str) -> None:
        """Forget a part."""
        entry = self.override(part)
        if entry is not None:
            self._document.remove(entry)
            self._put()

    def default(self, extension: str, content_type: str) -> None:
        """Say what every part with this extension is, unless that is said already."""
        entries = (entry for entry in self._document.root.children if entry.name == "Default")
        if all(entry.attributes.get("Extension", "").lower() != extension for entry in entries):
            self._append(f'Default Extension="{extension}" ContentType="{content_type}"', first=True)

    def _append(self, entry: str, *, first: bool = False) -> None:
        root = self._document.root
        place = self._document.prepend if first else self._document.append
        place(root, ascii_xml(f"<{self._document.prefix(root)}{entry}/>"))
        self._put()

    def _put(self) -> None:
        self._package.put(CONTENT_TYPES, self._document.changed())
        self._read()
