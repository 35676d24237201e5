"""Mails that are not reminders: answers about extensions and handovers, and new issues of reports."""

from __future__ import annotations

import email
from dataclasses import replace
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from typing import Any

import pytest

from muster_notify.mail_text import (
    Answer,
    IssueNews,
    Letter,
    ReviewNews,
    compose_answer,
    compose_issue,
    compose_review,
)

LETTER = Letter(
    sender="muster@example.org",
    recipient="amina@example.org",
    recipient_name="Amina",
    message_id="<1b4e28ba-2fa1-11d2-883f-0016d3cca427@example.org>",
    sent_at=datetime(2016, 11, 30, 8, tzinfo=UTC),
    base_url="http://muster.example.org",
    time_zone="Africa/Nairobi",
    kind="answer",
    unsubscribe_url="http://muster.example.org/notify/unsubscribe/x",
)
EXTENSION: dict[str, Any] = {
    "about": "extension_asked",
    "projects": [{"project_code": "KE-001", "title": "Shelter & water"}],
    "asked_by": "Yusuf Abdi",
    "requested_on": "2016-11-29",
    "old_end": "2016-12-31",
    "new_end": "2017-03-31",
    "reason": "The rains closed the road.",
    "asked_late": True,
    "url": "http://muster.example.org/notify/act/abc?a=1&b=2",
    "decided_by": None,
    "of_a_later_version": "passed over",
}
NEWS: dict[str, Any] = {
    "report": "funding-requirements",
    "title": "Funding requirements",
    "params": {"year": "2016"},
    "issue_id": "754d2a08-d78e-42cd-a392-b0ce7b8c33a0",
    "made_at": "2016-11-30T08:00:00Z",
    "changed_cells": 24,
    "lines": [
        {"sheet": "Overview", "row": "Health", "column": "Asia", "old": 750000, "new": "900000.50"},
        {"sheet": "Initiatives", "row": "Camp <b>", "column": "", "old": None, "new": "2016"},
    ],
}


def told(mail: EmailMessage) -> tuple[str, str]:
    """Plain text, its flowed lines put together again, and HTML."""
    parts = [
        email.message_from_bytes(mail.as_bytes(), policy=policy.default).get_body((form,)) for form in ("plain", "html")
    ]
    plain, html = (str(part.get_content()).replace("\r\n", "\n") for part in parts if part is not None)
    return plain.replace(" \n", " "), html


def test_who_decides_reads_what_is_asked_for_and_why() -> None:
    mail = compose_answer(LETTER, Answer.of(EXTENSION))
    plain, html = told(mail)
    assert mail["Subject"] == "KE-001: an extension is asked for"
    assert "Yusuf Abdi asks for more time for the project KE-001 Shelter & water. The decision is yours." in plain
    for said in ("End so far: 31 December 2016", "New end: 31 March 2017", "Reason: The rains closed the road."):
        assert said in plain
        assert said.partition(": ")[2] in html
    assert "Note: It is asked for later than the donor's rules want." in plain
    assert "Decide: http://muster.example.org/notify/act/abc?a=1&b=2" in plain
    assert 'href="http://muster.example.org/notify/act/abc?a=1&amp;b=2"' in html
    assert "Shelter &amp; water" in html


@pytest.mark.parametrize(
    ("about", "subject", "sentence"),
    [
        ("extension_approved", "KE-001: the extension is approved", "Shelter & water is approved."),
        ("extension_refused", "KE-001: the extension is refused", "Shelter & water is refused."),
    ],
)
def test_who_asked_hears_how_it_was_decided(about: str, subject: str, sentence: str) -> None:
    decided = {"decided_by": "Grace Njeri", "decided_on": "2016-11-30", "comment": "As agreed"}
    mail = compose_answer(LETTER, Answer.of({**EXTENSION, **decided, "about": about}))
    plain, html = told(mail)
    assert mail["Subject"] == subject
    assert sentence in plain
    for said in ("Decided by: Grace Njeri", "Decided on: 30 November 2016", "Comment: As agreed"):
        assert said in plain
        assert said.partition(": ")[2] in html


def test_a_handover_names_every_project_and_both_sides() -> None:
    content = {
        "about": "handover",
        "projects": [{"project_code": "KE-001", "title": "Shelter"}, {"project_code": "KE-002"}],
        "handed_from": "Yusuf Abdi",
        "handed_to": "Amina",
        "decided_by": "Grace Njeri",
        "decided_on": "2016-11-30",
    }
    mail = compose_answer(LETTER, Answer.of(content))
    plain, html = told(mail)
    assert mail["Subject"] == "2 projects handed over to Amina"
    assert "2 projects of Yusuf Abdi are now with Amina" in plain
    assert "Handed over by: Grace Njeri\nHanded over on: 30 November 2016\n" in plain
    for code in ("KE-001", "KE-002"):
        assert code in plain
        assert code in html


