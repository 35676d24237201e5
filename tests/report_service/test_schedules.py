"""A report with a schedule is made at its times: not before, once after an outage, by one of several schedulers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from werkzeug.test import TestResponse

import factories
from muster_report import scheduling
from reporting import FUNDING, Reporting

YEAR = {"year": "2016"}
NIGHTLY = {"kind": "nightly"}
COMPLIANCE = "reporting-compliance"
Y2016 = (FUNDING, "2016")


@pytest.fixture
def known(muster: Reporting) -> Reporting:
    """Two years and two sources count as made. The clock shows 30 November 2016, 08:00."""
    muster.report.follow()
    muster.report.count_as_made()
    return muster


@pytest.fixture
def nightly(known: Reporting) -> Reporting:
    """The year 2016 of funding is made at night from now on, at 22:00 UTC."""
    assert put(known, FUNDING, NIGHTLY, **YEAR).status_code == 200
    assert known.report.stale() == []
    return known


def call(muster: Reporting, method: str, path: str, role: str = "analyst", **options: Any) -> TestResponse:
    headers = {"Authorization": f"Bearer {muster.report._token(role)}"}
    return muster.report.client.open(f"/report/v1{path}", method=method, headers=headers, **options)


def put(muster: Reporting, report: str, body: Any, role: str = "analyst", **params: str) -> TestResponse:
    return call(muster, "PUT", f"/schedules/{report}", role, query_string=params, json=body)


def numbers(muster: Reporting, report: str = FUNDING, **params: str) -> list[int]:
    return [issue["number"] for issue in muster.report.issues(report, **(params or YEAR))]


def change(muster: Reporting, amount: str) -> None:
    muster.submit(factories.requirement("KEN", amount=amount))
    muster.report.follow()


def tick(muster: Reporting) -> int:
    """What the scheduler does every other second; returns how many times were served."""
    return scheduling.wish_for_due(muster.report.context)


def made(muster: Reporting) -> list[tuple[str, str]]:
    """What waits to be made, and is made."""
    waiting = muster.report.stale()
    muster.report.count_as_made()
    return waiting


def fields_of(answer: TestResponse) -> list[str]:
    assert answer.status_code == 422, answer.text
    return [error["field"] for error in answer.get_json()["errors"]]


def test_a_report_without_a_schedule_is_made_on_change_and_the_catalogue_says_so(known: Reporting) -> None:
    assert {item["schedule"] for item in known.report.get("/reports").get_json()["items"]} == {"on change"}
    assert known.report.get("/schedules").get_json() == {"items": [], "next": None}
    change(known, "2")
    assert made(known) == [Y2016]


def test_a_nightly_report_waits_for_its_time_and_others_do_not(nightly: Reporting) -> None:
    nightly.submit(factories.requirement("KEN", year=2017, amount="2"), factories.requirement("KEN", amount="2"))
    nightly.report.follow()
    assert (tick(nightly), nightly.report.regenerate()) == (0, 1)
    assert (numbers(nightly), numbers(nightly, year="2017")) == ([], [1])
    nightly.advance("14h")
    assert (tick(nightly), nightly.report.regenerate()) == (1, 1)
    (issue,) = nightly.report.issues(FUNDING, **YEAR)
    assert (issue["number"], issue["position"]) == (1, nightly.ingest.last())
    assert tick(nightly) == 0, "the clock stands still"
    nightly.advance("1d")
    assert (tick(nightly), nightly.report.regenerate()) == (1, 1)
    assert numbers(nightly) == [1], "nothing changed"
    assert nightly.report.rebuild().differing == ()


def test_after_an_outage_of_ten_nights_it_is_made_once_and_next_in_the_coming_night(nightly: Reporting) -> None:
    change(nightly, "2")
    nightly.advance("10d")
    before = nightly.report.state(FUNDING, **YEAR).wanted
    assert (tick(nightly), tick(nightly)) == (1, 0)
    (told,) = nightly.report.get("/schedules").get_json()["items"]
    assert (told["last_at"], told["next_at"]) == ("2016-12-09T22:00:00Z", "2016-12-10T22:00:00Z")
    assert nightly.report.state(FUNDING, **YEAR).wanted == before + 1
    assert made(nightly) == [Y2016]


def test_several_schedulers_at_once_serve_a_time_once(nightly: Reporting) -> None:
    before = nightly.report.state(FUNDING, **YEAR).wanted
    nightly.advance("3d")
    with ThreadPoolExecutor(4) as pool:
        served = list(pool.map(scheduling.wish_for_due, [nightly.report.context] * 8))
    assert sum(served) == 1
    assert nightly.report.state(FUNDING, **YEAR).wanted == before + 1


def test_asking_for_it_makes_it_before_its_time(nightly: Reporting) -> None:
    change(nightly, "2")
    assert made(nightly) == []
    nightly.report.run(FUNDING, **YEAR)
    assert made(nightly) == [Y2016]


def test_without_its_schedule_it_is_made_of_what_was_held_back(nightly: Reporting) -> None:
    change(nightly, "2")
    assert call(nightly, "DELETE", f"/schedules/{FUNDING}", query_string=YEAR).status_code == 204
    assert made(nightly) == [Y2016]
    assert call(nightly, "DELETE", f"/schedules/{FUNDING}", query_string=YEAR).status_code == 404
    change(nightly, "3")
    assert made(nightly) == [Y2016]


def test_a_schedule_that_is_not_enabled_holds_nothing_back_and_serves_nothing(nightly: Reporting) -> None:
    change(nightly, "2")
    assert put(nightly, FUNDING, {**NIGHTLY, "enabled": False}, **YEAR).get_json()["next_at"] is None
    assert made(nightly) == [Y2016]
    nightly.advance("3d")
    assert tick(nightly) == 0
    change(nightly, "3")
    assert made(nightly) == [Y2016]


def test_a_schedule_of_the_donor_copy_leaves_the_internal_one_on_change(known: Reporting) -> None:
    known.report.run(FUNDING, copy="donor", **YEAR)
    put(known, FUNDING, NIGHTLY, copy="donor", **YEAR)
    known.report.count_as_made()
    change(known, "2")
    waiting = [state.params["copy"] for state in known.report.states() if state.wanted > state.built]
    assert (waiting, made(known)) == (["internal"], [Y2016])
    known.advance("1d")
    tick(known)
    assert [state.params["copy"] for state in known.report.states() if state.wanted > state.built] == ["donor"]
    assert known.report.state(FUNDING, copy="donor", **YEAR).position == known.ingest.last()


def test_a_report_until_the_day_it_is_due_is_made_for_each_month_end(known: Reporting) -> None:
    known.submit(factories.donor(), factories.project(), factories.grant())
    known.report.follow()
    body = {"kind": "month_end", "time_zone": "Africa/Nairobi"}
    assert put(known, COMPLIANCE, body, until="@due").status_code == 200
    known.advance("1d")
    assert (tick(known), made(known)) == (1, [(COMPLIANCE, "2016-11-30")])
    known.advance("70d")
    assert (tick(known), made(known)) == (1, [(COMPLIANCE, "2017-01-31")]), "once, for the last time it missed"
    known.submit(factories.progress_report())
    known.report.follow()
    assert made(known) == [], "both wait for their schedule"


def test_a_time_at_which_nothing_is_submitted_yet_passes(empty: Reporting) -> None:
    assert put(empty, FUNDING, NIGHTLY, **YEAR).status_code == 200
    empty.advance("1d")
    assert (tick(empty), tick(empty)) == (1, 0)
    assert empty.report.states() == []


def test_a_donors_own_days_are_kept_and_then_it_is_over(nightly: Reporting) -> None:
    body = {"kind": "dates", "dates": ["2016-12-24", "2016-12-02"], "hour": 6, "time_zone": "Europe/Berlin"}
    assert put(nightly, FUNDING, body, **YEAR).get_json()["dates"] == ["2016-12-02", "2016-12-24"]
    nightly.advance("2d")
    assert (tick(nightly), made(nightly)) == (1, [Y2016])
    nightly.advance("60d")
    assert (tick(nightly), made(nightly)) == (1, [Y2016])
    (told,) = nightly.report.get("/schedules").get_json()["items"]
    assert (told["last_at"], told["next_at"]) == ("2016-12-24T05:00:00Z", None)


def test_the_calendar_lists_what_comes_in_order_with_the_parameters_of_then(nightly: Reporting) -> None:
    put(nightly, COMPLIANCE, {"kind": "quarter_end", "hour": 12}, until="@due")
    asked = {"from": "2016-12-30T00:00:00Z", "until": "2017-01-01T00:00:00Z"}
    items = nightly.report.get("/calendar", **asked).get_json()["items"]
    assert [(item["when"], item["report"], item["params"], item["kind"]) for item in items] == [
        ("2016-12-30T22:00:00Z", FUNDING, {"year": "2016", "copy": "internal"}, "nightly"),
        ("2016-12-31T12:00:00Z", COMPLIANCE, {"until": "2016-12-31", "copy": "internal"}, "quarter_end"),
        ("2016-12-31T22:00:00Z", FUNDING, {"year": "2016", "copy": "internal"}, "nightly"),
    ]
    whole = nightly.report.get("/calendar").get_json()["items"]
    assert len(whole) == 92 + 1


def test_what_is_late_stands_first_in_the_calendar(nightly: Reporting) -> None:
    nightly.advance("36h")
    first, second, *_ = nightly.report.get("/calendar").get_json()["items"]
    assert (first["when"], second["when"]) == ("2016-11-30T22:00:00Z", "2016-12-01T22:00:00Z")


def test_the_catalogue_tells_which_parameters_are_made_when(nightly: Reporting) -> None:
    item = next(i for i in nightly.report.get("/reports").get_json()["items"] if i["key"] == FUNDING)
    assert item["schedule"] == "on change; 1 nightly"
    told = {known["params"]["year"]: (known["schedule"], known["next_at"]) for known in item["known"]}
    assert told == {"2016": ("nightly", "2016-11-30T22:00:00Z"), "2017": ("on change", None)}


def test_a_schedule_is_told_as_it_was_set(nightly: Reporting) -> None:
    told = nightly.report.get(f"/schedules/{FUNDING}", **YEAR).get_json()
    assert told == {
        "report": FUNDING,
        "params": {"year": "2016", "copy": "internal"},
        "kind": "nightly",
        "dates": [],
        "time_zone": "UTC",
        "hour": 22,
        "enabled": True,
        "next_at": "2016-11-30T22:00:00Z",
        "last_at": None,
        "set": {"at": "2016-11-30T08:00:00Z", "by": "analyst@example.org"},
    }
    assert nightly.report.get(f"/schedules/{FUNDING}", year="2017").status_code == 404


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, ["kind"]),
        ({"kind": "weekly"}, ["kind"]),
        ({"kind": "nightly", "hour": 24}, ["hour"]),
        ({"kind": "nightly", "hour": "22:00"}, ["hour"]),
        ({"kind": "nightly", "time_zone": "Mars/Olympus"}, ["time_zone"]),
        ({"kind": "nightly", "dates": ["2016-12-24"]}, ["dates"]),
        ({"kind": "dates"}, ["dates"]),
        ({"kind": "dates", "dates": ["2016-11-30", "1812-06-24"]}, ["dates"]),
        ({"kind": "dates", "dates": ["24.12.2016"]}, ["dates"]),
        ({"kind": "dates", "dates": ["2016-11-01"]}, ["dates"]),
        ({"kind": "nightly", "our": 3, "hour": -1, "enabled": "maybe"}, ["our", "enabled"]),
    ],
)
def test_a_schedule_that_cannot_be_is_refused_with_what_would_be_right(
    nightly: Reporting, body: dict[str, Any], fields: list[str]
) -> None:
    assert sorted(fields_of(put(nightly, FUNDING, body, **YEAR))) == sorted(fields)


def test_parameters_of_a_schedule_are_those_of_the_report(nightly: Reporting) -> None:
    assert fields_of(put(nightly, FUNDING, NIGHTLY, year="soon")) == ["year"]
    assert fields_of(put(nightly, FUNDING, NIGHTLY)) == ["year"]
    assert fields_of(put(nightly, FUNDING, NIGHTLY, copy="@due", **YEAR)) == ["copy"]
    assert fields_of(nightly.report.get("/calendar", until="tomorrow")) == ["until"]
    assert fields_of(nightly.report.get("/calendar", until="2026-01-01T00:00:00Z")) == ["until"]
    assert put(nightly, "weather", NIGHTLY).status_code == 404


def test_a_body_that_is_no_json_object_is_refused(nightly: Reporting) -> None:
    for raw in (b"{", b"[]", b"null", b"\xff"):
        answer = call(nightly, "PUT", f"/schedules/{FUNDING}?year=2016", data=raw, content_type="application/json")
        assert answer.status_code == 400, answer.text


@pytest.mark.parametrize("role", ["focal_point", "service"])
def test_only_analysts_set_schedules(nightly: Reporting, role: str) -> None:
    assert put(nightly, FUNDING, NIGHTLY, role, **YEAR).status_code == 403
    assert call(nightly, "DELETE", f"/schedules/{FUNDING}", role, query_string=YEAR).status_code == 403
    assert nightly.report.get("/schedules", role).status_code == 200
