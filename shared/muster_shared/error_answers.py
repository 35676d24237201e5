"""Every error as an answer of one shape: problem details, or the same words as a page for a browser."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from flask import Flask, Response, current_app, g, jsonify, make_response, render_template, request
from obstore.exceptions import BaseError
from sqlalchemy.exc import DataError as UnfitForDatabase
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from muster_shared.pages.error_words import words_of
from muster_shared.problems import JSON_TYPE, DataError, Problem, busy, unavailable

_log = logging.getLogger(__name__)
_CODES = {
    400: "not_readable",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_type",
    422: "not_valid",
}
_RIGHT = {  # what marshmallow says is wrong, and what would be right
    "Unknown field.": "there is no such field here: leave it out, or mend its name",
    "Missing data for required field.": "is missing: give it",
    "Field may not be null.": "is empty: give it, or leave it out",
    "Not a valid boolean.": "is neither true nor false: give one of the two",
    "Not a valid integer.": "is not a whole number: give one, for example 20",
    "Not a valid date.": "is not a day: give it as 2016-11-30",
    "Not a valid datetime.": "is not a time: give it as 2016-11-30T08:00:00Z",
    "Not a valid UUID.": "is not an id: give it as it was answered, 36 characters with hyphens",
    "Not a valid string.": "is not a text: give it in quotes",
    "Not a valid list.": "is not a list: give it in square brackets",
    "Invalid input type.": "is not an object: give its fields in braces",
}
_CUT_OFF = frozenset({"57014", "55P03", "25P03"})  # statement, wait for a lock, idle transaction: took too long


def register(app: Flask) -> None:
    """Answer every exception that leaves a view."""
    app.register_error_handler(Problem, answer)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(OperationalError, _database_away)
    app.register_error_handler(PoolTimeout, _database_away)
    app.register_error_handler(DBAPIError, _database_error)
    app.register_error_handler(UnfitForDatabase, _not_storable)
    app.register_error_handler(UnicodeEncodeError, _not_storable)
    app.register_error_handler(BaseError, _store_away)
    app.register_error_handler(FileNotFoundError, _store_away)
    app.register_error_handler(Exception, _unexpected)


def answer(problem: Problem) -> Response:
    """A problem as JSON, or as a page for a browser."""
    document = problem.document()
    if request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html":
        for_programs = "WWW-Authenticate" in problem.headers  # what it says of tokens is of no use to a reader
        told = {"problem": document, "words": words_of(problem.status), "for_programs": for_programs}
        response = make_response(render_template("problem.html", **told))
    else:
        response = jsonify(document)
        response.content_type = JSON_TYPE
    response.status_code = problem.status
    response.headers.update(problem.headers)
    return response


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    details = getattr(error, "data", None) or {}  # where webargs leaves what a schema refused
    problem = Problem(status, _CODES.get(status, "http"), _details(status), errors=_schema_errors(details))
    headers = error.get_headers(None, None) if status == 405 else []
    problem.headers.update({name: value for name, value in headers if name == "Allow"})
    return answer(problem)


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
        DataError(code="not_valid", message=_RIGHT.get(str(message), str(message)), field=f"{place}.{name}")
        for place, named in places.items()
        for name, messages in (named.items() if isinstance(named, dict) else {"": named}.items())
        for message in (messages if isinstance(messages, list) else [messages])
    ]


def _database_away(error: Exception) -> Response:
    if _is_cut_off(error):
        _log.warning("a statement was cut off", exc_info=True)
        return answer(busy("the database is too busy for this: ask for less, or try again later"))
    _log.warning("database away", exc_info=True)
    return answer(unavailable("the database"))


def _is_cut_off(error: Exception) -> bool:
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in _CUT_OFF


def _not_storable(_error: Exception) -> Response:
    """What no schema refused and no database takes: a null character, half of a pair, a number beyond all bounds."""
    _log.warning("a value that cannot be stored", exc_info=True)
    detail = "a text holds a character that cannot be stored (null, or half of a pair), or a number is too large"
    return answer(Problem(422, "not_storable", detail))


def _store_away(_error: Exception) -> Response:
    _log.warning("object store away", exc_info=True)
    return answer(unavailable("the object store"))


def _database_error(error: DBAPIError) -> Response:
    away = error.connection_invalidated or _is_cut_off(error)
    return _database_away(error) if away else _unexpected(error)


def _unexpected(_error: Exception) -> Response:
    _log.exception("unexpected error")
    detail = f"something went wrong on our side; quote request {g.get('request_id', '-')} when you report it"
    return answer(Problem(500, "internal", detail))
