"""The page of whoever runs the sending of mails: alarms, the brake, what was not delivered, how far the work is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import UUID

from flask import render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from muster_notify import alarms, breaker, failing_addresses, office_channels, operation, reminding
from muster_notify.ladder import shipped_ladders
from muster_notify.letters.language import noted
from muster_notify.pages import pages, see_other, words
from muster_notify.people import Offices
from muster_notify.standing import standing
from muster_shared import set_aside_routes
from muster_shared.names import NOTIFY_FOLLOW
from muster_shared.problems import Problem
from muster_shared.web import caller, context

_BACK: Final = ("/notify/", "/notify/admin")
_SAID: Final[Mapping[str, str]] = {
    "released": noted("Today's reminders go out."),
    "no-storm": noted("Nothing is held back any more."),
    "taken-back": noted("Mail goes to this address again."),
    "reached": noted("Mail goes to this address already."),
    "channel": noted("The channel of the office is kept."),
}


@pages.get("/admin")
def admin_page() -> str:
    """What needs a hand, and what a sweep would send now where ``preview`` asks for it."""
    held = context()
    now = held.clock.now()
    with held.sessions() as session:
        told = operation.shown(session, caller(), now=now)
        told["failed"] = operation.failed_mails(session)
        told["channels"] = office_channels.listed(session)
        told["offices"] = sorted(Offices.of(session).by_code)
        told["preview"] = _preview(session) if request.args.get("preview") else None
    return render_template(
        "notify_admin.html",
        **told,
        words=words(),
        standing=standing(held),
        said=_SAID,
        done=request.args.get("done", ""),
    )


@pages.get("/parts/admin")
def part_for_administration() -> str:
    """How the sending of mails stands, for the page of administration."""
    held = context()
    with held.sessions() as session:
        told = operation.shown(session, caller(), now=held.clock.now())
    return render_template("part_admin.html", **told, words=words())


@pages.post("/admin/storm")
def release_storm() -> AnyResponse:
    """Let today's reminders go, however many."""
    held = context()
    with held.sessions.begin() as session:
        done = _tried(lambda: breaker.release(session, caller(), now=held.clock.now()), 409)
    return see_other(f"/notify/admin?done={'released' if done else 'no-storm'}")


@pages.post("/admin/addresses")
def write_again() -> AnyResponse:
    """Write again to an address that mail did not reach."""
    email = request.form.get("email", "").replace("\x00", "")
    done = _tried(lambda: failing_addresses.take_back(context(), caller(), email), 404)
    return see_other(f"/notify/admin?done={'taken-back' if done else 'reached'}")


@pages.post("/admin/set-aside/<int:position>")
def retry_set_aside(position: int) -> AnyResponse:
    """Try a change again that could not be applied, now."""
    set_aside_routes.retry(context(), caller(), position, task=NOTIFY_FOLLOW)
    return see_other("/notify/admin#set-aside")


@pages.post("/alarms/<uuid:alarm_id>")
def clear_alarm(alarm_id: UUID) -> AnyResponse:
    """Somebody has looked at it."""
    held, back = context(), request.form.get("back", "")
    with held.sessions.begin() as session:
        alarms.clear_by_hand(session, caller(), alarm_id, now=held.clock.now())
    return see_other(back if back in _BACK else _BACK[0])


def _preview(session: Session) -> dict[str, Any]:
    held = context()
    at = reminding.where_it_is(session, held.clock.now())
    return breaker.dry_run(session, caller(), held.settings, at, shipped_ladders())


def _tried(do: Callable[[], object], status: int) -> bool:
    """Do it; False where it was done already, in another window."""
    try:
        do()
    except Problem as problem:
        if problem.status != status:
            raise
        return False
    return True
