"""What a mail says, and that no text of people gets into its head or its HTML."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muster_notify.ladder import NextStep
from muster_notify.mail_text import Letter, Line, UnwritableAddress, by_project, compose, subject

LINE = Line(
    project_code="KE-001",
    project_title="Shelter",
    office="KEN",
    grant_id="G-1",
    donor="Example Fund",
    type="interim",
    period_start=date(2016, 1, 1),
    period_end=date(2016, 6, 30),
    due=date(2016, 11, 29),
    today=date(2016, 11, 30),
    returned=False,
    owner="Amina",
    next=NextStep(7, date(2016, 12, 6), ("owner", "head")),
)
LETTER = Letter(
    sender="muster@example.org",
    recipient="amina@example.org",
    recipient_name="Amina",
    message_id="<1b4e28ba-2fa1-11d2-883f-0016d3cca427@example.org>",
    sent_at=datetime(2016, 11, 30, 8, tzinfo=UTC),
    base_url="http://muster.example.org",
)


@pytest.mark.parametrize(
    ("due", "words"),
    [
        (date(2016, 11, 20), "10 days overdue"),
        (date(2016, 11, 29), "1 day overdue"),
        (date(2016, 11, 30), "due today"),
        (date(2016, 12, 1), "due in 1 day"),
    ],
)
def test_lateness_in_words(due: date, words: str) -> None:
    assert replace(LINE, due=due).lateness == words


def test_the_subject_counts_or_names_the_only_report() -> None:
    assert subject([LINE]) == "KE-001: interim report 1 day overdue"
    assert subject([LINE, replace(LINE, due=date(2017, 1, 1))]) == "2 reports owed, 1 overdue"
    assert subject([replace(LINE, due=date(2017, 1, 1))] * 2) == "2 reports owed"


def test_the_project_with_the_most_overdue_report_comes_first() -> None:
    late, later, early = (
        replace(LINE, project_code=code, due=due)
        for code, due in (("B", date(2016, 11, 1)), ("A", date(2016, 11, 20)), ("B", date(2016, 12, 24)))
    )
    assert [(project.project_code, lines) for project, lines in by_project([early, later, late])] == [
        ("B", [late, early]),
        ("A", [later]),
    ]


def test_the_last_rung_says_so_and_a_returned_report_too() -> None:
    told = compose(LETTER, [replace(LINE, next=None, returned=True)]).get_body(("plain",))
    assert told is not None
    assert "This is the last reminder of the ladder." in told.get_content()
    assert "The donor returned it." in told.get_content()


def test_the_same_letter_gives_the_same_bytes() -> None:
    assert compose(LETTER, [LINE]).as_bytes() == compose(LETTER, [LINE]).as_bytes()


HOSTILE = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=300) | st.sampled_from(
    ["x\r\nBcc: everyone@example.org", "x\nSubject: other", "\u2028Bcc: a@example.org", "\x85To: b@example.org"]
)


@given(HOSTILE, HOSTILE, HOSTILE)
def test_no_text_of_people_makes_a_header(title: str, name: str, code: str) -> None:
    letter = replace(LETTER, recipient_name=name)
    mail = compose(letter, [replace(LINE, project_title=title, project_code=code)])
    head = mail.as_bytes().partition(b"\r\n\r\n")[0].decode()
    names = [line.partition(":")[0] for line in head.split("\r\n") if not line.startswith((" ", "\t"))]
    assert sorted(names) == [
        *("Auto-Submitted", "Content-Type", "Date", "From", "MIME-Version", "Message-ID", "Subject", "To")
    ]
    assert [address.addr_spec for address in mail["To"].addresses] == ["amina@example.org"]


@pytest.mark.parametrize("address", ["a@example.org\r\nBcc: b@example.org", "nobody", "a@b@c <d@example.org>", ""])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(UnwritableAddress):
        compose(replace(LETTER, recipient=address), [LINE])


def test_html_is_escaped() -> None:
    told = compose(LETTER, [replace(LINE, project_title="<script>alert(1)</script>")]).get_body(("html",))
    assert told is not None
    assert "<script>" not in told.get_content()
    assert "&lt;script&gt;" in told.get_content()
