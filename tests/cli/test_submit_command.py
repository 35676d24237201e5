from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from loopback_ingest import Ingest
from muster_cli.submit import submit
from muster_shared import auth
from muster_shared import settings as environment


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(submit, [str(argument) for argument in arguments])


@pytest.fixture(autouse=True)
def _own_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUSTER_DATA_DIR", str(tmp_path / "instance"))


def test_the_command_prints_what_was_taken(ingest: Ingest, partners: Path) -> None:
    result = run(partners, "--url", ingest.url, "--token", "t")
    assert result.exit_code == 0
    assert result.stdout == "partners.csv: 1 accepted; 2 new (HQ-000001)\n"


def test_the_command_prints_outcomes_as_json(ingest: Ingest, partners: Path) -> None:
    result = run(partners, "--url", ingest.url, "--token", "t", "--json")
    (item,) = json.loads(result.stdout)["items"]
    assert (item["file"], item["receipt"], item["counts"]["new"]) == (str(partners), "HQ-000001", 2)


def test_the_command_shows_each_error_where_it_is(ingest: Ingest, partners: Path, tmp_path: Path) -> None:
    wrong = {"code": "required", "message": "is required and must not be empty", "field": "name"}
    envelope = tmp_path / "kenya.json"
    envelope.write_text('{"office": "KEN", "records": [{}, {}]}')
    ingest.answers = [
        (422, {}, {"detail": "2 errors", "errors": [{**wrong, "record": 0}, {**wrong, "record": 1}]}),
        (422, {}, {"detail": "1 error", "errors": [{**wrong, "record": 1}]}),
    ]
    result = run(partners, envelope, "--url", ingest.url, "--token", "t")
    assert result.exit_code == 1
    for place in ("partners.csv:2, name", "partners.csv:3, name", "kenya.json, record 2, name"):
        assert f"{place}: is required and must not be empty" in result.stderr


def test_the_command_says_which_file_cannot_be_read(ingest: Ingest, tmp_path: Path) -> None:
    path = tmp_path / "partners.csv"
    path.write_bytes(b"partner_id,name\na,\xff\n")
    result = run(path, "--url", ingest.url, "--token", "t")
    assert result.exit_code == 1
    assert "partners.csv, line 2: not UTF-8" in result.stderr
    assert "Nothing was sent" in result.stderr


def test_the_command_asks_for_what_only_the_caller_knows(ingest: Ingest, tmp_path: Path) -> None:
    path = tmp_path / "extensions.csv"
    path.write_text("project_code,requested_on,new_end\nP1,2016-01-01,2017-01-01\n")
    unclear = run(path, "--url", ingest.url, "--token", "t")
    assert unclear.exit_code == 2
    assert "extensions.csv, line 2: this extension does not tell its office" in unclear.stderr
    assert run(path, "--office", "KEN", "--url", ingest.url, "--token", "t").exit_code == 0
    assert ingest.asked[0].body["office"] == "KEN"


def test_the_command_makes_a_token_for_its_own_instance(
    ingest: Ingest, partners: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MUSTER_PUBLIC_URL", ingest.url)
    monkeypatch.setenv("MUSTER_SECRET_KEY", "k" * 40)
    assert run(partners).exit_code == 0
    token = ingest.asked[0].headers["Authorization"].removeprefix("Bearer ")
    assert auth.read(environment.load(), token).role == "admin"


def test_an_administrators_token_is_never_sent_to_another_address(
    ingest: Ingest, partners: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MUSTER_SECRET_KEY", "k" * 40)
    result = run(partners, "--url", ingest.url)
    assert result.exit_code == 2
    assert "give one with --token" in result.stderr
    assert ingest.asked == []


def test_a_folder_without_an_instance_gets_none_from_submitting(partners: Path, tmp_path: Path) -> None:
    result = run(partners)
    assert result.exit_code == 2
    assert "run 'muster up' there first" in result.stderr
    assert not (tmp_path / "instance").exists()


def test_a_wrong_setting_is_wrong_use(partners: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUSTER_PORTT", "1")
    result = run(partners)
    assert result.exit_code == 2
    assert "MUSTER_PORTT" in result.stderr


def test_a_missing_file_is_wrong_use() -> None:
    assert run("nowhere.csv").exit_code == 2
