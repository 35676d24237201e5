"""Administrators look after accounts, tokens, handovers, erasures and the audit trail; everybody has an own account."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from werkzeug.test import TestResponse

import factories
from ingest_pages import Browser, House
from muster_ingest import queries
from muster_shared import revocation
from muster_shared.embedded.postgres import Postgres
from muster_shared.health import health
from standing_house import standing_house

USERS, TOKENS, HANDOVER = "/ingest/admin/users", "/ingest/admin/tokens", "/ingest/admin/handover"
HIS = {"name": "Hassan", "email": "hassan@example.org"}


@pytest.fixture(scope="module")
def house(
    postgres_server: Postgres, template: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    with standing_house(postgres_server, template, tmp_path_factory.mktemp("administration")) as made:
        yield made


@pytest.fixture(autouse=True)
def _heard_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was taken back is asked for at each request, not once a second."""
    monkeypatch.setattr(revocation, "_FRESH_SECONDS", 0)


@pytest.fixture
def admin(house: House) -> Browser:
    return house.admin


def shown(answer: TestResponse) -> str:
    return html.unescape(answer.text)


def add(admin: Browser, email: str, **facts: Any) -> TestResponse:
    given = {"name": "Ann Owino", "role": "focal_point", "offices": ["KEN"], "language": "en", "time_zone": "UTC"}
    return admin.send(f"{USERS}/new", f"{USERS}/new", email=email, **{**given, **facts})


