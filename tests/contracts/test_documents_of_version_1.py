"""What services and clients read of one another keeps its names and its shape: held against golden files.

A golden file of a version that is in use is not edited to make a test pass: what reads it elsewhere would break. Old
and new run side by side while an upgrade goes on. To change one on purpose:

- A field that is added is added to the file too. Readers of the version before overlook it.
- One that is to go or to be called otherwise is written under both names first. It goes in the next version, once
  nothing reads it any more; then a folder ``v2`` stands beside this one until nobody asks for version 1.
- A task is never given other arguments: it is a new task with a new name. The old one stays registered for a version,
  as its messages may wait in the broker.
"""

from __future__ import annotations

import importlib
import inspect
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from marshmallow import ValidationError
from sqlalchemy import select

import factories
from muster_ingest import queries
from muster_notify import issues_heard
from muster_report.follow import follow
from muster_report.models import UntoldIssue
from muster_shared.changelog import BATCH, ChangeLog, Page, read_page
from muster_shared.context import Context
from muster_shared.settings import SERVICES
from reporting import FUNDING, Reporting
from workbook_reading import cell

GOLDEN = Path(__file__).parent / "v1"
MADE_BY_CHANCE = ("submission_id", "issue_id", "epoch")
IN_WORDS = ("message", "detail")  # their codes are what stands
MADE_OF_BYTES = ("sha256", "size")  # of a workbook: how it looks is no part of the contract


