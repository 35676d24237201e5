"""A workbook full of mistakes comes back with each of them in its cell and none besides; corrected, it is accepted."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

import factories
import muster_ingest
import workbook_of_mistakes as book_of
from mistakes_stored import stored_before
from muster_ingest.workbooks.columns import columns_of
from workbook_making import cells_of_record, workbook

_README = Path(__file__).parents[2] / "README.md"

# codes that no cell of a readable workbook can bring, each with the reason
_ELSEWHERE = {
    "unknown_field": "fields of JSON; of a workbook it is unknown_column",
    "unknown_kind": "kinds of JSON and CSV; of a workbook it is unknown_sheet",
    "too_many": "records of a JSON envelope; a workbook has its own limits, of the file as a whole",
    "not_a_number": "NaN and Infinity of JSON; the reader refuses such numbers, and as text they are wrong_type",
    "too_deep": "JSON too deeply nested",
    "changed_since": "undoing a submission, not sending one",
    "no_records": "told only where nothing else is wrong",
    "incomplete": "a step of the endorsement workflow; tested in test_endorsement.py, as is not_reported",
    "not_reported": "see incomplete",
    "bad_name": "a document of a project; tested in test_project_documents.py",
    "same_person": "handing over; tested in test_handover.py, as is nothing_to_hand_over",
    "nothing_to_hand_over": "see same_person",
    "scope": "people and their tokens; tested in identity/test_people_and_tokens.py, as is time_zone",
    "time_zone": "see scope",
    "bad_bookmark": "a page that somebody keeps",
    "still_responsible": "erasing somebody who still answers for projects",
    "either": "the form of a grant; tested in pages/test_wrong_words.py, as is role",
    "role": "the form of a person or token",
    "rejected": "a form whose errors belong to no field of it",
    "bad_parameter": "a field of the form beside the file; tested in test_workbooks_and_what_stands.py",
}


@pytest.fixture
def furnished(ingest: Any) -> Any:
    """Ingest that holds what is stored before the workbook comes."""
    for office, sender, records in stored_before():
        scope = {"offices": [office]} if office != "HQ" else {}
        token = ingest.token("focal_point" if scope else "admin", name=sender, **scope)
        ingest.accept(*records, code=office, token=token)
    return ingest


@pytest.fixture
def focal_point(furnished: Any) -> str:
    return str(furnished.token("focal_point", offices=["KEN"], name="amina@example.org"))


def rejected(ingest: Any, token: str) -> dict[str, Any]:
    answer = ingest.upload(book_of.spoiled(), token=token, office="KEN", name="Kenya.xlsx")
    assert answer.status_code == 422, answer.text
    return dict(answer.get_json())


def places(found: list[dict[str, Any]]) -> Counter[tuple[Any, ...]]:
    return Counter((error.get("sheet"), error.get("cell"), error["code"]) for error in found)


def expected() -> Counter[tuple[Any, ...]]:
    return Counter((mistake.sheet, mistake.cell, mistake.code) for mistake in book_of.mistakes())


def test_the_workbook_holds_what_it_promises() -> None:
    mistakes = book_of.mistakes()
    assert len({mistake.name for mistake in mistakes}) == len(mistakes) >= 100
    assert expected().most_common(1)[0][1] == 1
    assert book_of.rows() >= 300
    assert book_of.records() - len(mistakes) >= 150
    said = f"{len(mistakes)} mistakes in {book_of.rows()} rows on {len(book_of.sheets())} sheets"
    assert said in _README.read_text(encoding="utf-8")


def test_every_mistake_is_found_and_none_is_invented(furnished: Any, focal_point: str) -> None:
    found = rejected(furnished, focal_point)["errors"]
    assert (places(found) - expected(), expected() - places(found)) == (Counter(), Counter())
    messages = {(error.get("sheet"), error.get("cell"), error["code"]): error["message"] for error in found}
    for mistake in book_of.mistakes():
        assert mistake.says in messages[mistake.sheet, mistake.cell, mistake.code], mistake.name


def test_the_annotated_workbook_pins_each_mistake_and_is_accepted_once_corrected(
    furnished: Any, focal_point: str
) -> None:
    path = f"/submissions/{rejected(furnished, focal_point)['submission_id']}/annotated.xlsx"
    answer = furnished.get(path, token=focal_point)
    assert answer.status_code == 200, answer.text
    notes = notes_in(answer.data)
    assert set(notes) == {(mistake.sheet, mistake.cell) for mistake in book_of.mistakes() if mistake.cell}
    for mistake in book_of.mistakes():
        if mistake.cell:
            assert mistake.says in notes[mistake.sheet, mistake.cell], mistake.name
    receipt = furnished.take(book_of.corrected(answer.data), token=focal_point)
    assert receipt["records"] == book_of.records()
    assert receipt["withdrawn"] == 1


def notes_in(content: bytes) -> dict[tuple[Any, Any], str]:
    cells = (cell for sheet in load_workbook(BytesIO(content)) for row in sheet.iter_rows() for cell in row)
    return {(cell.parent.title, cell.coordinate): cell.comment.text for cell in cells if cell.comment}


def test_the_workbook_itself_is_accepted_once_corrected(furnished: Any, focal_point: str) -> None:
    receipt = furnished.take(book_of.corrected(book_of.spoiled()), token=focal_point)
    assert (receipt["records"], receipt["withdrawn"]) == (book_of.records(), 1)


def test_a_sheet_without_its_key_is_named_once(at_home: Any) -> None:
    rows = [{name: row[name] for name in row if name != "project_code"} for row in cells_of_record(factories.project())]
    names = [column.name for column in columns_of("project") if not column.key]
    [error] = at_home.errors_in(workbook({"project": rows}, columns={"project": names}))
    assert (error["code"], error["cell"], error["field"]) == ("missing_column", "A1", "project_code")


def test_no_code_is_left_without_a_mistake() -> None:
    made = {mistake.code for mistake in book_of.mistakes()}
    known = set(codes_in(Path(muster_ingest.__path__[0])))
    assert known - made == set(_ELSEWHERE)


def codes_in(folder: Path) -> Iterator[str]:
    """The codes of errors about what was sent, in the source: the first text among the arguments that name one."""
    told = {"refused", "Issue", "DataError", "error", "_error", "_no_date", "Coded", "make_error"}
    for path in folder.rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and _name(call.func) in told:
                texts = (argument.value for argument in call.args if isinstance(argument, ast.Constant))
                yield from (text for text in list(texts)[:1] if isinstance(text, str) and re.fullmatch("[a-z_]+", text))


def _name(called: ast.expr) -> str:
    return called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""
