"""Handing over every project of one person to another: first what would change, then for good."""

from __future__ import annotations

import json
import secrets
from functools import partial
from typing import Any, Final

from flask import make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from muster_ingest import handover, remarks, told_changes
from muster_ingest.kinds.refusals import Coded
from muster_ingest.pages import pages
from muster_ingest.receipts import Answer
from muster_ingest.shown_values import Shown
from muster_ingest.wrong_words import coded
from muster_shared.pages import shell
from muster_shared.web import caller, context

_FIELDS: Final = ("giver", "name", "email", "note")
_FIELD_OF: Final = {"/from": "giver", "/to/name": "name", "/to/email": "email", "/note": "note"}
_SHOWN: Final = 200
_FAILED: Final = 400


@pages.get("/admin/handover")
def handover_form() -> AnyResponse:
    """Who gives, who takes."""
    return _page({**dict.fromkeys(_FIELDS, ""), "giver": request.args.get("from", "")}, None)


@pages.post("/admin/handover")
def hand_over() -> AnyResponse:
    """Show what would change; with ``sure``, change it and lead to the receipt."""
    typed = {name: request.form.get(name, "").strip() for name in _FIELDS}
    key = request.form.get("sure", "")[:64] or None
    answer = _answer(typed, key)
    if key and answer.status < _FAILED:
        return redirect(f"/ingest/submissions/{answer.document['submission_id']}", 303)
    return _page(typed, answer)


def _answer(typed: dict[str, str], key: str | None) -> Answer:
    body = {
        "from": typed["giver"],
        "to": {"name": typed["name"], "email": typed["email"]},
        "note": typed["note"] or None,
    }
    sent = json.dumps(body).encode()
    return handover.hand_over(context(), caller(), sent, content_type="application/json", key=key, dry_run=key is None)


def _page(typed: dict[str, str], answer: Answer | None) -> AnyResponse:
    failed = answer is not None and answer.status >= _FAILED
    told = answer.document if answer else {}
    shown = Shown(shell.page_language("muster_ingest"), shell.time_zone())
    page = render_template(
        "admin_handover.html",
        typed=typed,
        wrong=_by_field(told) if failed else {},
        preview=told if answer and not failed else None,
        changes=list(told_changes.told(told.get("changes", ())[:_SHOWN], shown)),
        said_remark=partial(remarks.said, shown.language),
        sure=secrets.token_hex(16),
    )
    return make_response(page, 422 if failed else 200)


def _by_field(problem: dict[str, Any]) -> dict[str, list[Coded]]:
    found: dict[str, list[Coded]] = {}
    for error in problem.get("errors", ()):
        found.setdefault(_FIELD_OF.get(error.get("pointer") or "", ""), []).extend(coded([error]))
    return found
