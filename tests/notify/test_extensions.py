"""Asking for more time: to whom the question goes, who decides, who hears of it, and where it shows."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

import factories
from deeds_done import lined, pointers, send
from muster_notify.models import Mail
from owing import ALTERNATE, HEADQUARTERS, OWNER, REVIEWER, due_in, owed

EAST = ["east_horn_of_africa"]
ASKED = {"new_end": "2017-03-31", "reason": "access was closed"}


@pytest.fixture
def kenya(offices: Any) -> Any:
    """KE-001 ends on 2016-12-31, a month and a day ahead, with a grant by rules and one with dates of its own."""
    offices.submit(factories.project(), factories.grant("G-1"), factories.grant("G-2", reporting_rules=[owed(10)]))
    offices.line = lined(offices)
    offices.follow()
    return offices


def ask(muster: Any, body: Any = None, role: str = "project_manager", **caller: Any) -> Any:
    muster.follow()
    [found] = [o for o in muster.items("/obligations") if o["grant_id"] == "G-2"]
    scope = caller or {"name": OWNER}
    return send(muster, "POST", f"/obligations/{found['obligation_id']}/extension", body or ASKED, role, **scope)


def decide(muster: Any, decision: str, role: str = "reviewer", *, day: str = due_in(0), **more: Any) -> Any:
    scope = more.pop("scope", {"regions": EAST, "name": REVIEWER} if role == "reviewer" else {})
    body = {"decision": decision, **more}
    return send(muster, "POST", f"/extensions/KE-001/{day}/decision", body, role, **scope)


def asked_for(muster: Any, query: str = "", role: str = "admin", **caller: Any) -> list[dict[str, Any]]:
    muster.follow()
    return list(muster.items(f"/extensions{query}", role, **caller))


def answers(muster: Any) -> list[Mail]:
    """The mails about extensions, oldest first."""
    muster.follow()
    with muster.context.sessions() as session:
        return list(session.scalars(select(Mail).where(Mail.kind == "answer").order_by(Mail.created_at, Mail.reason)))


def due_dates(muster: Any) -> set[str]:
    muster.follow()
    return {o["due"] for o in muster.items("/obligations") if o["grant_id"] == "G-1" and o["type"] == "final"}


def test_a_request_waits_for_the_regional_reviewer_who_is_written_to(kenya: Any) -> None:
    answer = ask(kenya)
    assert (answer.status_code, answer.get_json()["receipt"]) == (201, "KEN-000002")
    [waiting] = asked_for(kenya, "?status=open")
    assert waiting == {
        "project_code": "KE-001",
        "title": "Shelter for displaced families",
        "office": "KEN",
        "region": "east_horn_of_africa",
        "old_end": "2016-12-31",
        "requested_on": due_in(0),
        "new_end": "2017-03-31",
        "reason": "access was closed",
        "requested_by": OWNER,
        "decided_by": None,
        "decided_on": None,
        "comment": None,
        "status": "open",
    }
    [mail] = answers(kenya)
    assert (mail.recipient, mail.recipient_name, mail.status) == (REVIEWER, "Rosa", "held")
    assert mail.content is not None
    assert (mail.content["about"], mail.content["asked_by"]) == ("extension_asked", OWNER)
    assert (mail.content["old_end"], mail.content["new_end"]) == ("2016-12-31", "2017-03-31")


def test_approved_it_moves_what_is_due_and_whoever_asked_hears(kenya: Any) -> None:
    ask(kenya)
    before = due_dates(kenya)
    assert decide(kenya, "approved", comment="until the rains are over").status_code == 201
    assert due_dates(kenya) != before
    [decided] = asked_for(kenya, "?status=approved")
    assert {"decided_by": REVIEWER, "decided_on": due_in(0), "old_end": "2016-12-31"}.items() <= decided.items()
    question, answer = sorted(answers(kenya), key=lambda mail: mail.recipient, reverse=True)
    assert (question.recipient, question.status) == (REVIEWER, "skipped")
    assert (answer.recipient, answer.recipient_name, answer.status) == (OWNER, "Amina Otieno", "held")
    assert answer.content is not None
    assert (answer.content["about"], answer.content["comment"]) == ("extension_approved", "until the rains are over")


def test_refused_it_moves_nothing_and_another_day_it_can_be_asked_again(kenya: Any) -> None:
    before = due_dates(kenya)
    ask(kenya)
    assert decide(kenya, "refused", "admin").status_code == 201
    assert due_dates(kenya) == before
    assert ask(kenya).status_code == 409
    kenya.advance("1d")
    assert ask(kenya).status_code == 201
    assert [e["status"] for e in asked_for(kenya)] == ["open", "refused"]
    assert {mail.content["about"] for mail in answers(kenya) if mail.content} == {
        "extension_asked",
        "extension_refused",
    }


def test_reading_the_log_again_tells_nobody_twice(kenya: Any) -> None:
    ask(kenya)
    decide(kenya, "approved")
    before = [mail.mail_id for mail in answers(kenya)]
    kenya.submit(factories.project(title="Another title"))
    assert [mail.mail_id for mail in answers(kenya)] == before


def test_what_an_office_recorded_by_itself_is_told_to_nobody(kenya: Any) -> None:
    kenya.submit({"kind": "extension", "project_code": "KE-001", "requested_on": "2016-10-01", **ASKED})
    assert len(asked_for(kenya)) == 1
    assert answers(kenya) == []


def test_without_a_reviewer_headquarters_decides_and_a_stand_in_is_asked_for_them(kenya: Any) -> None:
    kenya.submit(
        factories.office("RO-east_horn_of_africa", type="regional", reviewer=None, time_zone="Europe/Zurich"), code="HQ"
    )
    hugo = {"name": "Hugo", "email": "hugo@example.org"}
    away = {"stand_in": hugo, "stand_in_from": due_in(0), "stand_in_until": due_in(5)}
    sent = send(kenya, "PUT", f"/preferences?email={HEADQUARTERS}", away)
    assert sent.status_code == 200, sent.text
    ask(kenya)
    assert [mail.recipient for mail in answers(kenya)] == ["hugo@example.org"]


def test_a_second_request_waits_until_the_first_is_decided(kenya: Any) -> None:
    assert ask(kenya).status_code == 201
    assert ask(kenya).get_json()["receipt"] == "KEN-000002"  # the same again is the same
    for body in ({**ASKED, "new_end": "2017-04-30"}, {**ASKED, "reason": "other"}):
        refused = ask(kenya, body)
        assert (refused.status_code, refused.get_json()["type"]) == (409, "urn:muster:problem:asked_already")
    assert ask(kenya, ASKED, "project_manager", name=ALTERNATE).status_code == 409
    assert len(asked_for(kenya)) == 1


def test_a_request_that_crosses_another_one_on_its_way_is_refused(kenya: Any) -> None:
    [found] = [o for o in kenya.items("/obligations") if o["grant_id"] == "G-2"]
    path = f"/obligations/{found['obligation_id']}/extension"
    assert send(kenya, "POST", path, ASKED, "project_manager", name=OWNER).status_code == 201
    assert send(kenya, "POST", path, ASKED, "project_manager", name=ALTERNATE).status_code == 409


def test_asked_later_than_the_donor_wants_it_is_taken_with_a_warning(kenya: Any) -> None:
    assert ask(kenya).get_json()["warnings"] == []  # on the last day
    decide(kenya, "refused")
    kenya.advance("1d")
    [warning] = ask(kenya).get_json()["warnings"]
    assert warning["code"] == "asked_late"
    assert "2016-11-30" in warning["message"]
    [mail] = [m for m in answers(kenya) if m.content and m.content["requested_on"] == due_in(1)]
    assert mail.content is not None
    assert mail.content["asked_late"] is True


def test_an_end_that_is_none_is_refused(kenya: Any) -> None:
    for new_end in ("2016-12-31", "2016-01-01", "2036-12-31", "soon", None):
        answer = ask(kenya, {**ASKED, "new_end": new_end})
        assert (answer.status_code, pointers(answer)) == (422, ["/new_end"])
    ask(kenya)
    decide(kenya, "approved")
    kenya.advance("1d")
    assert pointers(ask(kenya, {**ASKED, "new_end": "2017-03-31"})) == ["/new_end"]
    assert len(asked_for(kenya)) == 1


def test_only_the_region_decides_and_only_once(kenya: Any) -> None:
    ask(kenya)
    for role, scope, status in (
        ("project_manager", {"name": OWNER}, 403),
        ("head_of_office", {"offices": ["KEN"]}, 403),
        ("analyst", {}, 403),
        ("reviewer", {"regions": ["asia_pacific"]}, 404),
        ("donor", {"donor": "example-fund"}, 403),
    ):
        assert decide(kenya, "approved", role, scope=scope).status_code == status
    assert decide(kenya, "approved").status_code == 201
    again = decide(kenya, "refused", "admin")
    assert (again.status_code, again.get_json()["type"]) == (409, "urn:muster:problem:decided_already")
    assert [e["status"] for e in asked_for(kenya)] == ["approved"]


def test_a_decision_about_nothing_or_of_no_kind_is_refused(kenya: Any) -> None:
    ask(kenya)
    assert decide(kenya, "approved", day="2016-01-01").status_code == 404
    assert decide(kenya, "approved", day="yesterday").status_code == 404
    assert pointers(decide(kenya, "perhaps")) == ["/decision"]
    assert pointers(decide(kenya, "refused", comment="x" * 2001)) == ["/comment"]
    assert send(kenya, "POST", "/extensions/KE-404/2016-11-30/decision", {"decision": "refused"}).status_code == 404
    assert send(kenya, "POST", "/extensions/%00/2016-11-30/decision", {"decision": "refused"}).status_code == 404
    kenya.line.away = True
    away = decide(kenya, "approved")
    assert (away.status_code, away.headers["Retry-After"]) == (503, "2")
    assert [e["status"] for e in asked_for(kenya)] == ["open"]


def test_everybody_sees_the_extensions_of_their_projects(kenya: Any) -> None:
    kenya.submit(factories.office("UKR", region="see_ee_central_asia", time_zone="Europe/Zurich"), code="HQ")
    kenya.submit(factories.project("UA-001", office="UKR"), code="UKR")
    for day in (1, 2, 3):
        extension = {"kind": "extension", "project_code": "UA-001", "requested_on": f"2016-10-0{day}", **ASKED}
        kenya.submit({**extension, "decision": "refused", "decided_by": "Bo", "decided_on": "2016-10-09"}, code="UKR")
    ask(kenya)
    whole = asked_for(kenya)
    assert [e["requested_on"] for e in whole] == [due_in(0), "2016-10-03", "2016-10-02", "2016-10-01"]
    first = kenya.get("/extensions?limit=3").get_json()
    rest = kenya.get(f"/extensions?limit=3&after={first['next']}").get_json()
    assert first["items"] + rest["items"] == whole
    assert len(asked_for(kenya, "?region=see_ee_central_asia")) == 3
    assert len(asked_for(kenya, "?office=KEN&project_code=KE-001")) == 1
    for role, scope, count in (
        ("project_manager", {"name": OWNER.upper()}, 4),
        ("focal_point", {"offices": ["KEN"]}, 1),
        ("head_of_office", {"offices": ["RO-east_horn_of_africa"]}, 1),
        ("reviewer", {"regions": ["see_ee_central_asia"]}, 3),
        ("analyst", {}, 4),
    ):
        assert len(asked_for(kenya, "", role, **scope)) == count
    assert kenya.get("/extensions", "donor", donor="example-fund").status_code == 403
    for path, status in (("?status=late", 422), ("?after=x", 400), ("?region=%00", 422)):
        assert kenya.get(f"/extensions{path}").status_code == status
    assert date.fromisoformat(whole[0]["old_end"]) == date(2016, 12, 31)
