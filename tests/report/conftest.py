"""Reports read no fields of records but those they name."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from guarded_fields import guarded


@pytest.fixture(scope="package", autouse=True)
def guarded_reports() -> Iterator[None]:
    """See ``guarded_fields``."""
    with guarded():
        yield
