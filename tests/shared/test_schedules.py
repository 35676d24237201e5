"""What a grant owes, rule set by rule set, and what an extension or a change of rules does to it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from muster_shared.months import add_months, full_months
from muster_shared.rulebook import UnknownRules, parse_rulebook, shipped_rulebook
from muster_shared.schedules import Obligation, obligations

CODE = "KEN-1"


def project(start: str, end: str, code: str = CODE) -> dict[str, Any]:
    return {"project_code": code, "start": start, "end": end}


def grant(start: str, end: str, rules: Any, grant_id: str = "G-1", code: str = CODE) -> dict[str, Any]:
    terms = {"rules": rules} if isinstance(rules, str) else rules
    return {"grant_id": grant_id, "project_code": code, "start": start, "end": end, "reporting_rules": terms}


def extension(new_end: str, decided_on: str, decision: str = "approved") -> dict[str, Any]:
    return {
        "project_code": CODE,
        "requested_on": decided_on,
        "new_end": new_end,
        "decision": decision,
        "decided_on": decided_on,
    }


def owed(start: str, end: str, rules: Any, *extensions: dict[str, Any]) -> list[tuple[str, str, str]]:
    """``(type, period end, due)`` of one grant that lasts as long as its project."""
    found = obligations(project(start, end), [grant(start, end, rules)], extensions)
    return [(o.type, o.period_end.isoformat(), o.due.isoformat()) for o in found]


def test_development_fund_owes_every_six_months_and_three_months_after_the_end() -> None:
    assert owed("2016-01-01", "2017-06-30", "development-fund") == [
        ("final", "2017-06-30", "2017-09-30"),
        ("interim", "2016-06-30", "2016-08-11"),
        ("interim", "2016-12-31", "2017-02-11"),
        ("interim", "2017-06-30", "2017-08-11"),
    ]


def test_development_fund_under_twelve_months_owes_a_final_report_only() -> None:
    assert owed("2016-01-01", "2016-12-30", "development-fund") == [("final", "2016-12-30", "2017-03-30")]
    assert [kind for kind, *_ in owed("2016-01-01", "2016-12-31", "development-fund")].count("interim") == 2


@pytest.mark.parametrize(
    ("end", "interims"),
    [
        ("2016-11-30", ["2016-08-31"]),  # 11 months
        ("2016-11-29", []),  # one day less
        ("2017-05-31", ["2016-08-31"]),  # 17 months
        ("2017-06-30", ["2016-09-30"]),  # 18 months: the one of month 18 falls on the end
        ("2017-07-01", ["2016-09-30", "2017-06-30"]),
        ("2017-12-31", ["2016-09-30", "2017-06-30"]),
        ("2018-12-31", ["2016-09-30", "2017-06-30", "2018-06-30"]),  # 36 months
    ],
)
def test_echo_owes_interim_reports_by_duration(end: str, interims: list[str]) -> None:
    found = owed("2016-01-01", end, "echo")
    assert [last for kind, last, _ in found if kind == "interim"] == interims
    assert all(due == last for kind, last, due in found if kind == "interim")
    assert [due for kind, _, due in found if kind == "final"] == [add_months(date.fromisoformat(end), 3).isoformat()]


def test_prm_owes_each_quarter_of_the_grant_and_of_the_calendar() -> None:
    assert owed("2016-02-15", "2016-09-30", "prm") == [
        ("final", "2016-09-30", "2017-01-28"),
        ("financial", "2016-03-31", "2016-04-30"),
        ("financial", "2016-06-30", "2016-07-30"),
        ("financial", "2016-09-30", "2016-10-30"),
        ("interim", "2016-05-14", "2016-06-13"),
        ("interim", "2016-08-14", "2016-09-13"),
    ]


@pytest.mark.parametrize(
    ("frequency", "first_due", "interims"),
    [("quarterly", "2016-04-30", 4), ("semi-annual", "2016-07-30", 2), ("annual", "2017-03-31", 1)],
)
def test_us_federal_follows_its_frequency(frequency: str, first_due: str, interims: int) -> None:
    found = owed("2016-01-01", "2016-12-31", {"rules": "us-federal", "frequency": frequency})
    dues = [due for kind, _, due in found if kind == "interim"]
    assert (dues[0], len(dues)) == (first_due, interims)
    assert ("final", "2016-12-31", "2017-04-30") in found


def test_un_default_is_semi_annual_unless_it_says_otherwise() -> None:
    unset = owed("2016-01-01", "2016-12-31", "un-default")
    assert unset == owed("2016-01-01", "2016-12-31", {"rules": "un-default", "frequency": "semi-annual"})
    assert unset == [
        ("final", "2016-12-31", "2017-03-31"),
        ("interim", "2016-06-30", "2016-07-15"),
        ("interim", "2016-12-31", "2017-01-15"),
    ]


def test_dates_written_out_on_the_grant_are_taken_as_they_stand_and_no_extension_moves_them() -> None:
    entry = {"type": "interim", "period_start": "2016-01-01", "period_end": "2016-03-31", "due": "2016-05-02"}
    found = owed("2016-01-01", "2016-12-31", [entry, entry], extension("2017-12-31", "2016-02-01"))
    assert found == [("interim", "2016-03-31", "2016-05-02")]


def test_periods_of_interim_reports_follow_one_another_from_the_start() -> None:
    found = obligations(project("2016-01-01", "2018-12-31"), [grant("2016-01-01", "2018-12-31", "echo")])
    assert [(o.period_start, o.period_end) for o in found if o.type == "interim"] == [
        (date(2016, 1, 1), date(2016, 9, 30)),
        (date(2016, 10, 1), date(2017, 6, 30)),
        (date(2017, 7, 1), date(2018, 6, 30)),
    ]


def test_an_approved_extension_moves_the_final_report_and_adds_interim_ones() -> None:
    before = owed("2016-01-01", "2016-12-31", "development-fund")
    after = owed("2016-01-01", "2016-12-31", "development-fund", extension("2017-06-30", "2016-11-01"))
    assert ("final", "2017-06-30", "2017-09-30") in after
    assert ("interim", "2017-06-30", "2017-08-11") in after
    assert [entry for entry in before if entry[0] == "interim"] == [e for e in after if e[0] == "interim"][:2]


def test_the_final_report_keeps_its_identity_when_an_extension_moves_it() -> None:
    first, moved = (
        next(o for o in obligations(*case) if o.type == "final")
        for case in (
            (project("2016-01-01", "2016-12-31"), [grant("2016-01-01", "2016-12-31", "prm")]),
            (
                project("2016-01-01", "2016-12-31"),
                [grant("2016-01-01", "2016-12-31", "prm")],
                [extension("2017-03-31", "2016-12-01")],
            ),
        )
    )
    assert first.obligation_id == moved.obligation_id
    assert first.due < moved.due


@pytest.mark.parametrize("decision", ["refused", None])
def test_only_an_approved_extension_counts(decision: str) -> None:
    before = owed("2016-01-01", "2016-12-31", "prm")
    assert owed("2016-01-01", "2016-12-31", "prm", extension("2017-12-31", "2016-06-01", decision)) == before


def test_an_extension_in_which_nothing_was_owed_before_owes_nothing_for_days_already_passed() -> None:
    """Ten months become fourteen after the first interim report would have been due: only the second is owed."""
    found = owed("2016-01-01", "2016-10-31", "development-fund", extension("2017-02-28", "2016-09-01"))
    assert [due for kind, _, due in found if kind == "interim"] == ["2017-02-11"]


def test_a_final_report_past_due_stays_and_the_extended_stretch_owes_its_own() -> None:
    found = obligations(
        project("2016-01-01", "2016-06-30"),
        [grant("2016-01-01", "2016-06-30", "echo")],
        [extension("2016-12-31", "2016-10-15")],
    )
    assert [(o.period_start.isoformat(), o.period_end.isoformat(), o.due.isoformat()) for o in found] == [
        ("2016-01-01", "2016-06-30", "2016-09-30"),
        ("2016-07-01", "2016-12-31", "2017-03-31"),
    ]


def test_a_grant_that_ends_before_its_project_is_not_extended_with_it() -> None:
    found = obligations(
        project("2016-01-01", "2017-12-31"),
        [grant("2016-01-01", "2016-12-31", "prm"), grant("2016-01-01", "2017-12-31", "prm", "G-2")],
        [extension("2018-06-30", "2016-06-01"), extension("2018-12-31", "2016-07-01")],
    )
    assert {o.grant_id: o.period_end.isoformat() for o in found if o.type == "final"} == {
        "G-1": "2016-12-31",
        "G-2": "2018-12-31",
    }


def test_echo_month_eight_that_was_past_due_stays_when_the_grant_grows_to_eighteen_months() -> None:
    """Month 8's report was due on 31 August; month 9's would have been due before the decision."""
    found = owed("2016-01-01", "2016-12-31", "echo", extension("2017-12-31", "2016-10-10"))
    assert [due for kind, _, due in found if kind == "interim"] == ["2016-08-31", "2017-06-30"]


def test_what_is_due_on_the_day_of_the_decision_is_not_past_due_and_moves() -> None:
    found = owed("2016-01-01", "2016-12-31", "echo", extension("2017-12-31", "2016-08-31"))
    assert [due for kind, _, due in found if kind == "interim"] == ["2016-09-30", "2017-06-30"]


def test_grants_of_other_projects_are_left_aside() -> None:
    other = grant("2016-01-01", "2016-12-31", "prm", "G-2", code="UGA-9")
    assert obligations(project("2016-01-01", "2016-12-31"), [other]) == ()


def test_unknown_rules_and_frequencies_are_named_with_what_there_is() -> None:
    with pytest.raises(UnknownRules, match="no reporting rules 'echoes': there are development-fund, echo"):
        owed("2016-01-01", "2016-12-31", "echoes")
    with pytest.raises(UnknownRules, match="us-federal' need a frequency: one of quarterly, semi-annual, annual"):
        owed("2016-01-01", "2016-12-31", {"rules": "us-federal", "frequency": None})


def test_every_shipped_rule_carries_its_date_and_source() -> None:
    versions = [version for found in shipped_rulebook().by_rules.values() for version in found]
    assert sorted(v.rules for v in versions) == ["development-fund", "echo", "prm", "un-default", "us-federal"]
    assert all(v.holds_from <= date(2016, 1, 1) and v.source for v in versions)
    assert shipped_rulebook().versions("development-fund")[0].extension_request_months_before_end == 1


TWO_VERSIONS = parse_rulebook(
    """
