"""The bytes that go over the wire are those of the standard library, for every kind of letter and text."""

from __future__ import annotations

import email.policy
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muster_notify.ladder import NextStep
from muster_notify.mail_text import Answer, Letter, Line, compose, compose_answer
from muster_notify.wire import wire

LETTER = Letter(
    sender="muster@example.org",
    recipient="amina.otieno@example.org",
    recipient_name="Amina Otieno",
    message_id="<0b5c7a0e@example.org>",
    sent_at=datetime(2016, 11, 30, 8, tzinfo=UTC),
    base_url="http://127.0.0.1:8000",
)
LINE = Line(
    project_code="KE-001",
    project_title="Wells",
    office="KEN",
    grant_id="G-1",
    donor="Example Fund",
    type="interim",
    period_start=date(2016, 1, 1),
    period_end=date(2016, 6, 30),
    due=date(2016, 11, 29),
    today=date(2016, 11, 30),
    returned=False,
    owner="Amina Otieno",
    next=NextStep(7, date(2016, 12, 6), ("owner", "alternate")),
)


@given(
    title=st.text(max_size=200),
    name=st.text(max_size=80),
    language=st.sampled_from(["en", "fr", "es"]),
    chart=st.booleans(),
)
def test_a_digest_has_the_same_bytes(*, title: str, name: str, language: str, chart: bool) -> None:
    letter = replace(LETTER, recipient_name=name, language=language, chart=chart)
    mail = compose(letter, [replace(LINE, project_title=title)] * 3)
    assert wire(mail) == mail.as_bytes()


@pytest.mark.parametrize("recipient", ["amina.otieno@example.org", "zoë@example.org"])
def test_an_answer_has_the_same_bytes(recipient: str) -> None:
    answer = Answer.of({"about": "extension_refused", "projects": [{"project_code": "KE-001", "title": "Wélls 水"}]})
    mail = compose_answer(replace(LETTER, recipient=recipient, kind="answer"), answer)
    assert wire(mail) == mail.as_bytes()


@pytest.mark.parametrize("name", ["Amina Otieno", "Jörg Ñandú", 'O\'Neil, "Bo"', "x" * 140])
@pytest.mark.parametrize("message_id", ["<0b5c7a0e@example.org>", "<5b0ff3a4-6c7e-5a53-9a39-9d4c8f3f2f57@example.org>"])
def test_heads_are_those_that_the_standard_library_writes(name: str, message_id: str) -> None:
    mail = compose(replace(LETTER, recipient_name=name, message_id=message_id, language="fr"), [LINE])
    assert wire(mail) == mail.as_bytes(policy=email.policy.SMTP)
