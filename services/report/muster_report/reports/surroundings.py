"""What stands around a record of a project: by it a report can tell which of its parameter sets the record is in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The fields of the records of one project that held at a position; ``project`` is None where it was not there."""

    project: Fields | None = None
    grants: tuple[Fields, ...] = ()
    progress_reports: tuple[Fields, ...] = ()
    extensions: tuple[Fields, ...] = ()

    def starts_in(self, year: str) -> bool:
        """Whether the project starts in that year."""
        return self.project is not None and str(self.project.get("start") or "")[:4] == year

    def has_donor(self, donor_id: str) -> bool:
        """Whether a grant of the project is that donor's."""
        return any(grant.get("donor_id") == donor_id for grant in self.grants)

    def is_told_of_in(self, year: str) -> bool:
        """Whether the project, with its extensions, runs into that year or a later one, or a report tells of one."""
        return self.project is not None and any(day[:4] >= year for day in self._ends())

    def _ends(self) -> Iterator[str]:
        if self.project is not None:
            yield from (str(self.project.get(name) or "") for name in ("start", "end"))
        yield from (str(extension.get("new_end") or "") for extension in self.extensions)
        yield from (str(report.get("period_end") or "") for report in self.progress_reports)
