"""The page behind the address to unsubscribe at: open to whoever has the mail, without a session and its protection.

It speaks the language of the mail's reader, or that of ``lang``.
"""

from __future__ import annotations

from flask import render_template

from muster_notify.page_language import language_for
from muster_notify.pages import pages
from muster_notify.unsubscribing import ForgedAddress, read_token, unsubscribe
from muster_shared.own_routes import opened
from muster_shared.problems import Problem
from muster_shared.web import context


@pages.get("/unsubscribe/<token>")
@opened
def ask(token: str) -> tuple[str, int, dict[str, str]]:
    """A page with the button: programs that look at every link of a mail must change nothing."""
    return _page(_reader(token), done=False)


@pages.post("/unsubscribe/<token>")
@opened
def do(token: str) -> tuple[str, int, dict[str, str]]:
    """Unsubscribe, as the button and as a mail program's own one click do it."""
    email = _reader(token)
    unsubscribe(context(), email)
    return _page(email, done=True)


def _reader(token: str) -> str:
    try:
        return read_token(context().settings, token)
    except ForgedAddress as error:
        raise Problem(403, "forged_link", f"{error}; open it from the mail once more") from error


def _page(email: str, *, done: bool) -> tuple[str, int, dict[str, str]]:
    page = render_template("unsubscribe.html", email=email, done=done, language=language_for(email))
    return page, 200, {"Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}
