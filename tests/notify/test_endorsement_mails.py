"""The reviewer is told what waits for them, and reminded; the office hears the answer; each once."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, text

import factories
from muster_notify import alarms, ways_out
from muster_notify.models import Mail
from muster_notify.rebuild import rebuild
from muster_notify.review_mails import MOVED_ON
from muster_notify.workflow_models import ReviewNotice
from muster_notify.workflow_news import parse_rules
from owing import ALTERNATE, HEAD, HEADQUARTERS, OWNER, REVIEWER

FOCAL = "fatuma@example.org"
EAST = ["east_horn_of_africa"]
BY_REGION: dict[str, Any] = {"role": "reviewer", "name": REVIEWER, "regions": EAST}
COMPLETE: dict[str, Any] = {"activities": [{"code": "education", "percent": 100}], "gender_marker": 2}


def take(muster: Any, to: str, comment: str | None = None, code: str = "KE-001", **caller: Any) -> None:
    """Take a step of the workflow; the office's focal point does, where nobody else is named."""
    who = caller or {"role": "focal_point", "name": FOCAL, "offices": ["KEN"]}
    answer = muster.ingest_client.post(
        f"/ingest/v1/projects/{code}/transitions",
        json={"to": to, "comment": comment},
        headers={"Authorization": f"Bearer {muster.token(**who)}"},
    )
    assert answer.status_code == 201, answer.text


def mails(muster: Any, kind: str) -> list[Mail]:
    with muster.context.sessions() as session:
        return list(session.scalars(select(Mail).where(Mail.kind == kind).order_by(Mail.created_at, Mail.recipient)))


def run(muster: Any) -> int:
    """What comes of the next sweep: how many mails go out."""
    assert muster.sweep()
    sent: int = muster.deliver()
    return sent


def waiting(muster: Any) -> list[tuple[str, str]]:
    """``(office, project)`` of what waits too long."""
    standing = muster.items("/alarms?standing=true")
    return [(one["office"], one["subject"]) for one in standing if one["kind"] == alarms.REVIEW_WAITS]


@pytest.fixture
def kenya(offices: Any) -> Any:
    """Two complete drafts in Kenya; it is Wednesday morning, and every window is open."""
    offices.submit(*(factories.project(code, **COMPLETE) for code in ("KE-001", "KE-002")))
    assert run(offices) == 0
    return offices


def test_all_that_waits_is_in_one_mail_to_the_reviewer_of_the_region(kenya: Any, post_office: Any) -> None:
    take(kenya, "submitted")
    take(kenya, "submitted", code="KE-002")
    assert run(kenya) == 1
    [mail] = post_office.to(REVIEWER)
    body = mail.get_body(("plain",)).get_content()
    assert mail["Subject"] == "2 projects wait for your review"
    for code in ("KE-001", "KE-002"):
        assert f"http://127.0.0.1:8000/ingest/projects/{code}" in body
    for said in ("Shelter for displaced families", "Kenya (KEN)", "Waits since 30 November 2016", FOCAL):
        assert said in body
    assert "told before" not in body
    assert run(kenya) == 0


def test_who_is_told_reads_it_in_their_language(kenya: Any, post_office: Any) -> None:
    kenya.client.put(
        f"/notify/v1/preferences?email={REVIEWER}",
        json={"language": "fr"},
        headers={"Authorization": f"Bearer {kenya.token('admin')}"},
    )
    take(kenya, "submitted")
    run(kenya)
    assert post_office.to(REVIEWER)[0]["Subject"] == "KE-001 attend votre examen"


def test_outside_their_hours_it_waits_and_what_moved_on_by_then_is_not_told(kenya: Any, post_office: Any) -> None:
    kenya.advance("5h")
    take(kenya, "submitted")
    take(kenya, "submitted", code="KE-002")
    assert run(kenya) == 0
    take(kenya, "returned", "say who benefits", code="KE-002", **BY_REGION)
    kenya.advance("19h")
    run(kenya)
    [mail] = post_office.to(REVIEWER)
    assert mail["Subject"] == "KE-001 waits for your review"
    assert "KE-002" not in mail.get_body(("plain",)).get_content()


