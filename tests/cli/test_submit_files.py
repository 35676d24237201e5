from __future__ import annotations

import json
import socket
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from loopback_ingest import Ingest
from muster_cli.records_csv import RecordsError
from muster_cli.submission_files import in_order
from muster_cli.submission_sender import patient
from muster_cli.submit import Outcome, exit_code, submit_files


@pytest.fixture
def closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def sent(paths: Sequence[Path], url: str, **options: Any) -> list[Outcome]:
    return submit_files(paths, base_url=url, token="secret", retry=patient(backoff=0.01), **options)


def keys(ingest: Ingest) -> list[str]:
    return [asked.headers["Idempotency-Key"] for asked in ingest.asked]


def test_an_accepted_file_gives_its_receipt_and_counts(ingest: Ingest, partners: Path) -> None:
    (outcome,) = sent([partners], ingest.url, note="first")
    assert (outcome.status, outcome.receipt, outcome.http_status) == ("accepted", "HQ-000001", 201)
    assert outcome.counts == {"new": 2, "changed": 0, "unchanged": 0, "withdrawn": 0}
    asked = ingest.asked[0]
    assert asked.headers[":path"] == "/ingest/v1/submissions"
    assert asked.headers["Authorization"] == "Bearer secret"
    assert asked.headers["Content-Type"] == "application/json"
    assert asked.body == {
        "office": "HQ",
        "note": "first",
        "records": [
            {"kind": "partner", "action": "upsert", "partner_id": "a", "name": "A"},
            {"kind": "partner", "action": "upsert", "partner_id": "b", "name": "B"},
        ],
    }