def golden(name: str) -> dict[str, Any]:
    return dict(json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8")))


def normal(value: Any, names: tuple[str, ...] = MADE_BY_CHANCE) -> Any:
    """The document with what no two runs have in common replaced by its name."""
    if isinstance(value, dict):
        return {name: f"<{name}>" if name in names and inner else normal(inner, names) for name, inner in value.items()}
    return [normal(item, names) for item in value] if isinstance(value, list) else value


@pytest.fixture
def receipt(muster: Reporting) -> dict[str, Any]:
    """The receipt of a submission that adds, changes, leaves and withdraws a record each."""
    muster.submit(factories.office("HQ"), factories.office("KEN"), factories.office("UGA"))
    muster.submit(*(factories.requirement("KEN", year=year) for year in (2016, 2017, 2018)), code="KEN")
    return muster.submit(
        factories.requirement("KEN", year=2015, note="première"),
        factories.requirement("KEN", amount="760000.50"),
        factories.requirement("KEN", year=2017),
        {
            "kind": "funding_requirement",
            "action": "withdraw",
            "year": 2018,
            "office": "KEN",
            "area": "migration_health",
        },
        code="KEN",
    )


def page_of(muster: Reporting) -> dict[str, Any]:
    """The last three changes of the log, as they cross the wire."""
    with muster.ingest.context.sessions() as session:
        document = queries.changes(session, after=muster.ingest.last() - 3, limit=10)
    return dict(json.loads(json.dumps(document)))


def test_a_receipt(receipt: dict[str, Any]) -> None:
    assert normal(receipt) == golden("receipt")


def test_a_page_of_the_change_log(muster: Reporting, receipt: dict[str, Any]) -> None:
    assert normal(page_of(muster)) == golden("change_log_page")


def test_a_problem_with_every_error_and_its_place(muster: Reporting, receipt: dict[str, Any]) -> None:
    wrong = (factories.requirement("KEN", amount="much"), factories.requirement("KEM"), {"kind": "requirement"})
    assert normal(muster.ingest.refuse(factories.envelope(*wrong)), (*MADE_BY_CHANCE, *IN_WORDS)) == golden("problem")


def test_an_issue(muster: Reporting, receipt: dict[str, Any]) -> None:
    muster.report.log.upto = 6
    muster.settle()
    muster.report.release(muster.report.issues(FUNDING, year="2016")[0])
    muster.report.log.upto = None
    muster.advance("1d")
    muster.settle()
    newer, released = muster.report.issues(FUNDING, year="2016")
    documents = {"newer": newer, "released": released}
    assert normal(documents, (*MADE_BY_CHANCE, *MADE_OF_BYTES)) == golden("issue")


def told_of_the_newest_issue(muster: Reporting) -> dict[str, Any]:
    """What report tells notify of an issue that differs from a released one."""
    muster.report.log.upto = 6
    muster.settle()
    muster.report.release(muster.report.issues(FUNDING, year="2016")[0])
    muster.report.log.upto = None
    muster.settle()
    newest = muster.report.issues(FUNDING, year="2016")[0]["issue_id"]
    with muster.report.context.sessions() as session:
        return next(c for c in session.scalars(select(UntoldIssue.content)) if c["issue_id"] == newest)


def test_what_is_told_of_a_new_issue(muster: Reporting, receipt: dict[str, Any]) -> None:
    assert normal(told_of_the_newest_issue(muster)) == golden("report_issued")


def test_notify_hears_of_the_golden_issue(open_context: Callable[[str], Context]) -> None:
    told = {**golden("report_issued"), "issue_id": "44444444-0000-4000-8000-000000000001"}
    assert issues_heard.hear(open_context("notify"), [told]) == [told["issue_id"]]


def test_the_names_of_tasks_and_what_they_are_given(open_context: Callable[[str], Context]) -> None:
    found: dict[str, list[str]] = {}
    for service in SERVICES:
        context = open_context(service)
        importlib.import_module(f"muster_{service}.tasks").register(context.celery, context)
        own = {name: task for name, task in context.celery.tasks.items() if not name.startswith("celery.")}
        assert {name.partition(".")[0] for name in own} == {service}
        found |= {name: list(inspect.signature(task.run).parameters) for name, task in own.items()}
    assert found == golden("tasks")


def test_the_golden_page_is_still_read() -> None:
    page = read_page(golden("change_log_page"))
    assert [(c.position, c.kind, c.key, c.revision, c.action) for c in page.items] == [
        (7, "funding_requirement", "2015/KEN/migration_health", 1, "upsert"),
        (8, "funding_requirement", "2016/KEN/migration_health", 2, "upsert"),
        (9, "funding_requirement", "2018/KEN/migration_health", 2, "withdraw"),
    ]
    assert (page.epoch, page.last, page.items[1].fields["amount"]) == ("<epoch>", 9, "760000.5")


def test_a_reader_of_the_log_overlooks_what_a_newer_ingest_says_more() -> None:
    document = golden("change_log_page")
    expected = read_page(document)
    for part in (document, *document["items"], *(item["source"] for item in document["items"])):
        part.update({"confidence": 0.9, "more": {"of": ["this"]}, "": None})
    assert read_page(document) == expected


@pytest.mark.parametrize("name", ["kind", "key", "revision", "action", "fields", "occurred_at", "source"])
def test_a_reader_of_the_log_takes_no_change_that_lacks_what_every_version_has(name: str) -> None:
    document = golden("change_log_page")
    del document["items"][1][name]
    page = read_page(document)
    assert [change.position for change in page.items] == [7, 9]
    assert [(one.position, one.wrong) for one in page.unreadable] == [(8, (name,))]
    assert (page.size, page.end) == (3, 9)


def test_a_page_is_not_read_with_a_change_that_does_not_say_its_position() -> None:
    document = golden("change_log_page")
    del document["items"][1]["position"]
    with pytest.raises(ValidationError, match="position"):
        read_page(document)


class GoldenLog(ChangeLog):
    """A log that consists of the golden page."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document

    def after(self, position: int, *, limit: int = BATCH) -> Page:
        items = [item for item in self.document["items"] if item["position"] > position][:limit]
        return read_page({**self.document, "items": items})


def test_report_makes_a_workbook_of_the_golden_page(muster: Reporting) -> None:
    document = golden("change_log_page")
    office = {**document["items"][0], "position": 1, "kind": "office", "key": "KEN"}
    office["fields"] = {"office": "KEN", "name": "Kenya", "type": "country", "region": "east_horn_of_africa"}
    document["items"].insert(0, office)
    assert follow(muster.report.context, GoldenLog(document)) == 4
    assert cell(muster.report.latest(FUNDING, year="2016"), "East and Horn of Africa", "B5") == 760000.5
