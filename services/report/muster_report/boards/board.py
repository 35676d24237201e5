"""What a page of figures is: its panels, and the filters that it has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from muster_report.boards.panels import Panel
from muster_report.reports import catalogue

OF_PROJECTS: Final = ("region", "office", "area", "donor", "status")


@dataclass(frozen=True, slots=True)
class Board:
    """A page of figures. ``filters`` are those that it has; ``reads`` are reports read besides those of its panels."""

    key: str
    title: str
    about: str
    filters: tuple[str, ...]
    panels: tuple[Panel, ...]
    reads: tuple[str, ...] = ()

    def reports(self) -> frozenset[str]:
        """The reports that its figures are from."""
        return frozenset({*self.reads, *(panel.report for panel in self.panels)})

    def kinds(self) -> frozenset[str]:
        """The kinds of records that its figures are made of, and those that its filters name."""
        return frozenset({"office", "donor"}).union(*(catalogue()[report].kinds for report in self.reports()))
