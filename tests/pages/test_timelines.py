"""What the timeline of a project tells: milestones, reports owed and delivered, extensions, grants, today."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import factories
from muster_ingest import timeline_picture
from muster_ingest.project_figures import money_of, people_of
from muster_ingest.project_records import ProjectRecords
from muster_ingest.timeline import Lane, timeline
from muster_shared.language import language_of
from muster_shared.schedules import obligations

TODAY = date(2016, 11, 30)


def plain(record: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name != "kind"}


def records(**changes: Any) -> ProjectRecords:
    milestones = [
        {"name": "Kick-off", "due": "2015-02-01", "completed": "2015-01-20"},
        {"name": "Survey <1>", "due": "2015-06-01", "completed": "2015-06-11"},
        {"name": "Handover", "due": "2016-11-20", "completed": None},
        {"name": "Audit", "due": "2016-12-20", "completed": None},
    ]
    stated: dict[str, Any] = {
        "code": "KE-001",
        "revision": 1,
        "project": plain(factories.project(milestones=milestones)),
        "office": plain(factories.office("KEN")),
        "grants": [plain(factories.grant())],
        "reports": [plain(factories.progress_report(reached=[_people(40)]))],
        "extensions": [],
        "donors": {},
        "first_end": "2016-12-31",
    }
    return ProjectRecords(**{**stated, **changes})


def _people(count: int) -> dict[str, Any]:
    return {"group": "returnees", "sex": "female", "age_min": 18, "age_max": 59, "count": count}


def lane(found: ProjectRecords, kind: str) -> Lane:
    return next(each for each in timeline(found, TODAY).lanes if each.kind == kind)


def test_milestones_are_done_done_late_overdue_or_ahead() -> None:
    told = [(mark.name, mark.state, mark.days_late) for mark in lane(records(), "milestones").marks]
    assert told == [
        ("Kick-off", "done", 0),
        ("Survey <1>", "late_done", 10),
        ("Handover", "late", 10),
        ("Audit", "open", 0),
    ]


def test_what_a_grant_owes_is_what_the_schedules_say_and_is_held_against_its_reports() -> None:
    stands = records()
    owed = obligations(stands.project, stands.grants)
    marks = lane(stands, "grant").marks
    assert [(mark.day, mark.name) for mark in marks] == sorted((o.due, o.type) for o in owed)
    first = marks[0]
    assert (first.state, first.of, first.done_on) == ("done", (date(2015, 1, 1), date(2015, 6, 30)), date(2015, 8, 1))
    assert {mark.state for mark in marks[1:] if mark.day < TODAY} == {"late"}
    assert {mark.state for mark in marks if mark.day > TODAY} == {"open"}


def test_an_extension_lengthens_the_project_once_it_is_approved() -> None:
    asked = {"project_code": "KE-001", "requested_on": "2016-11-01", "new_end": "2017-06-30", "reason": "floods"}
    approved = {**asked, "decision": "approved", "decided_on": "2016-11-10", "decided_by": "A"}
    for extension, kind in ((asked, "wished"), (approved, "extended")):
        span = lane(records(extensions=[extension]), "project").spans[-1]
        assert (span.kind, span.start, span.end) == (kind, date(2016, 12, 31), date(2017, 6, 30))
    written = {**records().project, "end": "2017-06-30"}
    spans = lane(records(project=written, extensions=[approved]), "project").spans
    assert [(span.kind, span.end) for span in spans] == [
        ("project", date(2016, 12, 31)),
        ("extended", date(2017, 6, 30)),
    ]


def test_a_grant_whose_rules_nobody_knows_is_named_and_the_rest_is_shown() -> None:
    strange = plain(factories.grant("G-2", reporting_rules={"rules": "unheard-of"}))
    told = timeline(records(grants=[*records().grants, strange]), TODAY)
    assert told.unreadable == ("G-2",)
    assert len(told.lanes) == 4


def test_the_picture_says_all_of_it_in_the_readers_language_and_escapes_names() -> None:
    told = timeline_picture.picture(timeline(records(), TODAY), language_of("fr", "muster_ingest"))
    assert "Survey &lt;1&gt;" in told
    assert "Survey <1>" not in told
    assert "Aujourd\N{RIGHT SINGLE QUOTATION MARK}hui" in told
    assert "Rapport intermédiaire" in told
    assert "style=" not in told


def test_a_project_that_ended_long_ago_is_not_stretched_to_today() -> None:
    line = timeline(records(), date(2026, 1, 1))
    assert line.last < date(2018, 1, 1)
    assert "Today" not in timeline_picture.picture(line, language_of("en", "muster_ingest"))


def test_the_axis_has_at_most_six_marks_whatever_the_length() -> None:
    for years in (0, 1, 3, 10, 40):
        assert 1 <= len(timeline_picture.ticks(date(2000, 1, 5), date(2001 + years, 3, 1))) <= 7


def test_money_and_people_are_counted_once_where_a_report_repeats_what_others_told() -> None:
    parts = [
        factories.progress_report(reached=[_people(40)]),
        factories.progress_report(
            type="final",
            period_end="2016-06-30",
            submitted_on="2016-09-01",
            expenditure={"amount": "250000", "currency": "USD"},
            reached=[_people(100)],
        ),
        factories.progress_report(
            period_start="2016-07-01", period_end="2016-12-31", submitted_on="2017-01-10", reached=[_people(5)]
        ),
    ]
    stands = records(reports=[plain(report) for report in parts])
    [money] = money_of(stands.grants, stands.reports, TODAY)
    assert money.spent == 250000
    assert money.share == Decimal("0.625")
    people = people_of(stands.project, stands.reports, TODAY)
    assert (people.total.target, people.total.reached) == (250, 100)
    assert [(row.name, row.reached) for row in people.by_age()] == [("18-59", 100)]


def test_what_was_spent_in_another_currency_stands_by_itself() -> None:
    euros = plain(factories.progress_report(expenditure={"amount": "9000", "currency": "EUR"}))
    [money] = money_of(records().grants, [euros], TODAY)
    assert money.spent == 0
    assert money.other == {"EUR": Decimal(9000)}
    assert money.share is None
