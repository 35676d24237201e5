"""Pages of figures over HTTP: who sees what, addresses that reproduce them, and kept until the log moves on."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, insert, text
from werkzeug.test import TestResponse

from muster_report.app import create_app
from muster_report.boards.catalogue import BOARDS
from muster_report.boards.making import Reader
from muster_report.boards.map_figures import MAP_FIGURES
from muster_report.boards.standing import facts_of, standings
from muster_report.facts import Fact
from muster_report.models import FactRow
from muster_shared.clock import parse_span
from muster_shared.context import Context
from muster_shared.embedded.postgres import Postgres
from muster_shared.settings import Settings
from whole_sample import whole_sample

HOME = datetime(2016, 11, 30, 8, tzinfo=UTC)
SECRET = "a secret of tests that is long enough to sign with"  # the one that ``token`` signs with
PATHS = ["/figures", "/figures/map", "/parts/map", *(f"/figures/{key}" for key in BOARDS)]
OFFICE = "BOL"
EPOCH = "00000000-0000-0000-0000-000000000001"


def row_of(fact: Fact) -> dict[str, Any]:
    sent = fact.submission
    return {
        "position": fact.position,
        "until": None,
        "kind": fact.kind,
        "key": fact.key,
        "revision": fact.revision,
        "action": "upsert",
        "office": fact.office,
        "occurred_at": fact.occurred_at,
        "fields": dict(fact.fields),
        "receipt": sent.receipt,
        "submission_id": sent.submission_id,
        "sha256": sent.sha256,
        "received_at": sent.received_at,
        "pointer": None,
        "source": {},
    }


@dataclass
class Served:
    """A report service that has followed the sample data."""

    context: Context
    client: FlaskClient
    last: int

    def move_on(self, kind: str) -> None:
        """One more revision of a record, just as it was."""
        with self.context.sessions.begin() as session:
            old = session.query(FactRow).filter_by(kind=kind, until=None).order_by(FactRow.position).first()
            assert old is not None
            told = {name: getattr(old, name) for name in (column.name for column in FactRow.__table__.columns)}
            self.last += 1
            session.execute(insert(FactRow), [{**told, "position": self.last, "revision": old.revision + 1}])
            old.until = self.last
            session.execute(text("UPDATE cursor SET position = :last"), {"last": self.last})

    def made(self) -> int:
        kept = self.client.application.extensions.get("muster_figures")
        return kept.made if kept else 0

    def forget(self) -> None:
        """Keep nothing any more."""
        self.client.application.extensions.pop("muster_figures", None)

    def queries_of(self, ask: Callable[[], object]) -> list[str]:
        """The statements that the database gets while something is asked."""
        told: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
            told.append(statement)

        event.listen(self.context.engine, "before_cursor_execute", note)
        try:
            ask()
        finally:
            event.remove(self.context.engine, "before_cursor_execute", note)
        return told


@pytest.fixture(scope="module")
def served(
    postgres_server: Postgres, template: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    with postgres_server.connect() as connection:
        connection.execute(f'CREATE DATABASE "figures_pages" TEMPLATE "{template("report")}"'.encode())
    folder = tmp_path_factory.mktemp("figures")
    given = Settings(data_dir=folder, clock=HOME, secret_key=SECRET, redis_url="redis://127.0.0.1:9")
    given = replace(given, rate_per_minute=0, rate_unknown_per_minute=0)
    context = Context.open("report", replace(given, report_database_url=postgres_server.url("figures_pages")))
    context.clock.begin()
    facts = [fact for kind in whole_sample().by_kind.values() for fact in kind.values()]
    last = max(fact.position for fact in facts)
    with context.sessions.begin() as session:
        session.execute(insert(FactRow), [row_of(fact) for fact in facts])
        session.execute(text("UPDATE cursor SET epoch = :epoch, position = :last"), {"epoch": EPOCH, "last": last})
    yield Served(context, create_app(context).test_client(use_cookies=False), last)
    context.engine.dispose()
    context.celery.close()


@pytest.fixture
def get(served: Served, token: Callable[..., str]) -> Callable[..., TestResponse]:
    def ask(path: str, role: str = "analyst", scope: dict[str, Any] | None = None, **query: str) -> TestResponse:
        headers = {"Authorization": f"Bearer {token(role, **(scope or {}))}"}
        return served.client.get(f"/report{path}", query_string=query, headers=headers)

    return ask


Get = Callable[..., TestResponse]


@pytest.mark.parametrize("path", PATHS)
def test_every_page_is_light_and_holds_nothing_that_a_strict_page_forbids(get: Get, path: str) -> None:
    answer = get(path)
    assert answer.status_code == 200, answer.text
    assert len(gzip.compress(answer.data)) < 60_000
    assert not re.search(r"<style|<script(?! src)|\sstyle=|\son\w+=|https?://(?!www.w3.org)", answer.text)
    numbers = re.findall(r'\sid="([^"]+)"', answer.text)
    assert len(numbers) == len(set(numbers)), "an id stands twice"


def test_the_known_totals_are_on_the_pages(get: Get) -> None:
    first = get("/figures").text
    assert "1,946,969,000" in first
    assert "<b>175</b>" in first
    assert "1,946,969,000" in get("/figures/funding").text
    assert "1,946,969,000" in get("/figures/map", of="required").text


def test_figures_are_written_in_the_language_of_the_reader(get: Get) -> None:
    assert "1\N{NARROW NO-BREAK SPACE}946\N{NARROW NO-BREAK SPACE}969\N{NARROW NO-BREAK SPACE}000" in (
        get("/figures/funding", lang="fr").text
    )
    assert "Besoins de financement par région" in get("/figures/funding", lang="fr").text
    assert "Necesidades de financiación por región" in get("/figures/funding", lang="es").text


def test_a_chart_leads_to_the_same_page_for_one_region_and_keeps_the_other_filters(get: Get) -> None:
    whole = get("/figures/funding", year="2016", area="migration_health").text
    href = "/report/figures/funding?year=2016&amp;area=migration_health&amp;region=south_america"
    assert f'href="{href}"' in whole
    narrowed = get("/figures/funding", year="2016", area="migration_health", region="south_america").text
    assert 'value="south_america" selected' in narrowed
    assert 'id="offices"' in narrowed
    assert 'id="offices"' not in whole


def test_an_address_with_a_position_shows_the_same_figures_after_the_log_has_moved_on(served: Served, get: Get) -> None:
    text_of = get("/figures/overdue", region="south_america").text
    found = re.search(r'href="(/report/figures/overdue\?[^"#]*at=\d+)"', text_of)
    assert found
    path, _, query = found[1].replace("&amp;", "&").removeprefix("/report").partition("?")
    served.move_on("progress_report")
    asked = dict(part.split("=") for part in query.split("&"))
    again = get(path, **asked).text
    assert sections(again) == sections(text_of)
    assert asked["until"] == "2016-11-30"


def sections(page: str) -> list[str]:
    """The charts and tables of a page, without the addresses that name a position."""
    bare = re.sub(r'href="[^"]*"', "", page)
    return re.findall(r'<section class="panel.*?</section>', bare, re.DOTALL)


@pytest.mark.parametrize(
    "query",
    [
        {"year": "16"},
        {"year": "x"},
        {"until": "tomorrow"},
        {"at": "-1"},
        {"colour": "red"},
        {"region": "a\x00"},
        {"office": "x" * 300},
        {"of": "rainfall"},
    ],
    ids=str,
)
def test_what_cannot_be_read_is_refused_and_named(get: Get, query: dict[str, str]) -> None:
    path = "/figures/map" if "of" in query else "/figures/funding"
    answer = get(path, **query)
    assert answer.status_code == 422, answer.text
    assert f"'{next(iter(query))}'" in answer.text or next(iter(query)) in answer.text


def test_a_page_or_a_position_that_is_not_there_is_not_found(served: Served, get: Get) -> None:
    assert get("/figures/rainfall").status_code == 404
    assert get("/figures/funding", at=str(served.last + 1)).status_code == 404


def test_years_and_offices_of_which_nothing_is_known_show_that_there_is_nothing(get: Get) -> None:
    for path in ("/figures/projects", "/figures/map"):
        answer = get(path, year="1999", office="ZZZ")
        assert answer.status_code == 200, answer.text
    assert "There is nothing to show." in get("/figures/funding", year="1999", office="ZZZ").text


def test_a_donor_sees_no_figures_of_the_house(get: Get) -> None:
    for path in PATHS:
        assert get(path, "donor", {"donor": "example-fund"}).status_code == 403


def test_a_focal_point_sees_single_projects_of_their_office_alone(get: Get) -> None:
    own = get("/figures/projects", "focal_point", {"offices": ["KEN"]}).text
    codes = [fact.key for fact in whole_sample().kind("project").values() if fact.fields["office"] in {"KEN", "HQ"}]
    counted = re.search(r'<tr class="total"><th scope="row">Total</th>.*?>([\d,]+)</td></tr>', own)
    assert counted
    assert counted[1] == str(len(codes))
    assert "those of your offices alone" in own
    assert "/report/v1/reports/projects/latest.xlsx" not in own
    assert "those of your offices alone" not in get("/figures/projects").text
    assert "1,946,969,000" in get("/figures/funding", "focal_point", {"offices": ["KEN"]}).text


def test_filters_that_pick_projects_pick_those_of_the_callers_offices_alone(get: Get) -> None:
    active = (fact for fact in whole_sample().kind("project").values() if fact.fields["status"] == "active")
    foreign = next(fact.fields["office"] for fact in active if fact.fields["office"] not in {"KEN", "HQ"})
    own = {"offices": ["KEN"]}
    assert (
        "There is nothing to show." in get("/figures/people", "focal_point", own, office=foreign, status="active").text
    )
    assert "There is nothing to show." not in get("/figures/people", "focal_point", own, office=foreign).text
    assert "There is nothing to show." not in get("/figures/people", office=foreign, status="active").text


def test_a_page_is_made_once_until_the_log_moves_on_for_what_it_shows(served: Served, get: Get) -> None:
    get("/figures/partnerships")
    made = served.made()
    get("/figures/partnerships")
    served.context.clock.advance(parse_span("20h"))
    get("/figures/partnerships", "admin")
    served.move_on("extension")
    get("/figures/partnerships")
    assert served.made() == made, "nothing that it shows has changed"
    served.move_on("partnership")
    get("/figures/partnerships")
    assert served.made() == made + 1
    get("/figures/partnerships", lang="fr")
    get("/figures/partnerships", region="south_america")
    assert served.made() == made + 3


def test_a_page_that_is_kept_costs_a_query_and_reads_no_facts(served: Served, get: Get) -> None:
    for path, most in (("/figures/funding", 1), ("/figures/overdue", 1), ("/figures", 2)):
        get(path)
        asked = served.queries_of(partial(get, path))
        assert len(asked) == most, asked


@pytest.mark.parametrize("path", PATHS)
def test_what_is_kept_for_one_reader_shows_another_no_more_than_they_may_see(
    served: Served, get: Get, path: str
) -> None:
    def seen_by_amina() -> str:
        return get(path, "focal_point", {"offices": ["KEN"]}).text

    served.forget()
    first = seen_by_amina()
    served.forget()
    get(path)
    assert seen_by_amina() == first


@pytest.mark.parametrize("query", [{}, {"status": "active"}, {"office": OFFICE}, {"area": "migration_health"}], ids=str)
@pytest.mark.parametrize("path", PATHS)
def test_of_the_offices_that_somebody_sees_alone_nothing_else_is_read(
    served: Served, get: Get, monkeypatch: pytest.MonkeyPatch, path: str, query: dict[str, str]
) -> None:
    """And the page is the one that would be made of everything, but for the years that may be chosen."""

    def seen_by_amina() -> str:
        served.forget()
        page = get(path, "focal_point", {"offices": [OFFICE]}, **query).text
        return re.sub(r'<select[^>]* name="year".*?</select>', "", page, flags=re.DOTALL)

    own = seen_by_amina()
    monkeypatch.setattr(Reader, "reads_only", lambda *_asked: None)
    assert seen_by_amina() == own


def test_a_page_of_single_projects_reads_those_of_the_readers_offices_alone(served: Served) -> None:
    kinds = frozenset({"project", "grant", "progress_report", "office"})
    with served.context.sessions() as session:
        stands = standings(session, kinds, None)
        everything = facts_of(session, kinds, stands)
        own = facts_of(session, kinds, stands, frozenset({OFFICE}))
    codes = {key for key, fact in everything.kind("project").items() if fact.fields["office"] == OFFICE}
    assert set(own.kind("project")) == codes
    assert 0 < len(codes) < len(everything.kind("project"))
    assert {fact.fields["project_code"] for fact in own.kind("grant").values()} <= codes
    assert own.kind("office") == everything.kind("office")


def test_figures_that_are_the_same_for_all_are_made_once_for_all(served: Served, get: Get) -> None:
    served.forget()
    for reader in ("KEN", "UGA"):
        for path in ("/parts/map", "/figures/people", "/figures/overdue"):
            get(path, "focal_point", {"offices": [reader]})
    assert served.made() == 3


@pytest.mark.parametrize("of", MAP_FIGURES)
def test_the_map_has_a_link_for_each_country_and_the_same_in_its_table(get: Get, of: str) -> None:
    page = get("/figures/map", of=of).text
    drawn = re.findall(r'<a href="([^"]+)" tabindex="-1"><path class="m\d"', page)
    listed = re.findall(r'<th scope="row"><a href="([^"]+)">', page)
    assert len(drawn) > 20
    assert set(drawn) <= set(listed)
    assert f'<option value="{of}" selected>' in page


def test_the_part_for_another_page_is_no_page_of_its_own(get: Get) -> None:
    part = get("/parts/map", "focal_point", {"offices": ["KEN"]}).text
    assert "<html" not in part
    assert 'class="map"' in part
    assert "/report/figures/map?of=overdue" in part
