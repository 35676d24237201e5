"""Due dates in calendar programs: stable events that move and are cancelled, own calendars, feeds taken back."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from icalendar import Calendar

from owing import OWNER, due_in, owed, project_owing, report_on


@pytest.fixture
def kenya(offices: Any) -> Any:
    offices.submit(*project_owing(owed(20), owed(200, type="final")))
    offices.follow()
    return offices


def events(muster: Any, path: str = "/calendar.ics", role: str = "admin", **caller: Any) -> list[Any]:
    answer = muster.get(path, role, **caller)
    assert answer.status_code == 200, answer.text
    assert answer.content_type == "text/calendar; charset=utf-8"
    return list(Calendar.from_ical(answer.data).walk("VEVENT"))


def test_a_due_date_is_an_event_of_that_whole_day(kenya: Any) -> None:
    interim, final = events(kenya)
    assert interim["dtstart"].dt.isoformat() == due_in(20)
    assert interim["dtend"].dt.isoformat() == due_in(21)
    assert str(interim["summary"]) == "KE-001: interim report due"
    assert (str(interim["status"]), str(final["status"])) == ("CONFIRMED", "CONFIRMED")
    assert "Amina Otieno" in str(interim["description"])


def test_an_event_keeps_its_uid_when_its_due_date_moves_and_its_sequence_grows(kenya: Any) -> None:
    before = events(kenya)[0]
    kenya.submit(*project_owing(owed(30), owed(200, type="final")))
    kenya.follow()
    after = events(kenya)[0]
    assert after["uid"] == before["uid"]
    assert after["dtstart"].dt.isoformat() == due_in(30)
    assert after["sequence"] > before["sequence"]


def test_an_event_is_cancelled_when_the_report_is_handed_in(kenya: Any) -> None:
    before = events(kenya)[0]
    kenya.submit(report_on())
    kenya.follow()
    after = events(kenya)[0]
    assert (after["uid"], str(after["status"])) == (before["uid"], "CANCELLED")
    assert after["sequence"] > before["sequence"]


def test_the_same_due_dates_are_the_same_bytes_and_need_not_be_sent_again(kenya: Any) -> None:
    first = kenya.get("/calendar.ics")
    assert kenya.get("/calendar.ics").data == first.data
    headers = {"Authorization": f"Bearer {kenya.token('admin')}", "If-None-Match": first.headers["ETag"]}
    assert kenya.client.get("/notify/v1/calendar.ics", headers=headers).status_code == 304


def test_each_caller_sees_their_own(kenya: Any) -> None:
    assert len(events(kenya, role="focal_point", offices=("KEN",))) == 2
    assert events(kenya, role="focal_point", offices=("UGA",)) == []
    assert len(events(kenya, role="project_manager", name=OWNER, offices=("KEN",))) == 2
    assert events(kenya, "/calendar.ics?office=UGA") == []
    assert kenya.get("/calendar.ics", "donor", donor="example-fund").status_code == 403


def opened(muster: Any, role: str = "focal_point", **asked: Any) -> Any:
    headers = {"Authorization": f"Bearer {muster.token(role, offices=('KEN',))}"}
    return muster.client.post("/notify/v1/calendars", json=asked, headers=headers)


def test_a_feed_is_read_without_a_token_until_its_address_is_taken_back(
    kenya: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    feed = opened(kenya, office="KEN").get_json()
    path = feed["url"].partition("/notify/v1")[2]
    assert len(Calendar.from_ical(kenya.client.get(f"/notify/v1{path}").data).walk("VEVENT")) == 2
    listed = kenya.items("/calendars", "focal_point", offices=("KEN",))
    assert [one["feed_id"] for one in listed] == [feed["feed_id"]]
    assert "url" not in listed[0]

    headers = {"Authorization": f"Bearer {kenya.token('focal_point', offices=('KEN',))}"}
    assert kenya.client.delete(f"/notify/v1/calendars/{feed['feed_id']}", headers=headers).status_code == 204
    assert kenya.client.get(f"/notify/v1{path}").status_code == 404
    assert kenya.client.delete(f"/notify/v1/calendars/{feed['feed_id']}", headers=headers).status_code == 404
    secret = path.split("/")[-1].removesuffix(".ics")
    assert not [record for record in caplog.records if secret in str(record.__dict__)]


def test_nobody_takes_back_or_opens_what_is_not_theirs(kenya: Any) -> None:
    feed = opened(kenya).get_json()
    other = {"Authorization": f"Bearer {kenya.token('focal_point', name='eve@example.org', offices=('UGA',))}"}
    assert kenya.client.delete(f"/notify/v1/calendars/{feed['feed_id']}", headers=other).status_code == 404
    assert kenya.client.get("/notify/v1/calendars/guessed.ics").status_code == 404
    assert opened(kenya, office="UGA").status_code == 403
    assert opened(kenya, colour="red").status_code == 422
