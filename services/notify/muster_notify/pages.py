"""The pages of notify: each area has a file of its own, ``*_pages.py``, that adds its views here."""

from __future__ import annotations

from flask import Blueprint, redirect
from werkzeug.wrappers import Response as AnyResponse

from muster_notify.wordings_of_pages import Words
from muster_shared.pages import shell

pages = Blueprint("pages", __name__, url_prefix="/notify", template_folder="templates")


def words() -> Words:
    """The words of the page at hand, in its reader's language."""
    return Words(shell.page_language("muster_notify"))


def see_other(path: str) -> AnyResponse:
    """Go on to a page of this service after something was done; reloading it does nothing once more."""
    return redirect(path, 303)
