from __future__ import annotations

from collections.abc import Callable

import pytest

from muster_shared.context import Context
from reporting import Reporting, reporting


@pytest.fixture
def muster(open_context: Callable[[str], Context], token: Callable[..., str]) -> Reporting:
    """A real ingest and a real report on their first day, their clock standing still."""
    return reporting(open_context("ingest"), open_context("report"), token)
