"""``muster report``: the file's name says which format is asked for."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests
from click.testing import CliRunner, Result

from loopback_ingest import Ingest
from muster_cli import operate
from muster_cli.operate import report


@pytest.fixture(autouse=True)
def _instance(ingest: Ingest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The loopback server in place of an instance that runs."""
    monkeypatch.chdir(tmp_path)

    class Client:
        def __init__(self, *_settings: object) -> None:
            """No settings: there is no instance."""

        def ask(self, method: str, path: str, params: dict[str, str]) -> object:
            return requests.request(method, ingest.url + path, params=params, timeout=5)

    monkeypatch.setattr(operate, "instance_settings", lambda: None)
    monkeypatch.setattr(operate, "Client", Client)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(report, list(arguments))


@pytest.mark.parametrize(
    ("name", "form"),
    [("f.xlsx", "xlsx"), ("f", "xlsx"), ("f.HTML", "html"), ("new/f.json", "json"), ("f.zip", "csv")],
)
def test_the_name_of_the_file_says_the_format(ingest: Ingest, tmp_path: Path, name: str, form: str) -> None:
    ingest.answers = [(200, {"ETag": '"abc"'}, b"the bytes")]
    result = run("partnerships", "-p", "source=MC/INF/253", "-o", name)
    assert (result.exit_code, result.stdout) == (0, f"{name}: 9 bytes, SHA-256 abc\n")
    assert (tmp_path / name).read_bytes() == b"the bytes"
    assert ingest.asked[0].headers[":path"] == f"/report/v1/reports/partnerships/latest.{form}?source=MC%2FINF%2F253"


@pytest.mark.parametrize("name", ["f.pdf", "f.csv", "f.xls"])
def test_a_format_that_no_report_has_is_refused_and_nothing_is_asked(ingest: Ingest, tmp_path: Path, name: str) -> None:
    result = run("partnerships", "-p", "source=MC/INF/253", "-o", name)
    assert result.exit_code == 2
    assert ".xlsx, .html, .json, or .zip" in result.stderr
    assert (ingest.asked, list(tmp_path.iterdir())) == ([], [])
