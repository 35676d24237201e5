"""What the first version of each service held is read by this one, and goes on from there.

The three files tell one story: an office, a donor, a project with a grant whose report is two days late, and a
requirement that was corrected.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import factories
from muster_notify import usecases as notifying
from muster_notify.app import create_app as create_notify
from muster_shared.context import Context
from muster_shared.objects import Objects
from owing import ALTERNATE, HEAD, OWNER
from reporting import FUNDING, Ingest, IngestLog, Report

Upgraded = Callable[[str, str], Context]

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
    ingest = Ingest(upgraded("ingest", "0001"), token)
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
    ingest = Ingest(upgraded("ingest", "0001"), token)
    report = Report(upgraded("report", "0001"), IngestLog(ingest.context), token)
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
    log = IngestLog(upgraded("ingest", "0001"))
    notify = upgraded("notify", "0001")
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
