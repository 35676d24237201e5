"""What a reminder says, and that no text of people gets into its head or its HTML."""

from __future__ import annotations

import email
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from email import policy
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muster_notify.ladder import NextStep
from muster_notify.mail_text import (
    Colleague,
    Letter,
    Line,
    UnwritableAddress,
    by_project,
    chat_text,
    compose,
    subject,
)

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
UNSUBSCRIBE = "http://muster.example.org/notify/unsubscribe/" + "eyJhbGciOiJIUzI1NiJ9.aB-_3." * 12


def received(message: EmailMessage) -> Any:
    """The mail as the reader's program takes it apart."""
    return email.message_from_bytes(message.as_bytes(), policy=policy.default)


def text_of(message: EmailMessage) -> str:
    """The plain text, its flowed lines put together again (RFC 3676)."""
    return sent_text_of(message).replace(" \n", " ")


def sent_text_of(message: EmailMessage) -> str:
    return str(received(message).get_body(("plain",)).get_content()).replace("\r\n", "\n")


def html_of(message: EmailMessage) -> str:
    return str(received(message).get_body(("html",)).get_content())


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
    mail = compose(LETTER, [replace(LINE, due=due)])
    assert mail["Subject"] == f"KE-001: interim report {words}"
    assert f": {words}." in text_of(mail)
    assert f">{words}<" in html_of(mail)


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


@pytest.mark.parametrize(
    ("days", "sentence"),
    [
        ((29,), "1 report is owed, and it is overdue."),
        ((30,), "1 report is owed; it is not overdue."),
        ((1, 29), "2 reports are owed, all of them overdue."),
        ((30, 30, 30), "3 reports are owed; none is overdue."),
        ((1, 29, 30), "3 reports are owed, 2 of them overdue."),
    ],
)
def test_the_first_sentence_counts_what_is_owed_and_overdue(days: tuple[int, ...], sentence: str) -> None:
    mail = compose(LETTER, [replace(LINE, due=date(2016, 11, day)) for day in days])
    assert text_of(mail).split("\n")[2] == sentence
    assert sentence in html_of(mail)


def test_a_line_says_what_is_owed_since_when_and_who_is_told_next() -> None:
    line = replace(
        LINE,
        returned=True,
        reminded_since=date(2016, 10, 22),
        acknowledged_on=date(2016, 10, 23),
        snoozed_until=date(2016, 11, 25),
        action_url="http://muster.example.org/notify/act/abc?a=1&b=2",
        upload_url="http://muster.example.org/ingest/upload",
    )
    mail = compose(LETTER, [line])
    told = text_of(mail)
    assert "- Interim report, 1 January 2016 to 30 June 2016, for Example Fund (grant G-1)" in told
    assert "Due on 29 November 2016: 1 day overdue. The donor returned it. Reminded since 22 October 2016." in told
    assert "Acknowledged on 23 October 2016. Snoozed until 25 November 2016." in told
    assert "Responsible: Amina. Next, on 6 December 2016: project manager and head of office." in told
    assert "Hand it in: http://muster.example.org/ingest/upload" in told
    assert "Not now, or ask for more time: http://muster.example.org/notify/act/abc?a=1&b=2" in told
    assert 'href="http://muster.example.org/notify/act/abc?a=1&amp;b=2"' in html_of(mail)
    for said in ("Reminded since 22 October 2016.", "Due on 29 November 2016, for Example Fund", "grant G-1"):
        assert said in html_of(mail)


def test_the_first_reminder_does_not_say_since_when() -> None:
    assert "Reminded since" not in text_of(compose(LETTER, [replace(LINE, reminded_since=LINE.today)]))


def test_the_last_rung_says_so() -> None:
    assert "This is the last reminder of the ladder." in text_of(compose(LETTER, [replace(LINE, next=None)]))


def test_a_report_of_nobody_and_for_an_unknown_donor_says_so() -> None:
    told = text_of(compose(LETTER, [replace(LINE, owner="", donor="")]))
    assert "Nobody is named as responsible. Next," in told
    assert "for the donor (grant G-1)" in told


