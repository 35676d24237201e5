"""A large workbook is answered with 202, worked on by a task, and ends like any other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

import factories
from ingest.conftest import Ingest
from muster_ingest import uploads
from muster_ingest.models import WorkbookJob
from muster_ingest.workbooks.reading.readers import Readers
from muster_shared.context import Context
from workbook_making import cells_of_record, workbook


@pytest.fixture
def settings(settings: Any) -> Any:
    return replace(settings, rows_at_once=0)


@pytest.fixture
def readers() -> Iterator[Readers]:
    made = Readers()
    yield made
    made.close()


def put_off(ingest: Ingest, content: bytes, **said: Any) -> dict[str, Any]:
    answer = ingest.upload(content, office="KEN", **said)
    assert answer.status_code == 202, answer.text
    document = dict(answer.get_json())
    assert answer.headers["Location"] == f"/ingest/v1/submissions/{document['submission_id']}"
    return document


def now(ingest: Ingest, document: dict[str, Any]) -> dict[str, Any]:
    return dict(ingest.get(f"/submissions/{document['submission_id']}").get_json())


def partners(count: int = 3) -> bytes:
    rows = [cells_of_record(factories.partner(f"p-{n}"))[0] for n in range(count)]
    return workbook({"partner": rows})


def test_it_is_processing_then_accepted_with_its_receipt(at_home: Ingest, readers: Readers) -> None:
    told = put_off(at_home, partners())
    waiting = now(at_home, told)
    assert (waiting["status"], waiting["progress"], waiting["receipt"]) == ("processing", 0, None)
    assert uploads.waiting(at_home.context)
    assert uploads.work(at_home.context, readers) == 1
    done = now(at_home, told)
    assert (done["status"], done["new"], done["receipt"]) == ("accepted", 3, "KEN-000001")
    assert not uploads.waiting(at_home.context)
    assert at_home.get("/changes").get_json()["items"][-1]["source"]["cells"]["partner_id"] == "A4"


def test_it_is_rejected_with_every_error_and_can_be_annotated(at_home: Ingest, readers: Readers) -> None:
    told = put_off(at_home, workbook({"partner": [{"partner_id": "p 1", "name": None}]}))
    uploads.work(at_home.context, readers)
    done = now(at_home, told)
    assert done["status"] == "rejected"
    assert {error["cell"] for error in done["errors"]} == {"A2", "B2"}
    assert at_home.get(f"/submissions/{told['submission_id']}/annotated.xlsx").status_code == 200


def test_it_is_judged_as_its_sender_not_as_the_worker(at_home: Ingest, readers: Readers) -> None:
    focal_point = at_home.token("focal_point", offices=["KEN"])
    told = put_off(at_home, workbook({"donor": [{"donor_id": "d", "name": "D"}]}), token=focal_point)
    uploads.work(at_home.context, readers)
    assert [error["code"] for error in now(at_home, told)["errors"]] == ["not_yours"]


def test_a_dry_run_changes_nothing_and_is_not_listed(at_home: Ingest, readers: Readers) -> None:
    told = put_off(at_home, partners(), dry_run="true")
    uploads.work(at_home.context, readers)
    done = now(at_home, told)
    assert (done["status"], done["dry_run"], done["new"]) == ("accepted", True, 3)
    assert at_home.get("/records/partner/p-0").status_code == 404
    assert told["submission_id"] not in {item["submission_id"] for item in at_home.items("/submissions")}


def test_what_a_dead_worker_held_is_done_by_the_next_one(at_home: Ingest, readers: Readers) -> None:
    told = put_off(at_home, partners())
    dead = uploads._claim(at_home.context)
    assert dead is not None
    assert uploads.work(at_home.context, readers) == 0, "it is held"
    _lease_runs_out(at_home.context)
    assert uploads.work(at_home.context, readers) == 1
    uploads._work_on(at_home.context, readers, dead)  # it was not dead, only slow
    assert [row["revision"] for row in at_home.items("/records/partner")] == [1, 1, 1]
    assert now(at_home, told)["receipt"] == "KEN-000001"


def test_one_that_ends_every_worker_is_given_up_and_kept(at_home: Ingest, readers: Readers) -> None:
    told = put_off(at_home, partners())
    for _ in range(5):
        assert uploads._claim(at_home.context) is not None
        _lease_runs_out(at_home.context)
    assert uploads.work(at_home.context, readers) == 1
    done = now(at_home, told)
    assert done["status"] == "rejected"
    assert "5 attempts" in done["detail"]


def _lease_runs_out(context: Context) -> None:
    with context.sessions.begin() as session:
        session.query(WorkbookJob).update({WorkbookJob.leased_until: None})


def test_the_same_key_is_one_submission(at_home: Ingest, readers: Readers) -> None:
    content = partners()
    first, again = put_off(at_home, content, key="k"), put_off(at_home, content, key="k")
    assert first["submission_id"] == again["submission_id"]
    uploads.work(at_home.context, readers)
    repeated = at_home.upload(content, office="KEN", key="k")
    assert (repeated.status_code, repeated.get_json()["receipt"]) == (200, "KEN-000001")


@pytest.mark.parametrize("wrong", [False, True])
def test_more_records_than_memory_holds_are_judged_alike(
    at_home: Ingest, readers: Readers, monkeypatch: pytest.MonkeyPatch, *, wrong: bool
) -> None:
    monkeypatch.setattr("muster_ingest.workbooks.opening.HELD", 10)
    monkeypatch.setattr("muster_ingest.workbooks.opening.BATCH", 7)
    rows = [cells_of_record(factories.partner(f"p-{n}"))[0] for n in range(40)]
    rows[39]["partner_id"] = "not a code" if wrong else rows[39]["partner_id"]
    told = put_off(at_home, workbook({"partner": rows}))
    uploads.work(at_home.context, readers)
    done = now(at_home, told)
    expected = ("rejected", [("partner", "A41", "not_a_code")]) if wrong else ("accepted", [])
    assert (done["status"], [(e["sheet"], e["cell"], e["code"]) for e in done["errors"]]) == expected
