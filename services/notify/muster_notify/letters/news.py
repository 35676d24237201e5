"""What mails tell that are not about reminders: an answer somebody waits for, a new issue of a report, what to review.

All are read from ``Mail.content``, plain JSON: days as ``2016-11-30``, times as ``2016-11-30T08:00:00Z``. Keys that
are not known are passed over; a key left out has the value given below.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, Final

EXTENSION_ASKED: Final = "extension_asked"
EXTENSION_APPROVED: Final = "extension_approved"
EXTENSION_REFUSED: Final = "extension_refused"
HANDOVER: Final = "handover"
PROJECT_RETURNED: Final = "project_returned"
PROJECT_ENDORSED: Final = "project_endorsed"
PROJECT_CLOSED: Final = "project_closed"
PROJECT_CANCELLED: Final = "project_cancelled"
STEPS: Final = (PROJECT_RETURNED, PROJECT_ENDORSED, PROJECT_CLOSED, PROJECT_CANCELLED)
_DAYS: Final = ("requested_on", "old_end", "new_end", "decided_on")
ABOUT: Final = (EXTENSION_ASKED, EXTENSION_APPROVED, EXTENSION_REFUSED, HANDOVER, *STEPS)


@dataclass(frozen=True, slots=True)
class Project:
    """A project as a mail names it: ``{"project_code", "title"}``."""

    project_code: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """About an extension, a handover or a step of a project; the content's keys are the names of these fields.

    ``about`` is extension_asked (to who decides), extension_approved, extension_refused (to who asked), handover (to
    both sides), or project_returned, _endorsed, _closed, _cancelled (to the office): a step has ``projects`` (one),
    ``decided_by``, ``decided_on`` and ``comment``. An extension has ``projects`` (one), ``asked_by``,
    ``requested_on``, ``old_end``, ``new_end``, ``reason``; ``asked_late`` where the donor wants such requests
    earlier; once decided ``decided_by``, ``decided_on`` and ``comment``. A handover has ``projects``, ``handed_from``
    and ``handed_to`` (names), ``decided_by`` (who did it) and ``comment``. ``url`` is the page to decide or to look
    at, made when the mail is written: it may be empty.
    """

    about: str
    projects: tuple[Project, ...] = ()
    asked_by: str = ""
    requested_on: date | None = None
    old_end: date | None = None
    new_end: date | None = None
    reason: str = ""
    asked_late: bool = False
    decided_by: str = ""
    decided_on: date | None = None
    comment: str = ""
    handed_from: str = ""
    handed_to: str = ""
    url: str = ""

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> Answer:
        """Read a mail's content.

        Raises:
            ValueError: ``about`` is none of those above, or a day is not written as one.
        """
        if content.get("about") not in ABOUT:
            raise ValueError(f"an answer is about {', '.join(ABOUT)}, not {content.get('about')!r}")
        days: dict[str, Any] = {name: _day(content.get(name)) for name in _DAYS}
        projects = tuple(Project(one["project_code"], one.get("title") or "") for one in content.get("projects") or ())
        known = {field.name for field in fields(cls)} - {"projects", *days}
        plain = {name: value for name, value in content.items() if name in known and value is not None}
        return cls(**plain, **days, projects=projects)


@dataclass(frozen=True, slots=True)
class ChangedCell:
    """One cell that differs from the issue before: ``{"sheet", "row", "column", "old", "new"}``, both by their labels.

    ``old`` and ``new`` are numbers, texts or null.
    """

    sheet: str
    row: str
    column: str
    old: int | float | str | None
    new: int | float | str | None


@dataclass(frozen=True, slots=True)
class IssueNews:
    """A new issue of a followed report; the content's keys are the names of these fields.

    ``params`` are the report's parameters by name, ``changed_cells`` counts all that differ, ``lines`` are the few
    that the mail shows, ``url`` leads to the issue and defaults to its workbook.
    """

    report: str
    title: str
    params: Mapping[str, str]
    issue_id: str
    made_at: datetime
    changed_cells: int
    lines: tuple[ChangedCell, ...]
    url: str = ""

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> IssueNews:
        """Read a mail's content.

        Raises:
            KeyError: something above is missing.
            ValueError: ``made_at`` is not an aware time.
        """
        made_at = datetime.fromisoformat(content["made_at"])
        if made_at.tzinfo is None:
            raise ValueError(f"made_at: {content['made_at']!r} has no time zone; write it like 2016-11-30T08:00:00Z")
        return cls(
            report=content["report"],
            title=content["title"],
            params={name: str(value) for name, value in content["params"].items()},
            issue_id=content["issue_id"],
            made_at=made_at,
            changed_cells=content["changed_cells"],
            lines=tuple(_cell(line) for line in content["lines"]),
            url=content.get("url") or "",
        )


@dataclass(frozen=True, slots=True)
class WaitingProject:
    """A project that waits for its reviewer; ``is_reminder`` where they were told of it before."""

    project_code: str
    title: str
    office: str
    office_name: str
    since: datetime
    submitted_by: str
    is_reminder: bool


@dataclass(frozen=True, slots=True)
class ReviewNews:
    """What waits for a reviewer, longest first: ``{"waiting": [...]}`` with the names of the fields above."""

    waiting: tuple[WaitingProject, ...]

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> ReviewNews:
        """Read a mail's content.

        Raises:
            KeyError: something above is missing.
        """
        names = [field.name for field in fields(WaitingProject)]
        rows = ({name: row[name] for name in names} for row in content["waiting"])
        return cls(tuple(WaitingProject(**{**row, "since": datetime.fromisoformat(row["since"])}) for row in rows))


def _cell(line: Mapping[str, Any]) -> ChangedCell:
    return ChangedCell(line["sheet"], line["row"], line["column"], line["old"], line["new"])


def _day(written: str | None) -> date | None:
    return date.fromisoformat(written) if written else None