def test_a_netrc_entry_does_not_replace_the_token(
    ingest: Ingest, partners: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("default login x password y\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setattr("muster_cli.signed_session._LOOPBACK", frozenset())
    sent([partners], ingest.url)
    assert ingest.asked[0].headers["Authorization"] == "Bearer secret"


@pytest.mark.parametrize("trouble", [0, 429, 502, 503, 504])
def test_passing_trouble_is_retried_under_the_same_key(ingest: Ingest, partners: Path, trouble: int) -> None:
    ingest.answers = [(trouble, {}, {}), (trouble, {}, {})]
    (outcome,) = sent([partners], ingest.url)
    assert outcome.status == "accepted"
    assert len(keys(ingest)) == 3
    assert len(set(keys(ingest))) == 1


def test_retry_after_is_waited_for(ingest: Ingest, partners: Path) -> None:
    ingest.answers = [(503, {"Retry-After": "1"}, {})]
    began = datetime.now(UTC)
    sent([partners], ingest.url)
    assert (datetime.now(UTC) - began).total_seconds() >= 1


def test_another_run_has_another_key_and_another_envelope_too(ingest: Ingest, tmp_path: Path) -> None:
    path = tmp_path / "funding_requirements_2016.csv"
    path.write_text(
        "year,office,area,amount,currency\n2016,KEN,migration_health,5,USD\n2016,UGA,migration_health,5,USD\n"
    )
    sent([path], ingest.url)
    sent([path], ingest.url)
    assert len(set(keys(ingest))) == 4


def test_one_connection_serves_all_envelopes(ingest: Ingest, tmp_path: Path) -> None:
    path = tmp_path / "many.json"
    path.write_text(json.dumps([{"office": "KEN", "records": []}, {"office": "UGA", "records": []}]))
    seen: list[tuple[int, int]] = []
    sent([path], ingest.url, progress=lambda done, total: seen.append((done, total)))
    assert len({asked.connection for asked in ingest.asked}) == 1
    assert seen == [(0, 2), (1, 2), (2, 2)]


def test_rejected_data_names_the_line_and_does_not_stop_the_rest(ingest: Ingest, tmp_path: Path) -> None:
    path = tmp_path / "funding_requirements_2016.csv"
    path.write_text("year,office,area,amount\n2016,UGA,x,5\n2016,KEN,y,5\n2016,UGA,z,5\n")
    error = {"code": "not_in_list", "message": "'y' is not an area", "field": "area", "record": 0}
    ingest.answers = [(422, {}, {"detail": "1 error", "errors": [error], "submission_id": "s9"})]
    kenya, uganda = sent([path], ingest.url)
    assert (kenya.status, kenya.office, kenya.submission_id) == ("rejected", "KEN", "s9")
    assert kenya.errors == ({**error, "line": 3},)
    assert uganda.status == "accepted"
    assert exit_code([kenya, uganda]) == 1


def test_a_service_that_stays_away_stops_the_run(ingest: Ingest, partners: Path, tmp_path: Path) -> None:
    other = tmp_path / "donors.csv"
    other.write_text("donor_id,name\nd,D\n")
    ingest.answers = [(503, {}, {"detail": "the database is down"})] * 50
    outcomes = sent([other, partners], ingest.url)
    assert [(outcome.status, outcome.detail) for outcome in outcomes] == [
        ("failed", "the database is down"),
        ("failed", "not sent"),
    ]
    assert len(set(keys(ingest))) == 1
    assert exit_code(outcomes) == 3


def test_nobody_at_the_address_is_a_failure_not_an_exception(closed_port: int, partners: Path) -> None:
    outcomes = sent([partners], f"http://127.0.0.1:{closed_port}")
    assert outcomes[0].status == "failed"
    assert "is not reachable" in outcomes[0].detail
    assert exit_code(outcomes) == 3


@pytest.mark.parametrize(
    ("answer", "code", "said"),
    [
        ((401, {}, {"detail": "the token has expired"}), 2, "the token has expired"),
        ((404, {}, b"<html>"), 2, "HTTP 404"),
        ((308, {"Location": "https://muster.example.org/"}, b""), 2, "moved to https://muster.example.org/"),
        ((200, {}, b"<html>a login page</html>"), 2, "is the address right"),
        ((500, {}, {"detail": "unexpected"}), 3, "unexpected"),
        ((409, {}, {"detail": "the key was used"}), 1, "the key was used"),
        ((403, {}, {"detail": "not your office"}), 1, "not your office"),
    ],
)
def test_each_kind_of_refusal_has_its_exit_code(
    ingest: Ingest, partners: Path, answer: tuple[int, dict[str, str], Any], code: int, said: str
) -> None:
    ingest.answers = [answer]
    outcomes = sent([partners], ingest.url)
    assert exit_code(outcomes) == code
    assert said in outcomes[0].detail
    assert len(ingest.asked) == 1


def test_files_are_sent_so_that_references_exist_before_use(tmp_path: Path) -> None:
    names = ["field_activities.csv", "field_activity_people.csv", "grants.csv", "offices.csv", "p.json", "partners.csv"]
    for name in names:
        (tmp_path / name).write_text("a,b\n1,2\n")
    ordered = in_order([tmp_path / name for name in names])
    assert [path.name for path in ordered] == [
        "offices.csv",
        "partners.csv",
        "grants.csv",
        "field_activities.csv",
        "p.json",
    ]


def test_nothing_is_sent_where_one_file_cannot_be_read(ingest: Ingest, partners: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text('[\n{"office": }]')
    with pytest.raises(RecordsError, match=r"broken\.json, line 2: not JSON"):
        sent([partners, broken], ingest.url)
    assert ingest.asked == []


@pytest.mark.parametrize("content", ["3", "[3]", '{"office": "KEN"}'])
def test_json_that_is_no_envelope_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "wrong.json"
    path.write_text(content)
    with pytest.raises(RecordsError, match="item 1 is not an envelope"):
        sent([path], "http://127.0.0.1:1")


def test_a_projects_office_is_known_from_another_file_of_the_run(ingest: Ingest, tmp_path: Path) -> None:
    (tmp_path / "projects.csv").write_text("project_code,title,office,manager.name\nP1,T,KEN,A\n")
    (tmp_path / "extensions.csv").write_text("project_code,requested_on,new_end,reason\nP1,2016-01-01,2017-01-01,x\n")
    sent([tmp_path / "extensions.csv", tmp_path / "projects.csv"], ingest.url)
    assert [asked.body["office"] for asked in ingest.asked] == ["KEN", "KEN"]
    assert ingest.asked[0].body["records"][0]["manager"] == {"name": "A"}
