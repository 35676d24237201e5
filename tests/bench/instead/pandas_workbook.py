# runs with packages that are not installed here
# mypy: ignore-errors
"""``pandas_workbook.py DATABASE FILE``: the projects as a workbook by pandas and openpyxl."""

import sys

import pandas as pd
from flat_projects import sheets
from measured import tell


def main(url: str, path: str) -> None:
    """Dates as dates, amounts as numbers, one sheet a list."""
    with pd.ExcelWriter(path, engine="openpyxl") as writer:
        for name, rows in sheets(url).items():
            frame = pd.DataFrame(rows)
            for column in {"start", "end", "due"} & set(frame.columns):
                frame[column] = pd.to_datetime(frame[column])
            if "budget.amount" in frame:
                frame["budget.amount"] = pd.to_numeric(frame["budget.amount"])
            frame.to_excel(writer, sheet_name=name, index=False)


tell(lambda: main(sys.argv[1], sys.argv[2]))