def opens(house: House, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    return house.app.test_client().get("/ingest/v1/me", headers=headers).status_code


def made_token(answer: TestResponse) -> str:
    assert answer.status_code == 201, answer.text
    found = re.search(r"<textarea[^>]*>([^<]+)</textarea>", answer.text)
    assert found
    return found[1]


def test_somebody_is_added_found_changed_and_told_of(house: House, admin: Browser) -> None:
    added = add(admin, "Ann@Example.org")
    assert (added.status_code, added.location) == (303, f"{USERS}/ann@example.org?done=added")
    assert "Ann Owino" in admin.read(f"{USERS}?q=owino&role=focal_point&office=ken")
    assert "Ann Owino" not in admin.read(f"{USERS}?q=owino&role=analyst")
    assert "Ann Owino" not in admin.read(f"{USERS}?q=owino&closed=yes")
    page = f"{USERS}/ann@example.org"
    assert '<option value="KEN" selected' in admin.read(page)
    facts = {"name": "Ann Achieng", "role": "analyst", "language": "fr", "time_zone": "Africa/Nairobi", "donor": ""}
    assert admin.send(page, page, **facts).status_code == 303
    read = admin.read(page)
    assert "<h1>Ann Achieng</h1>" in read
    assert '<option value="analyst" selected' in read
    assert '<option value="KEN" selected' not in read


@pytest.mark.parametrize(
    ("field", "facts"),
    [
        ("role", {"offices": []}),
        ("time_zone", {"time_zone": "Nairobi"}),
        ("name", {"name": " "}),
        ("email", {"email": "no address"}),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_what_was_typed_stays(admin: Browser, field: str, facts: Any) -> None:
    sent = {"email": "wrong@example.org", "name": "Typed Name", **facts}
    answer = add(admin, **sent)
    assert answer.status_code == 422
    assert f'id="{field}-wrong"' in answer.text
    assert re.search(rf'id="{field}" name="{field}" aria-invalid="true" aria-describedby="{field}-wrong"', answer.text)
    assert (sent["name"].strip() or "wrong@example.org") in answer.text
    assert "Nothing was stored" in answer.text
    assert "Typed Name" not in admin.read(USERS)


def test_an_address_that_is_known_is_told_beside_it(admin: Browser) -> None:
    assert add(admin, "twice@example.org").status_code == 303
    answer = add(admin, "twice@example.org")
    assert answer.status_code == 422
    assert "known already" in answer.text.partition('id="email-wrong"')[2][:200]


def test_closing_an_account_signs_out_at_once_and_it_can_be_opened_again(house: House, admin: Browser) -> None:
    add(admin, "leaving@example.org", name="Leaving")
    page, leaving = f"{USERS}/leaving@example.org", house.browser("focal_point", name="leaving@example.org")
    assert leaving.get("/ingest/me").status_code == 200
    assert admin.send(page, f"{page}/active", active="no").status_code == 303
    assert leaving.get("/ingest/me").status_code == 401
    assert "Leaving" in admin.read(f"{USERS}?closed=yes")
    assert admin.send(page, f"{page}/active", active="yes").status_code == 303
    assert "Leaving" not in admin.read(f"{USERS}?closed=yes")
    again = house.browser("focal_point", name="leaving@example.org")
    assert again.get("/ingest/me").status_code == 200
    assert admin.send(page, f"{page}/sign-out").status_code == 303
    assert again.get("/ingest/me").status_code == 401


def test_an_own_token_is_shown_once_opens_and_is_taken_back(house: House) -> None:
    ann = house.browser("focal_point")
    answer = ann.send("/ingest/me", "/ingest/me/tokens", title="the office's script", days="5", role="admin")
    token = made_token(answer)
    assert answer.headers["Cache-Control"] == "no-store"
    assert opens(house, token) == 200
    page = ann.get("/ingest/me").text
    assert "the office&#39;s script" in page
    assert token not in page
    revoke = re.search(r'action="(/ingest/me/tokens/\w+/revoke)"', page)
    assert revoke
    assert ann.send("/ingest/me", revoke[1]).status_code == 303
    assert opens(house, token) == 401
    assert "taken back" in ann.read("/ingest/me")
    assert "the office's script" not in house.browser("analyst").read("/ingest/me")


def test_a_token_that_lasts_too_long_is_refused_at_its_field(house: House) -> None:
    answer = house.browser("donor").send("/ingest/me", "/ingest/me/tokens", title="mine", days="99999")
    assert answer.status_code == 422
    assert 'id="days-wrong"' in answer.text
    assert 'value="99999"' in answer.text


def test_a_token_for_somebody_else_needs_a_role_and_its_scope(house: House, admin: Browser) -> None:
    told = {"title": "for the ministry", "days": "7", "name": "ministry@example.org"}
    for more, field in (({}, "role"), ({"role": "reviewer"}, "role")):
        answer = admin.send(TOKENS, TOKENS, **told, **more)
        assert answer.status_code == 422
        assert f'id="{field}-wrong"' in answer.text
    token = made_token(admin.send(TOKENS, TOKENS, **told, role="reviewer", regions=["east_horn_of_africa"]))
    assert opens(house, token) == 200
    page = admin.read(f"{TOKENS}?q=ministry@")
    assert "for the ministry" in page
    revoke = re.search(r'action="(/ingest/admin/tokens/\w+/revoke)"', page)
    assert revoke
    assert admin.send(TOKENS, revoke[1]).status_code == 303
    assert opens(house, token) == 401
    assert "for the ministry" not in admin.read(f"{TOKENS}?q=ministry@")
    assert "for the ministry" in admin.read(f"{TOKENS}?q=ministry@&all=yes")


def test_projects_are_handed_over_after_a_look_at_what_would_change(house: House, admin: Browser) -> None:
    house.accept(factories.project("KE-H01", manager=HIS), factories.project("KE-H02", alternate_manager=HIS))
    told = {"giver": HIS["email"], "name": "Sara Ali", "email": "sara@example.org", "note": "moved on"}
    preview = admin.send(f"{HANDOVER}?from={HIS['email']}", HANDOVER, **told)
    assert preview.status_code == 200
    assert "2 projects go from hassan@example.org to Sara Ali." in shown(preview)
    assert "KE-H01" in preview.text
    assert "KE-H02" in preview.text
    assert "Sara Ali" not in admin.read("/ingest/records/project/KE-H01")
    sure = re.search(r'name="sure" value="(\w+)"', preview.text)
    assert sure
    done = admin.send(HANDOVER, HANDOVER, **told, sure=sure[1])
    assert (done.status_code, "/ingest/submissions/" in done.location) == (303, True)
    assert "Sara Ali" in admin.read("/ingest/records/project/KE-H01")
    assert admin.send(HANDOVER, HANDOVER, **told, sure=sure[1]).location == done.location, "sent twice, done once"


@pytest.mark.parametrize(
    ("field", "change"), [("giver", {"giver": "nobody@example.org"}), ("email", {"email": "amina.otieno@example.org"})]
)
def test_a_handover_that_cannot_be_is_told_at_its_field(house: House, admin: Browser, field: str, change: Any) -> None:
    house.accept(factories.project("KE-H03"))
    told = {"giver": "amina.otieno@example.org", "name": "Sara", "email": "sara@example.org", **change}
    answer = admin.send(HANDOVER, HANDOVER, **told)
    assert answer.status_code == 422
    assert f'id="{field}-wrong"' in answer.text


def test_who_is_responsible_still_is_erased_only_on_purpose(house: House, admin: Browser) -> None:
    gone = {"name": "Nadia Gone", "email": "nadia@example.org"}
    house.accept(factories.project("KE-E01", manager=gone))
    page = f"{USERS}/nadia@example.org/erasure"
    assert "Nadia Gone" in admin.read(page)
    refused = admin.send(page, page)
    assert refused.status_code == 409
    assert "KE-E01" in refused.text
    assert admin.send(page, page, force="yes").status_code == 303
    assert "Being erased." in admin.read(page)
    assert admin.send(f"{USERS}/new", f"{USERS}/stranger@example.org/erasure").status_code == 404


def test_the_audit_trail_is_searched_newest_first_and_verified(house: House, admin: Browser) -> None:
    for number in range(35):
        add(admin, f"many{number}@example.org")
    found = admin.read("/ingest/admin/audit?action=user_added&outcome=done")
    numbers = [int(text.replace(",", "")) for text in re.findall(r'<td class="number">([\d,]+)</td>', found)]
    assert numbers == sorted(numbers, reverse=True)
    assert len(numbers) == 30
    assert "many34@example.org" in found
    older = re.search(r'href="(/ingest/audit\?[^"]*before=\d+)"', found)
    assert older
    assert "many34@example.org" not in admin.read(older[1])
    assert "many0@example.org" in admin.read(older[1])
    one = admin.read("/ingest/parts/audit?person=MANY7@example.org")
    assert one.count('<td class="number">') == 1
    assert "No entry is as you ask." in admin.read("/ingest/parts/audit?person=many7@example.org&until=2016-11-29")
    assert "many7" in admin.read("/ingest/parts/audit?person=many7@example.org&since=2016-11-30&until=2016-11-30")
    assert "The chain is whole" in admin.read("/ingest/parts/audit?verify=1")


@pytest.mark.parametrize("wrong", ["since=yesterday", "until=9999-12-31", "outcome=x", "before=x", "before=9" * 9])
def test_a_filter_that_is_none_is_as_good_as_not_given(admin: Browser, wrong: str) -> None:
    assert '<td class="number">' in admin.read(f"/ingest/parts/audit?{wrong}")


def test_the_file_of_a_search_holds_what_was_found(admin: Browser) -> None:
    add(admin, "filed@example.org")
    page = admin.read("/ingest/audit?person=filed@example.org&since=2016-11-30&until=2016-11-30")
    link = re.search(r'href="(/ingest/v1/audit\.csv\?[^"]*)"', page)
    assert link
    lines = admin.read(link[1]).splitlines()
    assert len(lines) == 2
    assert "filed@example.org" in lines[1]


def test_health_tells_what_does_not_answer_and_how_far_the_work_is(house: House, admin: Browser) -> None:
    page = admin.read("/ingest/admin")
    broker = page.partition("Broker of tasks")[2][:200]
    assert "does not answer" in broker, "no Redis is at the port of this instance"
    assert "does not answer" not in page.partition("<dt>Database")[2][:100]
    assert "not ready" in page
    assert 'data-from="/report/parts/health"' in page
    told = health(house.context, queries.standing)
    assert told["queue"] is None
    assert told["workers"] is None
    assert told["database_bytes"] > 1_000_000
    assert 0 < told["disk"]["free"] <= told["disk"]["total"]


def test_how_far_somebody_is_behind_the_log_counts_what_came_after(house: House, admin: Browser) -> None:
    position = queries.standing(house.context)["position"]
    assert "none" in admin.read(f"/ingest/parts/behind?after={position}")
    house.accept(factories.requirement("KEN"))
    behind = admin.read(f"/ingest/parts/behind?after={position}")
    assert '<span class="badge warn">1</span>' in behind
    assert "30 November 2016" in behind


def test_a_donor_has_an_account_and_no_administration(house: House) -> None:
    donor = house.browser("donor")
    page = donor.read("/ingest/me")
    assert "example-fund" in page
    refused = donor.get("/ingest/admin")
    assert refused.status_code == 403
    assert "<h1>This is not open to you</h1>" in refused.text


def test_no_page_speaks_english_to_who_reads_french(admin: Browser) -> None:
    page = admin.read("/ingest/admin/users/new?lang=fr")
    assert "<h1>Ajouter une personne</h1>" in page
    assert "Focal points" not in page
    refused = html.unescape(add(admin, "wrong@example.org", role="reviewer", name=" ", language="fr").text)
    assert "Indiquez un nom de 200 caractères au plus.<br>" in refused
    refused = html.unescape(add(admin, "wrong@example.org", role="reviewer", time_zone="Nairobi").text)
    assert "Le rôle demande son périmètre" in refused
    assert "un nom comme Africa/Nairobi" in refused
    admin.read("/ingest/admin?lang=en")