[[version]]
rules = "own"
holds_from = 2017-01-01
source = "second"
[[version.report]]
type = "interim"
every_months = 6
due = { days = 60 }

[[version]]
rules = "own"
holds_from = 2001-01-01
source = "first"
[[version.report]]
type = "interim"
every_months = 3
due = { days = 10 }
"""
)


def test_a_change_of_rules_moves_only_what_was_not_past_due() -> None:
    case = grant("2016-04-01", "2017-09-30", "own")
    found = obligations(project("2016-04-01", "2017-09-30"), [case], rulebook=TWO_VERSIONS)
    assert [(o.period_start.isoformat(), o.period_end.isoformat(), o.due.isoformat()) for o in found] == [
        ("2016-04-01", "2016-06-30", "2016-07-10"),
        ("2016-07-01", "2016-09-30", "2016-10-10"),
        ("2016-10-01", "2017-03-31", "2017-05-30"),
        ("2017-04-01", "2017-09-30", "2017-11-29"),
    ]
    assert [o.mark for o in found] == ["1", "2", "3", "4"]


def test_a_final_report_past_due_is_not_owed_again_by_rules_that_would_give_more_time() -> None:
    version = """
[[version]]
rules = "own"
holds_from = {since}
source = "written for this test"
[[version.report]]
type = "final"
at_end = true
due = {{ days = {days} }}
"""
    book = parse_rulebook(version.format(since="2001-01-01", days=30) + version.format(since="2017-01-01", days=120))
    found = obligations(project("2016-01-01", "2016-11-15"), [grant("2016-01-01", "2016-11-15", "own")], rulebook=book)
    assert [o.due.isoformat() for o in found] == ["2016-12-15"]


STARTS = st.dates(date(2010, 1, 1), date(2020, 12, 31))
LENGTHS = st.integers(0, 1500)
RULES = st.sampled_from(
    [
        {"rules": "development-fund"},
        {"rules": "echo"},
        {"rules": "prm"},
        {"rules": "un-default"},
        *({"rules": "us-federal", "frequency": f} for f in ("quarterly", "semi-annual", "annual")),
    ]
)


def of_days(start: date, length: int) -> tuple[str, str]:
    return start.isoformat(), date.fromordinal(start.toordinal() + length).isoformat()


def keys(found: tuple[Obligation, ...]) -> list[str]:
    return [o.obligation_id for o in found]


@given(STARTS, LENGTHS, RULES)
def test_each_report_is_owed_once_and_never_due_before_its_period_is_over(
    start: date, length: int, rules: dict[str, str]
) -> None:
    first, last = of_days(start, length)
    found = obligations(project(first, last), [grant(first, last, rules)])
    assert len(set(keys(found))) == len(found)
    assert all(o.period_start <= o.period_end <= o.due for o in found)
    assert [o.period_end.isoformat() for o in found if o.type == "final"] == [last]


@given(STARTS, LENGTHS, RULES)
def test_interim_periods_tile_the_grant_and_never_leave_it(start: date, length: int, rules: dict[str, str]) -> None:
    first, last = of_days(start, length)
    interims = [o for o in obligations(project(first, last), [grant(first, last, rules)]) if o.type == "interim"]
    expected_start = start
    for o in interims:
        assert o.period_start == expected_start
        assert o.period_end <= date.fromisoformat(last)
        expected_start = date.fromordinal(o.period_end.toordinal() + 1)
    if full_months(start, date.fromisoformat(last)) < 3:
        assert not interims


@given(STARTS, LENGTHS, RULES, st.integers(-200, 900), st.integers(0, 1500))
def test_an_extension_leaves_what_was_past_due_and_owes_nothing_new_for_the_past(
    start: date, length: int, rules: dict[str, str], longer: int, decided_after: int
) -> None:
    assume(length + longer >= 0)
    first, last = of_days(start, length)
    _, new_end = of_days(start, length + longer)
    decided = date.fromordinal(start.toordinal() + decided_after)
    grants = [grant(first, last, rules)]
    before = obligations(project(first, last), grants)
    after = obligations(project(first, last), grants, [extension(new_end, decided.isoformat())])
    past_due = {o for o in before if o.due < decided}
    assert past_due == {o for o in after if o.due < decided}
    assert len(set(keys(after))) == len(after)
    assert all(o.period_start <= o.period_end <= o.due for o in after)


@given(STARTS, LENGTHS, RULES)
def test_an_extension_decided_before_anything_is_due_equals_a_grant_of_that_length(
    start: date, length: int, rules: dict[str, str]
) -> None:
    first, last = of_days(start, length)
    _, new_end = of_days(start, length + 400)
    extended = obligations(project(first, last), [grant(first, last, rules)], [extension(new_end, first)])
    assert extended == obligations(project(first, new_end), [grant(first, new_end, rules)])
