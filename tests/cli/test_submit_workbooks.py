from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from openpyxl import Workbook

from loopback_ingest import CUT, Ingest
from muster_cli.records_csv import RecordsError
from muster_cli.submission_files import queue
from muster_cli.submission_sender import patient
from muster_cli.submit import Outcome, submit, submit_files
from muster_cli.workbook_body import WorkbookBody

WRONG = {"code": "not_in_list", "field": "area", "sheet": "Projects", "cell": "D14", "value": "helth"}
CHANGES = [
    {"kind": "project", "key": "P1", "action": "changed", "revision": 2, "fields": {"title": ["Water", "Wells"]}},
    {"kind": "project", "key": "P2", "action": "new", "revision": 1, "fields": {"title": [None, "Roads"]}},
    {"kind": "project", "key": "P3", "action": "withdrawn", "revision": 4, "fields": {"title": ["Huts", None]}},
]
TAKEN = {"submission_id": "s1", "receipt": "KEN-000007", "office": "KEN", "status": "accepted"}
COUNTED = {"new": 1, "changed": 1, "unchanged": 5, "withdrawn": 1, "changes": CHANGES}
WORKING = {"submission_id": "s1", "receipt": None, "office": "KEN", "status": "processing", "progress": 0.0}
LATER = {"Location": "/ingest/v1/submissions/s1"}


@pytest.fixture(autouse=True)
def _eighty_columns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUSTER_DATA_DIR", str(tmp_path / "instance"))
    monkeypatch.setenv("COLUMNS", "80")


@pytest.fixture
def projects(tmp_path: Path) -> Path:
    return workbook(tmp_path / "projects.xlsx")


def workbook(path: Path) -> Path:
    book = Workbook()
    book.create_sheet("Projects", 0).append(["project_code", "title"])
    book.save(path)
    return path


def run(ingest: Ingest, *arguments: str | Path) -> Result:
    given = [*map(str, arguments), "--url", ingest.url, "--token", "t"]
    return CliRunner().invoke(submit, given)


def sent(paths: list[Path], url: str, **options: Any) -> list[Outcome]:
    return submit_files(paths, base_url=url, token="t", retry=patient(backoff=0.01), **options)


def rejected(*errors: dict[str, Any], **more: Any) -> tuple[int, dict[str, str], dict[str, Any]]:
    detail = f"nothing of the submission was accepted: {len(errors)} errors"
    return 422, {}, {"detail": detail, "errors": list(errors), "submission_id": "s1", "receipt": "KEN-000008", **more}


def test_a_workbook_is_sent_as_it_is_with_office_and_note(ingest: Ingest, projects: Path) -> None:
    result = run(ingest, projects, "--office", "KEN", "--note", "für März\r\nand more")
    assert (result.exit_code, result.stdout) == (0, "projects.xlsx: 1 accepted; 1 new (KEN-000001)\n")
    (asked,) = ingest.asked
    assert asked.headers[":path"] == "/ingest/v1/workbooks"
    assert asked.headers["Authorization"] == "Bearer t"
    assert asked.body == {
        "office": "KEN",
        "note": "für März\r\nand more",
        "file": ("projects.xlsx", projects.read_bytes()),
    }


def test_the_name_of_a_file_cannot_leave_its_header(ingest: Ingest, tmp_path: Path) -> None:
    workbook(tmp_path / 'a"; x="\r\nX-Evil: 1.xlsx')
    result = run(ingest, next(tmp_path.glob("a*")), "--office", "KEN")
    assert ingest.asked[0].body["file"][0] == "a%22; x=%22%0D%0AX-Evil: 1.xlsx"
    assert result.stdout.startswith('a"; x="\\r\\nX-Evil: 1.xlsx: 1 accepted')


def test_tables_come_first_then_workbooks_then_envelopes(ingest: Ingest, projects: Path, partners: Path) -> None:
    envelope = projects.with_name("e.JSON")
    envelope.write_text('{"office": "KEN", "records": [{}]}')
    run(ingest, envelope, projects, partners, "--office", "KEN")
    assert [next(iter(set(asked.body) & {"file", "records"})) for asked in ingest.asked] == [
        "records",
        "file",
        "records",
    ]
    assert ingest.asked[0].body["records"][0]["kind"] == "partner"


@pytest.mark.parametrize(
    ("name", "advice"), [("old.xls", r"save it as Excel workbook \(\.xlsx\)"), ("x.pdf", "submit the workbook itself")]
)
def test_another_type_of_file_is_wrong_use_with_what_to_do(
    ingest: Ingest, projects: Path, name: str, advice: str
) -> None:
    other = projects.with_name(name)
    other.write_bytes(b"?")
    result = run(ingest, projects, other)
    assert (result.exit_code, ingest.asked) == (2, [])
    assert f"{name}: not a .xlsx, .csv or .json file" in result.stderr
    with pytest.raises(RecordsError, match=advice):
        queue([other])


