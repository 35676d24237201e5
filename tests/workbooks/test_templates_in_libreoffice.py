"""LibreOffice opens what was made and saves it again; what it saved is read here."""

from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from muster_ingest.kinds import KINDS
from muster_ingest.workbooks import words
from muster_ingest.workbooks.templates.template import Choices, make
from template_examples import example_records

SOFFICE = shutil.which("soffice")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(SOFFICE is None, reason="LibreOffice (soffice) is not installed here"),
]


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Workbook, Workbook]]:
    """By kind: the template, and the same as LibreOffice saved it."""
    folder = tmp_path_factory.mktemp("templates")
    for number, kind in enumerate(KINDS):
        (folder / f"{kind}.xlsx").write_bytes(
            make(
                [kind],
                office="KEN",
                office_name="Kenya & Somalia",
                language=words.LANGUAGES[number % 3],
                records=example_records(),
                choices=Choices({"office": {"KEN": "Kenya"}, "project": {"KEN-2016-004": "Shelter"}}),
                made_at=datetime(2016, 11, 30, 8, tzinfo=UTC),
            )
        )
    _save_again(folder)
    return {kind: (_opened(folder / f"{kind}.xlsx"), _opened(folder / "again" / f"{kind}.xlsx")) for kind in KINDS}


def _opened(path: Path) -> Workbook:
    return load_workbook(path)


def _save_again(folder: Path) -> None:
    command = [
        str(SOFFICE),
        f"-env:UserInstallation={(folder / 'profile').as_uri()}",
        "--headless",
        "--convert-to",
        "xlsx",
        "--outdir",
        str(folder / "again"),
        *(str(folder / f"{kind}.xlsx") for kind in KINDS),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=110)


def test_libreoffice_finds_every_value_where_it_was_put(saved: dict[str, tuple[Workbook, Workbook]]) -> None:
    for kind, (made, again) in saved.items():
        assert again.sheetnames == made.sheetnames
        for name in made.sheetnames:
            assert _values(again, name) == _values(made, name), kind


def _values(book: Workbook, sheet: str) -> dict[str, object]:
    cells = (cell for row in book[sheet].iter_rows() for cell in row)
    return {cell.coordinate: cell.value for cell in cells if cell.value is not None}


def test_libreoffice_keeps_the_drop_downs_and_their_lists(saved: dict[str, tuple[Workbook, Workbook]]) -> None:
    for kind, (made, again) in saved.items():
        lists = [
            sorted({str(r.formula1) for r in book[kind].data_validations.dataValidation if r.type == "list"})
            for book in (made, again)
        ]
        assert lists[0] == lists[1] != [], kind
        for name in lists[0]:
            assert again.defined_names[name].attr_text.replace("$", "").count("B") == 2, (kind, name)


def test_libreoffice_keeps_formats_the_filter_and_the_mark(saved: dict[str, tuple[Workbook, Workbook]]) -> None:
    for kind, (made, again) in saved.items():
        assert again[kind].auto_filter.ref == made[kind].auto_filter.ref
        formats = [[cell.number_format.replace("\\", "").lower() for cell in book[kind][3]] for book in (made, again)]
        assert formats[0] == formats[1], kind
        assert [p.value for p in again.custom_doc_props.props] == [p.value for p in made.custom_doc_props.props]  # type: ignore[attr-defined]