def test_a_mail_of_which_everything_moved_on_is_not_sent(kenya: Any, post_office: Any) -> None:
    post_office.rcpt_answers[REVIEWER] = "451 later"
    take(kenya, "submitted")
    assert run(kenya) == 0
    assert [mail.status for mail in mails(kenya, "review")] == ["held"]
    post_office.rcpt_answers.clear()
    with kenya.context.sessions.begin() as session:
        session.execute(text("UPDATE mail SET try_at = now() - interval '1 minute'"))
    take(kenya, "cancelled", "the donor left", role="head_of_office", name=HEAD, offices=["KEN"])
    run(kenya)
    [mail] = mails(kenya, "review")
    assert (mail.status, mail.reason) == ("skipped", MOVED_ON)
    assert post_office.to(REVIEWER) == []
    assert {mail.recipient for mail in mails(kenya, "answer")} == {OWNER, ALTERNATE, FOCAL}  # the head took the step


def test_a_step_taken_while_the_mail_is_written_holds_it_back(kenya: Any, post_office: Any) -> None:
    take(kenya, "submitted")
    kenya.sweep()
    packing = ways_out.MailWay.packing
    taken: list[str] = []

    def packing_while(self: Any, desk: Any, claimed: Any) -> Any:
        parcel = yield from packing(self, desk, claimed)
        if not taken:
            taken.append(claimed.recipient)
            take(kenya, "returned", "say who benefits", **BY_REGION)
            kenya.follow()
        return parcel

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ways_out.MailWay, "packing", packing_while)
        kenya.deliver()
    assert (taken, post_office.to(REVIEWER)) == ([REVIEWER], [])
    assert [mail.status for mail in mails(kenya, "review")] == ["skipped"]


def test_what_is_submitted_after_the_day_s_mail_went_waits_for_the_next_one(kenya: Any, post_office: Any) -> None:
    take(kenya, "submitted")
    assert run(kenya) == 1
    take(kenya, "submitted", code="KE-002")
    assert run(kenya) == 0
    kenya.advance("1d")
    assert run(kenya) == 1
    assert "KE-001" not in post_office.to(REVIEWER)[1].get_body(("plain",)).get_content()


def test_the_office_hears_the_answer_with_the_comment_whoever_gave_it_does_not(kenya: Any, post_office: Any) -> None:
    take(kenya, "submitted")
    run(kenya)
    kenya.advance("1h")
    take(kenya, "returned", "say who benefits", **BY_REGION)
    run(kenya)
    told = {OWNER, ALTERNATE, HEAD, FOCAL}
    assert {mail.recipient for mail in mails(kenya, "answer")} == told
    for address in told:
        [mail] = post_office.to(address)
        assert mail["Subject"] == "KE-001: returned with comments"
        body = mail.get_body(("plain",)).get_content()
        assert "Comment: say who benefits" in body
        assert f"Decided by: {REVIEWER}" in body
        assert "http://127.0.0.1:8000/ingest/projects/KE-001" in body
    assert len(post_office.to(REVIEWER)) == 1


def test_an_answer_that_was_overtaken_before_it_went_out_is_not_told(kenya: Any, post_office: Any) -> None:
    take(kenya, "submitted")
    run(kenya)
    kenya.advance("12h")  # at night
    take(kenya, "returned", "say who benefits", **BY_REGION)
    run(kenya)
    take(kenya, "submitted")
    take(kenya, "endorsed", **BY_REGION)
    kenya.advance("12h")
    run(kenya)
    assert [mail["Subject"] for mail in post_office.to(OWNER)] == ["KE-001: endorsed"]
    assert {mail.reason for mail in mails(kenya, "answer") if mail.status == "skipped"} == {MOVED_ON}


def test_a_step_that_nobody_waits_for_is_told_to_nobody(kenya: Any, post_office: Any) -> None:
    for to, caller in (("submitted", {}), ("endorsed", BY_REGION), ("active", {}), ("completed", {})):
        take(kenya, to, **caller)
    run(kenya)
    assert post_office.taken == []


