"""The audit trail without a person, and without its oldest entries: still a chain in which nothing changes unseen."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from muster_shared import audit, audit_erasing, audit_verifying, keeping
from muster_shared.audit_verifying import Verified
from muster_shared.auth import Caller
from muster_shared.clock import parse_span
from muster_shared.context import Context
from muster_shared.erasing import Erasure

ANN = Erasure("", "ann@example.org", (), "7f3a")
PAUL = Erasure("", "paul@example.org", (), "90c1")


@pytest.fixture
def ingest(open_context: Any) -> Context:
    context: Context = open_context("ingest")
    context.settings.data_dir.mkdir(exist_ok=True)
    context.clock.begin()
    return context


def write(context: Context, *actors: str) -> None:
    for actor in actors:
        with context.sessions.begin() as session:
            audit.note(session, Caller(actor, "admin"), "tried", {"person": "ann@example.org"}, at=context.clock.now())
    audit.seal(context.sessions)


def verified(context: Context, head: str | None = None) -> Verified:
    with context.sessions() as session:
        return audit_verifying.verify(session, head)


def erase(context: Context, erasure: Erasure) -> int:
    with context.sessions.begin() as session:
        return audit_erasing.erase(session, erasure, at=context.clock.now())


def tamper(context: Context, statement: str) -> None:
    with context.sessions.begin() as session:
        session.execute(text("ALTER TABLE audit_entry DISABLE TRIGGER USER"))
        session.execute(text(statement))
        session.execute(text("ALTER TABLE audit_entry ENABLE TRIGGER USER"))


def forget(context: Context, days: int) -> int:
    return keeping.forget_old_entries(replace(context, settings=replace(context.settings, keep_audit_days=days)))


@pytest.fixture
def erased(ingest: Context) -> Context:
    """Ann in six entries, Paul in one of them; both are erased."""
    write(ingest, "ann@example.org", "paul@example.org", *["x@example.org"] * 4)
    assert erase(ingest, ANN) == 6
    assert erase(ingest, PAUL) == 1
    write(ingest, "y@example.org")
    return ingest


def test_a_trail_without_a_person_is_whole_and_says_so(ingest: Context) -> None:
    write(ingest, "ann@example.org", "paul@example.org")
    head = verified(ingest).head
    erase(ingest, ANN)
    erase(ingest, PAUL)
    assert erase(ingest, ANN) == 0
    found = verified(ingest, head)
    assert (found.entries, found.erased, found.broken_at) == (4, 2, None)
    with ingest.sessions() as session:
        rows = session.execute(
            text("SELECT actor, subject ->> 'person', salt, request_id FROM audit_entry WHERE number < 3")
        )
        assert rows.all() == [(ANN.pseudonym, ANN.pseudonym, None, ""), (PAUL.pseudonym, ANN.pseudonym, None, "")]


@pytest.mark.parametrize(
    ("tampering", "broken_at"),
    [
        ("UPDATE audit_entry SET action = 'slept' WHERE number = 1", 1),
        ("UPDATE audit_entry SET actor = 'eve@example.org' WHERE number = 2", 2),
        ("UPDATE audit_entry SET actor = 'eve@example.org', erased = true WHERE number = 9", 9),
        ("UPDATE audit_erased SET digest = md5('x') WHERE number = 3", 1),
        ("DELETE FROM audit_erased", 1),
        ("DELETE FROM audit_entry WHERE number = 7", 7),
    ],
)
def test_what_is_changed_under_the_cover_of_an_erasure_breaks_the_chain(
    erased: Context, tampering: str, broken_at: int
) -> None:
    assert verified(erased).broken_at is None
    tamper(erased, tampering)
    assert verified(erased).broken_at == broken_at


def test_the_database_lets_an_erasure_change_nothing_but_the_person(erased: Context) -> None:
    for statement in ("UPDATE audit_entry SET action = 'x', erased = true", "DELETE FROM audit_entry"):
        with erased.sessions() as session:
            session.execute(text("SET LOCAL muster.erasing = 'on'"))
            with pytest.raises(DBAPIError, match="never changed or deleted"):
                session.execute(text(statement))


def test_the_oldest_entries_are_forgotten_once_a_day_and_the_chain_goes_on(ingest: Context) -> None:
    write(ingest, "a@example.org", "b@example.org", "c@example.org")
    erase(ingest, ANN)
    old_head = verified(ingest).head
    assert forget(ingest, 0) == 0
    assert forget(ingest, 30) == 0
    ingest.clock.advance(parse_span("29d"))
    write(ingest, "d@example.org")
    ingest.clock.advance(timedelta(days=2))
    assert forget(ingest, 30) == 4
    assert forget(ingest, 1) == 0, "once a day"
    write(ingest, "e@example.org")
    found = verified(ingest, old_head)
    assert (found.broken_at, found.forgotten, found.entries) == (None, 4, 7)
    assert verified(ingest, "0" * 63 + "1").broken_at == 8
    tamper(ingest, "UPDATE audit_entry SET action = 'slept' WHERE number = 5")
    assert verified(ingest).broken_at == 5
