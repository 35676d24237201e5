"""``muster user erase``: what it shows before, what it asks, what it prints, and how it ends."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from loopback_ingest import Ingest
from muster_cli import user_erase
from muster_cli.main import muster

WHO = "amina@example.org"
FORETOLD: dict[str, Any] = {
    "names": ["Amina Otieno"],
    "touched": {"ingest": {"record": 2, "revision": 5}},
    "responsible": [],
}
OPEN: dict[str, Any] = {
    "pseudonym": "erased-7f3a90c1@erased.invalid",
    "status": "open",
    "waits_for": ["report"],
    "touched": {"ingest": {"revision": 5}},
    "restricted": 2,
}
DONE = OPEN | {"status": "done", "waits_for": [], "touched": {"ingest": {"revision": 5}, "report": {}}}


@pytest.fixture
def erase(ingest: Ingest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.setenv("MUSTER_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("MUSTER_SECRET_KEY", "a secret of tests that is long enough to sign with")
    monkeypatch.setenv("MUSTER_PUBLIC_URL", ingest.url)
    monkeypatch.setattr(user_erase, "_BETWEEN_SECONDS", 0.0)

    def run(*options: str, typed: str = "") -> Result:
        return CliRunner().invoke(muster, ["user", "erase", WHO, *options], input=typed)

    return run


def counted() -> list[Any]:
    return [(200, {}, FORETOLD), (200, {}, {"touched": {"fact": 5}}), (200, {}, {"touched": {}})]


def test_a_dry_run_counts_in_every_service_and_erases_nothing(ingest: Ingest, erase: Any) -> None:
    ingest.answers = counted()
    ended = erase("--dry-run")
    assert ended.exit_code == 0
    assert ended.output.splitlines() == [
        f"{WHO} would get a pseudonym, and so would the name Amina Otieno:",
        "  ingest: 2 of record, 5 of revision",
        "  report: 5 of fact",
        "  notify: nothing",
    ]
    assert [one.headers[":path"] for one in ingest.asked] == [
        f"/ingest/v1/users/{WHO.replace('@', '%40')}/erasure?dry_run=true",
        "/report/v1/erasures/count",
        "/notify/v1/erasures/count",
    ]
    assert ingest.asked[1].body == {"address": WHO, "names": ["Amina Otieno"]}


def test_who_does_not_mean_it_erases_nothing(ingest: Ingest, erase: Any) -> None:
    ingest.answers = counted()
    assert erase(typed="n\n").exit_code == 1
    assert len(ingest.asked) == 3


def test_it_waits_until_every_service_is_done(ingest: Ingest, erase: Any) -> None:
    ingest.answers = [*counted(), (202, {}, OPEN), (200, {}, OPEN), (200, {}, DONE)]
    ended = erase(typed="y\n")
    assert ended.exit_code == 0
    assert f"{WHO} is {DONE['pseudonym']} from now on:\n  ingest: 5 of revision\n  report: nothing\n" in ended.output
    assert "2 submissions name them" in ended.output


def test_what_is_not_done_within_a_minute_goes_on_by_itself(
    ingest: Ingest, erase: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(user_erase, "_PATIENCE_SECONDS", 0.0)
    ingest.answers = [(202, {}, OPEN)]
    assert json.loads(erase("--json").output) == OPEN
    ingest.answers = [(202, {}, OPEN)]
    assert "report still at it" in erase("--yes").output


def test_who_answers_for_a_project_is_not_erased_unless_by_force(ingest: Ingest, erase: Any) -> None:
    error = {"code": "still_responsible", "message": "project KE-001: is its manager still: name somebody else first"}
    ingest.answers = [(409, {}, {"detail": "hand over first", "errors": [error]})]
    ended = erase("--json")
    assert ended.exit_code == 1
    assert error["message"] in ended.output
    ingest.answers = [(200, {}, DONE)]
    assert erase("--json", "--force").exit_code == 0
    assert ingest.asked[-1].headers[":path"].endswith("force=true")
