"""Reporting compliance: what was due by a day, what had come in, how late the rest was, and every extension."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from muster_report.about import complete
from muster_report.book import Book, Sheet, Value
from muster_report.facts import Fact, Facts
from muster_report.reports.report import ParameterError
from muster_report.reports.reporting_compliance import REPORT
from muster_report.xlsx import render
from muster_shared.coverage import standing
from muster_shared.schedules import obligations
from report.export_facts import fact_of, facts_of, sample_records
from report.test_bulk_sheets import unexplained

UNTIL = "2016-11-30"
BY_REGION, BY_OFFICE, BANDS, LISTED, EXTENSIONS = range(5)


def built(facts: Facts, until: str = UNTIL, copy: str = "internal", lang: str = "en") -> Book:
    return REPORT.build(facts, {"until": until, "copy": copy, "lang": lang})


def office(code: str, region: str, name: str) -> dict[str, Any]:
    return {"kind": "office", "office": code, "name": name, "region": region, "type": "country", "iso3": code}


def project(code: str, office: str) -> dict[str, Any]:
    manager = {"name": f"Manager of {code}", "email": f"{code.lower()}@example.org"}
    return {
        "kind": "project", "project_code": code, "office": office, "title": f"Title of {code}",
        "start": "2016-01-01", "end": "2016-12-31", "manager": manager,
    }  # fmt: skip


def grant(code: str, *due: str, **more: Any) -> dict[str, Any]:
    rules = [
        {"type": "interim", "period_start": f"2016-0{at}-01", "period_end": f"2016-0{at}-28", "due": day}
        for at, day in enumerate(due, start=1)
    ]
    return {
        "kind": "grant", "grant_id": f"{code}-G1", "project_code": code, "donor_id": "fund", "start": "2016-01-01",
        "end": "2016-12-31", "reporting_rules": rules, **more,
    }  # fmt: skip


def handed_in(code: str, month: int, day: str, **more: Any) -> dict[str, Any]:
    return {
        "kind": "progress_report", "project_code": code, "grant_id": f"{code}-G1", "type": "interim",
        "period_start": f"2016-0{month}-01", "period_end": f"2016-0{month}-28", "submitted_on": day, **more,
    }  # fmt: skip


def extension(code: str, asked: str, new_end: str, **more: Any) -> dict[str, Any]:
    return {
        "kind": "extension", "project_code": code, "requested_on": asked, "new_end": new_end, "reason": "Rains", **more
    }  # fmt: skip


# KEN-1: due 3 March (on time), 3 April (two days late), 3 May (not in), 10 June; KEN-2: due 3 March (returned).
# UGA-1: nothing due by June.
RECORDS = [
    {"kind": "donor", "donor_id": "fund", "name": "The Fund"},
    office("KEN", "east_horn_of_africa", "Kenya"),
    office("UGA", "east_horn_of_africa", "Uganda"),
    project("KEN-1", "KEN"),
    project("KEN-2", "KEN"),
    project("UGA-1", "UGA"),
    grant("KEN-1", "2016-03-03", "2016-04-03", "2016-05-03", "2016-06-10"),
    grant("KEN-2", "2016-03-03"),
    grant("UGA-1", "2016-07-03"),
    handed_in("KEN-1", 1, "2016-03-03"),
    handed_in("KEN-1", 2, "2016-04-05", donor_status="accepted"),
    handed_in("KEN-1", 4, "2016-06-11"),
    handed_in("KEN-2", 1, "2016-03-01", donor_status="returned"),
]


def made(*more: Mapping[str, Any], until: str = "2016-06-10", copy: str = "internal") -> Book:
    return built(facts_of([*RECORDS, *more]), until, copy)


def figures(sheet: Sheet, table: str, row: str) -> tuple[Value, ...]:
    return next(r.cells[1:] for r in sheet.table(table)[0].rows if r.key == row)


def column(sheet: Sheet, table: str, key: str) -> list[Value]:
    found, _ = sheet.table(table)
    at = [c.key for c in found.columns].index(key)
    return [row.cells[at] for row in found.rows]


def headline(book: Book) -> dict[str, Value]:
    return {row.key: row.cells[1] for row in book.sheets[BY_REGION].table("headline")[0].rows}


@pytest.fixture(scope="module")
def sample() -> list[Fact]:
    return [fact_of(record, position) for position, record in enumerate(sample_records(), start=1)]


def test_every_rate_stands_beside_the_counts_that_it_is_made_of() -> None:
    # Expected 5: KEN-1 four and KEN-2 one. Received 2, one of them on time. Overdue 2, and one due on the very day.
    row = (5, 2, 1, 1, 2, 1, Decimal("40.00"), Decimal("20.00"))
    book = made()
    assert figures(book.sheets[BY_REGION], "regions", "east_horn_of_africa") == row
    assert figures(book.sheets[BY_REGION], "regions", "*") == row
    assert figures(book.sheets[BY_OFFICE], "offices", "KEN") == row
    assert figures(book.sheets[BY_OFFICE], "offices", "region east_horn_of_africa") == row
    assert headline(book)["Reports_Returned"] == 1


def test_nothing_expected_is_no_rate_and_not_a_hundred_percent() -> None:
    nothing = (0, 0, 0, 0, 0, 0, "nothing expected", "nothing expected")
    book = made()
    assert figures(book.sheets[BY_OFFICE], "offices", "UGA") == nothing
    assert figures(book.sheets[BY_REGION], "regions", "south_america") == nothing


def test_a_report_counts_as_it_stood_on_that_day_not_as_it_stands_now() -> None:
    assert headline(made(until="2016-06-11"))["Reports_Received"] == 3
    before = made(until="2016-04-04")
    assert figures(before.sheets[BY_REGION], "regions", "*")[:6] == (3, 1, 1, 0, 2, 0)
    assert column(before.sheets[LISTED], "overdue", "days_late") == [32, 1]


def test_the_list_names_each_overdue_report_the_latest_first() -> None:
    listed = made().sheets[LISTED]
    assert column(listed, "overdue", "project") == ["KEN-2", "KEN-1"]
    assert column(listed, "overdue", "days_late") == [99, 38]
    assert column(listed, "overdue", "state") == ["Returned by the donor", "Not received"]
    assert column(listed, "overdue", "due") == [date(2016, 3, 3), date(2016, 5, 3)]
    assert column(listed, "overdue", "donor") == ["The Fund", "The Fund"]
    assert figures(made().sheets[BANDS], "bands", "east_horn_of_africa") == (0, 0, 1, 0, 1, 0, 2)


@pytest.mark.parametrize(("day", "band"), [("2016-03-04", 0), ("2016-03-10", 0), ("2016-03-11", 1), ("2016-12-31", 5)])
def test_a_lateness_falls_into_one_band(day: str, band: int) -> None:
    facts = facts_of([*RECORDS[:6], grant("KEN-2", "2016-03-03")])
    assert figures(built(facts, day).sheets[BANDS], "bands", "*") == (*(int(at == band) for at in range(6)), 1)


def test_an_extension_shows_the_end_before_it_and_why_and_by_whom() -> None:
    by_head = {"decided_by": "A. Head"}
    ends = [
        extension("KEN-1", "2016-02-01", "2017-03-31", decision="approved", decided_on="2016-02-09", **by_head),
        extension("KEN-1", "2016-04-01", "2017-06-30", decision="refused", decided_on="2016-04-09", decided_by="B"),
        extension("KEN-1", "2016-05-01", "2017-04-30", decision="approved", decided_on="2016-07-01", decided_by="C"),
    ]
    sheet = made(*ends).sheets[EXTENSIONS]
    assert column(sheet, "extensions", "old_end") == [date(2017, 3, 31), date(2017, 3, 31), date(2016, 12, 31)]
    assert column(sheet, "extensions", "days_more") == [30, 91, 90]
    assert column(sheet, "extensions", "decision") == ["Waiting", "Refused", "Approved"]
    assert column(sheet, "extensions", "approver") == [None, "B", "A. Head"]
    later = made(*ends, until="2016-07-01").sheets[EXTENSIONS]
    assert column(later, "extensions", "approver")[0] == "C"
    assert "extensions" not in {getattr(block, "key", "") for block in made(*ends, until="2016-01-31").sheets[4].blocks}


def test_an_extension_is_held_against_the_day_that_the_donors_rules_set() -> None:
    by_rules = grant("KEN-1", reporting_rules={"rules": "development-fund"})
    facts = [record for record in RECORDS if record.get("grant_id") != "KEN-1-G1"]
    asked = [extension("KEN-1", day, "2017-03-31") for day in ("2016-11-30", "2016-12-01")]
    book = built(facts_of([*facts, by_rules, *asked]), "2016-12-31")
    assert column(book.sheets[EXTENSIONS], "extensions", "in_time") == ["no, by 2016-11-30", "yes, by 2016-11-30"]
    assert column(made(*asked, until="2016-12-31").sheets[4], "extensions", "in_time") == ["no day set"] * 2


def test_copies_that_leave_the_house_name_no_person() -> None:
    decided = extension(
        "KEN-1", "2016-02-01", "2017-03-31", decision="refused", decided_by="A. Head", decided_on="2016-02-09"
    )
    persons = ("Manager of KEN-1", "ken-1@example.org", "A. Head")
    assert all(person in str(made(decided).values()) for person in persons)
    for copy in ("donor", "public"):
        assert not any(person in str(made(decided, copy=copy).values()) for person in persons)


def test_a_grant_whose_rules_cannot_be_read_is_named_on_the_first_sheet() -> None:
    book = made(grant("UGA-1", grant_id="UGA-1-G2", reporting_rules={"rules": "unheard-of"}))
    assert "UGA-1-G2" in next(block.text for block in book.sheets[0].blocks if getattr(block, "tone", "") == "alert")  # type: ignore[union-attr]
    assert headline(book) == headline(made())


def test_a_region_that_is_not_known_is_said_and_counted() -> None:
    facts = facts_of(record for record in RECORDS if record.get("office") != "KEN" or record["kind"] != "office")
    book = built(facts, "2016-06-10")
    assert figures(book.sheets[BY_REGION], "regions", "")[:2] == (5, 2)
    assert "The region of these offices is not known" in str(book.sheets[0].values())


def test_before_anything_is_due_the_workbook_says_so() -> None:
    for facts in (facts_of(RECORDS), Facts()):
        book = built(facts, "2010-01-01")
        assert "No report to a donor was due by 2010-01-01" in str(book.sheets[0].values())
        assert len(book.sheets) == 5
        assert book.used == ()
        render(complete(book, params={"until": "2010-01-01", "copy": "internal"}, base=None))


def test_the_sample_counts_what_its_schedules_and_reports_say(sample: list[Fact]) -> None:
    today, counted = date(2016, 11, 30), {"expected": 0, "received": 0, "on_time": 0, "overdue": 0}
    of = {
        kind: [f.fields for f in sample if f.kind == kind]
        for kind in ("project", "grant", "extension", "progress_report")
    }
    for one in of["project"]:
        for owed in obligations(one, of["grant"], of["extension"]):
            now = standing(owed, of["progress_report"], today)
            if owed.due <= today:
                counted["expected"] += 1
                counted["received"] += not now.is_open
                counted["on_time"] += not now.is_open and now.days_late == 0
                counted["overdue"] += now.is_overdue
    shown = headline(built(Facts.of(sample)))
    assert {name: shown[f"Reports_{name.title()}"] for name in counted} == counted
    assert (shown["Reports_Received"], shown["Reports_On_Time"]) == (384, 289)
    # The sample's own account: 95 handed in late, 33 overdue by 1 to 120 days, 5 of these returned by the donor.
    assert (shown["Reports_Overdue"], shown["Reports_Returned"]) == (33, 5)
    days = column(built(Facts.of(sample)).sheets[LISTED], "overdue", "days_late")
    assert (len(days), min(days), max(days)) == (33, 1, 120)  # type: ignore[type-var]


def test_regions_and_offices_add_up_to_the_same_totals(sample: list[Fact]) -> None:
    book = built(Facts.of(sample))
    total = figures(book.sheets[BY_REGION], "regions", "*")
    assert figures(book.sheets[BY_OFFICE], "offices", "*") == total
    rows = [row for row in book.sheets[BY_OFFICE].table("offices")[0].rows if row.role == "body"]
    assert tuple(sum(row.cells[at] for row in rows) for at in range(1, 7)) == total[:6]  # type: ignore[misc]
    expected, received, on_time, late, overdue, that_day = total[:6]
    assert (expected, received) == (on_time + late + overdue + that_day, on_time + late)  # type: ignore[operator]
    assert figures(book.sheets[BANDS], "bands", "*")[-1] == overdue


def test_every_figure_is_the_sum_of_its_parts(sample: list[Fact]) -> None:
    book = built(Facts.of(sample))
    assert unexplained(book) == []
    used = {(fact.kind, fact.key) for fact in book.used}
    rates, _ = book.sheets[BY_REGION].table("regions")
    assert rates.parts
    parts = rates.parts("*", "timeliness")
    assert len(parts) == 421
    assert {(part.fact.kind, part.fact.key) for part in parts} <= used


def test_only_days_on_which_a_record_can_be_seen_are_marked(sample: list[Fact]) -> None:
    known = [{"until": day, "copy": "internal"} for day in ("2014-06-30", "2015-12-31", "2016-11-30", "2017-01-31")]
    assert list(REPORT.affected("progress_report", sample_of(sample, "progress_report"), known)) == [
        {"until": day} for day in ("2015-12-31", "2016-11-30", "2017-01-31")
    ]
    assert [p["until"] for p in REPORT.affected("extension", {"requested_on": "2016-12-01"}, known)] == ["2017-01-31"]
    assert len(list(REPORT.affected("office", {}, known))) == 4
    few = {fact.key for fact in sample if fact.kind == "project" and fact.key.startswith(("KEN", "PER", "CHN"))}
    some = [fact for fact in sample if fact.fields.get("project_code") in few or fact.kind == "office"]
    figures_now = {params["until"]: figures_of(some, params["until"]) for params in known}
    for fact in (fact for fact in some if fact.kind in {"grant", "progress_report", "extension"}):
        marked = {params["until"] for params in REPORT.affected(fact.kind, fact.fields, known)}
        for until in sorted(figures_now.keys() - marked):
            assert figures_of(without(some, fact), until) == figures_now[until]


def sample_of(sample: Iterable[Fact], kind: str) -> Mapping[str, Any]:
    return next(fact.fields for fact in sample if fact.kind == kind)


def without(sample: Iterable[Fact], gone: Fact) -> list[Fact]:
    return [fact for fact in sample if fact is not gone]


def figures_of(facts: Iterable[Fact], until: str) -> dict[str, dict[str, Value]]:
    book = built(Facts.of(facts), until)
    return {sheet.name: sheet.values() for sheet in book.sheets}


def test_the_figures_come_from_the_facts_used_and_no_others(sample: list[Fact]) -> None:
    book = built(Facts.of(sample), "2015-06-30")
    again = built(Facts.of(book.used), "2015-06-30")
    assert again.values() == book.values()
    assert len(book.used) < len(sample)


def test_french_and_spanish_workbooks_are_in_their_language(sample: list[Fact]) -> None:
    facts = Facts.of(sample)
    assert built(facts, lang="fr").sheets[0].name == "Par région"
    for lang in ("fr", "es"):
        text = str(built(facts, lang=lang).values())
        assert not any(word in text for word in ("Overdue", "Expected", "Region and", "Not received", "Waiting"))


def test_the_same_facts_give_the_same_bytes(sample: list[Fact]) -> None:
    params = {"until": UNTIL, "copy": "donor"}
    books = [REPORT.build(Facts.of(order), params) for order in (sample, reversed(sample))]
    first, second = (render(complete(book, params=params, base=None)) for book in books)
    assert first == second


def test_the_day_has_one_spelling() -> None:
    assert REPORT.read({"until": " 2016-11-30"})["until"] == "2016-11-30"
    with pytest.raises(ParameterError, match="2016-11-30"):
        REPORT.read({"until": "30.11.2016"})
