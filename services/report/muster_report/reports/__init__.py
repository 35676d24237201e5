"""The catalogue of reports: one file each; a new report is a new file and its line here."""

from __future__ import annotations

from collections.abc import Mapping

from muster_report.reports import funding_requirements, partnerships
from muster_report.reports.report import COPY, Parameter, ParameterError, Params, Report

__all__ = ["COPY", "Parameter", "ParameterError", "Params", "Report", "catalogue"]

_REPORTS = (funding_requirements.REPORT, partnerships.REPORT)


def catalogue() -> Mapping[str, Report]:
    """Every report by its key."""
    return {report.key: report for report in _REPORTS}