def test_every_error_stands_in_a_table_with_its_cell(ingest: Ingest, projects: Path) -> None:
    message = "'helth' is not in the code list of areas; did you mean Migration health (migration_health)?"
    ingest.answers = [rejected({**WRONG, "message": message}, {**WRONG, "cell": "E7", "value": 9.5, "message": "no"})]
    result = run(ingest, projects, "--office", "KEN")
    assert result.exit_code == 1
    assert max(map(len, result.stderr.splitlines())) <= 80
    heading, table = result.stderr.split("sheet ", 1)
    detail = "nothing of the submission was accepted: 2 errors"
    assert " ".join(heading.split()) == f"projects.xlsx, KEN (KEN-000008): rejected: {detail}"
    lines = table.splitlines()
    assert lines[0].split() == ["cell", "value", "what", "is", "wrong"]
    assert lines[2].split()[:4] == ["Projects", "D14", "helth", "'helth'"]
    assert lines[-1].split() == ["Projects", "E7", "9.5", "no"]
    column = lines[2].index("'helth'")
    assert " ".join(" ".join(line[column:].split()) for line in lines[2:-1]) == message
    assert "\x1b" not in result.stderr


def test_what_is_wrong_with_the_whole_file_is_said_once(ingest: Ingest, projects: Path) -> None:
    said = {"code": "plain_text", "message": "this is plain text"}
    ingest.answers = [(415, {}, {"detail": said["message"], "errors": [said], "submission_id": "s1"})]
    result = run(ingest, projects)
    assert (result.exit_code, result.stderr) == (1, "projects.xlsx, no office: rejected: this is plain text\n")


def test_fifty_errors_are_shown_and_the_others_counted(ingest: Ingest, projects: Path) -> None:
    errors = [{**WRONG, "cell": f"D{row}", "message": "wrong"} for row in range(2, 62)]
    ingest.answers = [rejected(*errors, errors_found=70)] * 2
    result = run(ingest, projects)
    assert sum(line.startswith("Projects") for line in result.stderr.splitlines()) == 50
    assert result.stderr.splitlines()[-1] == "and 20 more, see --json or --annotated"
    (item,) = json.loads(run(ingest, projects, "--json").stdout)["items"]
    assert (len(item["errors"]), item["errors_found"]) == (60, 70)


def test_colours_and_commands_in_values_are_shown_and_do_nothing(
    ingest: Ingest, projects: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "200")
    hostile = {
        **WRONG,
        "sheet": "[red]S",
        "value": "\x1b[2J\x07\u202eevil",
        "message": "[bold]no[/bold] :smile: \x9b1m",
    }
    change = {**CHANGES[0], "key": "P\x1b]0;t\x07", "fields": {"title": ["[link]a", "b\nc"]}}
    ingest.answers = [rejected(hostile, detail="\x1b[31m1 error"), (201, {}, {**TAKEN, "new": 1, "changes": [change]})]
    refused, taken = run(ingest, projects), run(ingest, projects, "-v")
    for shown in (refused.output, taken.output):
        assert not set(shown) & {"\x1b", "\x07", "\x9b", "\u202e"}
    for spelled in ("[red]S", "\\x1b[2J\\x07\\u202eevil", "[bold]no[/bold] :smile: \\x9b1m", "\\x1b[31m1 error"):
        assert spelled in refused.stderr
    assert "P\\x1b]0;t\\x07" in taken.stdout
    assert "title: [link]a -> b\\nc" in taken.stdout


def test_a_dry_run_shows_what_would_change(ingest: Ingest, projects: Path, partners: Path) -> None:
    dry = {**TAKEN, **COUNTED, "receipt": None, "submission_id": None, "dry_run": True}
    ingest.answers = [(200, {}, {**dry, "changes": [], "new": 0, "changed": 0, "withdrawn": 0}), (200, {}, dry)]
    result = run(ingest, projects, partners, "--dry-run")
    assert result.exit_code == 0
    assert [asked.headers[":path"].split("/v1/")[1] for asked in ingest.asked] == [
        "submissions?dry_run=true",
        "workbooks?dry_run=true",
    ]
    assert (
        "projects.xlsx: 1 would be accepted; 1 new, 1 changed, 5 unchanged, 1 withdrawn (nothing was" in result.stdout
    )
    rows = [" ".join(line.split()) for line in result.stdout.splitlines()]
    assert "kind key what field: old -> new" in rows
    assert "project P1 changed title: Water -> Wells" in rows
    assert "project P2 new title: Roads" in rows
    assert "project P3 withdrawn title: Huts -> (empty)" in rows


