"""The routes that every service has: health, metrics, OpenAPI, signing in with a link, signing out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, redirect, render_template, request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from werkzeug.wrappers import Response as AnyResponse

from muster_shared import auth, health, signing_out
from muster_shared.auth import Caller
from muster_shared.context import Context
from muster_shared.health import Standing
from muster_shared.opened import OPEN, opened
from muster_shared.pages import audit_pages, health_pages
from muster_shared.problems import Problem
from muster_shared.settings import Settings
from muster_shared.signing_out import SESSION_COOKIE

__all__ = ["OPEN", "SESSION", "Standing", "begin_session", "blueprint", "opened"]
SESSION = timedelta(hours=12)


def blueprint(context: Context, describe: Callable[[], dict[str, Any]], standing: Standing) -> Blueprint:
    """The routes, bound to one service; ``describe`` gives its OpenAPI document."""
    routes = Blueprint("own", __name__, url_prefix=f"/{context.service}", template_folder="templates")

    @routes.get("/healthz")
    @opened
    def healthz() -> Response:
        return jsonify(status="ok", service=context.service)

    @routes.get("/readyz")
    @opened
    def readyz() -> tuple[Response, int]:
        told = health.readiness(context, standing)
        return jsonify(told), 200 if told["status"] == "ready" else 503

    @routes.get("/sign-in")
    @opened
    def sign_in() -> AnyResponse:
        return _sign_in(context, request.args.get("link", ""))

    signing_out.add_to(routes)
    health_pages.add_to(routes, context, standing)
    audit_pages.add_to(routes)

    @routes.get("/metrics")
    def metrics() -> Response:
        return Response(generate_latest(current_app.extensions["muster_metrics"]), content_type=CONTENT_TYPE_LATEST)

    @routes.get("/openapi.json")
    def openapi() -> Response:
        return jsonify(describe())

    @routes.get("/docs")
    def docs() -> str:
        return render_template("docs.html", spec=describe())

    return routes


def _sign_in(context: Context, link: str) -> AnyResponse:
    """Begin a browser session for the person a signed link names."""
    try:
        caller = auth.read_link(context.settings, link)
    except auth.InvalidToken as error:
        raise Problem(401, "unauthorized", f"this sign-in link does not open: {error}") from error
    response = redirect(f"/{context.service}/")
    begin_session(response, context.settings, caller)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def begin_session(response: AnyResponse, settings: Settings, caller: Caller) -> None:
    """Give the browser a session of 12 hours; its cookie is out of any script's reach."""
    response.set_cookie(
        SESSION_COOKIE,
        auth.issue(settings, caller, lifetime=SESSION),
        max_age=SESSION,
        httponly=True,
        secure=settings.base_url().startswith("https:"),
        samesite="Lax",
    )
