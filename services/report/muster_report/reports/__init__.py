"""The catalogue of reports: one file each; a new report is a new file and its line here."""

from __future__ import annotations

from collections.abc import Mapping

from muster_report.reports import (
    beneficiaries,
    donor,
    field_activities,
    funding_requirements,
    indicators,
    partnerships,
    project_analysis,
    projects,
    reporting_compliance,
)
from muster_report.reports.report import (
    COPY,
    LANG,
    DaySlice,
    Parameter,
    ParameterError,
    Params,
    Report,
    Slice,
    YearSlice,
)

__all__ = [
    "COPY",
    "LANG",
    "DaySlice",
    "Parameter",
    "ParameterError",
    "Params",
    "Report",
    "Slice",
    "YearSlice",
    "catalogue",
]

_REPORTS = (
    funding_requirements.REPORT,
    partnerships.REPORT,
    field_activities.REPORT,
    indicators.REPORT,
    beneficiaries.REPORT,
    donor.REPORT,
    project_analysis.REPORT,
    reporting_compliance.REPORT,
    projects.REPORT,
)


def catalogue() -> Mapping[str, Report]:
    """Every report by its key."""
    return {report.key: report for report in _REPORTS}
