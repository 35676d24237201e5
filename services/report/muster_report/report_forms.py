"""The parameters of a report as fields of a form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from muster_report import addresses, page_words
from muster_report.models import FactRow, ReportState
from muster_report.released import is_donor
from muster_report.reports import COPY, LANG, Parameter, Report
from muster_report.words import ENGLISH
from muster_shared.auth import Caller
from muster_shared.names import DEFAULT_COPY

_MOST: Final = 300  # choices of one field
_STANDING_DONOR: Final = (FactRow.kind == "donor") & FactRow.until.is_(None) & (FactRow.action == "upsert")


@dataclass(frozen=True, slots=True)
class Field:
    """One field: ``kind`` is text, date or select; ``choices`` are (value, English or own name) to pick from.

    ``name`` is what the address calls it, ``parameter`` what the report does.
    """

    name: str
    parameter: str
    label: str
    hint: str
    kind: str
    value: str = ""
    choices: Sequence[tuple[str, str]] = ()


def fields(session: Session, caller: Caller, report: Report, given: Mapping[str, str] | None = None) -> list[Field]:
    """The report's own parameters, then its copy and language, filled in as ``given``; of a donor what is left open."""
    known = given or {}
    asked = [one for one in report.parameters if not (is_donor(caller) and one.name == page_words.DONOR_ID)]
    own = [_field(session, report, one, known.get(one.name, "")) for one in asked]
    return [*own, *([] if is_donor(caller) else [_copy(known)]), _language(known)]


def _copy(given: Mapping[str, str]) -> Field:
    chosen = given.get(COPY.name, DEFAULT_COPY)
    choices = tuple(page_words.COPIES.items())
    return Field(COPY.name, COPY.name, page_words.PARAMETERS[COPY.name], "", "select", chosen, choices)


def _language(given: Mapping[str, str]) -> Field:
    chosen = given.get(LANG.name, ENGLISH)
    choices = tuple(page_words.LANGUAGES.items())
    return Field(addresses.LANGUAGE, LANG.name, page_words.PARAMETERS[LANG.name], "", "select", chosen, choices)


def _field(session: Session, report: Report, parameter: Parameter, value: str) -> Field:
    kind = "date" if parameter.name == "until" else "text"
    choices = () if kind == "date" else _choices(session, report, parameter.name)
    label = page_words.PARAMETERS[parameter.name]
    return Field(parameter.name, parameter.name, label, parameter.description, kind, value, choices)


def _choices(session: Session, report: Report, name: str) -> Sequence[tuple[str, str]]:
    """Donors by their name; of other parameters the values that were asked for, or that records call for."""
    if name == page_words.DONOR_ID:
        return _donors(session)
    value = ReportState.params[name].astext
    query = select(value).where(ReportState.report == report.key).distinct().order_by(value).limit(_MOST)
    return [(text, "") for text in session.scalars(query)]


def donor_name(session: Session, donor_id: str) -> str:
    """What a donor is called; its id where nothing is known of it."""
    query = select(FactRow.fields["name"].astext).where(_STANDING_DONOR, FactRow.key == donor_id)
    return session.scalars(query).first() or donor_id


def _donors(session: Session) -> Sequence[tuple[str, str]]:
    query = select(FactRow.key, FactRow.fields["name"].astext).where(_STANDING_DONOR)
    return [(key, name) for key, name in session.execute(query.order_by(FactRow.key).limit(_MOST))]
