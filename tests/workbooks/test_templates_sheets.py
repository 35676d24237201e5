from __future__ import annotations

import hashlib
import io
import subprocess
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.utils import get_column_letter, range_boundaries
from openpyxl.worksheet.datavalidation import DataValidation

from muster_ingest.kinds import KINDS
from muster_ingest.workbooks import words
from muster_ingest.workbooks.templates.template import MARK, VERSION, Choices, Mark, make, read_mark
from template_examples import example_records

AT = datetime(2016, 11, 30, 8, tzinfo=UTC)
CHOICES = Choices(
    {
        "office": {"KEN": "Kenya", "UGA": "Uganda"},
        "project": {"KEN-2016-004": "Shelter"},
        "partner": {f"partner-{number:03}": f"Partner {number}" for number in range(300)},
        "donor": {"us-prm": "PRM"},
        "grant": {"KEN-2016-004-G1": "Shelter, PRM"},
        "field_activity": {},
    }
)


@cache
def template(*kinds: str, language: str = "en", at: datetime = AT) -> bytes:
    return make(
        kinds or list(KINDS),
        office="KEN",
        office_name="Kenya",
        language=language,
        records=example_records(),
        choices=CHOICES,
        made_at=at,
    )


def opened(content: bytes) -> Workbook:
    return load_workbook(io.BytesIO(content))


def custom_properties(book: Workbook) -> dict[str, str]:
    properties: Any = book.custom_doc_props  # type: ignore[attr-defined]  # the types lack it
    return {prop.name: str(prop.value) for prop in properties.props}


def validations(book: Workbook, kind: str) -> Mapping[str, DataValidation]:
    """By field name."""
    sheet = book[kind]
    names = {get_column_letter(at): str(cell.value) for at, cell in enumerate(sheet[2], start=1)}
    return {names[str(ruled.sqref).split("3:")[0]]: ruled for ruled in sheet.data_validations.dataValidation}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_template_of_its_own(kind: str) -> None:
    assert opened(template(kind)).sheetnames == ["Instructions", kind, "Codes"]


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_every_sheet_has_headers_in_plain_words_and_field_names(language: str) -> None:
    book = opened(template(language=language))
    instructions, codes = words.say("sheet_instructions", language), words.say("sheet_codes", language)
    assert book.sheetnames == [instructions, *KINDS, codes]
    for kind in KINDS:
        headers, names = ([cell.value for cell in row] for row in book[kind].iter_rows(max_row=2))
        assert names == list(words.all_columns(kind))
        assert headers == [words.header(kind, name, language) for name in words.all_columns(kind)]
        assert names[-1] == "revision"
        assert book[kind].column_dimensions[get_column_letter(len(names))].hidden


def test_a_follow_up_has_one_action_that_takes_withdraw_too() -> None:
    book = opened(template("follow_up"))
    assert [cell.value for cell in book["follow_up"][2]].count("action") == 1
    assert codes_of(book, validations(book, "follow_up")["action"]) == ["snooze", "acknowledge", "withdraw"]
    assert codes_of(opened(template("grant")), validations(opened(template("grant")), "grant")["action"]) == [
        "withdraw"
    ]


def codes_of(book: Workbook, ruled: DataValidation) -> list[str]:
    (place,) = book.defined_names[str(ruled.formula1)].destinations
    return [str(row[0].value) for row in book[place[0]][place[1].replace("$", "")]] if ":" in place[1] else []


def test_drop_downs_find_their_codes() -> None:
    book = opened(template())
    for kind in KINDS:
        for name, ruled in validations(book, kind).items():
            if ruled.type == "list":
                assert codes_of(book, ruled), (kind, name)
    project = validations(book, "project")
    assert codes_of(book, project["areas.code"])[:2] == ["emergency_operations_post_crisis", "migration_health"]
    assert len(codes_of(book, project["budget.currency"])) > 150
    assert codes_of(book, validations(book, "partnership")["partner_id"]) == sorted(CHOICES.names["partner"])


