"""The way to the OpenID provider of the organization and back."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app
from werkzeug.wrappers import Response as AnyResponse

from muster_ingest.identity import oidc
from muster_ingest.identity.sign_in_pages import note_refused, page, signed_in_as
from muster_ingest.pages import pages
from muster_shared.own_routes import opened
from muster_shared.problems import not_found
from muster_shared.redirects import abroad
from muster_shared.web import context


@pages.get("/sign-in/oidc")
@opened
@abroad
def to_provider() -> AnyResponse:
    """To the provider."""
    return oidc.to_provider(context(), _client())


@pages.get("/sign-in/oidc/back")
@opened
def back_from_provider() -> AnyResponse:
    """Back from it: signed in, or told why not."""
    try:
        signed_in = oidc.back(context(), _client())
    except oidc.NotLetIn as error:
        note_refused(error.email, oidc.BY, error.reason)
        return _refusal(error.reason)
    return signed_in_as(signed_in)


def _refusal(reason: str) -> Response:
    return page("sign_in_refused.html", 403, reason=reason, again="/ingest/sign-in/oidc")


def _client() -> Any:
    client = current_app.extensions.get("muster_oidc")
    if client is None:
        raise not_found("no OpenID provider is configured here: sign in by a mail link, at /ingest/sign-in/mail")
    return client
