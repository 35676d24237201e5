"""Addresses of pages about reports and issues: each reproduces what it shows.

The language of a report is called ``language`` in them, as ``lang`` chooses the language of the page.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote, urlencode

from muster_report.reports import LANG

LANGUAGE: Final = "language"
_OF_PAGE: Final = LANG.name


def of_report(key: str, params: Mapping[str, str] | None = None) -> str:
    """The page of a report with these parameters."""
    return _with(f"/report/reports/{quote(key)}", {_named(name): text for name, text in (params or {}).items()})


def query_of(key: str, params: Mapping[str, str]) -> str:
    """Report and parameters as a query, for the service that tells of new issues."""
    return urlencode({"report": key, **{_named(name): text for name, text in params.items()}})


def of_run(key: str, run_id: object) -> str:
    """Where a regeneration is watched."""
    return f"/report/reports/{quote(key)}/runs/{run_id}"


def of_latest(key: str, params: Mapping[str, str], form: str = "xlsx") -> str:
    """Where programs find the current issue."""
    return _with(f"/report/v1/reports/{quote(key)}/latest.{form}", params)


def of_issue(issue_id: object) -> str:
    """The page on which an issue is looked at and released."""
    return f"/report/issues/{issue_id}"


def of_sheet(issue_id: object, sheet: str = "", cell: str = "") -> str:
    """The figures of an issue: a sheet, on the page that holds a cell."""
    return _with(f"/report/issues/{issue_id}/read", {"sheet": sheet, "cell": cell})


def of_figure(issue_id: object, sheet: str, cell: str) -> str:
    """Where a figure comes from."""
    return _with(f"/report/issues/{issue_id}/explain", {"sheet": sheet, "cell": cell})


def of_schedule(key: str, params: Mapping[str, str] | None = None) -> str:
    """The form of a report's schedule."""
    asked = {_named(name): text for name, text in (params or {}).items()}
    return _with(f"/report/calendar/schedules/{quote(key)}", asked)


def params_of(given: Mapping[str, str]) -> dict[str, str]:
    """The parameters in an address of a page, or in its form; empty fields are not given."""
    stated = {LANG.name if name == LANGUAGE else name: text for name, text in given.items() if name != _OF_PAGE}
    return {name: text.strip() for name, text in stated.items() if text.strip()}


def _named(name: str) -> str:
    return LANGUAGE if name == LANG.name else name


def _with(path: str, asked: Mapping[str, str]) -> str:
    query = urlencode({name: text for name, text in asked.items() if text})
    return f"{path}?{query}" if query else path
