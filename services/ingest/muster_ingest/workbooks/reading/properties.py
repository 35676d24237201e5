"""The custom document properties of a workbook (docProps/custom.xml): where templates keep their version mark."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from muster_ingest.workbooks.reading.limits import Limits
from muster_ingest.workbooks.reading.refused import OVER_LIMIT, Refused
from muster_ingest.workbooks.reading.xml_events import Events

_PROPERTIES_SPACE = frozenset(
    {
        "http://schemas.openxmlformats.org/officeDocument/2006/custom-properties",
        "http://purl.oclc.org/ooxml/officeDocument/customProperties",
    }
)


def read_properties(part: str, pieces: Iterable[bytes], limits: Limits) -> dict[str, str]:
    """The properties by name, each as text.

    Raises:
        Refused: the part is damaged, or there are too many.
    """
    found: dict[str, str] = {}
    state = _Property()

    def start(name: str, attributes: dict[str, str]) -> None:
        if name == "property":
            state.name, state.text = attributes.get("name", ""), []

    def end(name: str) -> None:
        if name == "property":
            found[state.name] = "".join(state.text)[: limits.text_characters].strip()
            if len(found) > limits.properties:
                raise Refused(OVER_LIMIT, "too_many_properties", "this workbook has too many custom properties")

    events = Events(part, _PROPERTIES_SPACE, limits, start, end)
    events.listen(state.hear)
    for piece in pieces:
        events.feed(piece)
    events.close()
    return found


@dataclass
class _Property:
    name: str = ""
    text: list[str] = field(default_factory=list)

    def hear(self, text: str) -> None:
        self.text.append(text)
