"""HXL 1.1: the row of hashtags under the headings, by which programs know what a column holds."""

from __future__ import annotations

import re
from typing import Final

from muster_report.book import Column

_TAG: Final = re.compile(r"#[a-z][a-z0-9_]*(\+[a-z][a-z0-9_]*)*")


def tag_row(columns: tuple[Column, ...]) -> tuple[str, ...]:
    """The tag of each column, empty where it has none; no row at all (empty) where no column has one.

    Raises:
        ValueError: a tag is not written as HXL 1.1 has it (``#tag+attribute``, lower case).
    """
    tags = tuple(column.tag for column in columns)
    for tag in tags:
        if tag and not _TAG.fullmatch(tag):
            raise ValueError(f"'{tag}' is not an HXL tag: write for example #country+code")
    return tags if any(tags) else ()
