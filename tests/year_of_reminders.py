"""A year of reminders, day by day: a made-up world, a scheduler that is often down, a channel that only records.

The sweep, the database and the delivery are the real ones; the change log and the mail server are played.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from muster_notify import delivering, following, gathering, mails, owed, settling, sweeping
from muster_notify.channels import NotTaken
from muster_notify.judging import TAKEN_BACK
from muster_notify.ladder import Away, Person, recipients, shipped_ladders
from muster_notify.mails import Claim
from muster_notify.models import FailingAddress, ObligationRow, PreferenceRow, Reminder
from muster_notify.noting import DoubtfulMails, TakenMails
from muster_notify.turns import turns
from muster_shared.changelog import Change, Page, Source
from muster_shared.clock import real_now
from muster_shared.context import Context
from stories_of_reminders import ADDRESSES, BEGIN, DEAD, OFFICES, Happening, Story, code_of, first_records

HOURS = (time(2, 0), time(8, 30), time(9, 15), time(15, 0))
DAY_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LEASE = timedelta(hours=1)


@dataclass(slots=True)
class Sent:
    """A mail as the channel took it."""

    at: datetime
    recipient: str
    kind: str
    reminders: Sequence[UUID]


@dataclass(slots=True)
class Year:
    """One telling of a story; ``wrong`` says what must not be, in words."""

    context: Context
    story: Story
    sweep: Callable[[Context], object] = sweeping.record_due
    records: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    position: int = 0
    sent: list[Sent] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def tell(year: Year) -> Year:
    """Live through the year; stops at the first day on which something is wrong."""
    drawn = Random(year.story.seed)  # noqa: S311
    _follow(year, first_records(year.story))
    for number in range(year.story.days):
        at = datetime.combine(BEGIN + timedelta(days=number), drawn.choice(HOURS), UTC)
        year.context.clock.advance(at - year.context.clock.now())
        for happening in year.story.happenings:
            if happening.day == number and happening.project in year.story.projects:
                _happen(year, happening, at)
        if number not in year.story.outages:
            year.sweep(year.context)
            _check_nothing_lost(year)
            _deliver(year)
        if year.wrong:
            return year
    _wait_for_every_window(year)
    return year


def _wait_for_every_window(year: Year) -> None:
    """Nothing comes up any more; what waits for its reader's morning goes out."""
    for number in range(5):
        for at in HOURS:
            moment = datetime.combine(BEGIN + timedelta(days=year.story.days + number), at, UTC)
            year.context.clock.advance(moment - year.context.clock.now())
            _deliver(year)


def _follow(year: Year, records: Sequence[tuple[str, str, dict[str, Any]]]) -> None:
    """What ingest tells and notify applies, as following the log does."""
    for kind, key, fields in records:
        year.records[kind, key] = fields
    before = year.position
    year.position += len(records)
    page = Page("e", tuple(_change(before + n + 1, *record) for n, record in enumerate(records)), year.position)
    with year.context.sessions.begin() as session:
        assert following.apply_page(session, page, read_from=("e" if before else None, before), real_now=real_now())
    with year.context.sessions.begin() as session:
        codes = following.take_touched(session, 10_000)
        owed.renew_all(session, codes, now=year.context.clock.now(), ladders=shipped_ladders())


def _change(position: int, kind: str, key: str, fields: dict[str, Any]) -> Change:
    source = Source("s", "0" * 64, datetime(2016, 1, 1, tzinfo=UTC))
    at = datetime(2016, 1, 1, tzinfo=UTC)
    return Change(position, kind, key, 1, "upsert", fields.get("office") or "HQ", "R", at, fields, source)


def _happen(year: Year, one: Happening, at: datetime) -> None:
    project = year.records["project", code_of(one.project)]
    if one.what == "leave":
        _leave(year, project, one, at.date())
    elif one.what == "handover":
        taker = ADDRESSES[one.drawn % len(ADDRESSES)]
        _follow(year, [("project", code_of(one.project), {**project, "manager": {"name": taker, "email": taker}})])
    elif one.what == "pause":
        status = "submitted" if project["status"] == "active" else "active"
        _follow(year, [("project", code_of(one.project), {**project, "status": status})])
    elif one.what == "extension":
        _follow(year, [_extension(project, one, at.date())])
    elif row := _some_obligation(year, one):
        _follow(year, [_about(year, row, one, at)])


