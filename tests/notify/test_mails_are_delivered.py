"""Delivery over a real mail server: one mail a person, in their window, each failure told apart, nothing twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any
from unittest.mock import Mock

import pytest
from sqlalchemy import text

import factories
from muster_notify import delivering, mails, usecases
from muster_notify.noting import DoubtfulMails
from muster_shared.settings import Settings
from owing import ALTERNATE, OWNER, owed, project_owing, report_on


def deliver_later(muster: Any) -> int:
    """Let the machine's time reach the next attempt, then deliver."""
    with muster.context.sessions.begin() as session:
        session.execute(text("UPDATE mail SET try_at = now() - interval '1 second' WHERE status = 'held'"))
    return int(muster.deliver())


def end_leases(muster: Any) -> None:
    with muster.context.sessions.begin() as session:
        session.execute(text("UPDATE mail SET lease_until = now() - interval '1 second' WHERE status = 'sending'"))


def mail_rows(muster: Any) -> list[tuple[str, int, int]]:
    with muster.context.sessions() as session:
        rows = session.execute(text("SELECT status, attempt, doubts FROM mail ORDER BY created_at, mail_id"))
        return [(row.status, row.attempt, row.doubts) for row in rows]


def test_everything_held_for_a_person_goes_into_one_mail(offices: Any, post_office: Any) -> None:
    offices.submit(*project_owing(owed(-1), owed(7, type="financial"), title="Wells & schools"))
    offices.submit(*project_owing(owed(-14), code="KE-002"))
    offices.sweep()
    assert offices.deliver() == 4
    [mail] = post_office.to(OWNER)
    assert mail["Subject"] == "3 reports owed, 2 overdue"
    text_part = mail.get_body(("plain",)).get_content().replace("\r\n", "\n").replace(" \n", " ")
    assert text_part.index("KE-002") < text_part.index("KE-001")
    assert "KE-001  Wells & schools (KEN)" in text_part
    assert "Due on 29 November 2016: 1 day overdue." in text_part
    assert "Due on 7 December 2016: due in 7 days." in text_part
    assert "for Example Fund (illustrative) (grant G-KE-001)" in text_part
    assert "Responsible: Amina Otieno. Also told: " in text_part
    assert "Next, on 6 December 2016: project manager, alternate manager and head of office." in text_part
    assert "http://127.0.0.1:8000/ingest/v1/submissions" in text_part
    assert "Wells &amp; schools" in mail.get_body(("html",)).get_content()


def test_a_sent_reminder_says_when_and_under_which_message_id(offices: Any, post_office: Any) -> None:
    offices.submit(*project_owing(owed(-1)))
    offices.sweep()
    offices.deliver()
    sent = offices.items("/reminders?status=sent")
    assert {r["recipient"]: r["message_id"] for r in sent} == {
        address: post_office.to(address)[0]["Message-ID"] for address in (OWNER, ALTERNATE)
    }
    assert {r["sent_at"] for r in sent} == {"2016-11-30T08:00:00Z"}
    assert post_office.to(OWNER)[0]["Auto-Submitted"] == "auto-generated"
    assert offices.deliver() == 0


def test_outside_the_window_reminders_are_held_until_it_opens(offices: Any, post_office: Any) -> None:
    offices.submit(factories.office("KEN", time_zone="Africa/Nairobi", weekend=["thu", "fri"]), code="HQ")
    offices.submit(*project_owing(owed(7)))
    offices.sweep()
    assert offices.deliver() == 0  # eleven o'clock in Nairobi
    offices.advance("22h")
    assert offices.deliver() == 0  # nine o'clock on Thursday, weekend there
    offices.advance("2d")
    assert offices.deliver() == 1
    assert [r["sent_at"] for r in offices.items("/reminders?status=sent")] == ["2016-12-03T06:00:00Z"]


def test_what_is_held_on_several_days_goes_into_one_mail_when_the_window_opens(offices: Any, post_office: Any) -> None:
    offices.submit(factories.office("KEN", time_zone="Africa/Nairobi"), code="HQ")
    offices.submit(*project_owing(owed(7)))
    offices.sweep()
    assert offices.deliver() == 0
    offices.submit(*project_owing(owed(14), code="KE-002"))
    offices.sweep()
    offices.advance("22h")
    assert offices.deliver() == 1
    assert post_office.taken[0]["Subject"] == "2 reports owed"


