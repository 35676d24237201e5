"""The statement that judges a million obligations says of each what the pure functions say of one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from muster_notify import judging, reminding
from muster_notify.judging import FAILS, OVERTAKEN, REPLACED, TAKEN_BACK, Judgement, Owed, Past, judge
from muster_notify.ladder import ROLE_NAMES, Away, Ladder, Ladders, Person, Rung, shipped_ladder
from muster_notify.models import FailingAddress, ObligationRow, PreferenceRow, Reminder, RoleHolder
from muster_notify.preferences import stand_ins
from muster_notify.windows import local_day
from muster_shared.context import Context

NOW = datetime(2016, 11, 30, 8, tzinfo=UTC)
TODAY = NOW.date()
EARLIER = NOW - timedelta(days=3)
ZONES = {"P1": "UTC", "P2": "Pacific/Kiritimati", "P3": "Pacific/Honolulu"}
ADDRESSES = ("ann@example.org", "Ben@Example.org", "cid@example.org", "dot@example.org", "eve@example.org")
OTHER = Ladder((Rung(-5, ("owner",)), Rung(0, ("owner", "head")), Rung(9, ("reviewer",))))
ODD = 3  # a rung of a ladder that held once
LADDERS = Ladders(shipped_ladder(), {"echo": OTHER})
NAMESPACE = UUID("7b8e0d4e-5a37-5d2f-8a55-1de0f0a3f9f1")
SAID = {"at": "2016-11-20T08:00:00Z", "by": "ann@example.org", "reason": "rains"}

Key = tuple[int, int, str]
State = tuple[str, str | None, str | None]


@dataclass(frozen=True)
class Obligation:
    project: str
    due: date
    rules: str
    cycle: int
    look_on: date | None
    state: str
    is_cancelled: bool
    snoozed_until: date | None
    is_acknowledged: bool
    known_late: bool
    reminders: Mapping[Key, tuple[str, str | None]]


@dataclass(frozen=True)
class World:
    holders: Mapping[tuple[str, str], str | None]
    absent: Mapping[str, tuple[str, date, date]]
    failing: frozenset[str]
    obligations: list[Obligation] = field(default_factory=list)


def near(most: int) -> st.SearchStrategy[date]:
    return st.integers(-most, most).map(lambda days: TODAY + timedelta(days=days))


recipients = st.sampled_from(["", *ADDRESSES, *ROLE_NAMES])
rungs = st.sampled_from([*(rung.days for rung in shipped_ladder().rungs), *(r.days for r in OTHER.rungs), ODD])
reasons = st.sampled_from([OVERTAKEN, FAILS, "handed in", "snoozed until 2016-11-28 by a: b", *TAKEN_BACK])
states = st.one_of(
    st.tuples(st.sampled_from(["held", "sending", "sent", "failed"]), st.none()), st.tuples(st.just("skipped"), reasons)
)
pasts = st.dictionaries(st.tuples(rungs, st.integers(1, 2), recipients), states, max_size=5).map(
    lambda found: {
        key: state if key[2] in ADDRESSES else ("skipped", state[1] or "said") for key, state in found.items()
    }
)
obligations = st.builds(
    Obligation,
    project=st.sampled_from(sorted(ZONES)),
    due=near(45),
    rules=st.sampled_from(["", "echo", "prm"]),
    cycle=st.integers(1, 2),
    look_on=st.one_of(st.none(), near(4), st.just(TODAY - timedelta(days=60))),
    state=st.sampled_from(["awaited", "awaited", "awaited", "returned", "submitted"]),
    is_cancelled=st.sampled_from([False, False, False, True]),
    snoozed_until=st.one_of(st.none(), near(10)),
    is_acknowledged=st.booleans(),
    known_late=st.sampled_from([False, False, False, True]),
    reminders=pasts,
)
addresses = st.sampled_from(ADDRESSES)
worlds = st.builds(
    World,
    holders=st.fixed_dictionaries(
        {(code, role): st.sampled_from([None, *ADDRESSES]) for code in ZONES for role in ROLE_NAMES}
    ),
    absent=st.dictionaries(addresses, st.tuples(addresses, near(3), near(3)), max_size=4),
    failing=st.frozensets(addresses, max_size=3),
    obligations=st.lists(obligations, min_size=1, max_size=30),
)


@pytest.fixture
def notify(open_context: Callable[[str], Context]) -> Context:
    return open_context("notify")


@given(world=worlds)
@examples(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_all_at_once_is_one_by_one(notify: Context, world: World) -> None:
    with notify.sessions.begin() as session:
        build(session, world)
    with notify.sessions.begin() as session:
        at = reminding.where_it_is(session, NOW)
        expected = {name(n): one_by_one(session, world, n) for n in range(len(world.obligations))}
        would = sum(one.reminders for one in reminding.sending(session, at, LADDERS))
        recorded = reminding.remind_some(session, at, LADDERS, most=1000)
    with notify.sessions.begin() as session:
        assert found(session) == {key: after for key, (after, _, _) in expected.items()}
        assert looked_at(session) == {key: look_on for key, (_, look_on, _) in expected.items()}
        assert set(recorded.unreached) == {one for _, _, one in expected.values() if one}
        assert recorded.held == would
        assert reminding.remind_some(session, at, LADDERS, most=1000).looked_at == 0


def name(number: int) -> UUID:
    return uuid5(NAMESPACE, str(number))


def filled(world: World) -> list[tuple[tuple[str, str], str]]:
    return [(seat, email) for seat, email in world.holders.items() if email]


def build(session: Session, world: World) -> None:
    for table in (Reminder, ObligationRow, RoleHolder, PreferenceRow, FailingAddress):
        session.execute(delete(table))
    for (code, role), email in filled(world):
        session.add(RoleHolder(project_code=code, role=role, email=email, name=email.upper(), office=f"O-{role}"))
    for absent, (stand_in, first, last) in world.absent.items():
        said = {"name": stand_in.title(), "email": stand_in}
        on = {"stand_in": said, "stand_in_from": first, "stand_in_until": last}
        session.add(PreferenceRow(email=absent.lower(), updated_at=NOW, updated_by="x", **on))
    for address in world.failing:
        session.add(FailingAddress(email=address.lower(), reason="gone", since=NOW))
    for number, one in enumerate(world.obligations):
        session.execute(insert(ObligationRow).values(obligation_row(number, one)))
        session.flush()
        for (rung, cycle, recipient), (status, reason) in one.reminders.items():
            row = {"rung": rung, "cycle": cycle, "recipient": recipient, "status": status, "reason": reason}
            session.execute(insert(Reminder).values(row | reminder_row(number, row)))


def obligation_row(number: int, one: Obligation) -> dict[str, Any]:
    events = [{**SAID, "event": "snoozed", "until": str(one.snoozed_until)}] if one.snoozed_until else []
    events += [{**SAID, "event": "acknowledged"}] if one.is_acknowledged else []
    return {
        "obligation_id": name(number), "project_code": one.project, "grant_id": "G", "type": "interim", "mark": "1",
        "period_start": TODAY, "period_end": TODAY, "due": one.due, "office": "KEN", "region": None,
        "time_zone": ZONES[one.project], "owner": {}, "managers": [], "state": one.state, "submitted_on": None,
        "cycle": one.cycle, "next_rung_on": one.look_on, "cancelled_at": NOW if one.is_cancelled else None,
        "history": events, "rules": one.rules, "sequence": 0, "snoozed_until": one.snoozed_until,
        "acknowledged_at": NOW if one.is_acknowledged else None, "known_late": one.known_late,
    }  # fmt: skip


def reminder_row(number: int, row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "reminder_id": reminding.reminder_id(name(number), row["rung"], row["cycle"], row["recipient"]),
        "obligation_id": name(number), "recipient_name": "", "office": "", "channel": "mail", "created_at": EARLIER,
    }  # fmt: skip


def one_by_one(session: Session, world: World, number: int) -> tuple[dict[Key, State], date | None, Any]:
    """What is on record afterwards, when it is looked at again, and the office and project that could not be told."""
    one = world.obligations[number]
    before: dict[Key, State] = {key: (status, reason, None) for key, (status, reason) in one.reminders.items()}
    today = local_day(NOW, ZONES[one.project])
    is_open = one.state in ("awaited", "returned") and not one.is_cancelled
    if not is_open or one.look_on is None or one.look_on > today:
        return before, one.look_on, None
    past = [Past(rung, who, *state) for (rung, cycle, who), state in one.reminders.items() if cycle == one.cycle]
    judged = judge(owed(one), today, past, ladder=LADDERS.of(one.rules), **who_is_there(session, world, one, today))
    unreached = ("KEN", one.project) if judged.tells == () else None
    return applied(before, judged, one.cycle), judged.look_again_on, unreached


def owed(one: Obligation) -> Owed:
    snooze = {**SAID, "until": str(one.snoozed_until)}
    return Owed(
        one.due,
        one.snoozed_until,
        judging.why_snoozed(snooze) if one.snoozed_until else "",
        judging.why_acknowledged(SAID) if one.is_acknowledged else None,
        one.known_late,
    )


def who_is_there(session: Session, world: World, one: Obligation, today: date) -> Any:
    named = {role: email for (code, role), email in filled(world) if code == one.project}
    people = {role: Person(email.upper(), email, f"O-{role}") for role, email in named.items()}
    failing = {address.lower() for address in world.failing}
    return {"people": people, "away": Away(stand_ins(session, today), failing)}


def applied(before: Mapping[Key, State], judged: Judgement, cycle: int) -> dict[Key, State]:
    after = dict(before)
    told = {address.lower() for address in judged.tells or ()}
    for (rung, of_cycle, who), (status, _, instead_of) in before.items():
        if status == "held" and judged.sent is not None and rung < judged.sent:
            after[rung, of_cycle, who] = ("skipped", OVERTAKEN, instead_of)
        if status == "held" and (rung, of_cycle) == (judged.retold, cycle) and who.lower() not in told:
            after[rung, of_cycle, who] = ("skipped", REPLACED, instead_of)
    for row in judged.rows:
        key = (row.rung, cycle, row.person.email)
        status, reason, _ = before.get(key, ("skipped", REPLACED, None))
        comes_back = (reason or "").startswith(TAKEN_BACK) or (reason == FAILS and row.reason is None)
        if status == "skipped" and comes_back and (key not in before or key[2]):
            after[key] = ("skipped" if row.reason else "held", row.reason, row.person.instead_of)
    return after


def found(session: Session) -> dict[UUID, dict[Key, State]]:
    on_record: dict[UUID, dict[Key, State]] = {one: {} for one in session.scalars(select(ObligationRow.obligation_id))}
    for row in session.scalars(select(Reminder)):
        key = (row.rung, row.cycle, row.recipient)
        on_record[row.obligation_id][key] = (row.status, row.reason, row.instead_of)
    return on_record


def looked_at(session: Session) -> dict[UUID, date | None]:
    rows = session.execute(select(ObligationRow.obligation_id, ObligationRow.next_rung_on))
    return {row.obligation_id: row.next_rung_on for row in rows}
