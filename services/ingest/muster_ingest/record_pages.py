"""The pages of records: browsing a kind, one record with the history of each field, and correcting one value of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from flask import make_response, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from muster_ingest import correction_forms, corrections, kind_words, office_choices, queries, record_history
from muster_ingest.correction_forms import FieldForm
from muster_ingest.corrections import CONFLICT, Correction
from muster_ingest.kinds import KINDS
from muster_ingest.kinds.refusals import Coded
from muster_ingest.models import Submission
from muster_ingest.pages import filters_of, pages
from muster_ingest.schemas import RecordsQuery
from muster_ingest.shown_values import Shown
from muster_ingest.visibility import submissions_seen
from muster_ingest.wrong_words import coded
from muster_shared.language import Language
from muster_shared.pages import shell
from muster_shared.problems import Problem
from muster_shared.web import caller, context

_LISTED: Final = 50
_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "office": ("name", "type", "region"),
    "donor": ("name", "type", "country"),
    "partner": ("name", "type", "country"),
    "project": ("title", "office", "status", "start", "end"),
    "partnership": ("partner_id", "office", "area", "role"),
    "grant": ("project_code", "donor_id", "amount", "currency", "status"),
    "funding_requirement": ("year", "office", "area", "amount", "currency"),
    "initiative": ("year", "title", "area", "required"),
    "progress_report": ("project_code", "type", "period_end", "submitted_on", "donor_status"),
    "follow_up": ("project_code", "type", "action", "until", "by"),
    "extension": ("project_code", "requested_on", "new_end", "decision"),
    "field_activity": ("title", "level", "offices"),
    "indicator_value": ("indicator", "place", "period", "value", "unit"),
    "exchange_rate": ("currency", "month", "usd_rate"),
    "published_total": ("report", "year", "table", "region", "area", "printed"),
}


@pages.get("/records/<kind>")
def records(kind: str) -> str:
    """Current records of a kind, in the order of their keys."""
    filters, language = filters_of(RecordsQuery, limit=_LISTED), _language()
    page = {name: filters[name] for name in ("after", "limit")}
    with context().sessions() as session:
        listed = queries.records(session, caller(), kind, filters=filters, **page)
        offices = office_choices.seen(session, caller())
    return render_template(
        "records.html",
        kind=kind,
        kinds={name: kind_words.title(name, language) for name in KINDS},
        purpose=kind_words.purpose(kind, language),
        columns=[(name, kind_words.field_name(kind, name, language)) for name in _COLUMNS[kind]],
        told=_told_in(kind),
        listed=listed,
        filters=filters,
        offices=offices,
    )


@pages.get("/records/<kind>/<path:key>")
def record(kind: str, key: str) -> AnyResponse:
    """A record as it stands, with the history of each field; ``correct`` names a field to be corrected."""
    return _page(kind, key, request.args.get("correct", ""))


@pages.post("/records/<kind>/<path:key>")
def correct_record(kind: str, key: str) -> AnyResponse:
    """Correct one value; what is wrong, and who was faster, stands at the field."""
    name, texts = request.form.get("field", ""), correction_forms.texts_in(request.form)
    with context().sessions() as session:
        _may_correct(session, kind, key, refuse=True)
    if name not in corrections.correctable(kind):
        return _page(kind, key, "", status=422)
    read = correction_forms.read(kind, name, texts)
    if read.wrong:
        return _page(kind, key, name, texts=texts, wrong=read.wrong, status=422)
    base = request.form.get("base_revision", 0, type=int)
    answer = corrections.correct(context(), caller(), Correction(kind, key, name, read.value, base))
    if answer.status < 400:
        address = url_for(".record", kind=kind, key=key, saved=answer.document["receipt"], _anchor=f"field-{name}")
        return redirect(address, 303)
    return _page(kind, key, name, texts=texts, **_refused(answer.document, name), status=answer.status)


def _language() -> Language:
    return shell.page_language("muster_ingest")


def _shown() -> Shown:
    return Shown(_language(), shell.time_zone())


def _told_in(kind: str) -> Callable[[str, Any], list[str]]:
    shown = _shown()
    return lambda name, value: shown.lines(kind, name, value)


def _refused(document: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The errors of a rejected correction: at its inputs, or of the record as a whole."""
    wrong: dict[str, list[Coded]] = {}
    errors = document.get("errors", ())
    for error in errors:
        path = (error.get("pointer") or "").split("/")[3:]
        wrong.setdefault(correction_forms.input_at(path, name) or "", []).extend(coded([error]))
    is_conflict = any(error["code"] == CONFLICT for error in errors)
    return {
        "wrong": {} if is_conflict else wrong or {"": [Coded("rejected", document["detail"])]},
        "conflict": is_conflict,
    }


