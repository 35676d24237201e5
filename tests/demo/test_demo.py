"""The main job as its users run it: ``muster demo``, twice, and what it leaves."""

from __future__ import annotations

import email
import os
import subprocess
import sys
from collections import Counter
from email import policy
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]
FUNDING, PARTNERSHIPS = "funding-requirements-2016.xlsx", "partnerships-mc-inf-253.xlsx"


def _demo(folder: Path, out: Path) -> subprocess.CompletedProcess[str]:
    told = {name: value for name, value in os.environ.items() if not name.startswith("MUSTER_")}
    command = [sys.executable, "-c", "from muster_cli.main import main; main()", "demo", "--out", str(out)]
    return subprocess.run(
        command, env={**told, "MUSTER_DATA_DIR": str(folder)}, capture_output=True, text=True, check=False, timeout=300
    )


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    done = _demo(folder / "data", folder / "first")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1,946,909,000, computed 1,946,969,000" in done.stdout
    return folder


def _rows(path: Path, sheet: str) -> list[tuple[Any, ...]]:
    book = load_workbook(path, read_only=True)
    try:
        return [tuple(row) for row in book[sheet].iter_rows(values_only=True)]
    finally:
        book.close()


def test_the_overview_sums_to_the_dollar(out: Path) -> None:
    rows = _rows(out / "first" / FUNDING, "Overview")
    by_name = {row[0]: [value for value in row if isinstance(value, int)] for row in rows if row[0]}
    assert by_name["The eight regions stated by country"] == [1_794_889_000]
    assert 1_946_969_000 in next(row for row in rows if row[0] == "Total")


def test_exactly_three_published_totals_differ(out: Path) -> None:
    rows = [row for row in _rows(out / "first" / FUNDING, "Reconciliation") if len(row) > 5 and isinstance(row[5], int)]
    assert len(rows) == 163
    assert [(row[3], row[4]) for row in rows if row[5]] == [
        (118_075_000, 125_925_000),
        (738_900_000, 738_960_000),
        (1_946_909_000, 1_946_969_000),
    ]


def test_the_partnerships_are_counted(out: Path) -> None:
    book = load_workbook(out / "first" / PARTNERSHIPS)
    rows = {row[0]: row[-1] for row in book.worksheets[0].iter_rows(values_only=True) if row[0]}
    headline = {row[0]: row[1] for row in book.worksheets[0].iter_rows(values_only=True) if row[0]}
    assert (headline["Partnerships"], headline["Partners"]) == (175, 151)
    assert (rows["Emergency and Post-Conflict"], rows["Movement Management"], rows["Counter-Trafficking"]) == (
        41,
        36,
        26,
    )


def test_each_mail_went_out_once_and_says_what_is_owed_or_waits_for_its_reader(out: Path) -> None:
    mails = [
        email.message_from_bytes(path.read_bytes(), policy=policy.default)
        for path in (out / "first" / "mail").glob("*.eml")
    ]
    assert len(mails) >= 20
    assert set(Counter(mail["Message-ID"] for mail in mails).values()) == {1}
    for mail in mails:
        text = mail.get_body(("plain",))
        assert text is not None
        is_review = "for your review" in mail["Subject"]
        assert ("/ingest/projects/" if is_review else "progress_report") in text.get_content()


@pytest.mark.at_length
def test_a_second_run_gives_the_same_bytes(out: Path) -> None:
    done = _demo(out / "data", out / "second")
    assert done.returncode == 0, done.stdout + done.stderr
    for name in (FUNDING, PARTNERSHIPS):
        assert (out / "first" / name).read_bytes() == (out / "second" / name).read_bytes()
