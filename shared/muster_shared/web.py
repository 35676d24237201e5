"""What every service's web application has: tokens, request ids, errors of one shape, counts of requests."""

from __future__ import annotations

import logging
import secrets
import time
from functools import cache
from typing import Any

from flask import Blueprint as PlainBlueprint
from flask import Flask, Response, current_app, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram
from sqlalchemy.exc import DBAPIError

from muster_shared import (
    audit,
    auth,
    csrf,
    error_answers,
    logs,
    measuring,
    own_routes,
    permissions,
    rate_limits,
    redirects,
    signing_out,
    tracing,
)
from muster_shared.auth import Caller
from muster_shared.blueprint import Blueprint
from muster_shared.context import Context
from muster_shared.description import described
from muster_shared.measuring import Measures
from muster_shared.own_routes import OPEN, Standing
from muster_shared.pages import shell
from muster_shared.permissions import Table
from muster_shared.problems import Problem, not_found
from muster_shared.proxies import behind
from muster_shared.revocation import Revocation, asked_of_ingest
from muster_shared.signing_out import SESSION_COOKIE, SignOut
from muster_shared.whole_body import WholeBody

_log = logging.getLogger(__name__)
_SAFE_METHODS = ("GET", "HEAD")
_REFUSED = (401, 403)
_REFUSALS_A_SECOND = 20  # that one process notes: who tries a thousand doors is seen all the same
_SECRETS = frozenset({"secret", "token", "email"})  # parts of a path that open something, or name somebody


def create_app(
    context: Context,
    blueprint: Blueprint,
    pages: PlainBlueprint,
    *,
    title: str,
    standing: Standing,
    measures: Measures,
    table: Table,
    revocation: Revocation | None = None,
    sign_out: SignOut | None = None,
) -> Flask:
    """A service's application: its own routes under ``/<service>`` and what every service has.

    Args:
        context: what the service holds.
        blueprint: the service's HTTP interface.
        pages: the service's pages for people.
        title: the service's name for people, shown in its documentation.
        standing: how far the service is, in numbers that ``/readyz`` shows.
        measures: what it tells Prometheus of its rows.
        table: who may use which of the service's routes.
        revocation: what was taken back; ingest is asked where it is left out.
        sign_out: how sessions are taken back; ingest is asked where it is left out.

    Raises:
        UnknownRoute: a route stands in no table of permissions.
    """
    app = Flask("muster_shared", static_folder=None)
    app.ensure_sync = lambda function: function  # type: ignore[assignment,method-assign] # none is async
    app.json.sort_keys = False  # type: ignore[attr-defined] # the default provider has it
    app.config.update(_config(context))
    app.extensions.update(_held(context, revocation, sign_out))
    shell.register(app, context.service, secure=context.settings.base_url().startswith("https:"))
    app.register_blueprint(blueprint)
    app.register_blueprint(own_routes.blueprint(context, cache(lambda: described(blueprint, title)), standing))
    app.register_blueprint(pages)
    app.extensions["muster_permissions"] = permissions.complete(app, context.service, table)
    _count(app, measuring.Scrape(context, measures))
    app.before_request(_begin)
    rate_limits.install(app, context.settings)
    app.before_request(_let_in)
    app.after_request(_finish)
    redirects.keep_own(app)
    error_answers.register(app)
    whole = behind(WholeBody(app.wsgi_app), context.settings.proxies)
    app.wsgi_app = tracing.serving(whole)  # type: ignore[method-assign] # as Flask means it
    return app


def _held(context: Context, revocation: Revocation | None, sign_out: SignOut | None) -> dict[str, Any]:
    """What the application keeps for its requests."""
    return {
        "muster": context,
        "muster_refusals": audit.Trickle(_REFUSALS_A_SECOND),
        "muster_revocation": revocation or asked_of_ingest(context.settings, context.service),
        "muster_sign_out": sign_out or signing_out.asked_of_ingest(context.settings),
    }


def context() -> Context:
    """The context of the running application."""
    held: Context = current_app.extensions["muster"]
    return held


def caller() -> Caller:
    """Who is calling; every route but the open ones has one."""
    known: Caller = g.caller
    return known


