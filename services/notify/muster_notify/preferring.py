"""Writing what people prefer: each wish is held against the others before any of it is kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from typing import Any, Final

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from muster_notify import chat_address
from muster_notify.bodies import is_address, refused
from muster_notify.models import PreferenceRow
from muster_notify.windows import OPENS
from muster_shared import audit
from muster_shared.auth import Caller
from muster_shared.clock import iso_z
from muster_shared.context import Context
from muster_shared.problems import DataError, Problem, forbidden

_COLUMNS: Final = (
    *("channel", "chat_url", "language", "time_zone", "digest", "digest_day", "quiet_from", "quiet_until"),
    *("stand_in", "stand_in_from", "stand_in_until"),
)
_DAY: Final = 24 * 60
_LEAST_FREE: Final = 60  # minutes of a day's end, from the hour at which mails go out
_LOCK: Final = text("LOCK TABLE preference IN SHARE ROW EXCLUSIVE MODE")
Wishes = Mapping[str, Any]


def whose(caller: Caller, email: str | None) -> str:
    """Whose preferences a caller means, by address in small letters: their own, or for an administrator anybody's.

    Raises:
        Problem: 403, they are somebody else's, or the token names no person.
    """
    own = caller.name.strip().lower()
    wanted = email.strip().lower() if email else own
    if wanted != own and caller.role != "admin":
        raise forbidden("what others prefer is for themselves and administrators: leave email out")
    if not is_address(wanted):
        detail = f"the token of '{wanted[:80]}' names no person: make one with 'muster token --name name@example.org'"
        raise Problem(403, "no_person", detail)
    return wanted


def shown(session: Session, email: str) -> dict[str, Any]:
    """What a person prefers, with the defaults of what they never said; the chat address is masked."""
    row = session.get(PreferenceRow, email)
    if row is None:
        row = PreferenceRow(email=email, channel="mail", language="en", digest=True)
    return {
        "email": email,
        "channel": row.channel,
        "chat_url": chat_address.masked(row.chat_url),
        "language": row.language,
        "time_zone": row.time_zone,
        "digest": row.digest,
        "digest_day": row.digest_day,
        "quiet_from": _hour(row.quiet_from),
        "quiet_until": _hour(row.quiet_until),
        "stand_in": row.stand_in,
        "stand_in_from": row.stand_in_from.isoformat() if row.stand_in_from else None,
        "stand_in_until": row.stand_in_until.isoformat() if row.stand_in_until else None,
        "updated_at": iso_z(row.updated_at) if row.updated_at else None,
        "updated_by": row.updated_by,
    }


def replace(context: Context, email: str, wishes: Wishes, *, by: Caller) -> dict[str, Any]:
    """Keep what a person prefers in place of all that they preferred before; returns it as it stands then.

    Raises:
        Problem: 422 with every error; nothing was changed.
    """
    with context.sessions.begin() as session:
        session.execute(_LOCK)  # no two people may name each other at the same time
        wishes = _with_kept_chat(session, email, wishes)
        errors = [*_own_errors(context, email, wishes), *_chains(session, email, wishes)]
        if errors:
            raise refused(errors)
        now = context.clock.now()
        _store(session, email, wishes, now=now, by=by.name)
        audit.note(session, by, "preferences", {"person": email}, at=now)
        return shown(session, email)


def _store(session: Session, email: str, wishes: Wishes, *, now: datetime, by: str) -> None:
    row = {name: wishes[name] for name in _COLUMNS} | {"updated_at": now, "updated_by": by}
    statement = insert(PreferenceRow).values(row | {"email": email})
    session.execute(statement.on_conflict_do_update(index_elements=["email"], set_=row))
    session.expire_all()


def _with_kept_chat(session: Session, email: str, wishes: Wishes) -> Wishes:
    """The masked address, as it was shown, stands for the one that is kept."""
    stored = session.get(PreferenceRow, email)
    kept = stored.chat_url if stored else None
    return {**wishes, "chat_url": kept} if kept and wishes["chat_url"] == chat_address.masked(kept) else wishes


def _own_errors(context: Context, email: str, wishes: Wishes) -> Iterator[DataError]:
    yield from _chat_errors(context, wishes)
    yield from _quiet_errors(wishes["quiet_from"], wishes["quiet_until"])
    yield from _stand_in_errors(email, wishes)


def _chat_errors(context: Context, wishes: Wishes) -> Iterator[DataError]:
    if wishes["chat_url"]:
        reason = chat_address.why_not(context.settings, wishes["chat_url"])
        if reason:
            yield _error("chat_url", reason)
    elif wishes["channel"] == "chat":
        yield _error("chat_url", "is needed where the channel is chat: give the address of one, or choose mail")


def _quiet_errors(first: time | None, last: time | None) -> Iterator[DataError]:
    if first is None and last is None:
        return
    if first is None or last is None:
        missing = "quiet_from" if first is None else "quiet_until"
        yield _error(missing, "is missing: quiet hours have a beginning and an end, or neither")
    elif _free_minutes(_minute(first), _minute(last)) < _LEAST_FREE:
        message = f"leaves no hour from {OPENS:%H:%M} to midnight in which a mail could go out: be quiet for less long"
        yield _error("quiet_until", message)


def _free_minutes(first: int, last: int) -> int:
    """The longest time without quiet between the hour of mails and midnight."""
    begins = _minute(OPENS)
    if first == last:
        return 0
    if first < last:
        return max(min(first, _DAY) - begins, _DAY - max(last, begins))
    return first - max(last, begins)


def _stand_in_errors(email: str, wishes: Wishes) -> Iterator[DataError]:
    named, first, last = wishes["stand_in"], wishes["stand_in_from"], wishes["stand_in_until"]
    given = {"stand_in": named, "stand_in_from": first, "stand_in_until": last}
    if any(given.values()):
        for name in (name for name, value in given.items() if not value):
            yield _error(name, "is missing: a stand-in has a name and address, a first and a last day")
    if named and named["email"].lower() == email:
        yield _error("stand_in/email", "nobody stands in for themselves: name somebody else", "same_person")
    if first and last and last < first:
        yield _error("stand_in_until", f"{last} is before {first}: give a later day", "dates_out_of_order")


def _chains(session: Session, email: str, wishes: Wishes) -> Iterator[DataError]:
    """A stand-in has none at that time, and who has one stands in for nobody: mails go one step, not further."""
    named, first, last = wishes["stand_in"], wishes["stand_in_from"], wishes["stand_in_until"]
    if not (named and first and last):
        return
    theirs = session.get(PreferenceRow, named["email"].lower())
    if theirs is not None and theirs.stand_in and _overlap(theirs, first, last):
        instead = f"{theirs.stand_in['name']} from {theirs.stand_in_from} to {theirs.stand_in_until}"
        message = f"{named['email']} named {instead}: name somebody who is there all the time"
        yield _error("stand_in/email", message, "stand_in_away")
    for other in _named_by_others(session, email):
        if _overlap(other, first, last):
            message = f"{other.email} named you from {other.stand_in_from} to {other.stand_in_until}: "
            yield _error("stand_in", message + "they have to name somebody else first", "stands_in")


def _named_by_others(session: Session, email: str) -> list[PreferenceRow]:
    named = func.lower(PreferenceRow.stand_in["email"].astext) == email
    return list(session.scalars(select(PreferenceRow).where(named).order_by(PreferenceRow.email)))


def _overlap(row: PreferenceRow, first: date, last: date) -> bool:
    begins, ends = row.stand_in_from, row.stand_in_until
    return begins is not None and ends is not None and begins <= last and first <= ends


def _error(path: str, message: str, code: str = "not_valid") -> DataError:
    name = path.rpartition("/")[2]
    return DataError(code, f"{name}: {message}", name, pointer=f"/{path}")


def _hour(moment: time | None) -> str | None:
    return f"{moment:%H:%M}" if moment else None


def _minute(moment: time) -> int:
    return moment.hour * 60 + moment.minute
