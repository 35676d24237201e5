"""Every answer to strangers and administrators, and every error, keeps a browser safe, as those of the walk do."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest

from muster_shared import error_answers, permissions
from muster_shared.language import LANGUAGES
from muster_shared.pages import assets
from muster_shared.pages.error_words import WORDS
from muster_shared.problems import Problem
from safe_answers import faults

PART = re.compile(r"<(?:(\w+)(?:\([^)]*\))?:)?(\w+)>")
OF_TYPE = {"uuid": str(UUID(int=1)), "any": "json"}
BROWSER = {"Accept": "text/html"}
APOSTROPHE = "\N{RIGHT SINGLE QUOTATION MARK}"


def path_of(name: str) -> str:
    """A path of a route, its parts filled with what fits."""
    return PART.sub(lambda part: OF_TYPE.get(part[1] or "", "a@example.org"), name.split(" ", maxsplit=1)[1])


def test_every_route_answers_a_stranger_safely(house: Any) -> None:
    found = []
    for service, client in house.clients.items():
        for name, _ in permissions.routes(client.application):
            method = name.split(" ", maxsplit=1)[0]
            answer = client.open(path_of(name), method=method, headers=BROWSER, buffered=True)
            found += [f"{name} {answer.status_code}: {told}" for told in faults(answer)]
            assert answer.status_code < 500, (service, name)
    assert not found, "\n".join(found)


def test_every_route_for_reading_answers_an_administrator_safely(house: Any) -> None:
    found = []
    headers = {**BROWSER, "Authorization": f"Bearer {house.token('admin')}"}
    for client in house.clients.values():
        for name, _ in permissions.routes(client.application):
            if name.startswith("GET ") and "sign-" not in name:
                answer = client.get(path_of(name), headers=headers, buffered=True)
                found += [f"{name} {answer.status_code}: {told}" for told in faults(answer)]
    assert not found, "\n".join(found)


def test_style_sheets_and_scripts_are_kept_for_ever_and_safe(house: Any) -> None:
    for name in ("muster.css", "muster.js", "mark.svg"):
        answer = house.clients["notify"].get(assets.address(name))
        assert answer.status_code == 200
        assert "immutable" in answer.headers["Cache-Control"]
        assert list(faults(answer)) == []


HEADINGS = {
    401: ("Sign in first", "Connectez-vous d'abord", "Inicie sesión primero"),
    403: ("This is not open to you", "Ceci ne vous est pas ouvert", "Esto no está abierto para usted"),
    404: ("There is nothing here", "Il n'y a rien ici", "Aquí no hay nada"),
    405: ("This is not possible here", "Ce n'est pas possible ici", "Esto no es posible aquí"),
    422: ("Something in it is wrong", "Quelque chose n'est pas juste", "Algo no es correcto"),
}


@pytest.mark.parametrize("status", HEADINGS)
def test_an_error_is_a_page_in_the_readers_language_with_the_detail(house: Any, status: int) -> None:
    role = {401: None, 403: "focal_point"}.get(status, "admin")
    scope = {"offices": ["KEN"]} if role == "focal_point" else {}
    path = {404: "/ingest/admin/users/nobody@example.org", 422: "/ingest/v1/audit?limit=0"}.get(status, "/ingest/admin")
    method = "DELETE" if status == 405 else "GET"
    for language, heading in zip(LANGUAGES, HEADINGS[status], strict=True):
        headers = {**BROWSER, "Accept-Language": language}
        if role:
            headers["Authorization"] = f"Bearer {house.token(role, **scope)}"
        answer = house.clients["ingest"].open(path, method=method, headers=headers)
        assert answer.status_code == status
        assert f"<h1>{heading.replace(chr(39), APOSTROPHE)}</h1>" in answer.text
        assert f'<html lang="{language}"' in answer.text
        assert list(faults(answer)) == []
    assert ('<p class="alert bad" lang="en">' in answer.text) is (status != 401), "tokens are told to programs"


@pytest.mark.parametrize("status", [409, 429, 500, 503])
def test_every_status_has_a_heading_and_advice_of_its_own(house: Any, status: int) -> None:
    application = house.clients["report"].application
    with application.test_request_context("/report/", headers=BROWSER):
        answer = error_answers.answer(Problem(status, "some_code", "what happened", headers={"Retry-After": "2"}))
    assert answer.status_code == status
    assert f"<h1>{WORDS[status].heading}</h1>" in answer.get_data(as_text=True)
    assert WORDS[status].advice in answer.get_data(as_text=True)
    assert answer.headers["Retry-After"] == "2"
    assert len({words.heading for words in WORDS.values()}) == len(WORDS)
