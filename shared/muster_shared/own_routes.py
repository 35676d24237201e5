"""The routes that every service has: health, metrics, OpenAPI, signing in with a link, signing out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, redirect, render_template, request
from flask_smorest import Api
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from redis import Redis
from sqlalchemy import text
from werkzeug.wrappers import Response as AnyResponse

from muster_shared import auth, signing_out
from muster_shared.auth import Caller
from muster_shared.context import Context
from muster_shared.problems import Problem
from muster_shared.settings import Settings
from muster_shared.signing_out import SESSION_COOKIE

OPEN = "muster_open"
SESSION = timedelta(hours=12)
Check = Callable[[Context], None]
Standing = Callable[[Context], Mapping[str, Any]]


def opened(view: Any) -> Any:
    """Mark a view as one that needs no token."""
    setattr(view, OPEN, True)
    return view


def blueprint(context: Context, api: Api, standing: Standing) -> Blueprint:
    """The routes, bound to one service."""
    routes = Blueprint("own", __name__, url_prefix=f"/{context.service}", template_folder="templates")

    @routes.get("/healthz")
    @opened
    def healthz() -> Response:
        return jsonify(status="ok", service=context.service)

    @routes.get("/readyz")
    @opened
    def readyz() -> tuple[Response, int]:
        return _readiness(context, standing)

    @routes.get("/sign-in")
    @opened
    def sign_in() -> AnyResponse:
        return _sign_in(context, request.args.get("link", ""))

    signing_out.add_to(routes)

    @routes.get("/metrics")
    def metrics() -> Response:
        return Response(generate_latest(current_app.extensions["muster_metrics"]), content_type=CONTENT_TYPE_LATEST)

    @routes.get("/openapi.json")
    def openapi() -> Response:
        return jsonify(api.spec.to_dict())

    @routes.get("/docs")
    def docs() -> str:
        return render_template("docs.html", spec=api.spec.to_dict())

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


def _readiness(context: Context, standing: Standing) -> tuple[Response, int]:
    parts = {name: _try(context, check) for name, check in _CHECKS.items()}
    ready = all(part["ready"] for part in parts.values())
    document = {
        "status": "ready" if ready else "not ready",
        "service": context.service,
        "parts": parts,
        "standing": standing(context) if parts["database"]["ready"] else {},
    }
    return jsonify(document), 200 if ready else 503


def _try(context: Context, check: Check) -> dict[str, Any]:
    try:
        check(context)
    except Exception as error:  # noqa: BLE001 - whatever a part raises, it is not ready
        return {"ready": False, "reason": type(error).__name__}
    return {"ready": True}


def _check_database(context: Context) -> None:
    with context.engine.connect() as connection:
        connection.execute(text("SELECT 1"))


def _check_broker(context: Context) -> None:
    with Redis.from_url(context.settings.broker_url(), socket_connect_timeout=2, socket_timeout=2) as redis:
        redis.ping()


def _check_objects(context: Context) -> None:
    context.objects.check()


_CHECKS: Mapping[str, Check] = {"database": _check_database, "broker": _check_broker, "objects": _check_objects}
