"""Search finds what one may see: by words and their beginnings, by what is written alike, by numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import text

import factories
from ingest_pages import House
from muster_ingest import searching
from muster_shared.auth import Caller
from muster_shared.context import Context

ADMIN = Caller("admin@example.org", "admin")
KENYA = Caller("k@example.org", "focal_point", ("KEN",))
MANAGER = Caller("amina.otieno@example.org", "project_manager")
OTHER = {"name": "Jo Drum", "email": "jo@example.org"}


@pytest.fixture
def house(open_context: Callable[[str], Context], token: Callable[..., str]) -> Iterator[House]:
    made = House(open_context("ingest"), token)
    made.accept(
        factories.project("KE-001", objectives="Families have a roof before the rains"),
        factories.project("KE-002", title="Migration management training", manager=OTHER, alternate_manager=None),
        factories.partner("msf", name="Médecins du Monde", aliases=["Doctors of the World"]),
    )
    made.accept(
        factories.project("UG-001", office="UGA", title="Shelter for returnees", manager=OTHER, alternate_manager=None),
        code="UGA",
    )
    yield made
    made.close()


def found(house: House, caller: Caller, asked: str, kind: str | None = None) -> list[str]:
    with house.context.sessions() as session:
        return [one.key for one in searching.search(session, caller, asked, kind=kind)]


def test_words_their_beginnings_and_what_is_written_alike_are_found_without_case_and_accents(house: House) -> None:
    assert found(house, ADMIN, "MEDECINS mond") == ["msf"]
    assert found(house, ADMIN, "doctors world") == ["msf"]
    assert found(house, ADMIN, "otieno") == ["KE-001"]
    assert found(house, ADMIN, "managment trainng") == ["KE-002"]
    assert found(house, ADMIN, "sheltr displaced") == ["KE-001"]
    assert found(house, ADMIN, "orphanage") == []
    assert found(house, ADMIN, " & | ' :* ! ( ") == []


def test_a_name_weighs_more_than_the_objectives_and_a_code_that_is_typed_the_most(house: House) -> None:
    house.accept(
        factories.project("KE-009", title="Roof repairs"),
        factories.project("ROOF", title="Another one", objectives="Nothing of the kind"),
    )
    assert found(house, ADMIN, "roof")[:3] == ["ROOF", "KE-009", "KE-001"]
    assert found(house, ADMIN, "ke 002")[0] == "KE-002"


def test_only_what_one_may_see_is_found(house: House) -> None:
    assert found(house, ADMIN, "shelter") == ["KE-001", "UG-001"]
    assert found(house, KENYA, "shelter") == ["KE-001"]
    assert found(house, MANAGER, "shelter") == ["KE-001"]
    assert found(house, MANAGER, "migration") == []
    assert found(house, Caller("d", "donor", donor="example-fund"), "shelter") == []
    assert found(house, ADMIN, "uga 1", "submission") == ["UGA-000001"]
    assert found(house, ADMIN, "UGA-000001")[0] == "UGA-000001"
    assert found(house, KENYA, "UGA-000001") == []


def test_documents_are_found_by_their_names_where_their_project_may_be_seen(house: House) -> None:
    sent = house.admin.send(
        "/ingest/projects/UG-001", "/ingest/projects/UG-001/documents", file=("Annex_budget.txt", b"one"), type="budget"
    )
    assert sent.status_code == 303, sent.text
    assert found(house, ADMIN, "budget annex") == ["Annex_budget.txt"]
    assert found(house, ADMIN, "anex budgt") == ["Annex_budget.txt"]
    assert found(house, KENYA, "budget annex", "document") == []


def test_a_database_without_likeness_finds_words_and_says_so(house: House) -> None:
    assert "UG-001" in house.admin.read("/ingest/search?q=returnes")
    with house.context.sessions.begin() as session:
        session.execute(text("DROP EXTENSION pg_trgm CASCADE"))
    assert found(house, ADMIN, "returnee") == ["UG-001"]
    told = house.admin.read("/ingest/search?q=returnes")
    assert "UG-001" not in told
    assert "words and their beginnings only" in told


def test_the_page_tells_kinds_and_leads_to_what_was_found(house: House) -> None:
    told = house.browser("focal_point").read("/ingest/search?q=shelter")
    assert 'href="/ingest/projects/KE-001"' in told
    assert "Draft" in told
    assert "UG-001" not in told
    assert "/ingest/records/donor/example-fund" in house.admin.read("/ingest/search?q=example&kind=donor")
