"""Chaos: ``--length=all`` repeats each fault (``make chaos``); without it each happens once (``make test``)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chaos.clients import Client
from chaos.ledger import Ledger
from chaos.running import Running
from chaos.stalling_smtp import StallingSmtp
from muster_shared.settings import Settings

HOME = datetime(2016, 11, 30, 8, tzinfo=UTC)
_REPEATS = 3
_failed = pytest.StashKey[bool]()
_figures = pytest.StashKey[list[str]]()
Figure = Callable[[str, float], None]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "repeat" in metafunc.fixturenames:
        chosen = metafunc.config.getoption("length")
        metafunc.parametrize("repeat", range(_REPEATS if chosen == "all" else 1))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    report = yield
    if call.excinfo is not None:
        item.stash[_failed] = True
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for line in config.stash.get(_figures, []):
        terminalreporter.write_line(f"chaos: {line}")


@pytest.fixture
def figure(request: pytest.FixtureRequest) -> Figure:
    """Note a measured time, printed at the end of the run."""
    lines = request.config.stash.setdefault(_figures, [])
    return lambda what, seconds: lines.append(f"{what}: {seconds:.1f} s")


@dataclass(frozen=True, slots=True)
class Begun:
    """A running instance, the ledger of its clients, and the mail server outside that it mails through."""

    running: Running
    ledger: Ledger
    smtp: StallingSmtp


class City:
    """One instance for all tests, for a start takes long; after a failed test another one is begun."""

    def __init__(self, folders: pytest.TempPathFactory) -> None:
        self._folders = folders
        self._stack = ExitStack()
        self._begun: Begun | None = None

    def begun(self) -> Begun:
        if self._begun is None:
            folder = self._folders.mktemp("chaos")
            smtp = self._stack.enter_context(StallingSmtp(folder / "mail"))
            running, ledger = Running(_settings(folder, smtp.url)), Ledger()
            self._stack.callback(running.stop)
            running.start()
            Client(running, ledger).send(ledger.beginnings())
            self._begun = Begun(running, ledger, smtp)
        return self._begun

    def end(self) -> None:
        self._stack.close()
        self._begun = None


def _settings(folder: Path, smtp_url: str) -> Settings:
    return Settings(
        data_dir=folder / "data",
        port=0,
        clock=HOME,
        smtp_url=smtp_url,
        quiet_seconds=0.5,
        quiet_cap_seconds=3,
        lease_seconds=5,
        rate_per_minute=0,  # its clients ask far more often than people do
        rate_unknown_per_minute=0,
    )


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    made = City(tmp_path_factory)
    yield made
    made.end()


@pytest.fixture
def begun(city: City, request: pytest.FixtureRequest) -> Iterator[Begun]:
    yield city.begun()
    if request.node.stash.get(_failed, False):
        city.end()


@pytest.fixture
def running(begun: Begun) -> Running:
    return begun.running


@pytest.fixture
def ledger(begun: Begun) -> Ledger:
    return begun.ledger


@pytest.fixture
def smtp(begun: Begun) -> StallingSmtp:
    return begun.smtp
