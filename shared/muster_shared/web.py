"""What every service's web application has: errors of one shape, tokens, request ids, health, metrics, OpenAPI."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask, Response, current_app, g, jsonify, render_template, request
from flask_smorest import Api, Blueprint
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from redis import Redis
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from muster_shared import auth, logs
from muster_shared.auth import Caller
from muster_shared.context import Context
from muster_shared.problems import JSON_TYPE, DataError, Problem, unavailable

OPEN = "muster_open"
_log = logging.getLogger(__name__)
Check = Callable[[Context], None]
Standing = Callable[[Context], Mapping[str, Any]]


def create_app(context: Context, blueprint: Blueprint, *, title: str, standing: Standing) -> Flask:
    """A service's application: its own routes under ``/<service>`` and what every service has.

    Args:
        context: what the service holds.
        blueprint: the service's own routes.
        title: the service's name for people, shown in its documentation.
        standing: how far the service is, in numbers that ``/readyz`` shows.
    """
    app = Flask("muster_shared")
    app.json.sort_keys = False  # type: ignore[attr-defined] # the default provider has it
    app.config.update(_config(context, title))
    app.extensions["muster"] = context
    api = Api(app)
    _describe_security(api)
    api.register_blueprint(blueprint)
    app.register_blueprint(_own_routes(context, api, standing))
    _count(app)
    app.before_request(_begin)
    app.after_request(_finish)
    _answer_errors(app)
    return app


def context() -> Context:
    """The context of the running application."""
    held: Context = current_app.extensions["muster"]
    return held


def caller() -> Caller:
    """Who is calling; every route but the open ones has one."""
    known: Caller = g.caller
    return known


def opened(view: Any) -> Any:
    """Mark a view as one that needs no token."""
    setattr(view, OPEN, True)
    return view


def _config(context: Context, title: str) -> dict[str, Any]:
    return {
        "API_TITLE": title,
        "API_VERSION": "v1",
        "OPENAPI_VERSION": "3.1.0",
        "MAX_CONTENT_LENGTH": context.settings.max_body_mb * 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": None,
    }


def _describe_security(api: Api) -> None:
    api.spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    api.spec.options["security"] = [{"token": []}]


def _own_routes(context: Context, api: Api, standing: Standing) -> Any:
    from flask import Blueprint as PlainBlueprint  # noqa: PLC0415 - not to be taken for flask-smorest's

    routes = PlainBlueprint("own", __name__, url_prefix=f"/{context.service}", template_folder="templates")

    @routes.get("/healthz")
    @opened
    def healthz() -> Response:
        return jsonify(status="ok", service=context.service)

    @routes.get("/readyz")
    @opened
    def readyz() -> tuple[Response, int]:
        return _readiness(context, standing)

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


def _check_database(context: Context) -> None:
    with context.engine.connect() as connection:
        connection.execute(text("SELECT 1"))


def _check_broker(context: Context) -> None:
    with Redis.from_url(context.settings.broker_url(), socket_connect_timeout=2, socket_timeout=2) as redis:
        redis.ping()


def _check_objects(context: Context) -> None:
    context.objects.check()


_CHECKS: Mapping[str, Check] = {"database": _check_database, "broker": _check_broker, "objects": _check_objects}


def _try(context: Context, check: Check) -> dict[str, Any]:
    try:
        check(context)
    except Exception as error:  # noqa: BLE001 - whatever a part raises, it is not ready
        return {"ready": False, "reason": type(error).__name__}
    return {"ready": True}


def _count(app: Flask) -> None:
    registry = CollectorRegistry()
    app.extensions["muster_metrics"] = registry
    labels = ["method", "route", "status"]
    app.extensions["muster_requests"] = Counter("muster_http_requests", "Requests answered", labels, registry=registry)
    app.extensions["muster_seconds"] = Histogram(
        "muster_http_request_seconds", "Seconds per request", ["route"], registry=registry
    )


def _begin() -> None:
    g.began = time.perf_counter()
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if _is_plain(given) else secrets.token_hex(8)
    logs.request_id.set(g.request_id)
    view = current_app.view_functions.get(request.endpoint or "")
    if view is None or not getattr(view, OPEN, False):
        g.caller = _authenticate()


def _is_plain(text: str) -> bool:
    return 0 < len(text) <= 64 and text.isascii() and text.replace("-", "").replace("_", "").isalnum()


def _authenticate() -> Caller:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise _unauthorized("send a token: 'Authorization: Bearer <token>'; 'muster token' makes one")
    try:
        return auth.read(context().settings, token.strip())
    except auth.InvalidToken as error:
        raise _unauthorized(error.args[0]) from error


def _unauthorized(detail: str) -> Problem:
    return Problem(401, "unauthorized", detail, headers={"WWW-Authenticate": "Bearer"})


def _finish(response: Response) -> Response:
    response.headers["X-Request-ID"] = g.get("request_id", "-")
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    route = request.url_rule.rule if request.url_rule else "-"
    extensions = current_app.extensions
    extensions["muster_requests"].labels(request.method, route, response.status_code).inc()
    seconds = time.perf_counter() - g.get("began", time.perf_counter())
    extensions["muster_seconds"].labels(route).observe(seconds)
    _log.info(
        "%s %s %s",
        request.method,
        route,
        response.status_code,
        extra={"path": request.path, "seconds": round(seconds, 4)},
    )
    return response


def _answer_errors(app: Flask) -> None:
    app.register_error_handler(Problem, _problem)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(OperationalError, _database_away)
    app.register_error_handler(PoolTimeout, _database_away)
    app.register_error_handler(DBAPIError, _database_error)
    app.register_error_handler(Exception, _unexpected)


def _problem(problem: Problem) -> Response:
    response = jsonify(problem.document())
    response.status_code = problem.status
    response.content_type = JSON_TYPE
    response.headers.update(problem.headers)
    return response


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    details = getattr(error, "data", None) or {}  # where webargs leaves what a schema refused
    problem = Problem(status, _CODES.get(status, "http"), _details(status), errors=_schema_errors(details))
    headers = error.get_headers(None, None) if status == 405 else []
    problem.headers.update({name: value for name, value in headers if name == "Allow"})
    return _problem(problem)


_CODES = {
    400: "not_readable",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_type",
    422: "not_valid",
}


def _details(status: int) -> str:
    limit = current_app.config["MAX_CONTENT_LENGTH"] // (1024 * 1024)
    return {
        404: f"nothing is at {request.path}",
        405: f"{request.method} is not possible here",
        413: f"the body is larger than {limit} MB; nothing of it was kept: send it in parts",
        422: "the request is not as it should be; see errors",
    }.get(status, "the request could not be read")


def _schema_errors(details: Mapping[str, Any]) -> list[DataError]:
    places: Mapping[str, Any] = details.get("messages", {})
    return [
        DataError(code="not_valid", message=str(message), field=f"{place}.{name}")
        for place, named in places.items()
        for name, messages in (named.items() if isinstance(named, dict) else {"": named}.items())
        for message in (messages if isinstance(messages, list) else [messages])
    ]


def _database_away(_error: Exception) -> Response:
    _log.warning("database away", exc_info=True)
    return _problem(unavailable("the database"))


def _database_error(error: DBAPIError) -> Response:
    return _database_away(error) if error.connection_invalidated else _unexpected(error)


def _unexpected(_error: Exception) -> Response:
    _log.exception("unexpected error")
    detail = f"something went wrong on our side; quote request {g.get('request_id', '-')} when you report it"
    return _problem(Problem(500, "internal", detail))
