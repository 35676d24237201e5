"""Signing in by the OpenID provider of the organization: code flow with PKCE, state and nonce, by Authlib.

Whom the provider names, by an e-mail address that it verified, must have been added here; what they may do is said
here too.
"""

from __future__ import annotations

import hmac
import logging
from typing import Any, Final

import requests
from authlib.common.errors import AuthlibBaseError
from flask import Flask
from joserfc.errors import JoseError
from werkzeug.wrappers import Response

from muster_ingest.identity import signing_in
from muster_ingest.identity.models import PersonRow
from muster_ingest.identity.people import caller_of
from muster_shared.auth import Caller
from muster_shared.context import Context
from muster_shared.problems import unavailable
from muster_shared.settings import Settings

BY: Final = "OpenID Connect"
UNVERIFIED: Final = "unverified"
NOBODY: Final = "nobody"
PROVIDER: Final = "provider"

_BACK: Final = "/ingest/sign-in/oidc/back"
_SECONDS: Final = 5
_ALGORITHMS: Final = "id_token_signing_alg_values_supported"
_SIGNED_BY_A_KEY_PAIR: Final = ("RS", "PS", "ES", "Ed")
_WRONG: Final = (AuthlibBaseError, JoseError, requests.RequestException, RuntimeError, ValueError, KeyError)


class NotLetIn(Exception):
    """The provider named nobody who may sign in; ``reason`` is provider, unverified or nobody."""

    def __init__(self, reason: str, email: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.email = email


def prepare(app: Flask, settings: Settings) -> None:
    """Make an application ready for the provider of the settings, if there is one; nothing is asked of it yet.

    What must be known when the browser comes back is kept in a signed cookie of the browser.
    """
    if not settings.oidc_issuer:
        return
    from authlib.integrations.flask_client import OAuth  # noqa: PLC0415 - takes a quarter of a second

    logging.getLogger("authlib").setLevel(logging.INFO)  # at DEBUG it logs secrets
    app.secret_key, *fallbacks = [_derived(key) for key in settings.signing_keys()]
    app.config.update(
        SECRET_KEY_FALLBACKS=fallbacks,
        SESSION_COOKIE_NAME="muster_oidc",
        SESSION_COOKIE_PATH="/ingest/sign-in/oidc",
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.base_url().startswith("https:"),
    )
    app.extensions["muster_oidc"] = OAuth(app).register(
        name="oidc",
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret,
        server_metadata_url=f"{settings.oidc_issuer}/.well-known/openid-configuration",
        client_kwargs={"scope": "openid email", "code_challenge_method": "S256", "default_timeout": _SECONDS},
    )


def to_provider(context: Context, client: Any) -> Response:
    """Send the browser to the provider.

    Raises:
        Problem: 503, the provider cannot be reached, or is not the one of the settings.
    """
    try:
        _hold_to_settings(context.settings, client)
        answer: Response = client.authorize_redirect(f"{context.settings.base_url()}{_BACK}")
    except _WRONG as error:
        raise unavailable("the sign-in of your organization") from error
    return answer


def back(context: Context, client: Any) -> Caller:
    """Who is signed in, now that the browser came back.

    Raises:
        NotLetIn: nobody is.
    """
    email = _verified_email(context.settings, client)
    with context.sessions.begin() as session:
        row = session.get(PersonRow, email, with_for_update=True)
        if row and row.active:
            signing_in.signed_in(session, row, BY, now=context.clock.now())
            return caller_of(row)
    raise NotLetIn(NOBODY, email)


def _verified_email(settings: Settings, client: Any) -> str:
    try:
        _hold_to_settings(settings, client)
        token = client.authorize_access_token()
        claims = token["userinfo"]  # of the ID token: its signature, issuer, audience, nonce and times were checked
        if "email" not in claims:
            claims = _asked_for(client, token, claims["sub"])
    except _WRONG as error:
        raise NotLetIn(PROVIDER) from error
    email = str(claims.get("email") or "").strip().lower()
    if not email or claims.get("email_verified") is not True:
        raise NotLetIn(UNVERIFIED, email)
    return email


def _asked_for(client: Any, token: Any, subject: str) -> Any:
    """The claims that a provider gives only when asked, of the same person (OpenID Connect Core 5.3.2)."""
    claims = client.userinfo(token=token)
    if claims.get("sub") != subject:
        raise ValueError("the provider told of somebody else")
    return claims


def _hold_to_settings(settings: Settings, client: Any) -> None:
    """The provider must name itself as the settings do, and sign with a key pair: nobody else has its key then."""
    told = client.load_server_metadata()
    if str(told.get("issuer", "")).rstrip("/") != settings.oidc_issuer:
        told.pop("_loaded_at", None)
        raise ValueError("the provider gives another issuer than MUSTER_OIDC_ISSUER")
    offered = [name for name in told.get(_ALGORITHMS) or () if name[:2] in _SIGNED_BY_A_KEY_PAIR]
    told[_ALGORITHMS] = offered or ["RS256"]


def _derived(key: str) -> bytes:
    return hmac.digest(key.encode(), b"muster cookie of OpenID Connect", "sha256")