def _leave(year: Year, project: Mapping[str, Any], one: Happening, today: date) -> None:
    absent, stand_in = project["manager"]["email"], ADDRESSES[one.drawn % len(ADDRESSES)]
    if absent == stand_in:
        return
    on = {"stand_in_from": today, "stand_in_until": today + timedelta(days=one.drawn % 15)}
    row = {"stand_in": {"name": stand_in, "email": stand_in}, "updated_at": real_now(), "updated_by": absent}
    with year.context.sessions.begin() as session:
        session.merge(PreferenceRow(email=absent, **row, **on))


def _extension(project: Mapping[str, Any], one: Happening, today: date) -> tuple[str, str, dict[str, Any]]:
    new_end = date(2016, 10, 31) + timedelta(days=one.drawn % 60)
    told = {"new_end": new_end.isoformat(), "reason": "r", "decision": "approved", "decided_on": today.isoformat()}
    fields = {"project_code": project["project_code"], "requested_on": today.isoformat(), **told}
    return "extension", f"{project['project_code']}/{today}", fields


def _some_obligation(year: Year, one: Happening) -> ObligationRow | None:
    of_project = (ObligationRow.project_code == code_of(one.project), ObligationRow.cancelled_at.is_(None))
    query = select(ObligationRow).where(*of_project).order_by(ObligationRow.due, ObligationRow.obligation_id)
    with year.context.sessions() as session:
        rows = session.scalars(query).all()
    near = [row for row in rows if abs((row.due - year.context.clock.now().date()).days) < 60] or rows
    return near[one.drawn % len(near)] if near else None


def _about(year: Year, row: ObligationRow, one: Happening, at: datetime) -> tuple[str, str, dict[str, Any]]:
    if one.what == "due" and isinstance(year.records["grant", row.grant_id]["reporting_rules"], list):
        grant = year.records["grant", row.grant_id]
        entry = {**grant["reporting_rules"][0], "due": (row.due + timedelta(days=one.drawn % 50 - 10)).isoformat()}
        return "grant", row.grant_id, {**grant, "reporting_rules": [entry]}
    matter = {"project_code": row.project_code, "grant_id": row.grant_id, "type": row.type}
    ends = {**matter, "period_end": row.period_end.isoformat()}
    if one.what in ("snooze", "acknowledge"):
        until = (at.date() + timedelta(days=one.drawn % 20)).isoformat()
        said = {"at": at.isoformat(), "action": one.what, "until": until, "by": "p0@example.org", "reason": "r"}
        return "follow_up", f"{row.obligation_id}/{at}", {**ends, **said}
    status = "returned" if one.what == "returned" else "sent"
    report = {**ends, "period_start": row.period_start.isoformat(), "submitted_on": at.date().isoformat()}
    return "progress_report", str(row.obligation_id), {**report, "donor_status": status}


def _deliver(year: Year) -> None:
    """Gather, claim and settle as the delivery does; the channel records, and refuses one address."""
    context = year.context
    for _ in range(3):  # what climbs is told in the same round
        now = context.clock.now()
        with context.sessions.begin() as session:
            gathering.gather(session, delivering.moment_of(context), is_spread=False)
        with context.sessions.begin() as session:
            due = turns(session, now=now, real_now=real_now(), per_hour=1000).mails
            claims = mails.claim(session, due, now=now, real_now=real_now(), lease=LEASE)
        for claimed in claims:
            _hand_over(year, claimed, now)
        if not claims:
            break


def _hand_over(year: Year, claimed: Claim, now: datetime) -> None:
    engine = year.context.engine.execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as notes:
        doubtful = DoubtfulMails(notes)
        doubtful.note(claimed, now=now, until=real_now() + LEASE)
        assert doubtful.may_go()
        if claimed.recipient == DEAD:
            with year.context.sessions.begin() as session:
                settling.settle_not_taken(session, claimed, NotTaken("550 no such user", permanent=True), now=now)
            return
        _check_mail(year, claimed, now)
        year.sent.append(Sent(now, claimed.recipient, claimed.kind, [one.reminder_id for one in claimed.told]))
        taken = TakenMails([notes])
        taken.note(claimed, now=now)
        taken.finish()