@pytest.mark.parametrize(
    "content", [{}, {"about": "party"}, {**EXTENSION, "new_end": "soon"}], ids=["nothing", "no such thing", "no day"]
)
def test_an_answer_about_nothing_known_is_refused(content: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"about|isoformat"):
        Answer.of(content)


def test_a_new_issue_is_told_with_what_changed_and_a_link() -> None:
    mail = compose_issue(replace(LETTER, kind="report"), IssueNews.of(NEWS))
    plain, html = told(mail)
    assert mail["Subject"] == "New issue: Funding requirements (2016)"
    assert "There is a new issue of Funding requirements (2016), made on 30 November 2016, 11:00." in plain
    assert "24 cells differ from the issue before:" in plain
    assert "- Overview, Health, Asia: 750,000 → 900,000.5\n" in plain
    assert "- Initiatives, Camp <b>: (empty) → 2016\n" in plain
    assert "- and 22 more\n" in plain
    assert "Camp &lt;b&gt;: (empty) → 2016" in html
    assert "http://muster.example.org/report/v1/issues/754d2a08-d78e-42cd-a392-b0ce7b8c33a0.xlsx" in plain
    assert 'issues/754d2a08-d78e-42cd-a392-b0ce7b8c33a0.xlsx"' in html


def test_five_lines_are_told_at_most() -> None:
    line = NEWS["lines"][0]
    plain, _ = told(compose_issue(LETTER, IssueNews.of({**NEWS, "lines": [line] * 9})))
    assert plain.count("Overview, Health, Asia") == 5
    assert "and 19 more" in plain


def test_an_issue_that_changes_no_figure_says_nothing_of_cells() -> None:
    plain, html = told(compose_issue(LETTER, IssueNews.of({**NEWS, "changed_cells": 0, "lines": []})))
    assert "differ" not in plain + html


def test_an_issue_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="2016-11-30T08:00:00Z"):
        IssueNews.of({**NEWS, "made_at": "2016-11-30T08:00:00"})


@pytest.mark.parametrize("lang", ["en", "fr", "es"])
def test_neither_can_be_unsubscribed_from_in_any_language(lang: str) -> None:
    letter = replace(LETTER, language=lang)
    for mail in (compose_answer(letter, Answer.of(EXTENSION)), compose_issue(letter, IssueNews.of(NEWS))):
        assert b"nsubscribe" not in mail.as_bytes()
        assert mail["Auto-Submitted"] == "auto-generated"
        assert f'<html lang="{lang}">' in told(mail)[1]


def test_what_a_person_wrote_makes_no_header() -> None:
    content = {**EXTENSION, "projects": [{"project_code": "KE\r\nBcc: a@example.org", "title": "x"}]}
    mail = compose_answer(LETTER, Answer.of(content))
    assert mail["Bcc"] is None
    assert b"\r\nBcc" not in mail.as_bytes().partition(b"\r\n\r\n")[0]


WAITING: dict[str, Any] = {
    "project_code": "KE/001",
    "title": "Shelter <b>",
    "office": "KEN",
    "office_name": "Kenya",
    "since": "2016-11-23T22:00:00Z",
    "submitted_by": "fatuma@example.org",
    "is_reminder": True,
}


def test_a_reviewer_reads_what_waits_since_when_and_where_to_look() -> None:
    plain, html = told(compose_review(replace(LETTER, kind="review"), ReviewNews.of({"waiting": [WAITING] * 23})))
    assert "Waits since 24 November 2016. It has waited for 6 days; you were told before." in plain
    assert "http://muster.example.org/ingest/projects/KE%2F001" in plain
    assert plain.count("Kenya (KEN)") == 20
    assert "and 3 more" in plain
    assert "Shelter &lt;b&gt;" in html


@pytest.mark.parametrize(
    ("about", "subject"),
    [
        ("project_returned", "KE-001: returned with comments"),
        ("project_endorsed", "KE-001: endorsed"),
        ("project_closed", "KE-001: closed"),
        ("project_cancelled", "KE-001: cancelled"),
    ],
)
def test_the_office_reads_how_its_project_fared(about: str, subject: str) -> None:
    content = {"about": about, "projects": EXTENSION["projects"], "comment": "As agreed", "decided_by": "Rosa"}
    mail = compose_answer(LETTER, Answer.of({**content, "decided_on": "2016-11-30", "step_id": "passed over"}))
    plain, _ = told(mail)
    assert mail["Subject"] == subject
    assert "KE-001 Shelter & water" in plain
    assert "Decided by: Rosa\nDecided on: 30 November 2016\nComment: As agreed" in plain
