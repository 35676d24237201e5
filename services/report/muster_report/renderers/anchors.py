"""Where a cell of a book is found on its page: ``Overview!D14`` is the cell D14 of the sheet Overview."""

from __future__ import annotations

import re

from muster_report.renderers.written import exact

_NOT_PLAIN = re.compile(r"[^\w .,()&'\u2019-]|_")


def sheet_anchor(sheet: str) -> str:
    """The anchor of a sheet: its name with underscores for spaces, which an anchor cannot hold.

    Other characters that could be mistaken are written as ``~hex~``, so that no two sheets share one.
    """
    return _NOT_PLAIN.sub(lambda found: f"~{ord(found[0]):x}~", exact(sheet)).replace(" ", "_")


def cell_anchor(sheet: str, cell: str) -> str:
    """The anchor of one cell, for example ``East_and_Horn_of_Africa!D14``."""
    return f"{sheet_anchor(sheet)}!{cell}"
