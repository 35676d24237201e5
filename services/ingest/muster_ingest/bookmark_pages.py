"""Bookmarks: the list, the button that other pages show, keeping and removing."""

from __future__ import annotations

from flask import redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from muster_ingest import bookmarks
from muster_ingest.pages import pages
from muster_shared.web import caller, context

_HOME = "/ingest/bookmarks"


@pages.get("/bookmarks")
def bookmark_list() -> str:
    """All that the caller keeps."""
    return render_template("bookmarks.html", bookmarks=bookmarks.kept(context(), caller()))


@pages.get("/parts/bookmark")
def bookmark_button() -> str:
    """The button that keeps a page or removes it, for the pages of other services."""
    href, title = bookmarks.own_page(request.args.get("href", "")), request.args.get("title", "")
    is_kept = bookmarks.keeps(context(), caller(), href)
    return render_template("bookmark_part.html", href=href, title=title, is_kept=is_kept)


@pages.get("/parts/bookmarks")
def bookmark_part() -> str:
    """The newest of them, for the home pages of other services."""
    return render_template("bookmarks_part.html", bookmarks=bookmarks.kept(context(), caller(), 8))


@pages.post("/bookmarks")
def keep_bookmark() -> AnyResponse:
    """Keep a page, and back to it."""
    bookmarks.keep(context(), caller(), request.form.get("href", ""), request.form.get("title", ""))
    return _back()


@pages.post("/bookmarks/remove")
def remove_bookmark() -> AnyResponse:
    """Keep a page no more, and back to where the button was."""
    bookmarks.remove(context(), caller(), request.form.get("href", ""))
    return _back()


def _back() -> AnyResponse:
    return redirect(bookmarks.own_page(request.form.get("back") or _HOME), 303)
