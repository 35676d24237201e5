"""Redirects lead nowhere but to paths of our own, whatever the request said its host was."""

from __future__ import annotations

import logging
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

from flask import Flask, Response, current_app, request

from muster_shared import error_answers
from muster_shared.names import QUEUES as SERVICES
from muster_shared.problems import Problem

_log = logging.getLogger(__name__)
_ABROAD: Final = "muster_abroad"
_LONGEST: Final = 1000


def abroad(view: Any) -> Any:
    """Mark a view as one that sends the browser to another site, which the settings name."""
    setattr(view, _ABROAD, True)
    return view


def keep_own(app: Flask) -> None:
    """Turn addresses of this host in ``Location`` into paths, and refuse to send anybody anywhere else."""
    app.after_request(_own)


def is_own_page(href: str) -> bool:
    """Whether an address that somebody gave is a page within this instance, with no way out of its service."""
    plain = href.isascii() and href.isprintable() and not {" ", "\\"} & set(href) and len(href) <= _LONGEST
    path = href.partition("?")[0].partition("#")[0]
    beginning, _, rest = path.removeprefix("/").partition("/")
    is_ours = path.startswith("/") and beginning in SERVICES
    return plain and is_ours and ".." not in rest and "//" not in path


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