def _check_mail(year: Year, claimed: Claim, now: datetime) -> None:
    """In the reader's window, on a working day of theirs, and to those whom the rung tells as things stand."""
    zone, weekend = OFFICES.get(claimed.office, ("Europe/Zurich", ("sat", "sun")))
    local = now.astimezone(ZoneInfo(zone))
    if not time(9) <= local.time() < time(11) or DAY_NAMES[local.weekday()] in weekend:
        year.wrong.append(f"{now}: a mail to {claimed.recipient} at {local:%a %H:%M} of {claimed.office}")
    before = [one for one in year.sent if one.recipient == claimed.recipient and one.at.date() == now.date()]
    if before:
        year.wrong.append(f"{now}: a second mail on one day to {claimed.recipient}")
    again = {one for mail in year.sent for one in mail.reminders} & {one.reminder_id for one in claimed.told}
    year.wrong += [f"{now}: reminder {one} a second time" for one in again]
    with year.context.sessions() as session:
        for told in claimed.told:
            reminder = session.get_one(Reminder, told.reminder_id)
            if reminder.recipient not in _whom(year, session, reminder, now):
                year.wrong.append(f"{now}: rung {reminder.rung} of {reminder.obligation_id} to {reminder.recipient}")


def _whom(year: Year, session: Session, reminder: Reminder, now: datetime) -> set[str]:
    """Whom the rung tells as the records are; a stand-in is who it was when the rung was recorded, or is by now."""
    rung = shipped_ladders().default.rung(reminder.rung)
    people = _people(year, session.get_one(ObligationRow, reminder.obligation_id).project_code)
    failing = set(session.scalars(select(FailingAddress.email)))
    on_both = [Away(_stand_ins(session, day), failing) for day in (now.date(), reminder.created_at.date())]
    return {one.email for away in on_both for one in recipients(rung, people, away).people}


def _people(year: Year, code: str) -> dict[str, Person]:
    project = year.records["project", code]
    named = {
        "owner": project["manager"],
        "alternate": project["alternate_manager"],
        "head": year.records["office", project["office"]]["head"],
        "reviewer": year.records["office", "RO"]["reviewer"],
        "headquarters": year.records["office", "HQ"]["head"],
    }
    return {role: Person(one["name"], one["email"], "") for role, one in named.items() if one}


def _stand_ins(session: Session, day: date) -> dict[str, Person]:
    found: dict[str, Person] = {}
    for row in session.scalars(select(PreferenceRow)):
        first, last = row.stand_in_from, row.stand_in_until
        if row.stand_in and first and last and first <= day <= last:
            found[row.email] = Person(row.stand_in["name"], row.stand_in["email"], "")
    return found


def _check_nothing_lost(year: Year) -> None:
    """Of whatever is owed, chased and not snoozed, the highest rung reached is on record, sent or with its reason."""
    now = year.context.clock.now()
    with year.context.sessions() as session:
        taken_back = [Reminder.reason.startswith(beginning) for beginning in TAKEN_BACK]
        kept = select(Reminder.obligation_id, Reminder.cycle, Reminder.rung, Reminder.status, *taken_back)
        done = {row[:3] for row in session.execute(kept) if row.status != "skipped" or not any(row[4:])}
        for row in session.scalars(select(ObligationRow).where(ObligationRow.cancelled_at.is_(None))):
            status = year.records["project", row.project_code]["status"]
            today = now.astimezone(ZoneInfo(row.time_zone)).date()
            is_snoozed = row.snoozed_until is not None and row.snoozed_until >= today
            if row.state not in ("awaited", "returned") or status != "active" or is_snoozed:
                continue
            reached = [one.days for one in shipped_ladders().default.rungs if one.on(row.due) <= today]
            if reached and (row.obligation_id, row.cycle, reached[-1]) not in done:
                year.wrong.append(f"{now}: rung {reached[-1]} of {row.project_code} due {row.due} is lost")


def left_waiting(year: Year) -> int:
    """What still waits to be sent."""
    with year.context.sessions() as session:
        counted = select(func.count()).select_from(Reminder).where(Reminder.status.in_(["held", "sending"]))
        return session.scalar(counted) or 0
