"""The own account and API tokens: of each person their own, of administrators everybody's."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from flask import g, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from muster_ingest.identity import person_forms, schemas, tokens
from muster_ingest.identity.person_forms import Wrong
from muster_ingest.kinds.refusals import Coded
from muster_ingest.pages import pages
from muster_shared.clock import real_now
from muster_shared.problems import Problem
from muster_shared.web import caller, context

_DAYS: Final = "30"
_LISTED: Final = 200


@pages.get("/me")
def me() -> AnyResponse:
    """Who one is here, the own tokens, signing out everywhere."""
    return _own_page({"title": "", "days": _DAYS}, {})


@pages.post("/me/tokens")
def make_own_token() -> AnyResponse:
    """Make a token for oneself."""
    sent = {name: text for name, text in person_forms.typed(request.form).items() if name in {"title", "days"}}
    given, wrong = person_forms.loaded(schemas.NewToken, sent)
    if wrong:
        return _own_page(sent, wrong)
    return _made(tokens.hand_out(context(), caller(), given), "/ingest/me")


@pages.post("/me/tokens/<token_id>/revoke")
def revoke_own_token(token_id: str) -> AnyResponse:
    """Take an own token back."""
    tokens.revoke(context(), caller(), token_id)
    return redirect("/ingest/me?done=revoked", 303)


@pages.get("/admin/tokens")
def all_tokens() -> AnyResponse:
    """Everybody's tokens, and a form for one."""
    return _page_of_all(
        {"title": "", "days": _DAYS, "name": "", "role": "", "donor": "", "offices": [], "regions": []}, {}
    )


@pages.post("/admin/tokens")
def make_token() -> AnyResponse:
    """Make a token for anybody."""
    typed = person_forms.typed(request.form)
    given, wrong = person_forms.loaded(schemas.NewToken, {name: value for name, value in typed.items() if value})
    if not typed.get("role"):  # it would be the administrator's own
        wrong = {**wrong, "role": [Coded("role", "choose the role that the token is for")]}
    if wrong:
        return _page_of_all(typed, wrong)
    try:
        made = tokens.hand_out(context(), caller(), given)
    except Problem as problem:
        if problem.status != 422:
            raise
        return _page_of_all(typed, person_forms.by_field(problem.errors))
    return _made(made, "/ingest/admin/tokens")


@pages.post("/admin/tokens/<token_id>/revoke")
def revoke_token(token_id: str) -> AnyResponse:
    """Take anybody's token back."""
    tokens.revoke(context(), caller(), token_id)
    return redirect("/ingest/admin/tokens?done=revoked", 303)


def _own_page(typed: dict[str, Any], wrong: Wrong) -> AnyResponse:
    mine = caller().name.lower()
    own = [one for one in tokens.listed(context(), caller())["items"] if one["name"].lower() == mine]
    ends = datetime.fromtimestamp(g.credential.expires_at, UTC)
    return _rendered("me.html", typed, wrong, tokens=own[:_LISTED], session_ends=ends)


def _page_of_all(typed: dict[str, Any], wrong: Wrong) -> AnyResponse:
    wanted = request.args.get("q", "").strip().lower()
    found = [
        one for one in tokens.listed(context(), caller())["items"] if wanted in f"{one['name']} {one['title']}".lower()
    ]
    if request.args.get("all") != "yes":
        found = [one for one in found if state_of(one) == "open"]
    with context().sessions() as session:
        offered = person_forms.choices(session, typed)
    return _rendered("admin_tokens.html", typed, wrong, tokens=found[:_LISTED], count=len(found), **offered)


def _rendered(template: str, typed: dict[str, Any], wrong: Wrong, **told: Any) -> AnyResponse:
    page = render_template(template, typed=typed, wrong=wrong, state_of=state_of, done=request.args.get("done"), **told)
    return make_response(page, 422 if wrong else 200)


def state_of(token: dict[str, Any]) -> str:
    """Whether a token is ``open``, ``revoked`` or ``expired``, by the machine's time."""
    if token["revoked_at"]:
        return "revoked"
    return "open" if datetime.fromisoformat(token["expires_at"]) > real_now() else "expired"


def _made(token: dict[str, Any], back: str) -> AnyResponse:
    """The one answer that holds the token's text: nobody keeps it."""
    response = make_response(render_template("token_made.html", token=token, back=back), 201)
    response.headers["Cache-Control"] = "no-store"
    return response
