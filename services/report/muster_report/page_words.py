"""What reports, their parameters and their states are called on pages, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final

from muster_report.params import OF_EVERY_REPORT
from muster_report.reports import COPY, LANG, Report
from muster_report.schedules import DUE
from muster_shared.language import Language, noted

DONOR_ID: Final = "donor_id"
PARAMETERS: Final[Mapping[str, str]] = {
    "year": noted("Year"),
    "source": noted("Document"),
    "place": noted("Place"),
    DONOR_ID: noted("Donor"),
    "until": noted("Until"),
    COPY.name: noted("Copy"),
    LANG.name: noted("Language of the report"),
}
COPIES: Final[Mapping[str, str]] = {
    "internal": noted("for the house"),
    "donor": noted("for donors"),
    "public": noted("for the public"),
}
LANGUAGES: Final[Mapping[str, str]] = {"en": noted("in English"), "fr": noted("in French"), "es": noted("in Spanish")}
SCHEDULES: Final[Mapping[str, str]] = {
    "on_change": noted("on each change"),
    "nightly": noted("each night"),
    "month_end": noted("on the last day of each month"),
    "quarter_end": noted("on the last day of each quarter"),
    "dates": noted("on days of its own"),
}
RUNS: Final[Mapping[str, str]] = {
    "queued": noted("waiting for a worker"),
    "running": noted("being made"),
    "done": noted("done: a new issue"),
    "unchanged": noted("done: nothing has changed, so there is no new issue"),
    "failed": noted("failed"),
}
FORMS: Final[Mapping[str, str]] = {
    "xlsx": noted("Workbook"),
    "html": noted("Page in one file"),
    "csv": noted("Tables as CSV"),
    "json": noted("JSON for programs"),
}
POINTS: Final[Mapping[str, str]] = {"stop": noted("stops the release"), "look": noted("look"), "fine": noted("fine")}
DETAILS: Final[Mapping[str, str]] = {
    "sheet": noted("Sheet"),
    "cell": noted("Cell"),
    "row": noted("Row"),
    "column": noted("Column"),
    "old": noted("Before"),
    "new": noted("Now"),
    "by": noted("Difference"),
    "difference": noted("Difference"),
    "text": noted("What it says"),
    "count": noted("How many"),
    "counts": noted("Counts of people"),
    "hidden": noted("Hidden"),
    "office": noted("Office"),
    "project_code": noted("Project"),
    "grant_id": noted("Grant"),
    "type": noted("Type"),
    "period_end": noted("End of the period"),
    "due": noted("Due"),
    "days_late": noted("Days late"),
}


def described(language: Language, report: Report, params: Mapping[str, str], donor_name: Callable[[str], str]) -> str:
    """The parameters of an issue in one line: ``Year 2016 · for donors · in French``.

    ``donor_name`` tells what a donor is called by its id.
    """
    names = (*(parameter.name for parameter in report.parameters), *OF_EVERY_REPORT)
    told = {name: params[name] for name in names if name in params}
    if DONOR_ID in told:
        told[DONOR_ID] = donor_name(told[DONOR_ID])
    return " · ".join(_described(language, name, value) for name, value in told.items())


def _described(language: Language, name: str, value: str) -> str:
    if name == COPY.name:
        return language.say(COPIES[value])
    if name == LANG.name:
        return language.say(LANGUAGES[value])
    return f"{language.say(PARAMETERS[name])} {_value(language, name, value)}"


def _value(language: Language, name: str, value: str) -> str:
    if value == DUE:
        return language.say("(as it is made)")
    return language.short_day(date.fromisoformat(value)) if name == "until" else value


def schedule_kind(words: str) -> str:
    """The kind of schedule that the catalogue tells of: ``month end`` is ``month_end``."""
    return words.replace(" ", "_")


def figure(language: Language, value: str | int | None) -> str:
    """A number as ``plain_value`` tells it, with the separators of the language; a text as it is."""
    if value is None:
        return ""
    try:
        return language.number(Decimal(value))
    except InvalidOperation:
        return str(value)
