"""Following a report from its page: a part that the page of the report is filled in with, and the same on its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask import render_template, request
from werkzeug.wrappers import Response as AnyResponse

from muster_notify import follow_form, issues_heard, reports_in_words
from muster_notify.pages import pages, see_other, words
from muster_shared.names import DEFAULT_COPY
from muster_shared.problems import DataError, Problem
from muster_shared.web import caller, context

_LANGUAGE: Final = "language"  # of the report, in addresses of pages; ``lang`` there is that of the page
_OF_PAGE: Final = frozenset({"report", "csrf_token", "follows", "lang"})
_ENGLISH: Final = ("lang", "en")


@pages.get("/follow")
def follow_page() -> str:
    """Whether the caller follows a report with these parameters, and the button that changes it."""
    return render_template("follow.html", **_shown(*_asked(request.args)))


@pages.get("/parts/follow")
def follow_part() -> str:
    """The same without the frame of a page, for the page of the report."""
    return render_template("part_follow.html", **_shown(*_asked(request.args)))


@pages.post("/follow")
def follow_or_stop() -> AnyResponse:
    """Hear of new issues from now on, or no more; then back to the report."""
    report, params = _asked(request.form)
    if request.form.get("follows") == "yes":
        issues_heard.follow(context(), caller(), report, params)
    else:
        _stop(report, params)
    return see_other(follow_form.address_of(report, params))


def _stop(report: str, params: Mapping[str, str]) -> None:
    try:
        issues_heard.unfollow(context(), caller(), report, params)
    except Problem as problem:
        if problem.status != 404:  # stopped already, in another window
            raise


def _asked(given: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    report = given.get("report", "").strip()
    if not report:
        message = "'report' is missing: open this from the page of a report"
        raise Problem(422, "bad_parameter", message, errors=[DataError("bad_parameter", message, field="report")])
    stated = {"lang" if name == _LANGUAGE else name: text for name, text in given.items() if name not in _OF_PAGE}
    with_copy = {"copy": DEFAULT_COPY, **stated}
    return report, {name: text for name, text in with_copy.items() if (name, text) != _ENGLISH}


def _shown(report: str, params: dict[str, str]) -> dict[str, Any]:
    followed = issues_heard.followed(context(), caller())["items"]
    known = next((one for one in followed if (one["report"], one["params"]) == (report, params)), None)
    language = words().language
    return {
        "report": report,
        "title": reports_in_words.title(language, report),
        "in_words": reports_in_words.described(language, params),
        "params": _named(params),
        "followed": known,
        "back": follow_form.address_of(report, params),
    }


def _named(params: Mapping[str, str]) -> dict[str, str]:
    return {_LANGUAGE if name == "lang" else name: text for name, text in params.items()}
