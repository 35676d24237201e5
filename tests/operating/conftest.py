from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from muster_shared.context import Context
from real_worker import serving
from told_metrics import APPS, Services


@pytest.fixture
def services(open_context: Callable[[str], Context], token: Callable[..., str]) -> Iterator[Services]:
    """All three on their first day, at the clock's home."""
    contexts = {name: open_context(name) for name in APPS}
    ingest = contexts["ingest"]
    ingest.settings.data_dir.mkdir(exist_ok=True)
    ingest.clock.begin()
    with serving(ingest) as url:
        for name in ("report", "notify"):
            known = replace(contexts[name].settings, ingest_url=url)
            contexts[name] = replace(contexts[name], settings=known)
        yield Services(contexts, token)
