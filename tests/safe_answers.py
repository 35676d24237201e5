"""What every answer of every service has to be like, so that a browser is safe with it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from werkzeug.test import TestResponse

_FORBIDDEN_SOURCES: Final = ("unsafe-inline", "unsafe-eval", "http:", "https:", "*")
_INLINE: Final = {
    "an inline script": re.compile(r"<script(?![^>]*\ssrc=)", re.IGNORECASE),
    "a style attribute": re.compile(r"<[^>]+\sstyle\s*=", re.IGNORECASE),
    "an event attribute": re.compile(r"<[^>]+\son[a-z]+\s*=", re.IGNORECASE),
    "an address of another host": re.compile(
        r"<(?:script|link|img|iframe|form)[^>]+(?:src|href|action)=\"(?:https?:)?//"
    ),
}
_STYLE: Final = re.compile(r"<style", re.IGNORECASE)


def faults(answer: TestResponse) -> Iterator[str]:
    """What is missing or too much in the headers, and on a page what its policy would have to forbid."""
    policy = answer.headers.get("Content-Security-Policy", "")
    if "default-src 'none'" not in policy or "frame-ancestors 'none'" not in policy or "base-uri 'none'" not in policy:
        yield f"the policy is {policy!r}"
    if any(source in policy for source in _FORBIDDEN_SOURCES):
        yield f"the policy lets in too much: {policy}"
    wanted = {"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY"}
    yield from (f"{name} is not {value}" for name, value in wanted.items() if answer.headers.get(name) != value)
    if answer.headers.get("Referrer-Policy") not in {"same-origin", "no-referrer"}:
        yield "addresses are told to other hosts"
    if not answer.headers.get("Cache-Control"):
        yield "nothing says whether it may be kept"
    if "Server" in answer.headers:
        yield "the server tells its name"
    if answer.mimetype == "text/html":
        yield from _faults_of_page(answer.text, policy)


def _faults_of_page(page: str, policy: str) -> Iterator[str]:
    yield from (
        f"the page holds {what}: {found[0][:80]}" for what, rule in _INLINE.items() if (found := rule.search(page))
    )
    if _STYLE.search(page) and "sha256-" not in policy:  # a whole document, which brings its own style, by its hash
        yield "the page holds a style sheet that its policy does not name"
