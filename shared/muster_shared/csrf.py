"""Forms only from our own pages, so that no page of another site writes with somebody's session.

A form of a page carries a token that only this session's pages know; what is open to everybody has no session, and
there a browser tells where a form comes from. To write a page with a form: put
``<input type="hidden" name="csrf_token" value="{{ csrf_token() }}">`` into it; a script that sends a
POST itself puts the same token into the header ``X-CSRF-Token``.
"""

from __future__ import annotations

import hmac
from typing import Final
from urllib.parse import urlsplit

from flask import current_app, g, request

from muster_shared.auth import Credential
from muster_shared.problems import Problem
from muster_shared.settings import Settings

FIELD: Final = "csrf_token"
HEADER: Final = "X-CSRF-Token"
_OURS: Final = frozenset({"same-origin", "none"})
_FORMS: Final = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})


def csrf_token() -> str:
    """What a form of the page at hand carries: bound to the session that the page is shown to."""
    return of_session(_settings().signing_key(), g.credential)


def of_session(signing_key: str, credential: Credential) -> str:
    """The token of a session; it can be told from the session's id only by who has the key."""
    return hmac.digest(signing_key.encode(), b"muster csrf " + credential.token_id.encode(), "sha256").hex()


def may_carry_one() -> bool:
    """Whether the request is a POST that can carry a token at all: of a form, or with the header."""
    return request.method == "POST" and (HEADER in request.headers or request.mimetype in _FORMS)


def refuse_foreign(credential: Credential) -> None:
    """Let a form pass that a page of this session sent.

    Raises:
        Problem: 403, it carries no token or another session's, or comes from another site.
    """
    only_from_own_pages()
    given = request.headers.get(HEADER) or request.form.get(FIELD, "")
    keys = _settings().signing_keys()
    if not any(hmac.compare_digest(given.encode(), of_session(key, credential).encode()) for key in keys):
        raise Problem(403, "foreign_form", "this form is not one of your session: open the page anew and send it there")


def only_from_own_pages() -> None:
    """Refuse a form that another site's page sent; programs that are no browsers say nothing of it and pass.

    Raises:
        Problem: 403, the browser says that it comes from elsewhere.
    """
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if (site not in _OURS) if site else (origin and not _is_own(origin)):
        raise Problem(403, "foreign_form", "this form was sent by a page of another site; open ours and send it there")


def _is_own(origin: str) -> bool:
    return urlsplit(origin).netloc in {request.host, urlsplit(_settings().base_url()).netloc}


def _settings() -> Settings:
    known: Settings = current_app.extensions["muster"].settings
    return known
