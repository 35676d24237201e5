from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from muster_ingest.workbooks.reading.readers import Readers
from muster_ingest.workbooks.reading.refused import Refused

RowsOf = Callable[..., list[list[Any]]]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(delimiter: str, readers: Readers, tmp_path: Path) -> None:
    lines = [["office", "area", "amount"], ["KEN", "Health, and more; much", "1.5"], ["", "", ""], ["UGA", "", ""]]
    quoted = [[f'"{text}"' if " " in text else text for text in line] for line in lines]
    path = tmp_path / "upload"
    path.write_text("\r\n".join(delimiter.join(line) for line in quoted), encoding="utf-8-sig", newline="")

    with readers.read(path, name="funding.csv") as reading:
        frames = list(reading.frames())

    assert (reading.opened.form, reading.opened.delimiter) == ("csv", delimiter)
    assert reading.opened.sheets == (("funding", "visible"),)
    assert reading.opened.rows == 4
    assert frames[1] == [
        [1, "soffice", "sarea", "samount"],
        [2, "sKEN", "sHealth, and more; much", "s1.5"],
        [4, "sUGA"],
    ]


def test_a_record_has_the_number_of_the_line_it_begins_in(rows_of: RowsOf) -> None:
    content = b'name,note\n"a","one\r\ntwo ""quoted"""\nb,x\n'

    assert rows_of(content, "a.csv") == [[1, "sname", "snote"], [2, "sa", 'sone\ntwo "quoted"'], [4, "sb", "sx"]]


def test_one_column_is_no_reason_to_guess(rows_of: RowsOf) -> None:
    assert rows_of(b"name\nKenya\n", "a.csv") == [[1, "sname"], [2, "sKenya"]]


@pytest.mark.parametrize(
    ("content", "code", "said"),
    [
        (b"name;amount\nM\xe9decins;1\n", "not_utf8", "byte 14 (line 2)"),
        ("name;amount\nMédecins;1\nx".encode()[:-1] + b"\xc3", "not_utf8", "line 3"),
        (b"a;b\nc;d\ne\x00;f\n", "damaged", "line 3"),
        (b'a;b\nc;"d\ne;f\n' * 2 + b"x", "damaged", "line"),
        (b'a;b\n"c;d\ne;f\n', "damaged", "line 2: a quote"),
        (b'a;b\n"c"d;e\n', "damaged", "line 2: a text goes on"),
        (b"a;b\n" + b"x" * 40_000 + b";1\n", "text_too_long", "line 2"),
        (b"a;b\n" + b"x;" * 600 + b"1\n", "too_many_columns", "line 2"),
        (b"a;b\n" * 110_001, "too_many_rows", "110,000"),
    ],
)
def test_what_is_wrong_with_a_csv_file_is_told_with_its_line(
    content: bytes, code: str, said: str, rows_of: RowsOf
) -> None:
    with pytest.raises(Refused) as refusal:
        rows_of(content, "a.csv")

    assert refusal.value.code == code
    assert said in refusal.value.message


def test_text_named_as_a_workbook_is_no_workbook(rows_of: RowsOf) -> None:
    with pytest.raises(Refused) as refusal:
        rows_of(b"name;amount\n", "funding.XLSX")

    assert (refusal.value.status, refusal.value.code) == (415, "not_a_workbook")
