from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from muster_cli.template import template
from muster_shared import auth
from muster_shared import settings as environment

WORKBOOK = b"PK\x03\x04 a workbook"


@dataclass
class Templates:
    """A loopback server in ingest's place; answers with a workbook when the script has run out."""

    url: str = ""
    answers: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)


@pytest.fixture
def templates() -> Iterator[Templates]:
    scripted = Templates()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            scripted.asked.append((self.path, self.headers["Authorization"]))
            status, headers, body = scripted.answers.pop(0) if scripted.answers else (200, {}, WORKBOOK)
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as http.server names it
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    scripted.url = f"http://127.0.0.1:{server.server_port}"
    yield scripted
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUSTER_DATA_DIR", str(tmp_path / "instance"))
    monkeypatch.chdir(tmp_path)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(template, list(arguments))


def problem(detail: str) -> bytes:
    return json.dumps({"title": "x", "detail": detail}).encode()


def test_the_template_is_written_under_the_names_of_kind_and_office(templates: Templates, tmp_path: Path) -> None:
    result = run("project", "--office", "KEN", "--language", "fr", "--url", templates.url, "--token", "t")
    assert (result.exit_code, result.stdout) == (0, f"project-KEN.xlsx: {len(WORKBOOK)} bytes\n")
    assert (tmp_path / "project-KEN.xlsx").read_bytes() == WORKBOOK
    assert templates.asked == [("/ingest/v1/templates/project.xlsx?lang=fr&office=KEN", "Bearer t")]


def test_what_was_written_is_printed_as_json(templates: Templates, tmp_path: Path) -> None:
    target = tmp_path / "new" / "mine.xlsx"
    result = run("all", "-o", str(target), "--url", templates.url + "/", "--token", "t", "--json")
    expected = {"file": str(target), "bytes": len(WORKBOOK), "kind": "all", "office": None, "language": "en"}
    assert json.loads(result.stdout) == expected
    assert target.read_bytes() == WORKBOOK
    assert templates.asked[0][0] == "/ingest/v1/templates/all.xlsx?lang=en"


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ('attachment; filename="project-UGA.xlsx"', "project-UGA.xlsx"),
        ("attachment; filename=project-UGA.xlsx", "project-UGA.xlsx"),
        ('attachment; filename="../../project-UGA.xlsx"', "project.xlsx"),
        ('attachment; filename="/etc/x.xlsx"', "project.xlsx"),
        ("", "project.xlsx"),
    ],
)
def test_without_an_office_the_service_names_the_file(
    templates: Templates, tmp_path: Path, said: str, name: str
) -> None:
    templates.answers = [(200, {"Content-Disposition": said}, WORKBOOK)]
    result = run("project", "--url", templates.url, "--token", "t")
    assert (result.exit_code, [path.name for path in tmp_path.iterdir()]) == (0, [name])


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
def test_a_refusal_says_why_and_writes_nothing(templates: Templates, tmp_path: Path, status: int) -> None:
    templates.answers = [(status, {}, problem("there is no kind 'projet'"))]
    result = run("projet", "--office", "KEN", "--url", templates.url, "--token", "t")
    assert result.exit_code == 2
    assert "there is no kind 'projet'" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_service_that_is_away_for_a_moment_is_asked_again(templates: Templates) -> None:
    templates.answers = [(503, {"Retry-After": "0"}, problem("a part is down"))]
    assert run("project", "--office", "KEN", "--url", templates.url, "--token", "t").exit_code == 0
    assert len(templates.asked) == 2


def test_a_service_that_fails_is_not_reachable(templates: Templates) -> None:
    templates.answers = [(500, {}, b"<html>")]
    result = run("project", "--office", "KEN", "--url", templates.url, "--token", "t")
    assert result.exit_code == 3
    assert "answered 500" in result.stderr


def test_an_address_where_nobody_listens_is_not_reachable(tmp_path: Path) -> None:
    result = run("project", "--url", "http://127.0.0.1:9", "--token", "t")
    assert result.exit_code == 3
    assert "http://127.0.0.1:9 is not reachable" in result.stderr


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((200, {}, b"<html>log in</html>"), "no workbook came back"),
        ((302, {"Location": "https://example.org/"}, b""), "the address moved to https://example.org/"),
    ],
)
def test_an_answer_that_is_no_workbook_leaves_the_file_as_it_was(
    templates: Templates, tmp_path: Path, answer: tuple[int, dict[str, str], bytes], said: str
) -> None:
    (tmp_path / "project-KEN.xlsx").write_bytes(b"mine")
    templates.answers = [answer]
    result = run("project", "--office", "KEN", "--url", templates.url, "--token", "t")
    assert (result.exit_code, said in result.stderr) == (2, True)
    assert (tmp_path / "project-KEN.xlsx").read_bytes() == b"mine"


def test_a_file_that_cannot_be_written_is_said_so(templates: Templates, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    result = run("project", "-o", str(tmp_path / "taken" / "x.xlsx"), "--url", templates.url, "--token", "t")
    assert result.exit_code == 2
    assert "cannot be written" in result.stderr


def test_the_command_makes_a_token_for_its_own_instance(templates: Templates, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUSTER_PUBLIC_URL", templates.url)
    monkeypatch.setenv("MUSTER_SECRET_KEY", "k" * 40)
    assert run("project", "--office", "KEN").exit_code == 0
    token = templates.asked[0][1].removeprefix("Bearer ")
    assert auth.read(environment.load(), token).role == "admin"


def test_an_administrators_token_is_never_sent_to_another_address(
    templates: Templates, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MUSTER_SECRET_KEY", "k" * 40)
    result = run("project", "--url", templates.url)
    assert (result.exit_code, templates.asked) == (2, [])
    assert "give one with --token" in result.stderr


def test_a_folder_without_an_instance_gets_none(tmp_path: Path) -> None:
    result = run("project")
    assert result.exit_code == 2
    assert "run 'muster up' there first" in result.stderr
    assert not (tmp_path / "instance").exists()


def test_a_kind_is_part_of_the_address_whatever_it_holds(templates: Templates) -> None:
    run("../records/project?x=", "-o", "x.xlsx", "--url", templates.url, "--token", "t")
    assert templates.asked[0][0].startswith("/ingest/v1/templates/..%2Frecords%2Fproject%3Fx%3D.xlsx?")
