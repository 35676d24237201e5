"""Redirects lead nowhere but to paths of our own, whatever the request said its host was."""

from __future__ import annotations

import logging
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

from flask import Flask, Response, current_app, request

from muster_shared import error_answers
from muster_shared.problems import Problem

_log = logging.getLogger(__name__)
_ABROAD: Final = "muster_abroad"


def abroad(view: Any) -> Any:
    """Mark a view as one that sends the browser to another site, which the settings name."""
    setattr(view, _ABROAD, True)
    return view


def keep_own(app: Flask) -> None:
    """Turn addresses of this host in ``Location`` into paths, and refuse to send anybody anywhere else."""
    app.after_request(_own)


def _own(response: Response) -> Response:
    target = response.headers.get("Location")
    if target is None or _leads_abroad():
        return response
    parts = urlsplit(target)
    if parts.netloc not in {"", request.host} or parts.scheme not in {"", "http", "https"}:
        _log.error("a redirect to another site was refused", extra={"route": request.endpoint})
        return error_answers.answer(Problem(500, "internal", "this would have led to another site"))
    # browsers take two slashes, and a backslash for one, as the beginning of another host
    path = "/" + parts.path.lstrip("/\\")
    response.headers["Location"] = urlunsplit(("", "", path, parts.query, parts.fragment))
    return response


def _leads_abroad() -> bool:
    return bool(getattr(current_app.view_functions.get(request.endpoint or ""), _ABROAD, False))
