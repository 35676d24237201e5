"""What an upload does to what is stored: shown before, never overwritten in silence, traced to its cells, undone."""

from __future__ import annotations

from typing import Any

import pytest

import factories
from every_kind import RECORDS
from workbook_making import cells_of_record, changed, filled_in, workbook

KEY = "/records/funding_requirement/2016/KEN/migration_health"


def requirements(ingest: Any) -> bytes:
    ingest.accept(factories.requirement())
    return bytes(ingest.template("funding_requirement"))


def position(ingest: Any) -> int:
    return int(ingest.get("/changes").get_json()["last"])


def test_a_dry_run_says_what_would_change_and_changes_nothing(at_home: Any) -> None:
    at_home.accept(factories.requirement(), factories.requirement(area="migrant_assistance"))
    book = at_home.template("funding_requirement")
    book = changed(book, "funding_requirement", 3, "amount", 5)
    book = filled_in(
        book, "funding_requirement", cells_of_record(factories.requirement(area="migration_policy_research"))
    )
    before = position(at_home)
    answer = at_home.upload(book, office="KEN", dry_run="true")
    told = answer.get_json()
    assert answer.status_code == 200, told
    assert (told["new"], told["changed"], told["unchanged"], told["dry_run"]) == (1, 1, 1, True)
    assert [(c["action"], c["key"]) for c in told["changes"]] == [
        ("changed", "2016/KEN/migrant_assistance"),
        ("new", "2016/KEN/migration_policy_research"),
    ]
    assert told["changes"][0]["fields"] == {"amount": ["1000000", "5"]}
    assert [record["key"] for record in told["unchanged_records"]] == ["2016/KEN/migration_health"]
    assert position(at_home) == before
    assert [told["submission_id"], told["receipt"]] == [None, None]


def test_a_dry_run_of_json_is_a_dry_run_too(at_home: Any) -> None:
    before = position(at_home)
    headers = {"Authorization": f"Bearer {at_home.admin}"}
    body = factories.envelope(factories.requirement())
    answer = at_home.client.post("/ingest/v1/submissions?dry_run=true", json=body, headers=headers)
    assert (answer.status_code, answer.get_json()["new"], position(at_home)) == (200, 1, before)


def test_a_row_left_out_stays_and_a_withdrawn_one_goes(at_home: Any) -> None:
    at_home.accept(factories.requirement(), factories.requirement(area="migrant_assistance"))
    row = {"year": 2016, "office": "KEN", "area": "migration_health", "currency": "USD", "action": "withdraw"}
    receipt = at_home.take(workbook({"funding_requirement": [row]}))
    assert (receipt["withdrawn"], receipt["records"]) == (1, 1)
    assert at_home.get(KEY).status_code == 404
    assert at_home.get("/records/funding_requirement/2016/KEN/migrant_assistance").status_code == 200


def test_a_blank_cell_empties_a_field_and_a_missing_column_leaves_it(at_home: Any) -> None:
    at_home.accept(factories.requirement(note="kept"))
    row = {"year": 2016, "office": "KEN", "area": "migration_health", "currency": "USD", "amount": 7}
    names = ["year", "office", "area", "currency", "amount"]
    at_home.take(workbook({"funding_requirement": [row]}, columns={"funding_requirement": names}))
    assert (
        at_home.get(KEY).get_json()["fields"] | {"note": "kept", "amount": "7"} == at_home.get(KEY).get_json()["fields"]
    )
    at_home.take(workbook({"funding_requirement": [row]}))
    assert at_home.get(KEY).get_json()["fields"]["note"] is None


def test_a_stale_row_shows_both_values_and_who_changed_the_record(at_home: Any) -> None:
    book = requirements(at_home)
    other = at_home.token("focal_point", offices=["KEN"], name="paul@example.org")
    at_home.accept(factories.requirement(amount="2000000"), token=other)
    [error] = at_home.errors_in(changed(book, "funding_requirement", 3, "amount", 3000000))
    assert (error["code"], error["cell"]) == ("conflict", "D3")
    for said in ("2000000", "3000000", "paul@example.org"):
        assert said in error["message"]