def test_a_real_run_counts_and_lists_changes_only_when_asked(ingest: Ingest, projects: Path) -> None:
    ingest.answers = [(201, {}, {**TAKEN, **COUNTED})] * 2
    quiet = run(ingest, projects)
    assert quiet.stdout == "projects.xlsx: 1 accepted; 1 new, 1 changed, 5 unchanged, 1 withdrawn (KEN-000007)\n"
    assert "title: Water -> Wells" in run(ingest, projects, "--verbose").stdout


def test_changes_that_the_receipt_leaves_out_are_asked_for_page_by_page(ingest: Ingest, projects: Path) -> None:
    first = {**TAKEN, "new": 0, "changed": 3, "changes": CHANGES[:1], "more_changes": "http://elsewhere.example.org/"}
    pages = [{"items": CHANGES[:2], "next": "a+b"}, {"items": CHANGES[2:], "next": None}]
    ingest.answers = [(201, {}, first), (200, {}, pages[0]), (200, {}, pages[1])]
    (item,) = json.loads(run(ingest, projects, "--json").stdout)["items"]
    assert item["changes"] == CHANGES
    assert [asked.headers[":path"] for asked in ingest.asked[1:]] == [
        "/ingest/v1/submissions/s1/changes?limit=1000",
        "/ingest/v1/submissions/s1/changes?limit=1000&after=a%2Bb",
    ]


def test_a_large_workbook_is_followed_until_it_is_accepted(ingest: Ingest, projects: Path) -> None:
    told: list[tuple[str, float, float]] = []
    ingest.answers = [
        (202, LATER, WORKING),
        (200, {}, {**WORKING, "progress": 0.4}),
        (CUT, {}, {}),
        (200, {}, {**TAKEN, **COUNTED}),
    ]
    (outcome,) = sent([projects], ingest.url, watch=lambda *heard: told.append(heard))
    assert (outcome.status, outcome.receipt, outcome.counts["unchanged"]) == ("accepted", "KEN-000007", 5)
    assert [asked.headers[":method"] for asked in ingest.asked] == ["POST", "GET", "GET", "GET"]
    assert {asked.headers[":path"] for asked in ingest.asked[1:]} == {"/ingest/v1/submissions/s1"}
    assert ("projects.xlsx: read and checked by Muster", 0.4, 1.0) in told


def test_a_large_workbook_is_followed_until_it_is_rejected(ingest: Ingest, projects: Path) -> None:
    ended = rejected({**WRONG, "message": "no such area"})[2]
    ingest.answers = [(202, {}, WORKING), (200, {}, {**ended, "status": "rejected"})]
    result = run(ingest, projects)
    assert result.exit_code == 1
    assert "no such area" in result.stderr
    assert ingest.asked[1].headers[":path"] == "/ingest/v1/submissions/s1"


def test_the_token_goes_nowhere_else_than_to_the_given_address(ingest: Ingest, projects: Path) -> None:
    ingest.answers = [(202, {"Location": "http://127.0.0.1:1/ingest/v1/submissions/s1"}, WORKING), (200, {}, TAKEN)]
    (outcome,) = sent([projects], ingest.url)
    assert outcome.status == "accepted"


def test_a_service_that_goes_away_while_it_works_is_named_with_where_to_look(ingest: Ingest, projects: Path) -> None:
    ingest.answers = [(202, LATER, WORKING), *[(503, {}, {"detail": "the database is down"})] * 20]
    outcomes = sent([projects], ingest.url)
    assert (outcomes[0].status, outcomes[0].submission_id) == ("failed", "s1")
    assert f"it goes on there: look at {ingest.url}/ingest/submissions/s1" in outcomes[0].detail


def test_a_line_cut_in_the_middle_of_a_big_file_is_tried_again_under_one_key(ingest: Ingest, tmp_path: Path) -> None:
    path = tmp_path / "big.xlsx"
    path.write_bytes(os.urandom(6_000_000))
    told: list[float] = []
    ingest.cut_after = [2_000_000, 10]
    ingest.answers = [(CUT, {}, {})]
    (outcome,) = sent([path], ingest.url, watch=lambda _words, done, _total: told.append(done))
    assert outcome.status == "accepted"
    assert [asked.body["file"][1] == path.read_bytes() for asked in ingest.asked] == [True, True]
    assert len({asked.headers["Idempotency-Key"] for asked in ingest.asked}) == 1
    assert max(told) == int(ingest.asked[-1].headers["Content-Length"])


