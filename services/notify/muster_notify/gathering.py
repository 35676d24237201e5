"""Putting what is held for a person into one mail: one digest on one day of theirs, and what may not wait for it.

Only one gathers at a time, and nobody does while a sweep records: a digest made of half of what is due would keep the
other half for another day.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid5

from sqlalchemy import Engine, and_, func, or_, select, text, update
from sqlalchemy.orm import Session

from muster_notify.bundling import DIGEST, ESCALATION, Bundle, Held, Rules, Waiting
from muster_notify.ladder import Ladders, shipped_ladders
from muster_notify.models import Mail, ObligationRow, Reminder
from muster_notify.readers import Readers
from muster_shared import tracing
from muster_shared.logs import request_id
from muster_shared.one_of import one_of
from muster_shared.tracing_rows import TRACEPARENT

_LOCK: Final = 0x67617468  # shared by sweeps, alone by who gathers
_NAMESPACE = UUID("5b0ff3a4-6c7e-5a53-9a39-9d4c8f3f2f57")
_FAR_SIDE: Final = timedelta(days=2)  # two people's days are never further apart
REQUEST: Final = "request_id"  # in a mail's content: the request that it comes from
_HELD: Final = and_(Reminder.status == "held", Reminder.mail_id.is_(None))
_INSERT: Final = text("""
    INSERT INTO mail SELECT * FROM jsonb_populate_recordset(CAST(NULL AS mail), CAST(:mails AS jsonb))
    ON CONFLICT DO NOTHING RETURNING mail_id
""")
_ATTACH: Final = text("""
    UPDATE reminder SET mail_id = told.mail_id, channel = told.channel
    FROM unnest(CAST(:reminders AS uuid[]), CAST(:mails AS uuid[]), CAST(:channels AS text[]))
        AS told (reminder_id, mail_id, channel)
    WHERE reminder.reminder_id = told.reminder_id AND reminder.status = 'held' AND reminder.mail_id IS NULL
""")


@dataclass(frozen=True, slots=True)
class Moment:
    """When mails are made: the business time, the machine's, and the domain their Message-IDs end in."""

    now: datetime
    real_now: datetime
    domain: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Which reminders go into which mail: a new one, with its row, or the unsent digest that becomes the day's."""

    mail_id: UUID
    channel: str
    day: date | None
    reminders: Sequence[UUID]
    mail: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Plans:
    """What is to become of all that is held for people whose time has come."""

    mails: Sequence[Plan]
    skipped: Sequence[tuple[str, Sequence[UUID]]]

    @property
    def reminders(self) -> int:
        """How many reminders that puts into mails."""
        return sum(len(plan.reminders) for plan in self.mails)


@contextmanager
def sweeping(engine: Engine) -> Iterator[None]:
    """Nothing is gathered until the block is over; several sweeps hold up none of each other."""
    with engine.connect() as connection, connection.begin():
        connection.execute(text("SELECT pg_advisory_xact_lock_shared(:lock)"), {"lock": _LOCK})
        yield


def gather(session: Session, moment: Moment, *, is_spread: bool, ladders: Ladders | None = None) -> int:
    """Put what is held for everybody whose time has come into mails; returns how many mails that made or filled.

    Returns 0 where somebody else gathers or sweeps: they ask for the delivery again when they are done.
    """
    if not session.scalar(text("SELECT pg_try_advisory_xact_lock(:lock)"), {"lock": _LOCK}):
        return 0
    found = plans(session, moment, is_spread=is_spread, ladders=ladders)
    for reason, skipped in found.skipped:
        some = update(Reminder).where(_HELD, one_of(Reminder.reminder_id, skipped))
        session.execute(some.values(status="skipped", reason=reason))
    return _put_into_mails(session, found.mails)


def plans(session: Session, moment: Moment, *, is_spread: bool, ladders: Ladders | None = None) -> Plans:
    """What ``gather`` would do; changes nothing."""
    people = _people(session)
    if not people:
        return Plans((), ())
    rules = Rules(Readers.of(session, people), ladders or shipped_ladders(), moment.now, is_spread)
    ready = [name for address, one in people.items() if rules.is_time_for(address, one) for name in one.spellings]
    digests = _digests(session, moment.now) if ready else {}
    found, skipped = list[Plan](), list[tuple[str, Sequence[UUID]]]()
    for address, held in _held(session, ready).items():
        sorted_out, home = rules.sort(address, held), people[address].home
        skipped += [(reason, [one.reminder_id for one in some]) for reason, some in sorted_out.skipped.items()]
        for bundle in rules.bundles(address, home, sorted_out.told):
            fresh = _fresh(bundle, rules.readers.channel(address), home, moment)
            plan = _planned(bundle, fresh, digests.get(address, ()))
            found += [plan] if plan else []
    return Plans(found, skipped)