def test_a_stale_row_that_says_what_is_stored_already_is_no_conflict(at_home: Any) -> None:
    book = changed(requirements(at_home), "funding_requirement", 3, "amount", 3000000)
    assert at_home.take(book)["changed"] == 1
    assert at_home.take(book)["unchanged"] == 1


def test_each_field_leads_to_its_cell(at_home: Any) -> None:
    at_home.accept(factories.project("KE-001"))
    project = factories.project("KE-777", areas=RECORDS["project"]["areas"], targets=RECORDS["project"]["targets"])
    receipt = at_home.take(filled_in(at_home.template("project"), "project", cells_of_record(project)))
    [revision] = at_home.items("/records/project/KE-777/revisions")
    source = revision["source"]
    assert (source["sheet"], source["row"]) == ("project", 5)
    assert source["submission_id"] == receipt["submission_id"]
    cells = source["cells"]
    assert cells["project_code"] == "A5"
    assert (cells["areas/0/percent"][1:], cells["areas/1/percent"][1:]) == ("5", "6")
    assert cells["targets/2/count"].endswith("7")
    [change] = [c for c in at_home.items("/changes") if c["key"] == "KE-777"]
    assert change["source"]["cells"] == cells


def test_undoing_restores_what_stood_before(at_home: Any) -> None:
    book = requirements(at_home)
    book = changed(book, "funding_requirement", 3, "amount", 3000000)
    book = filled_in(
        book, "funding_requirement", cells_of_record(factories.requirement(area="migration_policy_research"))
    )
    receipt = at_home.take(book)
    told = undo(at_home, receipt, "?dry_run=true").get_json()
    assert {(c["action"], c["key"]) for c in told["changes"]} == {
        ("changed", "2016/KEN/migration_health"),
        ("withdrawn", "2016/KEN/migration_policy_research"),
    }
    assert at_home.get(KEY).get_json()["fields"]["amount"] == "3000000"
    undone = undo(at_home, receipt)
    assert undone.status_code == 201, undone.text
    assert at_home.get(KEY).get_json()["fields"]["amount"] == "1000000"
    assert at_home.get("/records/funding_requirement/2016/KEN/migration_policy_research").status_code == 404
    again = undo(at_home, undone.get_json())
    assert again.status_code == 201
    assert at_home.get(KEY).get_json()["fields"]["amount"] == "3000000"


def test_undoing_is_refused_where_later_work_touched_the_same_records(at_home: Any) -> None:
    receipt = at_home.accept(factories.requirement())
    later = at_home.accept(factories.requirement(amount="9"))
    answer = undo(at_home, receipt)
    assert answer.status_code == 409
    [error] = answer.get_json()["errors"]
    assert later["receipt"] in error["message"]
    assert at_home.get(KEY).get_json()["fields"]["amount"] == "9"


def test_undoing_what_others_name_by_now_is_refused_with_their_names(at_home: Any) -> None:
    receipt = at_home.accept(factories.partner())
    at_home.accept(factories.partnership())
    answer = undo(at_home, receipt)
    assert answer.status_code == 422
    assert "partnership p-1" in answer.get_json()["errors"][0]["message"]


def test_only_what_changed_something_can_be_undone_and_only_by_its_office(at_home: Any) -> None:
    receipt = at_home.accept(factories.requirement())
    foreign = at_home.token("focal_point", offices=["UGA"])
    assert undo(at_home, receipt, token=foreign).status_code == 404
    unchanged = at_home.accept(factories.requirement())
    assert undo(at_home, unchanged).status_code == 409


def undo(ingest: Any, receipt: dict[str, Any], query: str = "", *, token: str | None = None) -> Any:
    path = f"/ingest/v1/submissions/{receipt['submission_id']}/revert{query}"
    return ingest.client.post(path, headers={"Authorization": f"Bearer {token or ingest.admin}"})


