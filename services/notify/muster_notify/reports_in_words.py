"""What pages call the reports that people follow, and their parameters, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from muster_shared.language import Language, noted
from muster_shared.names import DEFAULT_COPY

_TITLES: Final = {
    "beneficiaries": noted("Beneficiaries"),
    "donor": noted("Donor report"),
    "field-activities": noted("Field activities"),
    "funding-requirements": noted("Funding requirements"),
    "indicators": noted("Indicators"),
    "partnerships": noted("Partnerships"),
    "project-analysis": noted("Project analysis"),
    "projects": noted("Projects"),
    "reporting-compliance": noted("Reporting compliance"),
}
_PARAMETERS: Final = {
    "year": noted("Year"),
    "source": noted("Document"),
    "place": noted("Place"),
    "donor_id": noted("Donor"),
}
_SAID_ALONE: Final = {
    ("copy", "internal"): noted("for the house"),
    ("copy", "donor"): noted("for donors"),
    ("copy", "public"): noted("for the public"),
    ("lang", "en"): noted("in English"),
    ("lang", "fr"): noted("in French"),
    ("lang", "es"): noted("in Spanish"),
}
_ORDER: Final = (*_PARAMETERS, "until", "copy", "lang")


def title(language: Language, report: str) -> str:
    """What a report is called; one that is not known here, by its key."""
    return language.say(_TITLES[report]) if report in _TITLES else report


def described(language: Language, params: Mapping[str, str]) -> str:
    """The parameters in one line, as the pages of reports say them: ``Year 2016 · for donors · in French``."""
    stated = {"copy": DEFAULT_COPY, **params}
    names = sorted(stated, key=lambda name: _ORDER.index(name) if name in _ORDER else -1)
    return " · ".join(_described(language, name, stated[name]) for name in names)


def _described(language: Language, name: str, value: str) -> str:
    if (name, value) in _SAID_ALONE:
        return language.say(_SAID_ALONE[name, value])
    if name == "until":
        return language.say("Up to {day}", day=_day(language, value))
    return f"{language.say(_PARAMETERS[name]) if name in _PARAMETERS else name} {value}"


def _day(language: Language, value: str) -> str:
    try:
        return language.short_day(date.fromisoformat(value))
    except ValueError:  # whoever asks may write anything into the address
        return value
