"""The page where a workbook is dropped: checked first, or submitted at once; without a script it is a plain form."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from uuid import UUID

from flask import current_app, jsonify, make_response, redirect, render_template, request
from marshmallow import EXCLUDE
from werkzeug.wrappers import Response as AnyResponse

from muster_ingest import checking, forms, kind_words, office_choices, uploads
from muster_ingest.pages import pages
from muster_ingest.uploads import Upload
from muster_ingest.workbooks.reading.readers import Readers
from muster_shared.pages import shell
from muster_shared.problems import Problem
from muster_shared.web import caller, context

_FORM_FIELDS = {"office": None, "kind": None, "note": None, "dry_run": False}
_KEY_LENGTH = 64


@pages.get("/upload")
def upload_form() -> AnyResponse:
    """A place for a workbook, and the templates to begin with."""
    return _form()


@pages.post("/upload")
def upload() -> AnyResponse:
    """Check or submit the file, and on to what came of it; what stands in the way is told beside the form."""
    try:
        sent = forms.upload(request, dict(_FORM_FIELDS), key=None, unknown=EXCLUDE)
        submission_id = _checked(sent) if request.form.get("do") == "check" else _submitted(sent)
    except Problem as problem:
        if _is_script():
            raise
        return _form(problem)
    return _on(f"/ingest/submissions/{submission_id}")


def readers() -> Readers:
    """The readers of this process."""
    held: Readers = current_app.extensions["muster_readers"]
    return held


def may(method: str, path: str) -> bool:
    """Whether the caller's role may use a route at all."""
    return caller().role in current_app.extensions["muster_permissions"][f"{method} {path}"]


def _checked(sent: Upload) -> UUID:
    return checking.check(context(), readers(), caller(), sent)


def _submitted(sent: Upload) -> UUID:
    """A file that one form sends twice is one submission; another file of the same form is another."""
    page = request.form.get("key", "")[:_KEY_LENGTH]
    key = f"{page} {hashlib.sha256(sent.content).hexdigest()}" if page else None
    answer = uploads.submit(context(), readers(), caller(), replace(sent, key=key))
    return UUID(answer.document["submission_id"])


def _is_script() -> bool:
    return request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"


def _on(address: str) -> AnyResponse:
    """A browser is sent on; the script that showed the progress goes there itself."""
    return jsonify(location=address) if _is_script() else redirect(address, 303)


def _form(problem: Problem | None = None) -> AnyResponse:
    language = shell.page_language("muster_ingest")
    with context().sessions() as session:
        offices = office_choices.written_for(session, caller())
    rendered = render_template(
        "upload.html",
        offices=offices,
        chosen=office_choices.preselected(offices, request.values.get("office", "")),
        kinds=[kind.name for kind in kind_words.kinds_written_by(caller())],
        kind_title=_in(language, kind_words.title),
        purpose=_in(language, kind_words.purpose),
        most_mb=context().settings.max_body_mb,
        key=secrets.token_hex(16),
        wrong=problem and {"field": _field(problem), "problem": problem},
    )
    return make_response(rendered, problem.status if problem else 200)


def _in(language: object, said: Callable[..., str]) -> Callable[[str], str]:
    return partial(said, language=language)


def _field(problem: Problem) -> str:
    """The field of the form that a refusal is about."""
    if problem.code == "forbidden":
        return "office"
    named = next((error.field for error in problem.errors if error.field), None)
    return named if named in {"office", "kind", "note"} else "file"