@pytest.mark.parametrize("said", [{}, {"office": "KEN"}])
def test_a_file_of_the_only_office_needs_no_office(at_home: Any, said: dict[str, str]) -> None:
    focal_point = at_home.token("focal_point", offices=["KEN"])
    book = workbook({"funding_requirement": cells_of_record(factories.requirement())})
    answer = at_home.upload(book, token=focal_point, **said)
    assert answer.get_json()["receipt"].startswith("KEN-"), answer.text


def test_a_file_for_a_foreign_office_is_refused_and_not_kept(at_home: Any) -> None:
    focal_point = at_home.token("focal_point", offices=["KEN"])
    book = workbook({"funding_requirement": cells_of_record(factories.requirement())})
    assert at_home.upload(book, token=focal_point, office="UGA").status_code == 403
    assert all(item["office"] != "UGA" for item in at_home.items("/submissions"))


def test_a_template_of_another_office_or_version_is_named(at_home: Any) -> None:
    [error, *_] = at_home.errors_in(at_home.template("partner", office="UGA"), office="KEN")
    assert (error["code"], error["value"]) == ("other_office", "UGA")


def test_the_original_is_kept_byte_for_byte_also_when_rejected(at_home: Any) -> None:
    book = workbook({"funding_requirement": [{"year": 2016}]})
    problem = at_home.upload(book, office="KEN", name="Kenya 2016.xlsx").get_json()
    original = at_home.get(f"/submissions/{problem['submission_id']}/original")
    assert original.data == book
    assert "Kenya 2016.xlsx" in original.headers["Content-Disposition"]


def test_a_wrong_row_does_not_make_others_wrong(at_home: Any) -> None:
    """The project has a bad date; the grant that names it, and its report, are right."""
    project = cells_of_record(factories.project("KE-9"))
    project[0]["start"] = "yesterday"
    sheets = {
        "grant": cells_of_record(factories.grant("G-9", project_code="KE-9")),
        "progress_report": cells_of_record(factories.progress_report("KE-9", grant_id="G-9")),
        "project": project,
    }
    errors = at_home.errors_in(workbook(sheets))
    assert [(error["sheet"], error["cell"], error["code"]) for error in errors] == [("project", "D2", "not_a_date")]


def test_a_wrong_record_is_still_held_against_the_others(at_home: Any) -> None:
    row = cells_of_record(factories.partnership(partner_id="nobody"))[0] | {"role": "frend", "office": "Kenia"}
    errors = at_home.errors_in(workbook({"partnership": [row]}))
    assert {(error["field"], error["code"]) for error in errors} == {
        ("partner_id", "unknown_reference"),
        ("office", "unknown_reference"),
        ("role", "not_in_list"),
    }
    assert any("did you mean Kenya (KEN)?" in error["message"] for error in errors)


def test_csv_is_taken_with_line_and_column(at_home: Any) -> None:
    text = 'year;office;area;amount;currency\n2016;KEN;migration_health;1250.50;USD\n2016;KEN;health;"1,250";USD\n'
    errors = at_home.errors_in(text.encode(), name="funding_requirements.csv")
    assert [(error["line"], error["column"], error["code"]) for error in errors] == [
        (3, 3, "not_in_list"),
        (3, 4, "ambiguous_number"),
    ]
    good = text.rsplit("2016;KEN;health", 1)[0]
    assert at_home.take(good.encode(), name="figures.csv")["new"] == 1
    [revision] = at_home.items(f"{KEY}/revisions")
    assert revision["source"]["cells"]["amount"] == "line 2, column 4"


@pytest.mark.parametrize("said", [{"dry_run": "maybe"}, {"kind": "partners"}, {"colour": "red"}, {"office": "K" * 101}])
def test_a_bad_field_of_the_form_is_refused_and_nothing_is_written(at_home: Any, said: dict[str, str]) -> None:
    before = position(at_home)
    book = workbook({"funding_requirement": cells_of_record(factories.requirement())})
    answer = at_home.upload(book, **{"office": "KEN", **said})
    assert (answer.status_code, answer.get_json()["errors"][0]["field"]) == (422, next(iter(said)))
    assert position(at_home) == before
