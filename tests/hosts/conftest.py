"""Hosts: Muster on machines made of namespaces; where those are not permitted the tests are skipped, and say why."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from chaos.invariants import standing
from hosts.machines import NotPermittedError, network
from hosts.site import Site

_TAIL = 3000


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Tell what the machines' processes said last where a test failed."""
    report = yield
    site = getattr(item, "funcargs", {}).get("site")
    if call.excinfo is not None and site:
        logs = sorted(site.logs.glob("*.log"))
        told = [(log.name, log.read_text(errors="replace")[-_TAIL:]) for log in logs]
        report.sections += [("standing", str(standing(site))), *told]  # type: ignore[attr-defined]
    return report


@pytest.fixture
def site(roomy_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """Muster on eight machines, ready, and nobody has used it."""
    monkeypatch.setenv("NO_PROXY", "*")
    try:
        with tempfile.TemporaryDirectory(dir=roomy_folder) as folder, network() as machines:
            made = Site(machines, Path(folder))
            for name, value in made.store_environment().items():
                monkeypatch.setenv(name, value)
            made.begin()
            yield made
    except NotPermittedError as error:
        pytest.skip(f"no machines of namespaces here: {error}")
