"""The pages of signing in by a mail link; they work without JavaScript."""

from __future__ import annotations

import re
import secrets
import time
from datetime import timedelta
from typing import Final

from flask import Response, current_app, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from muster_ingest.identity import signing_in
from muster_ingest.identity.models import PersonRow
from muster_ingest.identity.sign_in_words import WORDS
from muster_ingest.identity.signing_in import LinkDoesNotOpen
from muster_ingest.pages import pages
from muster_shared.auth import Caller
from muster_shared.csrf import only_from_own_pages
from muster_shared.own_routes import begin_session, opened
from muster_shared.pages import shell
from muster_shared.pages.navigation import home_of
from muster_shared.problems import not_found
from muster_shared.redirects import is_own_page
from muster_shared.web import context

_ASKED_COOKIE: Final = "muster_asked"
_WANTED_COOKIE: Final = "muster_wanted"
_WANTED_FOR: Final = timedelta(hours=1)
_COOKIE_PATH: Final = "/ingest/sign-in"
_ADDRESS: Final = re.compile(r"[^@\s]{1,64}@[^@\s]{1,189}")
_LEAST_SECONDS: Final = 0.2  # an address that is known takes longer, and nobody shall see that
_GONE: Final = 410
NEVER_KEPT: Final = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}


@pages.get("/sign-in/mail")
@opened
def ask_for_link() -> AnyResponse:
    """A form for the address; where an OpenID provider is configured, the way there. ``to`` is the page wanted."""
    response = redirect("/ingest/sign-in/oidc") if context().settings.oidc_issuer else _asking()
    if _may_lead_to(wanted := request.args.get("to", "")):
        _remember(response, _WANTED_COOKIE, wanted, _WANTED_FOR)
    return response


def _may_lead_to(href: str) -> bool:
    return is_own_page(href) and "/sign-" not in href.partition("?")[0]


def _asking() -> AnyResponse:
    return page("sign_in_ask.html", address="", wrong="")


@pages.post("/sign-in/mail")
@opened
def send_link() -> Response:
    """The same answer whether the address is known or not."""
    _only_without_provider()
    only_from_own_pages()
    began, address = time.monotonic(), request.form.get("email", "").strip()
    if not _ADDRESS.fullmatch(address):
        return page("sign_in_ask.html", 422, address=address, wrong="no_address")
    nonce = secrets.token_urlsafe(32)
    signing_in.ask(context(), address, nonce)
    time.sleep(max(0.0, began + _LEAST_SECONDS - time.monotonic()))
    response = page("sign_in_sent.html")
    _remember(response, _ASKED_COOKIE, nonce, signing_in.LIFETIME)
    return response


@pages.get("/sign-in/mail/<token>")
@opened
def look_at_link(token: str) -> Response:
    """A page with a button: programs that follow the links of mails use nothing up."""
    _only_without_provider()
    try:
        signing_in.look_at(context(), token, _nonce())
    except LinkDoesNotOpen as error:
        return refusal(error.reason)
    return page("sign_in_open.html")


@pages.post("/sign-in/mail/<token>")
@opened
def use_link(token: str) -> AnyResponse:
    """Sign in."""
    _only_without_provider()
    only_from_own_pages()
    try:
        signed_in = signing_in.use(context(), token, _nonce())
    except LinkDoesNotOpen as error:
        note_refused(error.email, signing_in.BY_LINK, error.reason)
        return refusal(error.reason)
    response = signed_in_as(signed_in)
    _remember(response, _ASKED_COOKIE, "", timedelta())
    return response


def signed_in_as(person: Caller) -> AnyResponse:
    """The way to the page that was wanted, else to the person's first, with a session, in their language and zone."""
    held, wanted = context(), request.cookies.get(_WANTED_COOKIE, "")
    response = redirect(wanted if _may_lead_to(wanted) else home_of(person), 303)
    _remember(response, _WANTED_COOKIE, "", timedelta())
    begin_session(response, held.settings, person)
    with held.sessions() as session:
        if known := session.get(PersonRow, person.name):
            secure = held.settings.base_url().startswith("https:")
            shell.remember(response, language=known.language, zone=known.time_zone, secure=secure)
    response.headers.update(NEVER_KEPT)
    return response


def page(template: str, status: int = 200, **told: object) -> Response:
    """A page in the language of the browser."""
    language = shell.page_language("muster_ingest").code
    rendered = render_template(template, words=WORDS[language], **told)
    response = make_response(rendered, status)
    response.headers.update({**NEVER_KEPT, "Vary": "Accept-Language, Cookie", "Content-Language": language})
    return response


def refusal(reason: str) -> Response:
    """The page of a link that opens nothing, and the way to a new one."""
    return page("sign_in_refused.html", _GONE, reason=reason, again="/ingest/sign-in/mail")


def _only_without_provider() -> None:
    if context().settings.oidc_issuer:
        raise not_found("links by mail are off here: sign in at /ingest/sign-in/oidc")


def note_refused(email: str, by: str, reason: str) -> None:
    """Into the audit trail; of a flood, a part."""
    if current_app.extensions["muster_refusals"].lets_through():
        signing_in.refused(context(), email, by, reason)


def _nonce() -> str:
    return request.cookies.get(_ASKED_COOKIE, "")


def _remember(response: AnyResponse, name: str, value: str, lifetime: timedelta) -> None:
    response.set_cookie(
        name,
        value,
        max_age=lifetime,
        path=_COOKIE_PATH,
        httponly=True,
        secure=context().settings.base_url().startswith("https:"),
        samesite="Lax",
    )
