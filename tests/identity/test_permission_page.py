"""docs/permissions.md is what the tables say."""

from __future__ import annotations

from pathlib import Path

from permission_page import page

PAGE = Path(__file__).parents[2] / "docs" / "permissions.md"


def test_the_page_of_permissions_is_printed_from_the_tables() -> None:
    told = "print it anew: PYTHONPATH=tests .venv/bin/python -m permission_page > docs/permissions.md"
    assert PAGE.read_text(encoding="utf-8") == page(), told