def test_what_was_handed_in_after_the_mail_was_gathered_is_not_told(offices: Any, post_office: Any) -> None:
    offices.submit(*project_owing(owed(7)), *project_owing(owed(7), code="KE-002"))
    post_office.answers = ["451 try later"]
    offices.sweep()
    offices.deliver()
    offices.submit(report_on("KE-002"))
    offices.follow()
    deliver_later(offices)
    [mail] = post_office.taken
    assert "KE-001" in mail["Subject"]
    assert "KE-002" not in mail.as_string()
    offices.submit(report_on())


def test_a_mail_with_nothing_left_to_tell_is_not_sent(offices: Any, post_office: Any) -> None:
    offices.submit(*project_owing(owed(7)))
    post_office.answers = ["451 try later"]
    offices.sweep()
    offices.deliver()
    offices.submit(report_on())
    offices.follow()
    assert deliver_later(offices) == 0
    assert mail_rows(offices) == [("skipped", 1, 0)]


def test_an_address_refused_for_good_fails_and_says_why_and_the_others_are_told(offices: Any, post_office: Any) -> None:
    post_office.rcpt_answers = {OWNER: "550 5.1.1 no such person here"}
    offices.submit(*project_owing(owed(-1)))
    offices.sweep()
    assert offices.deliver() == 1
    assert offices.told("failed") == [(1, OWNER, "failed")]
    [failed] = offices.items("/reminders?status=failed")
    assert failed["reason"] == "the mail server answered 550 5.1.1 no such person here"
    assert deliver_later(offices) == 0
    assert len(post_office.to(ALTERNATE)) == 1


def test_a_refusal_for_now_is_tried_again_later_and_not_at_once(offices: Any, post_office: Any) -> None:
    post_office.answers = ["451 4.3.2 busy"]
    offices.submit(*project_owing(owed(7)))
    offices.sweep()
    assert (offices.deliver(), offices.deliver()) == (0, 0)
    [held] = offices.items("/reminders?status=held")
    assert held["reason"] == "the mail server answered 451 4.3.2 busy"
    assert deliver_later(offices) == 1
    assert mail_rows(offices) == [("sent", 2, 0)]


def test_attempts_end_after_their_number(offices: Any, post_office: Any) -> None:
    post_office.answers = ["451 busy"]
    offices.submit(*project_owing(owed(7)))
    offices.sweep()
    offices.deliver()
    with offices.context.sessions.begin() as session:
        session.execute(text("UPDATE mail SET attempt = :last"), {"last": mails.MOST_ATTEMPTS - 1})
    post_office.answers = ["451 busy"]
    deliver_later(offices)
    assert offices.told("failed") == [(-7, OWNER, "failed")]


def test_pauses_grow_from_seconds_to_an_hour() -> None:
    pauses = [mails.pause_after(attempt).total_seconds() for attempt in range(1, mails.MOST_ATTEMPTS + 1)]
    assert pauses[:4] == [5, 10, 20, 40]
    assert pauses == sorted(pauses)
    assert pauses[-1] == 3600


def test_a_mail_server_that_is_away_costs_no_attempt(offices: Any, post_office: Any) -> None:
    away = replace(offices.context.settings, smtp_url="smtp://127.0.0.1:9")
    offices.submit(*project_owing(owed(7)))
    offices.sweep()
    assert usecases.deliver(replace(offices.context, settings=away)) == 0
    assert mail_rows(offices) == [("held", 0, 0)]
    [held] = offices.items("/reminders?status=held")
    assert held["reason"] == "the mail server cannot be used: ConnectionRefusedError"
    assert offices.deliver() == 1


def test_many_deliverers_send_each_mail_once(offices: Any, post_office: Any) -> None:
    for number in range(10):
        manager = {"name": f"Manager {number}", "email": f"manager{number}@example.org"}
        offices.submit(*project_owing(owed(7), code=f"KE-{number:03}", manager=manager))
    offices.sweep()
    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(lambda _: offices.deliver(), range(4))) == 10
    assert len({mail["To"] for mail in post_office.taken}) == len(post_office.taken) == 10


def test_a_server_that_falls_silent_gets_the_same_mail_once_more_and_no_third_time(
    offices: Any, post_office: Any
) -> None:
    post_office.answers = [None, None]
    offices.submit(*project_owing(owed(7)))
    offices.sweep()
    assert offices.deliver() == 0
    assert deliver_later(offices) == 0
    assert deliver_later(offices) == 0
    assert len({mail["Message-ID"] for mail in post_office.taken}) == 1
    assert len(post_office.taken) == 2
    [failed] = offices.items("/reminders?status=failed")
    assert failed["reason"] == "the mail server did not answer to the mail twice: it may have arrived"