def test_what_the_upload_refuses_is_stopped_and_what_it_may_bring_is_asked_about() -> None:
    book = opened(template())
    grant, project, rate = (validations(book, kind) for kind in ("grant", "project", "exchange_rate"))
    assert {grant[name].errorStyle or "stop" for name in ("status", "amount", "signed", "currency")} == {"stop"}
    assert {grant[name].errorStyle for name in ("donor_id", "project_code")} == {"warning"}
    assert (project["start"].type, project["gender_marker"].type, rate["usd_rate"].type) == ("date", "whole", "decimal")
    assert (project["gender_marker"].formula1, project["gender_marker"].formula2) == ("0", "4")
    assert (project["title"].type, project["title"].formula1) == ("textLength", "500")
    assert project["project_code"].type == "textLength"


def test_a_cell_with_several_values_or_none_to_choose_from_has_a_message_only() -> None:
    book = opened(template())
    for ruled in (validations(book, "partnership")["countries"], validations(book, "exchange_rate")["month"]):
        assert ruled.type is None
        assert ruled.showInputMessage
        assert not ruled.showErrorMessage
    parent = validations(book, "field_activity")["parent_activity_id"]
    assert parent.type == "textLength"


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_every_column_says_what_to_write_for_2000_rows_more(language: str) -> None:
    book = opened(template(language=language))
    for kind in KINDS:
        sheet, ruled = book[kind], validations(book, kind)
        assert list(ruled) == list(words.all_columns(kind))
        for name, each in ruled.items():
            column, top, _, bottom = range_boundaries(str(each.sqref))
            assert (sheet.cell(2, column or 1).value, top, bottom) == (name, 3, sheet.max_row + 2000)
            assert each.promptTitle == words.header(kind, name, language)
            assert each.prompt == words.guidance(kind, name, language)
            assert len(each.error or "") <= 225
            assert bool(each.error) is bool(each.type)
            assert len(each.errorTitle or "") <= 32


