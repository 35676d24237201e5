"""What stands around a record of a project: by it a report can tell which of its parameter sets the record is in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from muster_report.facts import Fact, Facts, Submission

Fields = Mapping[str, Any]
_ANY_TIME: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FROM_NOWHERE: Final = Submission("", "", _ANY_TIME, "", "")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The fields of the records of one project that held at a position; ``project`` is None where it was not there.

    ``office`` is the one that the project names.
    """

    project: Fields | None = None
    grants: tuple[Fields, ...] = ()
    progress_reports: tuple[Fields, ...] = ()
    extensions: tuple[Fields, ...] = ()
    office: Fields | None = None

    def starts_in(self, year: str) -> bool:
        """Whether the project starts in that year."""
        return self.project is not None and str(self.project.get("start") or "")[:4] == year

    def has_donor(self, donor_id: str) -> bool:
        """Whether a grant of the project is that donor's."""
        return any(grant.get("donor_id") == donor_id for grant in self.grants)

    def is_told_of_in(self, year: str) -> bool:
        """Whether the project, with its extensions, runs into that year or a later one, or a report tells of one."""
        return self.project is not None and any(day[:4] >= year for day in self._ends())

    def facts(self) -> Facts:
        """The same records as a report reads them, as if nothing else were there; where they came from is not told."""
        one_of_each = (("project", self.project, "project_code"), ("office", self.office, "office"))
        listed = {"progress_report": self.progress_reports, "extension": self.extensions}
        return Facts.of(
            (
                *(_fact(kind, str(fields[key]), fields) for kind, fields, key in one_of_each if fields),
                *(_fact("grant", str(fields["grant_id"]), fields) for fields in self.grants),
                *(_fact(kind, f"{at:05}", fields) for kind, of in listed.items() for at, fields in enumerate(of)),
            )
        )

    def _ends(self) -> Iterator[str]:
        if self.project is not None:
            yield from (str(self.project.get(name) or "") for name in ("start", "end"))
        yield from (str(extension.get("new_end") or "") for extension in self.extensions)
        yield from (str(report.get("period_end") or "") for report in self.progress_reports)


def _fact(kind: str, key: str, fields: Fields) -> Fact:
    return Fact(kind, key, 1, "", 0, _ANY_TIME, fields, _FROM_NOWHERE)
