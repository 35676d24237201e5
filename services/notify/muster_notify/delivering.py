"""Sending what is due: claim mails in batches, write them, hand each over, settle it, many on one connection."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from muster_notify import after_restore, gathering, mails, noting, office_digests, review_mails, settling
from muster_notify.background import Background
from muster_notify.channels import NotTaken, ServerAway, Steps
from muster_notify.gathering import Moment
from muster_notify.ladder import Ladders, shipped_ladders
from muster_notify.letters.in_steps import InSteps
from muster_notify.mails import Claim
from muster_notify.noting import Notes
from muster_notify.posting import Desk
from muster_notify.readers import CHAT, MAIL
from muster_notify.turns import Turn, Turns, turns
from muster_notify.ways_out import Parcel, Way, open_way
from muster_shared import tracing, tracing_rows
from muster_shared.clock import real_now
from muster_shared.context import Context
from muster_shared.tracing_rows import TRACEPARENT

_log = logging.getLogger(__name__)
_FIRST_BATCH: Final = 16
_GROWS: Final = 4
_LARGEST_BATCH: Final = 128
_SHARE_OF_LEASE: Final = 0.2  # within this part of a lease a batch is sent, or smaller ones are claimed


class NotOurs(Exception):
    """Another worker took the mail over, or what it tells does not hold any more."""


@dataclass(slots=True)
class Round:
    """What one run of the delivery works with; ``batch`` is how many mails are claimed at once."""

    context: Context
    lease: timedelta
    ladders: Ladders = field(default_factory=shipped_ladders)
    batch: int = _FIRST_BATCH
    sent: int = 0

    def went_in(self, seconds: float) -> None:
        """Claim more at once, or less, so that a batch takes a small part of the lease."""
        is_quick = seconds < self.lease.total_seconds() * _SHARE_OF_LEASE / _GROWS
        self.batch = min(self.batch * _GROWS, _LARGEST_BATCH) if is_quick else max(self.batch // 2, 1)


def moment_of(context: Context) -> Moment:
    """Now, as the process stands, for mails that are made now."""
    domain = context.settings.mail_from.rpartition("@")[2] or "localhost"
    return Moment(context.clock.now(), real_now(), domain)


def deliver(context: Context) -> int:
    """Send everything that is due to people whose time has come; returns how many mails went out.

    After a restore nothing goes out until an administrator lets it go.
    """
    this = Round(context, timedelta(seconds=max(context.settings.lease_seconds, 1.0)))
    is_spread = not context.clock.stands_still
    with context.sessions.begin() as session:
        if after_restore.holds(session):
            return 0
        gathering.gather(session, moment_of(context), is_spread=is_spread)
        office_digests.tell_offices(session, moment_of(context), is_spread=is_spread)
        review_mails.gather(session, moment_of(context), is_spread=is_spread)
    for channel in (CHAT, MAIL):  # what no chat takes goes out by mail
        try:
            while (due := _due(this, channel)) and _send_all(this, channel, due):
                pass
        except ServerAway as away:
            _note_away(this, str(away))
    return this.sent


def _due(this: Round, channel: str) -> list[Turn]:
    context = this.context
    with context.sessions() as session:
        found: Turns = turns(
            session, now=context.clock.now(), real_now=real_now(), per_hour=context.settings.mails_per_hour
        )
    if found.over_cap:
        _log.info("mails wait for their reader's next hour", extra={"mails": found.over_cap})
    return [turn for turn in found.mails if turn.channel == channel]


def _note_away(this: Round, reason: str) -> None:
    with this.context.sessions.begin() as session:
        mails.note_unreachable(session, real_now=real_now(), reason=reason)
    _log.warning("mail server away, reminders stay held", extra={"reason": reason})


def _send_all(this: Round, channel: str, due: Sequence[Turn]) -> bool:
    """Send mails over one connection until it breaks; False where there was nothing to claim: others are at it."""
    claimed_any, lease = False, this.lease.total_seconds()
    with (
        open_way(channel, this.context.settings, lease=lease) as way,
        noting.notes(this.context.engine) as notes,
    ):
        while due:
            some, due = due[: this.batch], due[this.batch :]
            began = time.monotonic()
            claims, desk = _claim(this, some)
            claimed_any = claimed_any or bool(claims)
            if not _send_batch(this, notes, desk, claims, _Ahead(way, desk, claims)):
                break
            if claims:
                this.went_in(time.monotonic() - began)
    return claimed_any


def _claim(this: Round, due: Sequence[Turn]) -> tuple[list[Claim], Desk]:
    context = this.context
    now = context.clock.now()
    still = [turn for turn in due if turn.closes > now]
    with context.sessions.begin() as session:
        claims = mails.claim(session, still, now=now, real_now=real_now(), lease=this.lease)
        background = Background.of(session, claims, now)
    return claims, Desk(context.settings, this.ladders, background, now)


class _Ahead:
    """The mails of a batch in order, each written in the waiting for answers to the one before."""

    def __init__(self, way: Way, desk: Desk, claims: Sequence[Claim]) -> None:
        self._ahead = deque(InSteps(way.packing(desk, claimed)) for claimed in claims)

    def write_on(self) -> None:
        """A step more of the next mail, where there is one; what goes wrong is told when it is handed over."""
        if self._ahead:
            self._ahead[0].step()

    def write(self) -> None:
        """What is left of the next mail."""
        if self._ahead:
            self._ahead[0].finish()

    def next(self) -> Parcel:
        """The next mail; raises what went wrong while it was written."""
        return self._ahead.popleft().result()


def _send_batch(this: Round, notes: Notes, desk: Desk, claims: Sequence[Claim], ahead: _Ahead) -> bool:
    """Send what was claimed, one after the other; False where the connection broke: the rest is given back."""
    for number, claimed in enumerate(claims):
        try:
            with _traced(this, claimed):
                _send(this, notes, desk, claimed, ahead)
        except NotOurs:
            _give_back(this, [claimed])
            _log.warning("not sent as it was", extra={"mail_id": str(claimed.mail_id)})
        except NotTaken as not_taken:
            with this.context.sessions.begin() as session:
                settling.settle_not_taken(session, claimed, not_taken, now=desk.now)
            if not_taken.lost_connection:
                _give_back(this, claims[number + 1 :])
                return False
    return True


def _origins(this: Round, claimed: Claim) -> list[str]:
    """The trace of what a mail tells: of a request, or of an issue of a report; of reminders there is none."""
    content = claimed.content or {}
    if TRACEPARENT in content:
        return [content[TRACEPARENT]]
    return tracing_rows.of_issue(this.context.wake, content["issue_id"]) if "issue_id" in content else []


def _traced(this: Round, claimed: Claim) -> AbstractContextManager[object]:
    told: tracing.Told = {
        "muster.mail_id": str(claimed.mail_id),
        "muster.mail_kind": claimed.kind,
        "muster.channel": claimed.channel,
        "muster.lines": len(claimed.told),
        "muster.request_id": claimed.request_id,
    }
    return tracing.work("deliver", _origins(this, claimed), told)


def _send(this: Round, notes: Notes, desk: Desk, claimed: Claim, ahead: _Ahead) -> None:
    def begins() -> None:
        notes.doubtful.note(claimed, now=desk.now, until=real_now() + this.lease)

    def goes() -> None:
        if not notes.doubtful.may_go():
            raise NotOurs

    parcel = ahead.next()
    parcel(Steps(begins, goes, ahead.write, ahead.write_on))
    notes.taken.note(claimed, now=desk.now)
    this.sent += 1
    told = {"request_id": claimed.request_id, "mail_id": str(claimed.mail_id), "lines": len(claimed.told)}
    _log.info("sent", extra=told)


def _give_back(this: Round, claims: Sequence[Claim]) -> None:
    with this.context.sessions.begin() as session:
        mails.give_back(session, claims, real_now=real_now())
