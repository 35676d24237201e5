"""The endorsement workflow: who takes which step, what each needs, and what is remembered of it."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest

import factories
from muster_ingest.kinds.project import STATUSES
from muster_ingest.workflow import Standing, Step, may_take, parse_workflow, shipped_workflow
from muster_shared.auth import Caller
from muster_shared.names import ROLES

MANAGER = "amina.otieno@example.org"
READY: dict[str, Any] = {"gender_marker": 2, "activities": [{"code": "education", "percent": 100}]}
IN_SCOPE: dict[str, dict[str, Any]] = {
    "focal_point": {"offices": ["KEN"]},
    "head_of_office": {"offices": ["KEN"]},
    "project_manager": {"name": MANAGER},
    "reviewer": {"regions": ["east_horn_of_africa"]},
    "donor": {"donor": "example-fund"},
}
ELSEWHERE: dict[str, dict[str, Any]] = {
    "focal_point": {"offices": ["UGA"]},
    "head_of_office": {"offices": ["UGA"]},
    "project_manager": {"name": "eve@example.org", "offices": ["KEN"]},
    "reviewer": {"regions": ["see_ee_central_asia"]},
}


@pytest.fixture
def kenya(ingest: Any) -> Any:
    ingest.accept(factories.office("KEN"), factories.office("UGA"), factories.donor(), code="HQ")
    ingest.accept(factories.project(**READY), token=ingest.token("focal_point", offices=["KEN"]))
    return ingest


def ask(muster: Any, to: str, role: str = "admin", comment: str | None = None, **options: Any) -> Any:
    scope = options.pop("scope", IN_SCOPE.get(role, {}))
    headers = {"Authorization": f"Bearer {muster.token(role, **scope)}", **options}
    body = {"to": to} | ({"comment": comment} if comment else {})
    return muster.client.post("/ingest/v1/projects/KE-001/transitions", json=body, headers=headers)


def stand(muster: Any, role: str = "admin") -> dict[str, Any]:
    token = muster.token(role, **IN_SCOPE.get(role, {}))
    return dict(muster.get("/projects/KE-001/transitions", token=token).get_json())


def test_a_project_goes_from_draft_to_closed_each_step_a_revision_of_its_own(kenya: Any) -> None:
    steps = [
        ("submitted", "project_manager", None),
        ("returned", "reviewer", "The budget of the second year is missing."),
        ("submitted", "focal_point", "Added."),
        ("endorsed", "reviewer", None),
        ("active", "head_of_office", None),
        ("completed", "project_manager", None),
        ("closed", "reviewer", None),
    ]
    for to, role, comment in steps:
        answer = ask(kenya, to, role, comment)
        assert answer.status_code == 201, answer.text
        assert answer.get_json()["changes"][0]["fields"]["status"][1] == to
    record = kenya.get("/records/project/KE-001").get_json()
    assert (record["revision"], record["fields"]["status"]) == (1 + len(steps), "closed")
    taken = stand(kenya)["items"]
    assert [(step["to"], step["role"], step["comment"]) for step in taken] == steps
    assert [step["revision"] for step in taken] == list(range(2, 2 + len(steps)))
    newest = kenya.items("/records/project/KE-001/revisions")[0]
    assert (newest["updated_by"], newest["source"]["submission_id"]) == (taken[-1]["by"], taken[-1]["submission_id"])


def test_what_is_not_ready_is_not_endorsed_and_all_that_is_missing_is_listed(kenya: Any) -> None:
    kenya.accept(factories.project(targets=[{"group": "returnees", "sex": "female", "count": 0}]))
    assert ask(kenya, "submitted").status_code == 201
    answer = ask(kenya, "endorsed", "reviewer")
    assert answer.status_code == 422
    assert sorted(error["field"] for error in answer.get_json()["errors"]) == ["activities", "gender_marker", "targets"]
    [offered] = [step for step in stand(kenya, "reviewer")["steps"] if step["to"] == "endorsed"]
    assert len(offered["missing"]) == 3
    assert stand(kenya)["status"] == "submitted"


def test_a_project_is_not_closed_while_a_grant_lacks_its_final_report(kenya: Any) -> None:
    kenya.accept(factories.grant())
    for to in ("submitted", "endorsed", "active", "completed"):
        assert ask(kenya, to).status_code == 201
    refused = ask(kenya, "closed", "reviewer")
    assert refused.status_code == 422
    assert refused.get_json()["errors"][0]["value"] == "G-1"
    kenya.accept(factories.progress_report(type="final", grant_id="G-1"))
    assert ask(kenya, "closed", "reviewer").status_code == 201


def test_who_returns_or_cancels_says_why(kenya: Any) -> None:
    ask(kenya, "submitted")
    for comment in (None, "   "):
        answer = ask(kenya, "returned", "reviewer", comment)
        assert (answer.status_code, answer.get_json()["type"]) == (422, "urn:muster:problem:comment_missing")
    assert ask(kenya, "cancelled", "head_of_office").status_code == 422
    assert ask(kenya, "cancelled", "head_of_office", "No donor was found.").status_code == 201


def test_no_step_leads_where_the_table_has_none(kenya: Any) -> None:
    answer = ask(kenya, "closed")
    assert answer.status_code == 409
    assert "cancelled, submitted" in answer.get_json()["detail"]
    assert ask(kenya, "archived").status_code == 422


@pytest.mark.parametrize("role", [role for role in ROLES if role not in {"service"}])
def test_each_role_takes_exactly_the_steps_of_the_table_in_its_own_scope(role: str) -> None:
    standing = Standing(factories.project(), "east_horn_of_africa")
    for step in shipped_workflow().steps:
        inside = caller(role, IN_SCOPE)
        assert may_take(inside, step, standing) == (role == "admin" or role in step.who)
        if role in ELSEWHERE:
            assert not may_take(caller(role, ELSEWHERE), step, standing)


def caller(role: str, scopes: dict[str, dict[str, Any]]) -> Caller:
    scope = {"name": f"{role}@example.org", **scopes.get(role, {})}
    lists = {name: tuple(value) for name, value in scope.items() if isinstance(value, list)}
    return Caller(role=role, **{**scope, **lists})


def test_a_step_is_refused_to_those_it_is_not_for(kenya: Any) -> None:
    ask(kenya, "submitted")
    assert ask(kenya, "endorsed", "focal_point").status_code == 403
    assert ask(kenya, "endorsed", "analyst").status_code == 403
    assert ask(kenya, "endorsed", "reviewer", scope=ELSEWHERE["reviewer"]).status_code == 404
    assert ask(kenya, "endorsed", "donor").status_code == 403
    assert stand(kenya)["status"] == "submitted"


def test_the_same_key_takes_a_step_once(kenya: Any) -> None:
    first, again = (ask(kenya, "submitted", **{"Idempotency-Key": "k-1"}) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.get_json()["receipt"] == again.get_json()["receipt"]
    assert len(stand(kenya)["items"]) == 1


def test_what_waits_is_listed_with_how_long_for_the_region_it_is_of(kenya: Any) -> None:
    ask(kenya, "submitted", "focal_point")
    [waits] = kenya.get("/transitions/waiting", token=kenya.token("reviewer", **IN_SCOPE["reviewer"])).get_json()[
        "items"
    ]
    assert (waits["project_code"], waits["submitted_by"]) == ("KE-001", "focal_point@example.org")
    assert waits["waiting_days"] >= 0
    other = kenya.token("reviewer", **ELSEWHERE["reviewer"])
    assert kenya.get("/transitions/waiting", token=other).get_json()["items"] == []
    assert kenya.items("/transitions/waiting?region=see_ee_central_asia") == []


def test_a_status_moves_by_steps_only(kenya: Any) -> None:
    errors = kenya.refuse(
        factories.project(status="endorsed", **READY), token=kenya.token("focal_point", offices=["KEN"])
    )
    assert [error["code"] for error in errors] == ["status_by_transition"]


def test_every_status_can_be_reached_from_a_draft_and_two_are_final() -> None:
    workflow, reached = shipped_workflow(), {"draft"}
    for _ in STATUSES:
        reached |= {step.to for step in workflow.steps if step.from_ in reached}
    assert reached == set(STATUSES)
    assert {status for status in STATUSES if not workflow.out_of(status)} == {"closed", "cancelled"}


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('from = "draft"\nto = "gone"\nwho = ["reviewer"]', "a status 'gone'"),
        ('from = "draft"\nto = "closed"\nwho = ["boss"]', "a role 'boss'"),
        ('from = "draft"\nto = "closed"\nwho = ["reviewer"]\nneeds = ["luck"]', "a need 'luck'"),
    ],
)
def test_a_workflow_that_names_what_does_not_exist_is_refused(line: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        parse_workflow(f'[[step]]\nname = "go"\n{line}\n')


def test_a_step_that_stands_twice_is_refused() -> None:
    step = '[[step]]\nname = "go"\nfrom = "draft"\nto = "closed"\nwho = ["reviewer"]\n'
    assert parse_workflow(step).steps == (Step("go", "draft", "closed", ("reviewer",)),)
    with pytest.raises(ValueError, match="twice"):
        parse_workflow(step + step)


def test_the_process_map_shows_every_status_and_tells_every_step(kenya: Any) -> None:
    answer = kenya.get("/workflow.svg")
    assert answer.content_type.startswith("image/svg+xml")
    drawn = ElementTree.fromstring(answer.data)  # noqa: S314 - our own picture
    space = {"svg": "http://www.w3.org/2000/svg"}
    labels = {label.text for label in drawn.findall("svg:text", space)}
    assert set(STATUSES) <= labels
    arrows = [path for path in drawn.findall("svg:path", space) if path.get("marker-end")]
    assert len(arrows) == len(shipped_workflow().steps)
    told = drawn.findtext("svg:desc", namespaces=space) or ""
    assert "From submitted to endorsed: endorse, by reviewer." in told
