"""The pages of reminders and of operation: what became of each mail, alarms, the brake, addresses that fail."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy.dialects.postgresql import insert

from browsing import browser
from muster_notify import judging
from muster_notify.letters.language import LANGUAGES, language_of
from muster_notify.models import FailingAddress
from muster_notify.wordings_of_reasons import in_words
from owing import ALTERNATE, OWNER, owed, project_owing

PAGE = "/notify/admin"


@pytest.fixture
def told(offices: Any) -> Any:
    """KE-001 has been overdue for three days: its manager and the alternate are to be told."""
    offices.submit(*project_owing(owed(-3)))
    offices.sweep()
    return offices


def test_reminders_are_listed_with_their_fate_and_their_filters(told: Any, post_office: Any) -> None:
    page = browser(told)
    said = page.read("/notify/reminders")
    assert "2 Waiting" in said
    assert "nobody KE-001: Interim report Due 27 Nov 2016 1 day before Not sent A later step was reached" in said
    assert page.get("/notify/reminders?status=held").text.count("<tr>") == 3
    assert page.get(f"/notify/reminders?recipient={OWNER.upper()}").text.count("<tr>") == 2
    assert "Nothing matches" in page.read("/notify/reminders?status=sent&project=KE-001")
    [owed_one] = told.items("/obligations")
    assert page.get(f"/notify/reminders?obligation={owed_one['obligation_id']}").text.count("<tr>") == 7
    assert page.get("/notify/reminders?status=x&obligation=x&recipient=%00").text.count("<tr>") == 7, (
        "none of them counts"
    )
    post_office.rcpt_answers[OWNER] = "550 5.1.1 no such mailbox"
    told.deliver()
    failed = page.read("/notify/reminders?status=failed")
    assert f"{OWNER} Mail" in failed
    assert "no such mailbox" in failed
    foreign = browser(told, "focal_point", offices=["UGA"])
    assert "Nobody was told of anything yet." in foreign.read("/notify/reminders")


def test_pages_of_reminders_follow_each_other_without_a_gap(told: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("muster_notify.reminder_list.PAGE", 4)
    page, path, seen = browser(told), "/notify/reminders?project=KE-001", 0
    for more in (True, False):
        answer = page.get(path).text
        seen += answer.count("<tr>") - 1
        found = re.findall(r'rel="next" href="([^"]+)"', answer)
        assert bool(found) == more
        path = found[0].replace("&amp;", "&") if found else path
    assert seen == 6
    assert page.get("/notify/reminders?after=nonsense").status_code == 400


def test_what_failed_and_who_is_not_reached_is_shown_and_can_be_taken_back(told: Any, post_office: Any) -> None:
    post_office.rcpt_answers[OWNER] = "550 5.1.1 no such mailbox"
    told.deliver()
    page = browser(told)
    said = page.read(PAGE)
    assert "1 Failed" in said
    assert said.count(OWNER) >= 2, "among the addresses and among the mails"
    assert page.send(PAGE, {"email": OWNER}, to=f"{PAGE}/addresses").headers["Location"] == f"{PAGE}?done=taken-back"
    assert "Mail reaches everybody." in page.read(PAGE)
    assert "1 mails failed" in page.read("/notify/parts/admin")
    for path in (PAGE, "/notify/parts/admin"):
        assert browser(told, "head_of_office", offices=["KEN"]).get(path).status_code == 403


def test_a_storm_is_seen_first_and_let_go_by_a_form(offices: Any) -> None:
    offices.context = replace(offices.context, settings=replace(offices.context.settings, storm_floor=1))
    offices.client.application.extensions["muster"] = offices.context
    offices.submit(*project_owing(owed(-3)))
    offices.sweep()
    page = browser(offices)
    assert "they are held back" in page.read(PAGE)
    assert "they are held back" in page.read("/notify/parts/admin")
    preview = page.read(f"{PAGE}?preview=1")
    assert "2 reminders would be recorded; 0 were recorded today, 1 a day are the limit." in preview
    assert f"{ALTERNATE} 1" in preview
    assert page.send(PAGE, {}, to=f"{PAGE}/storm").headers["Location"] == f"{PAGE}?done=released"
    assert "Today's reminders were let go by admin@example.org." in page.read(PAGE)
    offices.sweep()
    assert len(offices.items("/reminders?status=held")) == 2


def test_an_alarm_stands_on_the_offices_page_until_somebody_has_seen_to_it(offices: Any) -> None:
    with offices.context.sessions.begin() as session:
        gone = [OWNER, ALTERNATE, *(f"{name}@example.org" for name in ("karim", "rosa", "helen"))]
        rows = [{"email": email, "reason": "gone", "since": offices.clock.now()} for email in gone]
        session.execute(insert(FailingAddress).values(rows))
    offices.submit(*project_owing(owed(-3)))
    offices.sweep()
    focal = browser(offices, "focal_point", offices=["KEN"])
    assert "Nobody could be told of a report that KE-001 owes. KEN" in focal.read("/notify/")
    [clear] = re.findall(r'action="(/notify/alarms/[\w-]+)"', focal.get("/notify/").text)
    answer = focal.send("/notify/", {"back": "https://elsewhere.example.org"}, to=clear)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/notify/")
    assert "Nobody could be told" not in focal.read("/notify/")
    assert browser(offices, "focal_point", offices=["UGA"]).get(clear).status_code in (404, 405)


def test_reasons_are_told_in_the_readers_language_and_others_as_they_are() -> None:
    french = language_of("fr")
    assert in_words(french, judging.OVERTAKEN).startswith("Une étape ultérieure")
    assert in_words(french, judging.why_missing("head")).endswith("comme chef de bureau.")
    snooze = judging.why_snoozed({"until": "2016-12-05", "by": OWNER, "reason": "la pluie"})
    assert f"5 décembre 2016 par {OWNER}" in in_words(french, snooze)
    assert in_words(french, snooze).endswith("la pluie")
    assert french.day(date(2016, 11, 30)) in in_words(french, "the report was handed in on 2016-11-30")
    assert in_words(french, "550 5.1.1 no such mailbox") == "550 5.1.1 no such mailbox"
    assert in_words(french, None) == ""
    every = [
        judging.OVERTAKEN,
        judging.NO_LONGER_OWED,
        judging.REPLACED,
        judging.FAILS,
        f"{judging.NOT_CHASED}cancelled",
    ]
    for code in LANGUAGES[1:]:
        assert all(in_words(language_of(code), reason) != reason for reason in every)