def test_who_waits_longer_than_a_week_is_shown_and_told_again_once_a_week(kenya: Any, post_office: Any) -> None:
    take(kenya, "submitted")
    told = []
    for _ in range(22):
        run(kenya)
        told.append(len(post_office.to(REVIEWER)))
        kenya.advance("1d")
    assert [day for day in range(22) if told[day] != (told[day - 1] if day else 0)] == [0, 7, 14, 21]
    assert "It has waited for 7 days" in post_office.to(REVIEWER)[1].get_body(("plain",)).get_content()
    assert waiting(kenya) == [("KEN", "KE-001")]
    [alarm] = kenya.items("/alarms?standing=true")
    cleared = kenya.client.post(
        f"/notify/v1/alarms/{alarm['alarm_id']}/clear", headers={"Authorization": f"Bearer {kenya.token('admin')}"}
    )
    assert cleared.status_code == 200, cleared.text
    run(kenya)
    assert waiting(kenya) == []
    kenya.advance("7d")
    run(kenya)
    assert waiting(kenya) == [("KEN", "KE-001")]
    take(kenya, "endorsed", **BY_REGION)
    run(kenya)
    assert waiting(kenya) == []


def test_after_an_outage_only_the_newest_reminder_comes(kenya: Any, post_office: Any) -> None:
    kenya.advance("5h")
    take(kenya, "submitted")
    assert run(kenya) == 0
    kenya.advance("27d19h")
    assert run(kenya) == 1
    body = post_office.to(REVIEWER)[0].get_body(("plain",)).get_content()
    assert "It has waited for 28 days" in body
    assert body.count("/ingest/projects/KE-001") == 1


def test_neither_a_rebuild_nor_a_restored_log_tells_anybody_again(kenya: Any, post_office: Any) -> None:
    take(kenya, "submitted")
    take(kenya, "submitted", code="KE-002")
    run(kenya)
    take(kenya, "returned", "say who benefits", **BY_REGION)
    run(kenya)
    before = len(post_office.taken)
    assert before == 5
    assert rebuild(kenya.context, kenya.log).differing == ()
    assert run(kenya) == 0
    with kenya.ingest.sessions.begin() as session:
        session.execute(text("UPDATE change_log SET epoch = 'another'"))
    assert run(kenya) == 0
    kenya.advance("7d")
    assert run(kenya) == 1
    assert "KE-002" in post_office.to(REVIEWER)[1].get_body(("plain",)).get_content()
    assert "KE-001" not in post_office.to(REVIEWER)[1].get_body(("plain",)).get_content()


def test_the_log_read_change_by_change_tells_the_same(kenya: Any, post_office: Any) -> None:
    take(kenya, "submitted")
    take(kenya, "returned", "say who benefits", **BY_REGION)
    take(kenya, "submitted")
    kenya.log.limit = 1
    assert run(kenya) == 1
    assert post_office.to(REVIEWER)[0]["Subject"] == "KE-001 waits for your review"


def test_without_a_reviewer_or_where_mail_fails_headquarters_is_told(kenya: Any, post_office: Any) -> None:
    post_office.rcpt_answers[REVIEWER] = "550 no such mailbox"
    take(kenya, "submitted")
    run(kenya)
    run(kenya)
    assert [mail["Subject"] for mail in post_office.to(HEADQUARTERS)] == ["KE-001 waits for your review"]


def test_another_reviewer_named_before_the_mail_went_is_told_instead(kenya: Any, post_office: Any) -> None:
    kenya.advance("5h")
    take(kenya, "submitted")
    run(kenya)
    regional = factories.office("RO-east_horn_of_africa", type="regional", time_zone="Europe/Zurich")
    for name in ("Ruth", "Rosa", "Ruth"):
        person = {"name": name, "email": f"{name.lower()}@example.org"}
        kenya.submit({**regional, "reviewer": person}, code="HQ")
        run(kenya)
    kenya.advance("19h")
    run(kenya)
    assert (len(post_office.to("ruth@example.org")), post_office.to(REVIEWER)) == (1, [])


def test_nobody_to_review_is_shown(kenya: Any) -> None:
    kenya.submit(
        factories.office("RO-east_horn_of_africa", type="regional", reviewer=None, time_zone="Europe/Zurich"),
        factories.office("HQ", head=None, time_zone="Europe/Zurich"),
        code="HQ",
    )
    take(kenya, "submitted")
    run(kenya)
    assert waiting(kenya) == [("KEN", "KE-001")]
    with kenya.context.sessions() as session:
        assert session.scalars(select(ReviewNotice)).all() == []


def test_a_rule_without_days_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1 day"):
        parse_rules('answers = ["endorsed"]\nremind_every_days = 0\nnews_for_days = 14')