def test_a_stand_in_reads_for_whom_and_why() -> None:
    line = replace(LINE, instead_of_name="Yusuf Abdi")
    named = "You are told in place of Yusuf Abdi, who named you as stand-in."
    unreachable = "You are told in place of Yusuf Abdi, whom mail does not reach."
    assert named in text_of(compose(LETTER, [line]))
    assert named in html_of(compose(replace(LETTER, instead_of_name="Yusuf Abdi"), [LINE]))
    assert unreachable in text_of(compose(LETTER, [replace(line, unreachable=True)]))
    assert "in place of" not in text_of(compose(LETTER, [LINE]))


def test_an_escalation_says_who_else_was_told_and_cannot_be_unsubscribed_from() -> None:
    others = (Colleague("Joseph", "alternate"), Colleague("Grace"))
    letter = replace(LETTER, kind="escalation", unsubscribe_url=UNSUBSCRIBE)
    mail = compose(letter, [replace(LINE, also_told=others)])
    assert mail["Subject"] == "Attention needed: KE-001: interim report 1 day overdue"
    assert "Also told: Joseph (alternate manager) and Grace." in text_of(mail)
    assert "Also told: Joseph (alternate manager) and Grace." in html_of(mail)
    assert "unsubscribe" not in mail.as_string().casefold()


def test_a_digest_can_be_unsubscribed_from_with_one_click() -> None:
    mail = compose(replace(LETTER, unsubscribe_url=UNSUBSCRIBE), [LINE])
    assert f"\r\nList-Unsubscribe: <{UNSUBSCRIBE}>\r\n".encode() in mail.as_bytes()
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert f"No more daily digests: {UNSUBSCRIBE}" in text_of(mail)
    assert f'href="{UNSUBSCRIBE}"' in html_of(mail)
    assert "unsubscribe" not in compose(LETTER, [LINE]).as_string().casefold()


def test_an_address_to_unsubscribe_at_that_no_header_can_hold_is_refused() -> None:
    with pytest.raises(ValueError, match="unsubscribe"):
        compose(replace(LETTER, unsubscribe_url="http://muster.example.org/\r\nBcc: a@example.org"), [LINE])


def test_the_preferences_are_linked_where_there_is_a_page_for_them() -> None:
    page = "http://muster.example.org/notify/preferences"
    mail = compose(replace(LETTER, preferences_url=page), [LINE])
    assert f"Change how you hear from Muster: {page}" in text_of(mail)
    assert f'href="{page}"' in html_of(mail)
    assert "Change how you hear" not in text_of(compose(LETTER, [LINE]))


def test_no_mail_invites_an_answer_and_every_mail_says_that_a_program_wrote_it() -> None:
    mail = compose(LETTER, [LINE])
    assert mail["Reply-To"] is None
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"] == "Wed, 30 Nov 2016 08:00:00 +0000"
    assert mail["Message-ID"] == LETTER.message_id


def test_the_picture_is_in_the_mail_and_nothing_comes_from_elsewhere() -> None:
    mail = compose(LETTER, [LINE])
    html = html_of(mail)
    [picture] = [part for part in received(mail).walk() if part.get_content_type() == "image/png"]
    assert f'src="cid:{picture["Content-ID"].strip("<>")}"' in html
    assert picture.get_content().startswith(b"\x89PNG\r\n")
    assert re.findall(r"<(?:img|link|script|iframe)\b[^>]*", html) == re.findall(r'<img src="cid:[^>]*', html)
    assert "url(" not in html
    assert "@import" not in html


def test_the_picture_can_be_left_out_and_escalations_have_none() -> None:
    for letter in (replace(LETTER, chart=False), replace(LETTER, kind="escalation")):
        mail = compose(letter, [LINE])
        assert "<img" not in html_of(mail)
        assert b"image/png" not in mail.as_bytes()


def test_lines_of_the_plain_text_are_short_and_flow_together_again() -> None:
    line = replace(LINE, project_title="long words " * 13, owner="> From somebody")
    mail = compose(LETTER, [line])
    assert received(mail).get_body(("plain",)).get_param("format") == "flowed"
    lines = sent_text_of(mail).split("\n")
    assert max(len(line) for line in lines if "http" not in line) <= 72
    assert "Responsible: > From somebody." in text_of(compose(LETTER, [line]))
    assert not [line for line in lines if line.startswith((">", "From "))]


