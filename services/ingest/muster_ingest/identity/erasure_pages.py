"""Erasing a person: what it would touch, what stands in the way, and how far it is."""

from __future__ import annotations

from typing import Any, Final

from flask import make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from muster_ingest.identity import erasing
from muster_ingest.pages import pages
from muster_shared.problems import Problem
from muster_shared.web import caller, context

_NOT_FOUND: Final = 404
_IN_THE_WAY: Final = 409


@pages.get("/admin/users/<email>/erasure")
def erasure(email: str) -> AnyResponse:
    """What an erasure would touch, and how far the last one is."""
    return _page(email, None)


@pages.post("/admin/users/<email>/erasure")
def erase(email: str) -> AnyResponse:
    """Wish for it; what the person still answers for is told and can be left behind on purpose."""
    try:
        erasing.ask(context(), caller(), email, force=request.form.get("force") == "yes")
    except Problem as problem:
        if problem.status not in {_NOT_FOUND, _IN_THE_WAY}:
            raise
        return _page(email, problem)
    return redirect(f"/ingest/admin/users/{email.lower()}/erasure", 303)


def _page(email: str, refusal: Problem | None) -> AnyResponse:
    rendered = render_template(
        "admin_erasure.html",
        email=email.lower(),
        foretold=erasing.foretell(context(), caller(), email),
        state=_state(email),
        refusal=refusal.document() if refusal else None,
    )
    return make_response(rendered, refusal.status if refusal else 200)


def _state(email: str) -> dict[str, Any] | None:
    try:
        return erasing.state(context(), caller(), email)
    except Problem as problem:
        if problem.status != _NOT_FOUND:
            raise
        return None