def _config(context: Context) -> dict[str, Any]:
    return {
        "MAX_CONTENT_LENGTH": context.settings.max_body_mb * 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": None,
    }


def _count(app: Flask, scrape: measuring.Scrape) -> None:
    registry = CollectorRegistry()
    registry.register(scrape)
    app.extensions["muster_metrics"] = registry
    labels = ["method", "route", "status"]
    app.extensions["muster_requests"] = Counter("muster_http_requests", "Requests answered", labels, registry=registry)
    app.extensions["muster_seconds"] = Histogram(
        "muster_http_request_seconds", "Seconds per request", ["route"], registry=registry
    )


def _begin() -> None:
    g.began = time.perf_counter()
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if logs.is_plain_id(given) else secrets.token_hex(8)
    logs.request_id.set(g.request_id)
    audit.address.set(request.remote_addr or "")
    view = current_app.view_functions.get(request.endpoint or "")
    if view is None or not getattr(view, OPEN, False):
        try:
            g.caller = _authenticate()
        except Problem as refusal:
            g.refusal = refusal  # raised once the request is counted


def _let_in() -> None:
    if "refusal" in g:
        raise g.refusal
    if "caller" in g:
        _refuse_null_characters()
        if request.url_rule is not None and request.method != "OPTIONS":
            permissions.refuse(current_app.extensions["muster_permissions"], g.caller, request.method, _route())


def _refuse_null_characters() -> None:
    """No name of anything holds one, and no database takes one."""
    if "\x00" in request.path:
        raise not_found("there is nothing at a path with a null character")


def _authenticate() -> Caller:
    bearer = _bearer()
    try:
        g.token = bearer or _session()
        g.credential = auth.credential(context().settings, g.token)
        current_app.extensions["muster_revocation"].refuse(g.credential)
    except auth.InvalidToken as error:
        raise _unauthorized(error.args[0]) from error
    if not bearer and request.method not in _SAFE_METHODS:
        csrf.refuse_foreign(g.credential)
    known: Caller = g.credential.caller
    return known


def _bearer() -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _session() -> str:
    """The browser's session: it opens what changes nothing, and forms of its own pages; no foreign page writes."""
    session = request.cookies.get(SESSION_COOKIE)
    if session and (request.method in _SAFE_METHODS or csrf.may_carry_one()):
        return session
    raise _unauthorized("send a token: 'Authorization: Bearer <token>'; 'muster token' makes one")


def _unauthorized(detail: str) -> Problem:
    return Problem(401, "unauthorized", detail, headers={"WWW-Authenticate": "Bearer"})


def _loggable_path(route: str) -> str:
    """The path, or its route where a part of the path is a secret or a person, so that no log holds one."""
    return route if _SECRETS.intersection(request.view_args or ()) else request.path


def _note_refusal(response: Response) -> None:
    """Attempts at what is not open to the caller go into the audit trail, as far as there is a database."""
    seen = {"method": request.method, "path": _loggable_path(_route()), "status": response.status_code}
    known = g.get("caller") or Caller("", "")
    held = context()
    try:
        with held.sessions.begin() as session:
            audit.note(session, known, "request", seen, at=held.clock.now(), outcome="refused")
    except DBAPIError:
        _log.warning("a refused attempt could not be noted", exc_info=True)


def _route() -> str:
    return request.url_rule.rule if request.url_rule else "-"


def _finish(response: Response) -> Response:
    if response.status_code in _REFUSED and current_app.extensions["muster_refusals"].lets_through():
        _note_refusal(response)
    response.headers["X-Request-ID"] = g.get("request_id", "-")
    route = _route()
    extensions = current_app.extensions
    extensions["muster_requests"].labels(request.method, route, response.status_code).inc()
    seconds = time.perf_counter() - g.get("began", time.perf_counter())
    extensions["muster_seconds"].labels(route).observe(seconds)
    tracing.answered(request.method, route, response.status_code)
    measured = {"path": _loggable_path(route), "seconds": round(seconds, 4)}
    _log.info("%s %s %s", request.method, route, response.status_code, extra=measured)
    return response
