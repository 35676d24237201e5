"""No open redirect: whatever is asked, with whatever host and parameters, a redirect leads to a path of our own."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
from flask import Flask, Response, redirect

from muster_shared.context import Context
from muster_shared.redirects import abroad, keep_own
from muster_shared.settings import SERVICES

EVIL = "https://evil.example/"
_OWN = re.compile(r"/(?![/\\])")
_NAMES = ("next", "url", "link", "to", "back", "redirect", "redirect_uri", "return_to", "continue", "code", "state")
_QUERY = "&".join(f"{name}={EVIL}" for name in _NAMES)
_ODD = ("//evil.example/", "/\\evil.example/", "/{0}", "/{0}//evil.example", "//evil.example/{0}/", "/{0}/sign-in/")


def _paths(app: Flask, service: str) -> Iterator[str]:
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()):
            path = re.sub(r"<uuid:\w+>", str(uuid4()), rule.rule)
            yield re.sub(r"<any\((\w+)[^>]*>", r"\1", re.sub(r"<(string:|path:)?\w+>", "evil.example", path))
    yield from (odd.format(service) for odd in _ODD)


@pytest.mark.parametrize("service", SERVICES)
def test_every_address_that_redirects_leads_to_a_path_of_our_own(
    service: str, open_context: Callable[[str], Context], token: Callable[..., str]
) -> None:
    app: Flask = importlib.import_module(f"muster_{service}.app").create_app(open_context(service))
    client = app.test_client()
    signed = {"Authorization": f"Bearer {token('admin')}", "Accept": "text/html"}
    asked, led = 0, []
    for path in _paths(app, service):
        for query in ("", f"?{_QUERY}"):
            answer = client.get(path + query, headers=signed, base_url="http://evil.example")
            asked += 1
            led += [answer.headers["Location"]] if "Location" in answer.headers else []
    if service == "ingest":
        app.extensions["muster_readers"].close()
    assert asked > 2 * len(_ODD)
    assert led, "nothing redirected: the test saw nothing"
    assert [target for target in led if not _OWN.match(target)] == []


@pytest.fixture
def app() -> Flask:
    """Views that redirect to wherever they are told, as none of ours may."""
    app = Flask(__name__)
    keep_own(app)

    @app.get("/go/<target>", endpoint="go")
    def go(target: str) -> Response:
        return Response(target)

    @app.get("/to-provider")
    @abroad
    def to_provider() -> object:
        return redirect("https://provider.example/authorize")

    return app


def led_to(app: Flask, target: str) -> Response:
    app.view_functions["go"] = lambda **_rest: Response(status=303, headers={"Location": target})
    return app.test_client().get("/go/x")  # type: ignore[return-value] # it is one, with a few names more


@pytest.mark.parametrize("target", [EVIL, "//evil.example", "javascript:alert(1)", "ftp://localhost/y"])
def test_a_redirect_to_another_site_is_refused(app: Flask, monkeypatch: pytest.MonkeyPatch, target: str) -> None:
    monkeypatch.setattr("muster_shared.error_answers.answer", lambda problem: Response(status=problem.status))
    answer = led_to(app, target)
    assert (answer.status_code, answer.headers.get("Location")) == (500, None)


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("http://localhost/report/?a=1#b", "/report/?a=1#b"),
        ("/report/?a=1#b", "/report/?a=1#b"),
        ("http://localhost//evil.example/", "/evil.example/"),
        ("/\\evil.example", "/evil.example"),
        ("https:evil.example", "/evil.example"),
    ],
)
def test_what_leads_to_this_host_becomes_a_path(app: Flask, target: str, path: str) -> None:
    assert led_to(app, target).headers["Location"] == path


def test_only_a_view_that_is_marked_leads_to_the_provider(app: Flask) -> None:
    assert app.test_client().get("/to-provider").headers["Location"] == "https://provider.example/authorize"