def _may_correct(session: Session, kind: str, key: str, *, refuse: bool = False) -> bool:
    newest = queries.revisions(session, caller(), kind, key)["items"][0]
    try:
        corrections.office_for(session, caller(), newest)
    except Problem:
        if refuse:
            raise
        return False
    return bool(newest["action"] != "withdraw")


def _page(kind: str, key: str, name: str, *, status: int = 200, **form: Any) -> AnyResponse:
    shown = _shown()
    with context().sessions() as session:
        history = queries.revisions(session, caller(), kind, key)["items"]
        may_correct = _may_correct(session, kind, key)
        receipts = _receipts_seen(session, history)
    newest, steps = history[0], record_history.steps_by_field(kind, history, shown)
    rendered = render_template(
        "record.html",
        record=newest,
        history=history,
        title=kind_words.title(kind, shown.language),
        fields=[_field(kind, each, newest["fields"].get(each), steps, shown) for each in KINDS[kind].schema.fields],
        correctable=corrections.correctable(kind) if may_correct else (),
        receipts=receipts,
        saved=request.args.get("saved") == newest["receipt"],
        form=_form(kind, name, newest, shown, **form)
        if may_correct and name in corrections.correctable(kind)
        else None,
    )
    return make_response(rendered, status)


def _field(kind: str, name: str, value: Any, steps: Mapping[str, Any], shown: Shown) -> dict[str, Any]:
    label = kind_words.field_name(kind, name, shown.language)
    told = {"lines": shown.lines(kind, name, value), "table": shown.table(kind, name, value)}
    return {"name": name, "label": label, **told, "steps": steps.get(name, [])}


def _form(
    kind: str,
    name: str,
    newest: Mapping[str, Any],
    shown: Shown,
    *,
    texts: correction_forms.Texts | None = None,
    wrong: Mapping[str, Sequence[Coded]] | None = None,
    conflict: bool = False,
) -> dict[str, Any]:
    """The form for one field: as it is stored, or as it was typed with what is wrong in it."""
    stored, wrong = newest["fields"].get(name), wrong or {}
    typed = correction_forms.texts_of(kind, name, stored) if texts is None else texts
    groups = FieldForm(kind, name, typed, wrong, shown).groups()
    known = {each.name for group in groups for each in group.inputs}
    seen = newest["revision"] if texts is None or conflict else request.form.get("base_revision", 0, type=int)
    return {
        "field": name,
        "label": kind_words.field_name(kind, name, shown.language),
        "groups": groups,
        "base_revision": seen,
        "wrong": [message for place, messages in wrong.items() if place not in known for message in messages],
        "conflict": shown.lines(kind, name, stored) if conflict else None,
    }


def _receipts_seen(session: Session, history: Sequence[Mapping[str, Any]]) -> set[str]:
    """The submissions of a history that the caller may look at."""
    named = {revision["source"]["submission_id"] for revision in history}
    query = select(Submission.submission_id).where(
        Submission.submission_id.in_(named), submissions_seen(session, caller())
    )
    return {str(found) for found in session.scalars(query)}