def new_mail(mail_id: UUID, moment: Moment, **told: Any) -> dict[str, Any]:
    """A mail's row as it begins: to be sent as soon as its reader's time has come.

    What is told that is not about reminders keeps the id of the request that it comes from, and its trace.
    """
    if "content" in told:
        traced = {TRACEPARENT: origin} if (origin := tracing.origin()) else {}
        told["content"] = {**told["content"], REQUEST: request_id.get(), **traced}
    return {
        "mail_id": mail_id,
        "status": "held",
        "attempt": 0,
        "doubts": 0,
        "try_at": moment.real_now,
        "message_id": f"<{mail_id}@{moment.domain}>",
        "created_at": moment.now,
        **told,
    }


def _people(session: Session) -> dict[str, Waiting]:
    """Everybody something is held for, by address in small letters."""
    counted = (
        select(Reminder.recipient, Reminder.office, ObligationRow.rules, Reminder.rung, func.count().label("often"))
        .join(ObligationRow, ObligationRow.obligation_id == Reminder.obligation_id)
        .where(_HELD)
        .group_by(Reminder.recipient, Reminder.office, ObligationRow.rules, Reminder.rung)
    )
    people: dict[str, Waiting] = defaultdict(Waiting)
    for row in session.execute(counted):
        person = people[row.recipient.lower()]
        person.spellings.add(row.recipient)
        person.offices[row.office] = person.offices.get(row.office, 0) + row.often
        person.rungs.add((row.rules, row.rung))
    return dict(people)


def _held(session: Session, spellings: Iterable[str]) -> Mapping[str, list[Held]]:
    """What is held, by address in small letters."""
    query = (
        select(
            Reminder.reminder_id,
            Reminder.recipient,
            Reminder.recipient_name,
            Reminder.rung,
            ObligationRow.rules,
            ObligationRow.snoozed_until,
            ObligationRow.time_zone,
        )
        .join(ObligationRow, ObligationRow.obligation_id == Reminder.obligation_id)
        .where(_HELD, one_of(Reminder.recipient, spellings))
        .order_by(Reminder.reminder_id)
    )
    found: dict[str, list[Held]] = defaultdict(list)
    for row in session.execute(query):
        found[row.recipient.lower()].append(Held(*row))
    return found


def _digests(session: Session, now: datetime) -> Mapping[str, list[Mail]]:
    """What went or is to go to each person as the one mail of a day, of late."""
    lately = (now - _FAR_SIDE).date()
    query = select(Mail).where(
        Mail.kind.in_([DIGEST, ESCALATION]),
        Mail.day.is_not(None),
        or_(Mail.day >= lately, Mail.status.in_(["held", "sending"])),
    )
    found: dict[str, list[Mail]] = defaultdict(list)
    for mail in session.scalars(query):
        found[mail.recipient.lower()].append(mail)
    return found


def _planned(bundle: Bundle, fresh: dict[str, Any], digests: Collection[Mail]) -> Plan | None:
    """Into a digest that has not gone out yet, else into a new mail; not at all where the day's one has gone."""
    reminders = [one.reminder_id for one in bundle.held]
    if bundle.day is not None:
        unsent = next((mail for mail in digests if mail.status == "held" and mail.doubts == 0), None)
        if unsent is not None:
            return Plan(unsent.mail_id, unsent.channel, bundle.day, reminders)
        if any(mail.day == bundle.day or mail.status in ("held", "sending") for mail in digests):
            return None
    return Plan(fresh["mail_id"], fresh["channel"], bundle.day, reminders, fresh)


def _fresh(bundle: Bundle, channel: str, office: str, moment: Moment) -> dict[str, Any]:
    told = " ".join(str(one.reminder_id) for one in bundle.held)
    return new_mail(
        uuid5(_NAMESPACE, f"{bundle.kind} {moment.now.isoformat()} {told}"),
        moment,
        recipient=bundle.held[0].recipient,
        recipient_name=bundle.held[0].recipient_name,
        office=office,
        kind=bundle.kind,
        day=bundle.day,
        channel=channel,
    )


def _put_into_mails(session: Session, wanted: Sequence[Plan]) -> int:
    made = {plan.mail_id for plan in wanted if plan.mail is None and _is_moved(session, plan)}
    fresh = [plan.mail for plan in wanted if plan.mail is not None]
    if fresh:
        made |= set(session.scalars(_INSERT, {"mails": json.dumps(fresh, default=str)}))
    pairs = [(reminder, plan) for plan in wanted if plan.mail_id in made for reminder in plan.reminders]
    if pairs:
        reminders, mails = [reminder for reminder, _ in pairs], [plan.mail_id for _, plan in pairs]
        channels = [plan.channel for _, plan in pairs]
        session.execute(_ATTACH, {"reminders": reminders, "mails": mails, "channels": channels})
    return len(made)


def _is_moved(session: Session, plan: Plan) -> bool:
    """Make an unsent digest that of a day; False where by now it may have gone out."""
    unsent = and_(Mail.mail_id == plan.mail_id, Mail.status == "held", Mail.doubts == 0)
    moved = update(Mail).where(unsent).values(day=plan.day).returning(Mail.mail_id)
    return session.execute(moved.execution_options(synchronize_session=False)).first() is not None