def test_a_refusal_in_between_does_not_make_a_third_silence_possible(offices: Any, post_office: Any) -> None:
    post_office.answers = [None, "451 busy", None]
    offices.submit(*project_owing(owed(7)))
    offices.sweep()
    offices.deliver()
    for _ in range(3):
        deliver_later(offices)
    assert len(post_office.taken) == 2
    assert [row[0] for row in mail_rows(offices)] == ["failed"]


def test_refusals_leave_no_doubt(offices: Any, post_office: Any) -> None:
    post_office.answers = ["451 busy", "451 busy", None]
    offices.submit(*project_owing(owed(7)))
    offices.sweep()
    offices.deliver()
    for _ in range(3):
        deliver_later(offices)
    assert mail_rows(offices) == [("sent", 4, 0)]


DYING_WORKER = """
import os, signal
from muster_notify import noting, usecases
from muster_shared import settings
from muster_shared.context import Context
noting.TakenMails.note = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
usecases.deliver(Context.open("notify", settings.load()))
"""


def environment(settings: Settings) -> dict[str, str]:
    told = ("data_dir", "notify_database_url", "redis_url", "smtp_url", "secret_key", "lease_seconds")
    own = {name: value for name, value in os.environ.items() if not name.startswith("MUSTER_")}
    return own | {f"MUSTER_{name.upper()}": str(getattr(settings, name)) for name in told}


def test_a_worker_killed_between_the_servers_yes_and_its_own_note_sends_the_same_mail_again(
    offices: Any, post_office: Any
) -> None:
    offices.submit(*project_owing(owed(7)))
    offices.sweep()
    patient = replace(offices.context.settings, lease_seconds=600)
    worker = subprocess.run([sys.executable, "-c", DYING_WORKER], env=environment(patient), timeout=60, check=False)
    assert worker.returncode == -signal.SIGKILL
    assert mail_rows(offices) == [("sending", 1, 1)]
    assert offices.deliver() == 0  # the lease of the dead still stands
    end_leases(offices)
    assert offices.deliver() == 1
    assert [mail["Message-ID"] for mail in post_office.taken] == [post_office.taken[0]["Message-ID"]] * 2
    assert offices.told("sent") == [(-7, OWNER, "sent")]


def test_what_a_dead_worker_left_is_not_sent_where_the_due_date_has_moved_since(
    offices: Any, post_office: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    offices.submit(*project_owing(owed(7)))
    offices.sweep()
    monkeypatch.setattr(delivering, "_send", Mock(side_effect=KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        offices.deliver()
    monkeypatch.undo()
    assert offices.told("sending") == [(-7, OWNER, "sending")]
    offices.submit(project_owing(owed(60))[1])
    offices.follow()
    end_leases(offices)
    assert offices.deliver() == 0
    assert mail_rows(offices) == [("skipped", 1, 0)]


def test_a_worker_that_was_taken_for_dead_changes_nothing_any_more(
    offices: Any, post_office: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    offices.submit(*project_owing(owed(7)))
    offices.sweep()
    noting = DoubtfulMails.note

    def overtaken(*arguments: Any, **times: Any) -> None:
        with offices.context.sessions.begin() as session:
            session.execute(text("UPDATE mail SET attempt = attempt + 1, lease_until = now() + interval '1 minute'"))
        noting(*arguments, **times)

    monkeypatch.setattr(DoubtfulMails, "note", overtaken)
    assert offices.deliver() == 0
    assert post_office.taken == []
    assert mail_rows(offices) == [("sending", 2, 0)]


def test_a_mail_that_is_called_off_at_the_last_moment_leaves_the_connection_to_the_next(
    offices: Any, post_office: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = {"name": "Other Manager", "email": "other@example.org"}
    offices.submit(*project_owing(owed(7)), *project_owing(owed(7), code="KE-002", manager=other))
    offices.sweep()
    noting, noted = DoubtfulMails.note, list[str]()

    def overtaken_once(notes: Any, claimed: Any, **times: Any) -> None:
        noted.append(claimed.recipient)
        noting(notes, claimed if len(noted) > 1 else replace(claimed, attempt=7), **times)

    monkeypatch.setattr(DoubtfulMails, "note", overtaken_once)
    assert offices.deliver() == 2
    first, second, again = noted
    assert first == again
    assert [mail["To"].addresses[0].addr_spec for mail in post_office.taken] == [second, first]


def test_an_address_beyond_ascii_is_written_as_it_is(offices: Any, post_office: Any) -> None:
    offices.submit(*project_owing(owed(7), manager={"name": "Zoë Ünal", "email": "zoë@example.org"}))
    offices.sweep()
    assert offices.deliver() == 1
    assert str(post_office.taken[0]["To"]) == "Zoë Ünal <zoë@example.org>"
