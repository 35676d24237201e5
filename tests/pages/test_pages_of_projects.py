"""The pages on projects: home by role, the list, one project, its steps and documents, review and comparing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

import factories
from ingest_pages import House
from muster_ingest import timeline_picture
from muster_ingest.models import Revision, Transition
from muster_shared.context import Context

READY: dict[str, Any] = {"gender_marker": 2, "activities": [{"code": "education", "percent": 100}]}
PAGE = "/ingest/projects/KE-001"


@pytest.fixture
def house(open_context: Callable[[str], Context], token: Callable[..., str]) -> Iterator[House]:
    made = House(open_context("ingest"), token)
    made.accept(factories.project(**READY), factories.grant())
    made.accept(factories.project("UG-001", office="UGA", title="Wells"), code="UGA")
    yield made
    made.close()


def step(house: House, role: str, to: str, **fields: str) -> Any:
    return house.browser(role).send(PAGE, f"{PAGE}/steps", to=to, **fields)


def test_the_list_is_filtered_sorted_and_shows_only_what_one_may_see(house: House) -> None:
    focal_point = house.browser("focal_point")
    assert "UG-001" not in focal_point.read("/ingest/projects")
    everything = house.admin.read("/ingest/projects?sort=-code")
    assert everything.index("UG-001</a>") < everything.index("KE-001</a>")
    for query, fits in (
        ("office=UGA", "UG-001"),
        ("q=wells", "UG-001"),
        ("donor=example-fund", "KE-001"),
        ("area=migration_health&office=KEN", "KE-001"),
    ):
        told = house.admin.read(f"/ingest/projects?{query}")
        assert [code for code in ("KE-001", "UG-001") if f"{code}</a>" in told] == [fits], query
    assert "No project fits." in house.admin.read("/ingest/projects?status=closed&region=south_america")


def test_a_list_of_many_has_pages_that_keep_the_filters(house: House) -> None:
    house.accept(*(factories.project(f"KE-{number:03}") for number in range(100, 160)))
    first = house.admin.read("/ingest/projects?office=KEN&sort=title")
    assert "61 projects" in first
    assert "/ingest/projects?office=KEN&sort=title&page=2" in first
    last = house.admin.read("/ingest/projects?office=KEN&page=99")
    assert "Page 2 of 2" in last
    assert last.count('<tr><td class="code"><a href="/ingest/projects/KE-') == 11


def test_a_project_of_another_office_is_not_there(house: House) -> None:
    focal_point = house.browser("focal_point")
    for path in ("", "/compare"):
        assert focal_point.get(f"/ingest/projects/UG-001{path}").status_code == 404
    taken = focal_point.send(PAGE, "/ingest/projects/UG-001/steps", to="submitted")
    assert taken.status_code == 404


def test_a_project_is_shown_with_its_money_people_timeline_and_where_each_field_comes_from(house: House) -> None:
    house.accept(
        factories.project(**READY, title="Shelter, extended", milestones=[{"name": "Audit", "due": "2016-01-31"}]),
        factories.progress_report(reached=[{"group": "returnees", "sex": "female", "count": 50}]),
    )
    told = house.browser("focal_point").read(PAGE)
    assert "<h1>Shelter, extended</h1>" in told
    assert "USD 100,000" in told
    assert "25%" in told
    assert '<svg class="timeline"' in told
    assert "overdue for 304 days" in told
    assert "<del>Shelter for displaced families</del>" in told
    assert "<ins>Shelter, extended</ins>" in told
    assert told.count("KEN-000002</a>") == 2
    assert 'class="here"' in told


def test_who_may_take_a_step_finds_it_and_others_do_not(house: House) -> None:
    assert "Submit for endorsement" in house.browser("focal_point").read(PAGE)
    assert f'action="{PAGE}/steps"' not in house.browser("reviewer").read(PAGE)
    assert step(house, "focal_point", "submitted").status_code == 303
    reviewer = house.browser("reviewer").read(PAGE)
    assert all(f'name="to" value="{to}"' in reviewer for to in ("returned", "endorsed"))
    refused = step(house, "focal_point", "endorsed")
    assert refused.status_code == 403
    assert "The step was not taken" in refused.text


def test_what_stands_in_the_way_of_a_step_is_listed_and_the_step_is_not_offered(house: House) -> None:
    house.accept(factories.project(gender_marker=None, activities=[]))
    step(house, "focal_point", "submitted")
    told = house.browser("reviewer").read(f"{PAGE}?lang=fr")
    assert "2 choses manquent" in told
    assert "marqueur de genre de 0 à 4" in told
    refused = step(house, "reviewer", "endorsed")
    assert refused.status_code == 422


def test_who_returns_says_why_and_the_office_reads_it_at_home(house: House) -> None:
    step(house, "focal_point", "submitted")
    refused = step(house, "reviewer", "returned", comment="  ")
    assert refused.status_code == 422
    assert 'aria-invalid="true"' in refused.text
    assert step(house, "reviewer", "returned", comment="Where is the budget of 2016?").status_code == 303
    home = house.browser("focal_point").read("/ingest/")
    assert "Where is the budget of 2016?" in home
    assert "Where is the budget" not in house.browser("focal_point", offices=("UGA",)).read("/ingest/")


def test_sending_a_form_twice_takes_one_step(house: House) -> None:
    for _ in range(2):
        answer = step(house, "focal_point", "submitted", key="k-1")
        assert answer.status_code == 303, answer.text
    with house.context.sessions() as session:
        assert session.query(Transition).count() == 1


def test_review_shows_what_waits_how_long_and_decides_there(house: House) -> None:
    step(house, "focal_point", "submitted")
    reviewer = house.browser("reviewer")
    assert "less than a day" in reviewer.read("/ingest/review")
    with house.context.sessions.begin() as session:
        ago = house.context.clock.now() - timedelta(days=9)
        session.execute(update(Revision).where(Revision.key == "KE-001").values(occurred_at=ago))
    told = reviewer.read("/ingest/review")
    assert '<span class="late">9 days</span>' in told
    assert "focal_point@example.org" in told
    assert "KE-001" in reviewer.read("/ingest/")
    endorsed = reviewer.send("/ingest/review", f"{PAGE}/steps", to="endorsed", back="/ingest/review")
    assert (endorsed.status_code, endorsed.headers["Location"]) == (303, "/ingest/review")
    assert "Nothing waits for a decision." in reviewer.read("/ingest/review")
    assert "Nothing waits" in house.browser("reviewer", regions=("south_america",)).read("/ingest/review")


def test_a_step_leads_back_to_pages_of_this_instance_only(house: House) -> None:
    answer = step(house, "focal_point", "submitted", back="https://evil.example/ingest/")
    assert answer.headers["Location"].startswith(PAGE)


def test_what_is_handed_in_again_is_compared_with_what_was_returned_field_by_field(house: House) -> None:
    step(house, "focal_point", "submitted")
    step(house, "reviewer", "returned", comment="Too dear.")
    house.accept(factories.project(**READY, budget={"amount": "450000", "currency": "USD"}))
    step(house, "focal_point", "submitted")
    told = house.browser("reviewer").read(f"{PAGE}/compare")
    assert "Revision 5 beside revision 2" in told
    assert "<del>500,000 USD</del>" in told
    assert "<ins>450,000 USD</ins>" in told
    assert "never endorsed before" in told
    assert "<del>500,000 USD</del>" not in house.browser("reviewer").read(f"{PAGE}/compare?with=4")


def test_an_endorsed_project_is_compared_with_the_revision_that_was_endorsed(house: House) -> None:
    for role, to in (("focal_point", "submitted"), ("reviewer", "endorsed")):
        assert step(house, role, to).status_code == 303
    house.accept(factories.project(**READY, title="Another title"))
    house.accept(factories.project(**READY, title="A third title"))
    told = house.admin.read(f"{PAGE}/compare?with=3")
    assert "<del>Shelter for displaced families</del>" in told
    assert "never endorsed" not in told


def test_documents_are_added_versioned_and_refused_with_the_reason(house: House) -> None:
    focal_point = house.browser("focal_point")
    for content in (b"one", b"two"):
        sent = focal_point.send(PAGE, f"{PAGE}/documents", file=("plan.txt", content), type="proposal")
        assert sent.status_code == 303, sent.text
    told = focal_point.read(PAGE)
    assert "plan.txt</a>" in told
    assert '<td class="number">2</td>' in told
    wrong = focal_point.send(PAGE, f"{PAGE}/documents", file=("plan.exe", b"MZ"), name="My plan.exe")
    assert wrong.status_code == 415
    assert 'value="My plan.exe"' in wrong.text
    assert focal_point.send(PAGE, f"{PAGE}/documents").status_code == 422
    assert f'action="{PAGE}/documents"' not in house.browser("reviewer").read(PAGE)


def test_home_shows_rejected_submissions_until_one_is_accepted(house: House) -> None:
    focal_point = house.browser("focal_point", name="admin@example.org")
    wrong = factories.envelope(factories.project(end="2010-01-01"), factories.project("KE-002", gender_marker=9))
    house.refuse(wrong)
    assert "2 errors" in focal_point.read("/ingest/")
    assert "2 errors" not in house.browser("focal_point", offices=("UGA",)).read("/ingest/")
    house.accept(factories.project(**READY, title="Mended"))
    told = focal_point.read("/ingest/")
    assert "2 errors" not in told
    assert "Nothing to correct and nothing to decide." in told


def test_home_leads_a_donor_to_the_reports_and_is_filled_in_by_the_other_services(house: House) -> None:
    answer = house.browser("donor").get("/ingest/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/report/")
    told = house.browser("focal_point").read("/ingest/")
    for part, without_script in (("/notify/parts/deadlines", "/notify/"), ("/report/parts/map", "/report/figures")):
        assert f'data-from="{part}"' in told
        assert f'href="{without_script}"' in told
    assert "UGA-0" not in told


def test_pages_are_kept_and_removed_each_for_oneself(house: House) -> None:
    ann, bob = (
        house.browser("focal_point", name="ann@example.org"),
        house.browser("focal_point", name="bob@example.org"),
    )
    kept = ann.send(PAGE, "/ingest/bookmarks", href=PAGE, title="KE-001:  Shelter", back=PAGE)
    assert (kept.status_code, kept.headers["Location"]) == (303, PAGE)
    assert "KE-001: Shelter" in ann.read("/ingest/")
    assert "Remove the bookmark" in ann.read(PAGE)
    assert "Remove the bookmark" in ann.read(f"/ingest/parts/bookmark?href={PAGE}&title=x")
    assert "KE-001: Shelter" not in bob.read("/ingest/")
    ann.send("/ingest/bookmarks", "/ingest/bookmarks/remove", href=PAGE)
    assert "None yet" in ann.read("/ingest/bookmarks")


@pytest.mark.parametrize("href", ["https://evil.example/", "//evil.example/ingest/", "/elsewhere", "/ingest\\evil", ""])
def test_only_pages_of_this_instance_are_kept(house: House, href: str) -> None:
    assert house.admin.send(PAGE, "/ingest/bookmarks", href=href, title="x").status_code == 422


def test_the_symbols_of_the_timeline_say_nothing_by_colour_alone() -> None:
    shapes = {str(timeline_picture.symbol("report", state)) for state in ("open", "late")}
    assert len({shape.count("<path") for shape in shapes}) == 2
