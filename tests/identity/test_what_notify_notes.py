"""What people change about reminders stands in the audit trail of notify."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import factories
from muster_notify import alarms
from muster_notify import usecases as notifying
from muster_notify.models import Alarm
from reporting import IngestLog


def noted(house: Any) -> list[tuple[str, str]]:
    items = house.admin("GET", "/notify/v1/audit?outcome=done").get_json()["items"]
    return [(one["action"], one["actor"]) for one in items]


def test_changes_of_preferences_feeds_channels_and_alarms_are_noted(house: Any) -> None:
    house.admin("POST", "/ingest/v1/submissions", factories.envelope(factories.office("KEN"), code="HQ"))
    notify = house.clients["notify"].application.extensions["muster"]
    notifying.follow(notify, IngestLog(house.ingest))
    standing = Alarm(alarm_id=uuid4(), kind=alarms.ADDRESS_FAILS, office="KEN", subject="a@example.org", detail="")
    standing.raised_at = notify.clock.now()
    alarm_id = standing.alarm_id
    with notify.sessions.begin() as session:
        session.add(standing)
    ann = house.token("focal_point", name="ann@example.org", offices=["KEN"])
    assert house.ask("PUT", "/notify/v1/preferences", ann, {"language": "fr"}).status_code == 200
    feed = house.ask("POST", "/notify/v1/calendars", ann, {}).get_json()["feed_id"]
    assert house.ask("DELETE", f"/notify/v1/calendars/{feed}", ann).status_code == 204
    for _ in range(2):
        assert house.ask("POST", f"/notify/v1/alarms/{alarm_id}/clear", ann).status_code == 200
    assert house.admin("DELETE", "/notify/v1/office-channels/KEN").status_code == 204
    assert noted(house) == [
        ("preferences", "ann@example.org"),
        ("calendar_feed_made", "ann@example.org"),
        ("calendar_feed_revoked", "ann@example.org"),
        ("alarm_cleared", "ann@example.org"),
        ("office_channel_removed", "admin@example.org"),
    ]
