"""Which rung of the ladder is due, after any outage, and whom it tells."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muster_notify.ladder import (
    Away,
    NextStep,
    Person,
    Rung,
    Steps,
    in_words,
    next_step,
    parse_ladders,
    recipients,
    shipped_ladder,
    shipped_ladders,
    steps_due,
)

LADDER = shipped_ladder()
DAYS = [rung.days for rung in LADDER.rungs]
DUE = date(2016, 11, 15)


def after(days: int) -> date:
    return DUE + timedelta(days=days)


def test_the_shipped_ladder_climbs_from_the_owner_to_headquarters() -> None:
    assert [(rung.days, len(rung.tell)) for rung in LADDER.rungs] == [
        (-30, 1),
        (-14, 1),
        (-7, 1),
        (-1, 1),
        (1, 2),
        (7, 3),
        (14, 4),
        (30, 5),
    ]
    assert LADDER.rung(30).tell == ("owner", "alternate", "head", "reviewer", "headquarters")


@pytest.mark.parametrize(
    ("today", "done", "steps"),
    [
        (-31, set(), Steps(None)),
        (-30, set(), Steps(-30)),
        (-29, {-30}, Steps(None)),
        (-13, {-30}, Steps(-14)),
        (0, {-30, -14, -7, -1}, Steps(None)),
        (-5, set(), Steps(-7, (-30, -14))),
        (9, {-30, -14}, Steps(7, (-7, -1, 1))),
        (15, set(), Steps(14, (-30, -14, -7, -1, 1, 7))),
        (400, set(DAYS), Steps(None)),
        (8, {7}, Steps(None, (-30, -14, -7, -1, 1))),
    ],
)
def test_only_the_highest_rung_reached_is_sent(today: int, done: set[int], steps: Steps) -> None:
    assert steps_due(DUE, after(today), done, LADDER) == steps


@given(st.integers(-60, 60), st.sets(st.sampled_from(DAYS)))
def test_a_rung_is_never_done_twice_nor_sent_after_a_higher_one(today: int, done: set[int]) -> None:
    steps = steps_due(DUE, after(today), done, LADDER)
    new = {*steps.skipped, *([] if steps.send is None else [steps.send])}
    assert not new & done
    assert len(new) == len(steps.skipped) + (steps.send is not None)
    if steps.send is not None:
        assert all(steps.send > other for other in done | set(steps.skipped))
        assert after(steps.send) - DUE <= timedelta(days=today)
    assert {days for days in DAYS if days <= today} <= done | new


@given(st.lists(st.integers(-60, 60), min_size=1, max_size=30).map(sorted))
def test_whenever_the_sweep_runs_sent_skipped_and_remaining_rungs_are_the_ladder(todays: list[int]) -> None:
    sent: list[int] = []
    skipped: list[int] = []
    for today in todays:
        steps = steps_due(DUE, after(today), {*sent, *skipped}, LADDER)
        sent += [] if steps.send is None else [steps.send]
        skipped += steps.skipped
    remaining = [days for days in DAYS if days > todays[-1]]
    assert sorted([*sent, *skipped, *remaining]) == DAYS
    assert sent == sorted(set(sent))


def test_who_is_told_next_and_when() -> None:
    assert next_step(DUE, after(1), LADDER) == NextStep(7, date(2016, 11, 22), ("owner", "alternate", "head"))
    assert next_step(DUE, after(-31), LADDER) == NextStep(-30, after(-30), ("owner",))
    assert next_step(DUE, after(30), LADDER) is None


def test_each_address_is_told_once_and_missing_people_are_named() -> None:
    amina = Person("Amina", "amina@example.org", "KEN")
    again = Person("A. Amina", "AMINA@example.org", "HQ")
    bruno = Person("Bruno", "bruno@example.org", "HQ")
    rung = Rung(30, ("owner", "alternate", "head", "reviewer", "headquarters"))
    told = recipients(rung, {"headquarters": bruno, "head": again, "owner": amina})
    assert told.people == (amina, bruno)
    assert told.missing == ("alternate", "reviewer")


def test_roles_are_written_out_in_words() -> None:
    assert in_words(("owner",)) == "project manager"
    assert in_words(("owner", "alternate", "head")) == "project manager, alternate manager and head of office"


OWNER_ONLY = "[[default.rung]]\ndays = 1\ntell = ['owner']\n"


@pytest.mark.parametrize(
    ("written", "complaint"),
    [
        (OWNER_ONLY + "[[default.rung]]\ndays = 1\ntell = ['head']\n", "for all share a day"),
        (OWNER_ONLY.replace("owner", "boss"), "tells 'boss': roles are owner"),
        ("[default]\n", "for all has no rung"),
        (OWNER_ONLY + "[[ladder]]\nrules = 'echo'\n", "of echo has no rung"),
        (OWNER_ONLY + "[[ladder]]\nrules = 'echo'\nrung = [{days = 1, tell = ['owner']}]\n" * 2, "same rules"),
    ],
)
def test_a_ladder_that_cannot_be_climbed_is_refused(written: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        parse_ladders(written)


def test_rules_without_a_ladder_of_their_own_follow_the_one_for_all() -> None:
    own = "[[ladder]]\nrules = 'echo'\nrung = [{days = 5, tell = ['head'], breaks_digest = true}]\n"
    ladders = parse_ladders(OWNER_ONLY + own)
    assert ladders.of("echo").rungs == (Rung(5, ("head",), breaks_digest=True),)
    assert ladders.of("prm") == ladders.of("") == ladders.default
    assert ladders.default.rungs == (Rung(1, ("owner",)),)


def test_the_shipped_ladder_is_the_same_for_all_rules_and_waits_for_the_digest() -> None:
    assert shipped_ladders().by_rules == {}
    assert not any(rung.breaks_digest for rung in LADDER.rungs)


AMINA, PAUL, KARIM, ROSA = (
    Person(name, f"{name.lower()}@example.org", office)
    for name, office in (("Amina", "KEN"), ("Paul", "KEN"), ("Karim", "KEN"), ("Rosa", "RO"))
)
PEOPLE = {"owner": AMINA, "alternate": PAUL, "head": KARIM, "reviewer": ROSA}


def test_a_stand_in_is_told_in_the_place_and_hours_of_the_person() -> None:
    stand_in = Person("Sara", "sara@example.org", "")
    told = recipients(Rung(1, ("owner", "alternate")), PEOPLE, Away(stand_ins={AMINA.email: stand_in}))
    assert told.people == (Person("Sara", "sara@example.org", "KEN", instead_of=AMINA.email), PAUL)


def test_past_an_address_that_fails_the_rung_climbs_to_the_next_that_works() -> None:
    away = Away(failing={AMINA.email, PAUL.email})
    told = recipients(Rung(-7, ("owner",)), PEOPLE, away)
    assert told.people == (replace(KARIM, instead_of=AMINA.email),)
    assert told.failing == (AMINA.email,)


def test_who_is_told_anyway_is_told_in_their_own_right() -> None:
    told = recipients(Rung(7, ("owner", "alternate", "head")), PEOPLE, Away(failing={AMINA.email}))
    assert told.people == (PAUL, KARIM)


def test_the_stand_in_of_somebody_whose_address_fails_is_told() -> None:
    stand_in = Person("Sara", "sara@example.org", "")
    told = recipients(Rung(-7, ("owner",)), PEOPLE, Away({AMINA.email: stand_in}, {AMINA.email}))
    assert [person.email for person in told.people] == [stand_in.email]
    both = recipients(Rung(-7, ("owner",)), PEOPLE, Away({AMINA.email: stand_in}, {AMINA.email, stand_in.email}))
    assert both.people == (replace(PAUL, instead_of=AMINA.email),)
    alone = recipients(Rung(-7, ("owner",)), PEOPLE, Away({AMINA.email: stand_in}, {stand_in.email}))
    assert alone.people == (AMINA,)


def test_where_nobody_up_the_ladder_can_be_reached_nobody_is_told() -> None:
    everybody = {person.email for person in PEOPLE.values()}
    told = recipients(Rung(1, ("owner", "alternate")), PEOPLE, Away(failing=everybody))
    assert (told.people, told.failing) == ((), (AMINA.email, PAUL.email))
