"""The sample data: facts of published documents, and an illustrative portfolio of made-up projects."""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).parent


def published() -> list[Path]:
    """The CSV files of published facts; ``submit_files`` puts them in order."""
    return sorted((_HERE / "published").glob("*.csv"))


def portfolio() -> list[Path]:
    """The JSON files of the illustrative portfolio, headquarters first."""
    return sorted((_HERE / "portfolio").glob("*.json"))


def files() -> list[Path]:
    """Every file of the sample data."""
    return [*published(), *portfolio()]
