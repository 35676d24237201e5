"""The pages behind the links of mails, over HTTP. Looking changes nothing: programs that scan mail open every link."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import Response, make_response, render_template, request

from muster_notify import act_page, acting
from muster_notify import wordings_of_acting as words
from muster_notify.acting import LinkClosed
from muster_notify.extensions import Decision
from muster_notify.letters.language import Language
from muster_notify.links import ExpiredLink, ForgedLink, Link, read_link
from muster_notify.page_language import language_for
from muster_notify.pages import pages
from muster_notify.people_routes import records
from muster_shared.own_routes import opened
from muster_shared.problems import DataError, Problem
from muster_shared.web import context

_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",  # the address is the key: no other page may learn it
    "X-Robots-Tag": "noindex, nofollow",
}


@pages.get("/act/<token>")
@opened
def see_what_is_owed(token: str) -> Response:
    """What is owed and what can be done about it, in the language of the mail's reader or in ``lang``."""
    try:
        link = _link(token)
        return _shown(link, _language(link))
    except LinkClosed as closed:
        return _closed(closed.why, _language(None))


@pages.post("/act/<token>")
@opened
def do_something(token: str) -> Response:
    """Do one thing; the link is used up by it. Needs neither cookie nor script: the address is the key."""
    try:
        link = _link(token)
        language = _language(link)
    except LinkClosed as closed:
        return _closed(closed.why, _language(None))
    try:
        return _done(link, language)
    except LinkClosed as closed:
        return _closed(closed.why, language)
    except Problem as problem:
        return _refused(problem, link, language)


def _link(token: str) -> Link:
    try:
        return read_link(context().settings, token, now=context().clock.now())
    except ForgedLink as error:
        raise LinkClosed("forged") from error
    except ExpiredLink as error:
        raise LinkClosed("expired") from error


def _language(link: Link | None) -> Language:
    return language_for(link.recipient if link else None)


def _shown(
    link: Link, language: Language, *, errors: Sequence[DataError] = (), form: Mapping[str, str] | None = None
) -> Response:
    held = context()
    with held.sessions() as session:
        page = act_page.page_of(session, link, language, now=held.clock.now())
    given = form or {}
    shown = render_template(
        "act.html", page=page, errors=errors, form=given, tried=given.get("action"), language=language
    )
    return _answer(shown, 422 if errors else 200)


def _done(link: Link, language: Language) -> Response:
    asked = act_page.asked_of(request.form, link)
    done = acting.use_link(context(), records(), link, asked)
    shown = render_template(
        "act_done.html",
        language=language,
        what=act_page.done_in_words(asked),
        warnings=done.warnings,
        receipt=done.receipt,
        decided=isinstance(asked, Decision),
    )
    return _answer(shown, 200)


def _refused(problem: Problem, link: Link, language: Language) -> Response:
    if problem.status == 422:
        try:
            return _shown(link, language, errors=problem.errors, form=request.form)
        except LinkClosed as closed:
            return _closed(closed.why, language)
    if problem.status == 503:
        response = _page_of_words(words.AWAY, language, 503)
        response.headers.update(problem.headers)
        return response
    why = words.CODES.get(problem.code, problem.code)
    return _page_of_words(words.CLOSED.get(why, words.CLOSED["not_readable"]), language, problem.status)


def _closed(why: str, language: Language) -> Response:
    return _page_of_words(words.CLOSED[why], language, words.STATUS.get(why, 410))


def _page_of_words(text: str, language: Language, status: int) -> Response:
    shown = render_template("act_closed.html", language=language, why=text)
    return _answer(shown, status)


def _answer(shown: str, status: int) -> Response:
    response = make_response(shown, status)
    response.headers.update(_HEADERS)
    return response
