"""Signing out, in every service: of this browser, or everywhere. Ingest keeps what was taken back, and is asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http.client import OK, UNAUTHORIZED
from typing import Final

import requests
from flask import Blueprint, Response, current_app, g, make_response, render_template, request

from muster_shared.auth import Credential
from muster_shared.pages import shell
from muster_shared.problems import unavailable
from muster_shared.settings import Settings

SESSION_COOKIE: Final = "muster_session"
SignOut = Callable[[Credential, str, bool], None]  # the session, its text, and whether everywhere

_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "title": "Sign out",
        "ask": "You are signed in as {name}.",
        "here": "Sign out",
        "everywhere": "Sign out everywhere",
        "what_everywhere": "Everywhere: in every browser, and every API token of yours is void too.",
        "done": "You are signed out.",
        "again": "Sign in again",
    },
    "fr": {
        "title": "Se déconnecter",
        "ask": "Vous êtes connecté en tant que {name}.",
        "here": "Se déconnecter",
        "everywhere": "Se déconnecter partout",
        "what_everywhere": "Partout : dans tous les navigateurs ; vos jetons d’API ne sont plus valables non plus.",  # noqa: RUF001 - a French apostrophe
        "done": "Vous êtes déconnecté.",
        "again": "Se reconnecter",
    },
    "es": {
        "title": "Cerrar sesión",
        "ask": "Ha iniciado sesión como {name}.",
        "here": "Cerrar sesión",
        "everywhere": "Cerrar sesión en todas partes",
        "what_everywhere": "En todas partes: en todos los navegadores; sus tokens de API dejan de valer también.",
        "done": "Ha cerrado la sesión.",
        "again": "Iniciar sesión de nuevo",
    },
}


def add_to(routes: Blueprint) -> None:
    """Give a service the page and its form."""

    @routes.get("/sign-out")
    def sign_out_page() -> Response:
        return _page(done=False)

    @routes.post("/sign-out")
    def sign_out() -> Response:
        everywhere = request.form.get("everywhere") == "yes"
        current_app.extensions["muster_sign_out"](g.credential, g.token, everywhere)
        response = _page(done=True)
        secure = current_app.extensions["muster"].settings.base_url().startswith("https:")
        response.delete_cookie(SESSION_COOKIE, httponly=True, secure=secure, samesite="Lax")
        return response


def asked_of_ingest(settings: Settings) -> SignOut:
    """How a service other than ingest takes a session back: with that session itself.

    The function raises ``Problem`` 503 where ingest cannot be asked, as the session would go on.
    """

    def sign_out(_credential: Credential, token: str, everywhere: bool) -> None:  # noqa: FBT001 - as SignOut says
        try:
            answer = requests.post(
                f"{settings.ingest_url}/ingest/sign-out",
                data={"everywhere": "yes" if everywhere else "no"},
                headers={"Authorization": f"Bearer {token}"},
                timeout=(2, 10),
            )
        except requests.RequestException as error:
            raise unavailable("what takes sessions back") from error
        if answer.status_code not in {OK, UNAUTHORIZED}:  # 401: it was taken back already
            raise unavailable("what takes sessions back")

    return sign_out


def _page(*, done: bool) -> Response:
    language = shell.page_language("muster_shared").code
    told = {"words": _WORDS[language], "done": done, "bare": done}
    response = make_response(render_template("sign_out.html", **told))
    response.headers.update(
        {"Cache-Control": "no-store", "Vary": "Accept-Language, Cookie", "Content-Language": language}
    )
    return response
