# runs with packages that are not installed here
# mypy: ignore-errors
"""``tablib_workbook.py DATABASE FILE``: the projects as a workbook by tablib."""

import sys
from pathlib import Path

import tablib
from flat_projects import sheets
from measured import tell


def main(url: str, path: str) -> None:
    """One sheet a list."""
    book = tablib.Databook()
    for name, rows in sheets(url).items():
        headers = list(dict.fromkeys(column for row in rows for column in row))
        made = (tuple(row.get(column) for column in headers) for row in rows)
        book.add_sheet(tablib.Dataset(*made, headers=headers, title=name))
    Path(path).write_bytes(book.export("xlsx"))


tell(lambda: main(sys.argv[1], sys.argv[2]))
