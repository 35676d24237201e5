from __future__ import annotations

import csv
from pathlib import Path

import pytest

from muster_cli import sample
from muster_cli.records_csv import RecordsError, Undecided, envelopes, kind_of, records, rows

PUBLISHED = {path.name: path for path in sample.published()}


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(
    ("name", "kind", "count"),
    [
        ("offices.csv", "office", 161),
        ("funding_requirements_2016.csv", "funding_requirement", 1016),
        ("published_totals_2016.csv", "published_total", 163),
        ("initiatives_2016.csv", "initiative", 17),
        ("partners.csv", "partner", 151),
        ("partnerships.csv", "partnership", 175),
        ("field_activities.csv", "field_activity", 73),
        ("indicator_values.csv", "indicator_value", 47),
    ],
)
def test_every_published_file_tells_its_kind_and_gives_all_its_records(name: str, kind: str, count: int) -> None:
    found = records(PUBLISHED[name])
    assert [record["kind"] for record in found] == [kind] * count


def test_the_people_beside_field_activities_become_part_of_them() -> None:
    activities = {record["activity_id"]: record for record in records(PUBLISHED["field_activities.csv"])}
    assert sum(len(activity.get("people", [])) for activity in activities.values()) == 62
    assert activities["259-ALB-03"]["people"] == [{"group": "victims of trafficking", "reached": 28}]


def test_people_alone_are_refused_with_the_way_out() -> None:
    with pytest.raises(RecordsError, match=r"submit field_activities\.csv, with this file beside it"):
        records(PUBLISHED["field_activity_people.csv"])


def test_people_of_an_activity_that_is_not_there_are_refused_with_their_line(tmp_path: Path) -> None:
    written(tmp_path, "field_activity_people.csv", "activity_id,group,target,reached\nA1,all,,3\nA9,all,,3\n")
    activities = written(tmp_path, "field_activities.csv", "activity_id,offices,title\nA1,KEN,Centre\n")
    with pytest.raises(RecordsError, match=r"field_activity_people\.csv, line 3: its activity_id"):
        records(activities)


def test_amounts_stay_the_text_that_stands_in_the_file() -> None:
    with PUBLISHED["funding_requirements_2016.csv"].open(encoding="utf-8", newline="") as file:
        printed = [row["amount"] or None for row in csv.DictReader(file)]
    assert [record["amount"] for record in records(PUBLISHED["funding_requirements_2016.csv"])] == printed


def test_amounts_with_cents_and_zeros_are_not_rewritten(tmp_path: Path) -> None:
    path = written(tmp_path, "initiatives_2016.csv", "year,slug,required\n2016,a,0010.500\n")
    assert records(path)[0]["required"] == "0010.500"


def test_columns_for_the_reader_are_left_out_of_requirements_but_not_of_published_totals() -> None:
    assert not {"region", "line"} & set(records(PUBLISHED["funding_requirements_2016.csv"])[0])
    assert records(PUBLISHED["published_totals_2016.csv"])[0]["region"] == "southern_africa"


def test_cells_become_lists_objects_counts_and_nothing() -> None:
    office = records(PUBLISHED["offices.csv"])[0]
    assert office["weekend"] == ["thu", "fri"]
    assert office["head"]["email"].endswith("@example.org")
    assert "reviewer" not in office
    assert office["m49"] == "004"
    assert records(PUBLISHED["initiatives_2016.csv"])[0]["year"] == 2016


def test_unknown_columns_and_wrong_counts_are_passed_on_for_ingest_to_name(tmp_path: Path) -> None:
    path = written(tmp_path, "initiatives_2016.csv", "year,slug,colour\ntwenty,a,red\n")
    assert records(path) == [{"kind": "initiative", "action": "upsert", "year": "twenty", "slug": "a", "colour": "red"}]


def test_a_file_under_another_name_is_known_by_its_columns(tmp_path: Path) -> None:
    path = written(tmp_path, "export (2).csv", "grant_id,donor_id,project_code,amount\nG1,D1,P1,5\n")
    assert kind_of(path) == "grant"


def test_a_file_that_tells_nothing_asks_for_its_kind_and_takes_it(tmp_path: Path) -> None:
    path = written(tmp_path, "stuff.csv", "name\nA\n")
    with pytest.raises(Undecided, match="name it with --kind"):
        records(path)
    assert records(path, kind="donor")[0]["kind"] == "donor"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("partner_id,name\na,A\nb,B,C\n", r"line 3: 3 cells where the header has 2"),
        ("partner_id,name\na,A\n\nb\n", r"line 4: 1 cells where the header has 2"),
        ('partner_id,name\na,"A\nA"\nb\n', r"line 4: 1 cells"),
        ('partner_id,name\na,"A\n', r"line 2: not CSV"),
        ("partner_id;name\na;A\n", r"line 1: separate the columns by commas"),
        ("partner_id,name,name\na,A,A\n", r"line 1: 'name' is there twice"),
        ("partner_id,name,name.short\na,A,A\n", r"line 1: 'name' is there twice"),
        ("partner_id,,name\na,,A\n", r"line 1: column 2 has no name"),
        ("", r"empty"),
        (b"partner_id,name\na,A\nb,Caf\xe9\n", r"line 3: not UTF-8 \(byte 0xe9\)"),
        ("partner_id,name\na,A\n".encode("utf-16"), r"line 1: not UTF-8"),
    ],
)
def test_a_bad_file_is_refused_with_the_line(tmp_path: Path, content: str | bytes, said: str) -> None:
    with pytest.raises(RecordsError, match=rf"partners\.csv.*{said}"):
        records(written(tmp_path, "partners.csv", content))


def test_a_byte_order_mark_and_rows_of_empty_cells_do_no_harm(tmp_path: Path) -> None:
    path = written(tmp_path, "partners.csv", "\ufeffpartner_id,name\r\na,A\r\n,\r\nb,B\r\n")
    assert [(row.record["partner_id"], row.line) for row in rows(path)] == [("a", 2), ("b", 4)]


def test_offices_own_their_requirements_and_headquarters_what_is_central() -> None:
    requirements = records(PUBLISHED["funding_requirements_2016.csv"])
    grouped = envelopes(requirements)
    offices = [envelope["office"] for envelope in grouped]
    assert offices == sorted({record["office"] for record in requirements})
    assert sum(len(envelope["records"]) for envelope in grouped) == 1016
    burundi = next(envelope for envelope in grouped if envelope["office"] == "BDI")
    assert burundi["records"] == [record for record in requirements if record["office"] == "BDI"]
    assert [envelope["office"] for envelope in envelopes(records(PUBLISHED["partners.csv"]))] == ["HQ"]


def test_an_activity_of_several_offices_goes_with_the_first() -> None:
    activity = {"kind": "field_activity", "activity_id": "A1", "offices": ["UGA", "KEN"]}
    assert [envelope["office"] for envelope in envelopes([activity])] == ["UGA"]


def test_a_report_goes_with_the_office_of_its_project() -> None:
    report = {"kind": "progress_report", "project_code": "P1"}
    project = {"kind": "project", "project_code": "P1", "office": "KEN"}
    assert envelopes([report, project]) == [{"office": "KEN", "records": [report, project]}]
    assert envelopes([report], project_offices={"P1": "UGA"})[0]["office"] == "UGA"
    assert envelopes([report], "TZA")[0]["office"] == "TZA"
    with pytest.raises(Undecided, match="name it with --office"):
        envelopes([report])
