"""``muster user handover``: what it asks, what it prints, and how it ends."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from loopback_ingest import Ingest, serving
from muster_cli.main import muster

FROM, TO = "paul.mwangi@example.org", "grace@example.org"
RECEIPT: dict[str, Any] = {
    "receipt": "HQ-000007",
    "changed": 2,
    "changes": [{"kind": "project", "key": "KE-001"}, {"kind": "project", "key": "UG-002"}],
    "remarks": [],
}


@pytest.fixture
def ingest() -> Iterator[Ingest]:
    with serving() as scripted:
        yield scripted


@pytest.fixture
def hand_over(ingest: Ingest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("MUSTER_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("MUSTER_SECRET_KEY", "a secret of tests that is long enough to sign with")
    monkeypatch.setenv("MUSTER_PUBLIC_URL", ingest.url)

    def run(*options: str) -> Result:
        return CliRunner().invoke(muster, ["user", "handover", FROM, TO, "--name", "Grace Wanjiru", *options])

    return run


def test_it_asks_for_every_project_and_says_which_went_over(ingest: Ingest, hand_over: Any) -> None:
    ingest.answers = [(201, {}, RECEIPT)]
    ended = hand_over("--note", "Paul retires")
    assert (ended.exit_code, ended.output) == (0, f"2 projects went from {FROM} to {TO} (HQ-000007): KE-001, UG-002\n")
    [asked] = ingest.asked
    assert asked.headers[":path"] == "/ingest/v1/handovers?dry_run=false"
    assert asked.body == {"from": FROM, "to": {"name": "Grace Wanjiru", "email": TO}, "note": "Paul retires"}


def test_a_dry_run_says_what_would(ingest: Ingest, hand_over: Any) -> None:
    remark = "UG-002: grace@example.org is its manager and its alternate manager now"
    ingest.answers = [(200, {}, {**RECEIPT, "receipt": None, "dry_run": True, "remarks": [remark]})]
    ended = hand_over("--dry-run")
    assert ended.output == f"2 projects would go from {FROM} to {TO}: KE-001, UG-002\n{remark}\n"
    assert ingest.asked[0].headers[":path"].endswith("dry_run=true")


def test_the_receipt_is_printed_as_json(ingest: Ingest, hand_over: Any) -> None:
    ingest.answers = [(201, {}, RECEIPT)]
    assert json.loads(hand_over("--json").output) == RECEIPT


def test_nobodys_projects_end_it_with_the_reason(ingest: Ingest, hand_over: Any) -> None:
    error = {"code": "nothing_to_hand_over", "message": f"from: nobody with the address {FROM} manages a project"}
    ingest.answers = [(422, {}, {"detail": "nothing was handed over; see errors", "errors": [error]})]
    ended = hand_over()
    assert ended.exit_code == 1
    assert error["message"] in ended.output
