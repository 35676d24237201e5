"""The page of a person's preferences: how they want to hear from Muster, what they follow, their calendars."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from flask import make_response, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from muster_notify import calendars, follow_form, issues_heard, office_channels, preference_form, preferring
from muster_notify.pages import pages, see_other, words
from muster_notify.people import Offices
from muster_notify.windows import DAYS
from muster_shared.auth import Caller
from muster_shared.pages import shell
from muster_shared.problems import Problem
from muster_shared.web import caller, context

_SAVED: Final = {"done": "saved"}


@pages.get("/preferences")
def preferences_page() -> str:
    """The reader's own preferences; for an administrator those of ``email``."""
    email = preferring.whose(caller(), request.args.get("email"))
    with context().sessions() as session:
        shown = preferring.shown(session, email)
    return _page(email, shown, form=_filled(shown))


@pages.post("/preferences")
def keep_preferences() -> AnyResponse | tuple[str, int]:
    """Keep all of them; the pages speak the language and show the times that were chosen."""
    email = preferring.whose(caller(), request.args.get("email"))
    try:
        kept = preferring.replace(context(), email, preference_form.wishes_of(request.form), by=caller())
    except Problem as problem:
        if problem.status != 422:
            raise
        return _again(email, problem), 422
    is_own = email == caller().name.strip().lower()
    response = see_other(f"/notify/preferences?{urlencode(_SAVED if is_own else {'email': email, **_SAVED})}")
    if is_own:
        _speak(response, kept)
    return response


@pages.post("/preferences/calendars")
def make_calendar() -> AnyResponse:
    """A new address for calendar programs; it is shown this once, and stands in no address that a log could hold."""
    made = calendars.open_feed(context(), caller(), request.form.get("office", "").strip() or None)
    email = preferring.whose(caller(), None)
    with context().sessions() as session:
        shown = preferring.shown(session, email)
    return make_response(_page(email, shown, form=_filled(shown), made=made), 201)


@pages.post("/preferences/calendars/<uuid:feed_id>")
def revoke_calendar(feed_id: UUID) -> AnyResponse:
    """Take a calendar's address back."""
    calendars.revoke(context(), caller(), feed_id)
    return see_other("/notify/preferences?done=revoked#calendars")


@pages.post("/preferences/follows")
def stop_following() -> AnyResponse:
    """Hear no more of a report's new issues."""
    try:
        issues_heard.unfollow(context(), caller(), *follow_form.followed_of(request.form))
    except Problem as problem:
        if problem.status != 404:  # stopped already, in another window
            raise
    return see_other("/notify/preferences?done=stopped#follows")


@pages.post("/office-channels")
def set_office_channel() -> AnyResponse | tuple[str, int]:
    """Tell an office as a whole in a chat from now on, or no more where the address is left empty."""
    office, chat_url = request.form.get("office", "").strip(), request.form.get("chat_url", "").strip()
    back = "/notify/admin" if caller().role == "admin" else "/notify/preferences"
    try:
        if chat_url:
            office_channels.replace(context(), caller(), office, chat_url)
        else:
            office_channels.remove(context(), caller(), office)
    except Problem as problem:
        if problem.status != 422:
            raise
        return see_other(f"{back}?done=not-a-chat#channels")
    return see_other(f"{back}?done=channel#channels")


def _page(email: str, shown: Mapping[str, Any], *, form: Mapping[str, str], **told: Any) -> str:
    who = caller()
    is_own = email == who.name.strip().lower()
    said = words()
    return render_template(
        "preferences.html",
        email=email,
        shown=shown,
        form=form,
        is_own=is_own,
        words=said,
        zones=preference_form.time_zones(),
        days=DAYS,
        follows=follow_form.shown(issues_heard.followed(context(), who)["items"], said.language) if is_own else [],
        feeds=calendars.feeds(context(), who)["items"] if is_own and who.role != "donor" else None,
        channels=_channels(who) if is_own else {},
        **{"mistakes": {}, "made": None, "done": request.args.get("done", ""), **told},
    )


def _again(email: str, problem: Problem) -> str:
    """The form once more, with what was typed and what is wrong with it."""
    with context().sessions() as session:
        shown = preferring.shown(session, email)
    typed = {**_filled(shown), "digest": "", **request.form.to_dict()}
    wrong = preference_form.mistakes(words().language, problem.errors)
    return _page(email, shown, form=typed, mistakes=wrong, done="")


def _filled(shown: Mapping[str, Any]) -> dict[str, str]:
    return preference_form.filled(shown, spoken=words().language.code)


def _channels(who: Caller) -> dict[str, str]:
    """The masked chat of each office that the reader heads; empty where it has none."""
    if who.role != "head_of_office":
        return {}
    with context().sessions() as session:
        known = Offices.of(session).by_code
        return {office: office_channels.masked(session, office) for office in who.offices if office in known}


def _speak(response: AnyResponse, kept: Mapping[str, Any]) -> None:
    """Let this browser's pages speak the language, in the zone that was chosen, else that of the reader's office."""
    settings = context().settings
    secure = settings.base_url().startswith("https:")
    shell.remember(response, language=kept["language"], zone=kept["time_zone"] or _office_zone(), secure=secure)


def _office_zone() -> str:
    with context().sessions() as session:
        offices = Offices.of(session).by_code
    return next((str(offices[code]["time_zone"]) for code in caller().offices if code in offices), "UTC")
