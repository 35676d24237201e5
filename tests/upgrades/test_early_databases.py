"""What earlier versions of the services held is read by this one, and goes on from there.

The files of the first version tell one story: an office, a donor, a project with a grant whose report is two days
late, and a requirement that was corrected. Those that were kept later tell that of ``whole_instance.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

import factories
from muster_ingest import compaction
from muster_notify import usecases as notifying
from muster_notify.app import create_app as create_notify
from muster_shared.context import Context
from muster_shared.objects import Objects
from muster_shared.settings import SERVICES
from owing import ALTERNATE, HEAD, OWNER
from reporting import FUNDING, Ingest, IngestLog, Report
from upgrades.keep import KEPT, folder_of_now

Upgraded = Callable[[str, str], Context]

FIRST = "0001-0001-0001"

SENT = (
    b'{"office":"KEN","records":[{"kind":"funding_requirement","year":2016,"office":"KEN","area":"migration_health",'
    b'"amount":"760000.5","currency":"USD"}]}'
)
WORKBOOK = b"the workbook of issue 2"
SECOND = "11111111-0000-4000-8000-000000000002"
YEAR = {"year": "2016"}


def test_ingest_knows_its_submissions_their_bytes_and_the_revisions_they_made(
    upgraded: Upgraded, token: Callable[..., str]
) -> None:
    ingest = Ingest(upgraded("ingest", FIRST), token)
    ingest.context.objects.put(SENT)

    def get(path: str) -> Any:
        return ingest.client.get(f"/ingest/v1{path}", headers=ingest.headers)

    history = get("/records/funding_requirement/2016/KEN/migration_health/revisions").get_json()["items"]
    assert [(one["revision"], one["fields"]["amount"], one["receipt"]) for one in history] == [
        (2, "760000.5", "KEN-000001"),
        (1, "1000000", "HQ-000001"),
    ]
    assert get("/records/project/KE-001").get_json()["fields"]["manager"]["email"] == OWNER
    assert get(f"/submissions/{SECOND}").get_json()["receipt"] == "KEN-000001"
    assert get(f"/submissions/{SECOND}/original").data == SENT
    log = get("/changes").get_json()
    assert (log["epoch"], log["last"], [one["position"] for one in log["items"]]) == ("early", 6, [1, 2, 3, 4, 5, 6])

    sender = {"Authorization": f"Bearer {token('focal_point', name='focal@example.org', offices=['KEN'])}"}
    headers = {**sender, "Idempotency-Key": "the-key-of-the-day", "Content-Type": "application/json"}
    again = ingest.client.post("/ingest/v1/submissions", data=SENT, headers=headers)
    assert (again.status_code, again.get_json()["submission_id"]) == (200, SECOND)
    assert ingest.submit(factories.requirement(amount="5"), code="KEN")["receipt"] == "KEN-000002"
    assert ingest.last() == 7


def test_report_lists_and_gives_its_issues_and_makes_the_next_one(
    upgraded: Upgraded, token: Callable[..., str]
) -> None:
    ingest = Ingest(upgraded("ingest", FIRST), token)
    report = Report(upgraded("report", FIRST), IngestLog(ingest.context), token)
    Objects.of(report.context.settings).put(WORKBOOK)  # beside those of ingest, as it was then
    newest, first = report.issues(FUNDING, **YEAR)
    assert (newest["number"], newest["corrects"]["number"], first["released"]["by"]) == (2, 1, "analyst@example.org")
    assert report.file_of(newest) == WORKBOOK
    where = {"sheet": "East and Horn of Africa", "cell": "B5", **YEAR}
    told = report.get(f"/reports/{FUNDING}/explain", **where).get_json()
    assert (told["value"], told["parts"][0]["receipt"]) == ("760000.5", "KEN-000001")

    ingest.submit(factories.requirement(amount="5"), code="KEN")
    report.settle()
    made = report.issues(FUNDING, **YEAR)[0]
    assert (made["number"], made["position"], made["corrects"]["number"]) == (3, 7, 1)
    stand_ins = [f'{FUNDING} {{"copy":"internal","year":"2016"}} issue {number}' for number in (1, 2)]
    assert list(report.rebuild().differing) == stand_ins, "of these two the file holds no workbook"


def test_notify_lists_what_is_owed_and_tells_nobody_twice(upgraded: Upgraded, token: Callable[..., str]) -> None:
    log = IngestLog(upgraded("ingest", FIRST))
    notify = upgraded("notify", FIRST)
    client = create_notify(notify).test_client()

    def items(path: str) -> list[dict[str, Any]]:
        answer = client.get(f"/notify/v1{path}", headers={"Authorization": f"Bearer {token('admin')}"})
        return list(answer.get_json()["items"])

    notifying.sweep(notify, log)
    [owed] = items("/obligations?status=overdue")
    assert (owed["project_code"], owed["due"], owed["owner"]["email"]) == ("KE-001", "2016-11-28", OWNER)
    told = [(one["rung"], one["recipient"]) for one in items("/reminders") if one["status"] != "skipped"]
    assert sorted(told) == [(1, OWNER), (1, ALTERNATE)], "both were told before the upgrade"

    notify.clock.advance(timedelta(days=6))
    notifying.sweep(notify, log)
    held = [(one["rung"], one["recipient"]) for one in items("/reminders?status=held")]
    assert sorted(held) == [(7, OWNER), (7, HEAD), (7, ALTERNATE)]


def test_what_the_services_hold_now_is_kept_for_the_versions_to_come() -> None:
    assert folder_of_now().is_dir(), "PYTHONPATH=tests python -m upgrades.keep"


@pytest.mark.parametrize("kept", sorted({path.name for path in KEPT.glob("*-*-*")} - {FIRST}))
def test_what_a_later_version_held_is_what_its_log_gives(
    upgraded: Upgraded, token: Callable[..., str], kept: str
) -> None:
    opened = {service: upgraded(service, kept) for service in SERVICES}
    ingest = Ingest(opened["ingest"], token)
    report, notify = Report(opened["report"], IngestLog(ingest.context), token), opened["notify"]

    def log() -> Any:
        return ingest.client.get("/ingest/v1/changes", headers=ingest.headers).get_json()

    before = log()
    assert [(one["key"], one["fields"]["amount"]) for one in before["items"][-1:]] == [
        ("2016/KEN/migration_health", "777")
    ]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(compaction, "TOGETHER", 1)
        assert compaction.pack_before(ingest.context, ingest.context.clock.now() + timedelta(days=9)) == 1
    assert log() == before
    held = report.facts()
    assert len(held) == before["last"] == report.follow() + len(held)
    report.empty()
    report.follow()
    assert report.facts() == held

    reminders = text("SELECT reminder_id, rung, recipient, cycle FROM reminder ORDER BY reminder_id")
    with notify.sessions() as session:
        recorded = session.execute(reminders).all()
    notify.clock.advance(timedelta(days=1))  # to the day the story ended on
    notifying.sweep(notify, IngestLog(ingest.context))
    with notify.sessions() as session:
        assert session.execute(reminders).all() == recorded != []