def test_panes_filter_and_pages_are_set() -> None:
    book = opened(template("progress_report", "funding_requirement", language="fr"))
    sheet = book["funding_requirement"]
    assert (sheet.freeze_panes, book["progress_report"].freeze_panes) == ("D3", "F3")
    assert sheet.auto_filter.ref == f"A2:H{sheet.max_row}"
    assert (sheet.page_setup.orientation, sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (
        "landscape",
        1,
        0,
    )
    assert sheet.print_title_rows == "$1:$1"
    assert sheet.oddHeader is not None
    assert sheet.oddFooter is not None
    assert (sheet.oddHeader.left.text, sheet.oddHeader.right.text) == ("Besoins de financement", "Kenya")
    assert sheet.oddFooter.right.text == "Page &P sur &N"
    assert not sheet.protection.sheet


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_no_word_of_a_header_is_broken(language: str) -> None:
    book = opened(template(language=language))
    for kind in KINDS:
        for at, header in enumerate(book[kind][1], start=1):
            longest = max(map(len, str(header.value).split()))
            assert book[kind].column_dimensions[get_column_letter(at)].width >= longest + 3, (kind, header.value)


def test_required_columns_are_marked_by_colour() -> None:
    sheet = opened(template("grant"))["grant"]
    colours = {name.value: header.fill.fgColor.rgb for header, name in zip(sheet[1], sheet[2], strict=True)}
    assert colours["donor_id"] == colours["amount"] == "001F4E78"
    assert colours["reporting_rules.rules"] == colours["reporting_rules.due"] == "005B87B2"
    assert colours["reporting_rules.frequency"] == colours["action"] == "00DDE6EF"


def test_the_instructions_name_every_column_and_link_its_codes() -> None:
    book = opened(template(language="es"))
    sheet = book["Instrucciones"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(max_col=6)]
    for kind in KINDS:
        for name in words.all_columns(kind):
            header, writing = words.header(kind, name, "es"), words.writing(kind, name, "es")
            assert any(row[0] == header and row[1] == name and row[3] == writing for row in rows), (kind, name)
    links = [cell.hyperlink.location for row in sheet.iter_rows() for cell in row if cell.hyperlink]
    assert len(links) > 60
    for link in links:
        title, _, place = str(link).rpartition("!")
        assert book[title.strip("'")][place].value


def test_rows_are_where_the_sheet_says_they_are() -> None:
    book = load_workbook(io.BytesIO(template("project")), read_only=True)
    assert book["project"].calculate_dimension() == "A1:AC6"
    assert len(list(book["project"].iter_rows())) == 6
    book.close()


def test_the_mark_and_properties_say_whose_template_it_is() -> None:
    book = opened(template("project", language="fr"))
    properties = custom_properties(book)
    assert properties == {MARK: f"{VERSION};project;KEN;fr"}
    assert read_mark(properties) == Mark(VERSION, ("project",), "KEN", "fr")
    assert (book.properties.title, book.properties.language) == ("Projets : modèle pour Kenya", "fr")
    assert book.properties.created == book.properties.modified == datetime(2016, 11, 30, 8)  # noqa: DTZ001 - as read


def test_a_template_of_several_kinds_is_marked_as_all() -> None:
    assert read_mark(custom_properties(opened(template()))) == Mark(VERSION, tuple(KINDS), "KEN", "en")


@pytest.mark.parametrize(
    "value",
    ["", "1", "1;project;KEN", "1;project;KEN;en;", "x;project;KEN;en", "0;project;KEN;en", "1;nothing;KEN;en",
     "1;project;;en", "1;project;K N;en", "1;project;KEN;de", "99999;project;KEN;en", "1;project;KEN;en\n"],
)  # fmt: skip
def test_a_malformed_mark_is_none(value: str) -> None:
    assert read_mark({MARK: value}) is None


def test_no_mark_is_none_and_another_version_is_told() -> None:
    assert read_mark({"Title": "x"}) is None
    assert read_mark({MARK: "12;all;RO-east_horn_of_africa;es"}) == Mark(
        12, tuple(KINDS), "RO-east_horn_of_africa", "es"
    )


def test_the_same_arguments_give_the_same_bytes() -> None:
    first = template("grant", "project")
    time.sleep(2.1)  # a zip's times have two seconds
    again = template.__wrapped__("grant", "project", at=AT.astimezone(timezone(timedelta(hours=3))))
    assert hashlib.sha256(first).hexdigest() == hashlib.sha256(again).hexdigest()
    with ZipFile(io.BytesIO(first)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {entry.compress_type for entry in archive.infolist()} == {ZIP_DEFLATED}
        assert archive.testzip() is None
    assert template("grant", "project", at=AT + timedelta(minutes=1)) != first


def test_another_process_gives_the_same_bytes() -> None:
    program = (
        "import sys, hashlib; sys.path.insert(0, 'tests'); from datetime import UTC, datetime\n"
        "from muster_ingest.workbooks.templates.template import Choices, make\n"
        "from template_examples import example_records\n"
        "made = make(['project', 'partner'], office='KEN', office_name='Kenya', language='es',"
        " records=example_records(), choices=Choices({}), made_at=datetime(2016, 11, 30, tzinfo=UTC))\n"
        "print(hashlib.sha256(made).hexdigest())"
    )
    sums = {
        subprocess.run(
            [sys.executable, "-c", program], env=_environment(seed), capture_output=True, text=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(sums) == 1


def _environment(seed: str) -> dict[str, Any]:
    return {"PYTHONHASHSEED": seed, "TZ": f"UTC{seed}", "PATH": ""}


def test_what_cannot_be_made_is_refused() -> None:
    for kinds, language, at in (
        ([], "en", AT),
        (["nothing"], "en", AT),
        (["project"], "de", AT),
        (["project"], "en", AT.replace(tzinfo=None)),
    ):
        with pytest.raises(ValueError, match=r"template|time zone"):
            make(kinds, office="KEN", office_name="", language=language, records={}, choices=CHOICES, made_at=at)
