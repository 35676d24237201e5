"""The page of one report owed: its story, its ladder, and what its forms do without any JavaScript."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from browsing import browser, text_of
from deeds_done import lined
from owing import ALTERNATE, OWNER, REVIEWER, due_in, owed, project_owing

EAST = ["east_horn_of_africa"]


@pytest.fixture
def kenya(offices: Any) -> Any:
    """KE-001 owes a report in ten days, KE-002 owed one three days ago."""
    offices.submit(*project_owing(owed(10)), *project_owing(owed(-3), code="KE-002"))
    offices.line = lined(offices)
    offices.sweep()
    return offices


def path(muster: Any, code: str = "KE-001") -> str:
    muster.follow()
    [found] = muster.items(f"/obligations?project_code={code}")
    return f"/notify/obligations/{found['obligation_id']}"


def test_it_tells_what_is_owed_who_is_told_when_and_what_became_of_it(kenya: Any) -> None:
    said = browser(kenya).read(path(kenya, "KE-002"))
    assert "Amina Otieno amina.otieno@example.org" in said
    assert "27 Nov 2016 3 days late" in said
    assert "Not sent A later step was reached first: only the latest one due is sent." in said
    assert "28 Nov 2016 1 day after Amina Otieno (project manager) Paul Mwangi (alternate manager) Waiting" in said
    assert "4 Dec 2016 7 days after" in said
    assert "Karim (head of office) Next" in said
    assert "Rosa (regional reviewer) still to come" in said


def test_a_snooze_by_the_form_is_kept_and_shows_once_notify_has_read_it(kenya: Any) -> None:
    page, where = browser(kenya, "project_manager", name=OWNER), path(kenya)
    answer = page.send(where, {"action": "snooze", "until": due_in(5), "reason": "the partner is late"})
    assert answer.status_code == 303
    done = page.get(answer.headers["Location"])
    assert "The report is put off. Nobody is reminded until that day is over. Receipt KEN-000002." in text_of(done)
    assert "data-poll=" in done.text, "until notify has read it"
    kenya.follow()
    after = page.get(answer.headers["Location"])
    assert "data-poll=" not in after.text
    assert f"Put off until 5 December 2016 by {OWNER}. the partner is late" in text_of(after)


def test_acknowledging_and_asking_for_more_time_go_the_same_way(kenya: Any) -> None:
    page, where = browser(kenya, "project_manager", name=ALTERNATE), path(kenya)
    assert page.send(where, {"action": "acknowledge", "reason": ""}).status_code == 303
    asked = page.send(where, {"action": "extension", "new_end": "2018-06-30", "reason": "floods"})
    assert asked.status_code == 303, asked.text
    kenya.follow()
    said = page.read(where)
    assert f"{ALTERNATE} says that somebody is at it." in said
    assert "Waiting for a decision" in said
    assert "30 Jun 2018" in said
    second = page.send(where, {"action": "extension", "new_end": "2018-07-31", "reason": "more floods"})
    assert second.status_code == 409
    assert "More time was asked for already" in text_of(second)


def test_a_mistake_is_told_at_its_field_and_what_was_typed_stays(kenya: Any) -> None:
    page, where = browser(kenya, "project_manager", name=OWNER), path(kenya)
    answer = page.send(where, {"action": "snooze", "until": due_in(60), "reason": "resting <b>"})
    assert answer.status_code == 422
    assert 'aria-invalid="true" aria-describedby="snooze-until-wrong"' in answer.text
    assert "Choose a day from 1 December 2016 to 10 December 2016." in text_of(answer)
    assert "resting &lt;b&gt;" in answer.text
    assert f'value="{due_in(60)}"' in answer.text
    empty = page.send(where, {"action": "snooze", "until": due_in(3), "reason": " "})
    assert (empty.status_code, 'id="snooze-reason-wrong"' in empty.text) == (422, True)
    assert page.send(where, {"action": "dance"}).status_code == 400
    assert len(kenya.line.sent) == 0, "nothing was written"


def test_while_ingest_is_away_the_page_says_so_and_nothing_is_lost(kenya: Any) -> None:
    page, where = browser(kenya, "project_manager", name=OWNER), path(kenya)
    kenya.line.away = True
    answer = page.send(where, {"action": "acknowledge", "reason": "on it"})
    assert (answer.status_code, "Retry-After" in answer.headers) == (503, True)
    assert "Nothing was changed: please try again in a minute." in text_of(answer)
    assert "on it" in answer.text


def test_forms_are_only_for_who_may_do_something(kenya: Any) -> None:
    where = path(kenya, "KE-002")
    for role, caller in (("analyst", {}), ("reviewer", {"regions": ["south_america"]})):
        answer = browser(kenya, role, **caller).get(where)
        assert "<textarea" not in answer.text
    manager = browser(kenya, "project_manager", name=OWNER).get(where)
    assert 'value="snooze"' not in manager.text, "past its due date only the reviewer puts it off"
    assert 'value="snooze"' in browser(kenya, "reviewer", regions=EAST, name=REVIEWER).get(where).text
    assert browser(kenya).get(f"/notify/obligations/{uuid4()}").status_code == 404


def test_a_form_of_another_site_does_nothing(kenya: Any) -> None:
    page, where = browser(kenya), path(kenya)
    assert page.client.post(where, data={"action": "acknowledge"}).status_code == 403
    assert len(kenya.line.sent) == 0


def test_a_made_up_receipt_is_not_shown(kenya: Any) -> None:
    page, where = browser(kenya), path(kenya)
    assert "Receipt" not in page.read(f"{where}?done=snooze&receipt=<b>call+me</b>&seen=x")
    assert "Receipt" not in page.read(f"{where}?done=dance&receipt=KEN-000001")


def test_the_reviewer_decides_on_what_waits_and_sees_it_decided(kenya: Any) -> None:
    manager, where = browser(kenya, "project_manager", name=OWNER), path(kenya)
    manager.send(where, {"action": "extension", "new_end": "2018-06-30", "reason": "floods"})
    kenya.follow()
    waiting = manager.get("/notify/extensions")
    assert "floods" in waiting.text
    assert "<textarea" not in waiting.text, "who asks does not decide"
    reviewer = browser(kenya, "reviewer", regions=EAST, name=REVIEWER)
    target = f"/notify/extensions/KE-001/{due_in(0)}"
    answer = reviewer.send("/notify/extensions", {"decision": "approved", "comment": "go on"}, to=target)
    assert answer.status_code == 303, answer.text
    assert "The extension is approved." in reviewer.read(answer.headers["Location"])
    kenya.follow()
    assert "go on" in reviewer.read("/notify/extensions?status=approved")
    assert "No request waits" in reviewer.read("/notify/extensions")
    assert "floods" in manager.read(where)


def test_a_request_decided_meanwhile_and_a_decision_that_is_none_are_told(kenya: Any) -> None:
    browser(kenya, "project_manager", name=OWNER).send(
        path(kenya), {"action": "extension", "new_end": "2018-06-30", "reason": "floods"}
    )
    kenya.follow()
    first, target = browser(kenya), f"/notify/extensions/KE-001/{due_in(0)}"
    assert first.send("/notify/extensions", {"decision": "perhaps"}, to=target).status_code == 422
    assert first.send("/notify/extensions", {"decision": "refused"}, to=target).status_code == 303
    again = first.send("/notify/extensions", {"decision": "approved"}, to=target)
    assert (again.status_code, "decided already" in text_of(again)) == (409, True)