def test_a_body_reads_the_same_in_any_pieces_and_again_after_a_rewind(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    path.write_bytes(bytes(range(256)) * 3)
    with WorkbookBody(path, {"office": "KEN"}, lambda _done, _total: None) as body:
        whole = b"".join(iter(body))
        body.seek(0)
        pieces = b"".join(iter(lambda: body.read(7), b""))
    assert pieces == whole
    assert len(body) == len(whole)


def test_a_rejected_workbook_is_written_with_its_errors(ingest: Ingest, projects: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.xlsx"
    marked = workbook(tmp_path / "marked.xlsx").read_bytes()
    ingest.answers = [rejected({**WRONG, "message": "no"}), (200, {}, marked)]
    result = run(ingest, projects, "--annotated", out)
    assert result.exit_code == 1
    assert out.read_bytes() == marked
    assert f"projects.xlsx: annotated in {out}" in result.stderr
    assert ingest.asked[1].headers[":path"] == "/ingest/v1/submissions/s1/annotated.xlsx"


def test_several_rejected_workbooks_go_into_a_folder(ingest: Ingest, projects: Path, tmp_path: Path) -> None:
    folder, other = tmp_path / "marked", tmp_path / "other"
    folder.mkdir()
    other.mkdir()
    second = workbook(other / "projects.xlsx")
    wrong = rejected({**WRONG, "message": "no"})
    ingest.answers = [wrong, (200, {}, b"PK1"), wrong, (200, {}, b"PK2")]
    result = run(ingest, projects, second, "--annotated", folder, "--json")
    assert (folder / "projects-annotated.xlsx").read_bytes() == b"PK1"
    assert (folder / "projects-annotated-2.xlsx").read_bytes() == b"PK2"
    assert [item["annotated"] for item in json.loads(result.stdout)["items"]] == [
        str(folder / "projects-annotated.xlsx"),
        str(folder / "projects-annotated-2.xlsx"),
    ]


def test_an_annotated_workbook_that_cannot_be_made_is_told(ingest: Ingest, projects: Path, tmp_path: Path) -> None:
    ingest.answers = [rejected({**WRONG, "message": "no"}), (409, {}, {"detail": "it cannot be opened"})]
    result = run(ingest, projects, "--annotated", tmp_path / "out.xlsx")
    assert result.exit_code == 1
    assert "projects.xlsx: no annotated workbook: it cannot be opened" in result.stderr
    assert not (tmp_path / "out.xlsx").exists()


@pytest.mark.parametrize(
    ("files", "out", "said"),
    [
        (["a.xlsx", "b.xlsx"], "out.xlsx", "name an existing folder"),
        (["partners.csv"], "out.xlsx", "none is among the files"),
        (["a.xlsx"], "a.xlsx", "is the file that is submitted"),
        (["a.xlsx"], "out.pdf", "neither a folder nor a .xlsx"),
        (["a.xlsx"], "nowhere/out.xlsx", "there is no folder"),
    ],
)
def test_a_place_that_would_not_do_is_refused_before_anything_is_sent(
    ingest: Ingest, partners: Path, files: list[str], out: str, said: str
) -> None:
    tmp_path = partners.parent
    for name in ("a.xlsx", "b.xlsx"):
        workbook(tmp_path / name)
    result = run(ingest, *(tmp_path / name for name in files), "--annotated", tmp_path / out)
    assert (result.exit_code, ingest.asked) == (2, [])
    assert said in result.stderr
    assert "Nothing was sent" in result.stderr


def test_remarks_are_told_beside_the_receipt(ingest: Ingest, projects: Path) -> None:
    ingest.answers = [(201, {}, {**TAKEN, **COUNTED, "remarks": ["the hidden sheet 'x' was read too"]})]
    result = run(ingest, projects)
    assert result.stderr == "projects.xlsx: the hidden sheet 'x' was read too\n"


def test_nobody_at_the_address_is_exit_code_three(projects: Path) -> None:
    (outcome,) = sent([projects], "http://127.0.0.1:9")
    assert (outcome.status, outcome.http_status) == ("failed", None)
    assert "is not reachable" in outcome.detail


def test_ctrl_c_while_it_is_worked_on_says_that_it_goes_on_and_where_to_look(ingest: Ingest, projects: Path) -> None:
    ingest.answers = [(202, LATER, WORKING), *[(200, {}, WORKING)] * 1000]
    heeding = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"  # where tests ignore it
    program = f"{heeding}; from muster_cli.main import main; main()"
    command = [sys.executable, "-c", program, "submit", str(projects), str(projects)]
    with subprocess.Popen(
        [*command, "--url", ingest.url, "--token", "t"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        _until_asked(ingest, 2)
        process.send_signal(signal.SIGINT)
        said, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert said == "projects.xlsx: 0 accepted, 2 not accepted; nothing new\n"
    told = f"you stopped waiting; it goes on there: look at {ingest.url}/ingest/submissions/s1"
    assert told in " ".join(errors.split())
    assert "Traceback" not in errors


def _until_asked(ingest: Ingest, requests: int) -> None:
    deadline = time.monotonic() + 90  # on a busy machine a program takes its time to start
    while len(ingest.asked) < requests:
        assert time.monotonic() < deadline, f"{len(ingest.asked)} requests of {requests}"
        time.sleep(0.02)