def test_however_much_is_owed_both_texts_stay_small_and_count_all() -> None:
    long_url = "http://muster.example.org/notify/act/" + "x" * 400
    many = [
        replace(LINE, project_code=f"KE-{number:05}", project_title="Ω title " * 30, action_url=long_url)
        for number in range(300)
    ]
    mail = compose(LETTER, many)
    for told in (text_of(mail), html_of(mail)):
        assert len(told.encode()) < 60_000
        assert "300 reports are owed, all of them overdue." in told
        shown = sum(f"KE-{number:05}" in told for number in range(300))
        assert shown > 70
        assert f"{300 - shown} more reports are owed." in told


def test_the_same_letter_gives_the_same_bytes() -> None:
    letter = replace(LETTER, unsubscribe_url=UNSUBSCRIBE, language="fr")
    assert compose(letter, [LINE]).as_bytes() == compose(letter, [LINE]).as_bytes()


def test_a_chat_hears_the_same_in_a_few_plain_lines() -> None:
    lines = [replace(LINE, due=date(2016, 11, 29 - number), action_url="http://x.example/act") for number in range(12)]
    title, body = chat_text(LETTER, lines)
    assert title == "12 reports owed, 12 overdue"
    assert body.startswith(
        "12 reports are owed, all of them overdue.\n\n- KE-001, interim report: Due on 18 November 2016"
    )
    assert "Not now, or ask for more time: http://x.example/act" in body
    assert "2 more reports are owed." in body
    assert body.endswith("See all due dates: http://muster.example.org/notify/")


HOSTILE = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=300) | st.sampled_from(
    [
        "x\r\nBcc: everyone@example.org",
        "x\nSubject: other",
        "\u2028Bcc: a@example.org",
        "\x85To: b@example.org",
        "=?utf-8?q?x=0D=0ABcc=3A_a=40example.org?=",
        "{name} {0} %s",
    ]
)


@given(HOSTILE, HOSTILE, HOSTILE)
def test_no_text_of_people_makes_a_header(title: str, name: str, code: str) -> None:
    letter = replace(LETTER, recipient_name=name, chart=False)
    line = replace(LINE, project_title=title, project_code=code, owner=name, instead_of_name=title, donor=code)
    mail = compose(letter, [line])
    head = mail.as_bytes().partition(b"\r\n\r\n")[0].decode()
    names = [line.partition(":")[0] for line in head.split("\r\n") if not line.startswith((" ", "\t"))]
    assert sorted(names) == [
        *("Auto-Submitted", "Content-Type", "Date", "From", "MIME-Version", "Message-ID", "Subject", "To")
    ]
    assert [address.addr_spec for address in received(mail)["To"].addresses] == ["amina@example.org"]


@given(HOSTILE)
def test_text_of_people_stays_text_in_html(said: str) -> None:
    line = replace(LINE, project_title=f"<b>{said}", owner=f'"><i>{said}', donor=f"<u>{said}", project_code="<s>")
    others = [replace(line, instead_of_name=f"<u>{said}", also_told=(Colleague(f"<i>{said}"),))] * 20
    html = html_of(compose(replace(LETTER, chart=False, recipient_name=f"<s>{said}"), [line, *others]))
    assert not re.search(r"<[bius]>", html)


@pytest.mark.parametrize(
    "address",
    ["a@example.org\r\nBcc: b@example.org", "nobody", "a@b@c <d@example.org>", "", "=?utf-8?q?x?=@example.org"],
)
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(UnwritableAddress):
        compose(replace(LETTER, recipient=address), [LINE])


def test_an_address_beyond_ascii_stays_as_it_is() -> None:
    mail = compose(replace(LETTER, recipient="josé@example.org"), [LINE])
    assert "josé@example.org".encode() in mail.as_bytes()


def test_html_is_escaped() -> None:
    told = html_of(compose(LETTER, [replace(LINE, project_title="<script>alert(1)</script>")]))
    assert "<script>" not in told
    assert "&lt;script&gt;" in told
