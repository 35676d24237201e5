"""The page of one report owed, and what its forms do."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from flask import render_template, request
from werkzeug.wrappers import Response as AnyResponse

from muster_notify import acting, obligation_story
from muster_notify import wordings_of_acting as said
from muster_notify.deed_forms import deed_of
from muster_notify.extension_dates import status_of
from muster_notify.obligation_story import Story
from muster_notify.pages import pages, see_other, words
from muster_notify.people_routes import records
from muster_shared.csrf import csrf_token
from muster_shared.problems import DataError, Problem
from muster_shared.web import caller, context

_RECEIPT: Final = re.compile(r"[\w-]{2,40}-\d{6,12}")
_ON_THE_PAGE: Final = frozenset({400, 409, 422, 503})


@pages.get("/obligations/<uuid:obligation_id>")
def obligation_page(obligation_id: UUID) -> str:
    """What is owed, what became of it so far and what comes next, with forms for who may do something."""
    return _shown(_story(obligation_id), done=done_in(request.args))


@pages.post("/obligations/<uuid:obligation_id>")
def act_on_obligation(obligation_id: UUID) -> AnyResponse | tuple[str, int, dict[str, str]]:
    """Put it off, acknowledge it or ask for more time, by a form of its page."""
    story = _story(obligation_id)
    try:
        deed = deed_of(request.form)
        done = acting.act(context(), records(), caller(), obligation_id, deed)
    except Problem as problem:
        if problem.status not in _ON_THE_PAGE:
            raise
        return _refused(story, problem)
    late = "1" if done.warnings else None
    what = {"done": deed.action, "receipt": done.receipt, "seen": story.events, "late": late}
    return see_other(
        f"/notify/obligations/{obligation_id}?{urlencode({k: v for k, v in what.items() if v is not None})}"
    )


def done_in(query: Mapping[str, str]) -> dict[str, Any]:
    """What was just done, from the address that a form leads to; empty where nothing was."""
    text, receipt, seen = said.DONE.get(query.get("done", "")), query.get("receipt", ""), query.get("seen", "")
    if text is None or not _RECEIPT.fullmatch(receipt):
        return {}
    number = int(seen) if seen.isdecimal() and seen.isascii() and len(seen) < 6 else -1
    return {"text": text, "receipt": receipt, "seen": number, "late": query.get("late") == "1"}


def trouble(problem: Problem) -> str:
    """What a page says where something could not be done, in English, as the catalogues know it."""
    if problem.status == 503:
        return said.AWAY
    why = said.CODES.get(problem.code, problem.code)
    return said.CLOSED.get(why, said.CLOSED["not_readable"])


def _story(obligation_id: UUID) -> Story:
    held = context()
    with held.sessions() as session:
        return obligation_story.story_of(session, caller(), obligation_id, words().language, now=held.clock.now())


def _shown(story: Story, *, done: Mapping[str, Any], errors: Sequence[DataError] = (), wrong: str = "") -> str:
    told = {"words": words(), "status_of": status_of, "form": request.form, "tried": request.form.get("action")}
    return render_template(
        "obligation.html",
        story=story,
        row=story.row,
        forms=story.forms,
        errors=errors,
        wrong=wrong,
        done=done,
        csrf=csrf_token() if story.forms else "",
        waits=bool(done) and story.events <= done["seen"],
        **told,
    )


def _refused(story: Story, problem: Problem) -> tuple[str, int, dict[str, str]]:
    wrong = "" if problem.errors else trouble(problem)
    return _shown(story, done={}, errors=problem.errors, wrong=wrong), problem.status, dict(problem.headers)
