"""Real PostgreSQL and Valkey for every test that needs them: started once, a fresh database each."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck
from hypothesis import settings as profiles
from playwright.sync_api import Browser
from psycopg import Connection
from xdist.scheduler import LoadScopeScheduling

import chromium
from lazy_rules import LazyRule
from muster_shared.auth import Caller, issue
from muster_shared.context import Context
from muster_shared.db import migrate
from muster_shared.embedded.postgres import Postgres
from muster_shared.embedded.valkey import Valkey
from muster_shared.settings import Settings
from remembered_templates import RememberedTemplates

HOME = datetime(2016, 11, 30, 8, tzinfo=UTC)
SECRET = "a secret of tests that is long enough to sign with"
_numbers = itertools.count()
_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of a random name is made in it
_ENOUGH = 2 * 1024**3  # bytes: several servers, each with some databases and their log
_HASTY = (
    *("fsync = off", "synchronous_commit = off", "full_page_writes = off", "autovacuum = off"),
    "max_wal_size = '128MB'",
)
_TOGETHER = {"chaos": "chaos", "hosts": "chaos", "browser": "instances", "demo": "instances", "local": "instances"}

# a busy machine is no defect: no deadlines; the same examples each time; more with --hypothesis-profile=long
_PATIENT: Any = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
profiles.register_profile("everyday", derandomize=True, max_examples=50, **_PATIENT)
profiles.register_profile("long", max_examples=500, print_blob=True, **_PATIENT)
profiles.load_profile("everyday")

Flask.url_rule_class = LazyRule
Flask.jinja_options = {"bytecode_cache": RememberedTemplates()}


class StayTogether(LoadScopeScheduling):  # type: ignore[misc] # pytest-xdist publishes no types
    """Side by side, the tests of a file stay together; of those with whole instances two run at a time."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return _TOGETHER.get(Path(file).parts[1], file)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--length", choices=("bounded", "all"), default="bounded", help="all: also what takes minutes")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items if config.getoption("length") != "all" else ():
        if item.get_closest_marker("at_length"):
            item.add_marker(pytest.mark.skip(reason="make chaos"))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> StayTogether:
    return StayTogether(config, log)


@pytest.fixture(scope="session", autouse=True)
def _nothing_waits_for_the_disk() -> Iterator[None]:
    """What is kept in this process need not outlive the machine either; on a busy disk every object waits for long."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _descriptor: None)
        yield


@pytest.fixture(scope="session")
def roomy_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder in memory where there is room: a database for each test is made there ten times as fast as on a disk."""
    if not _MEMORY.is_dir() or shutil.disk_usage(_MEMORY).free < _ENOUGH:
        yield tmp_path_factory.mktemp("postgres")
        return
    with tempfile.TemporaryDirectory(prefix="muster-tests-", dir=_MEMORY) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def postgres_server(roomy_folder: Path) -> Iterator[Postgres]:
    """What is in it need not outlive the machine: waiting for the disk would take more than half of the time."""
    with Postgres(roomy_folder / "data") as server:
        with server.connect() as connection:
            for hasty in _HASTY:
                connection.execute(f"ALTER SYSTEM SET {hasty}".encode())
            connection.execute("SELECT pg_reload_conf()")
        yield server


@pytest.fixture(scope="session")
def maintenance(postgres_server: Postgres) -> Iterator[Connection]:
    """Kept open, for databases come and go thousands of times; a busy machine may take its time."""
    with postgres_server.connect(seconds=60) as connection:
        yield connection


@pytest.fixture(scope="session")
def valkey_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    with Valkey(tmp_path_factory.mktemp("valkey") / "data") as server:
        yield server


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium.opened() as opened:
        yield opened


@pytest.fixture(scope="session")
def template(postgres_server: Postgres) -> Callable[[str], str]:
    """A migrated database of each service, from which the databases of tests are copied."""
    made: dict[str, str] = {}

    def template_of(service: str) -> str:
        if service not in made:
            name = f"template_{service}"
            postgres_server.create_databases([name])
            migrate(f"muster_{service}", postgres_server.url(name))
            made[service] = name
        return made[service]

    return template_of


@pytest.fixture
def settings(tmp_path: Path, valkey_server: Valkey) -> Settings:
    return Settings(
        data_dir=tmp_path / "data",
        clock=HOME,
        secret_key=SECRET,
        redis_url=valkey_server.url(),
        quiet_seconds=0,
        quiet_cap_seconds=0,
        lease_seconds=1,
        rate_per_minute=0,  # all tests ask from one address, and some ask thousands of times with one token
        rate_unknown_per_minute=0,
    )


@pytest.fixture
def open_context(
    postgres_server: Postgres, maintenance: Connection, template: Callable[[str], str], settings: Settings
) -> Iterator[Callable[[str], Context]]:
    """Make the context of a service, on a database of its own."""
    opened: list[Context] = []
    names: list[str] = []

    def open_one(service: str) -> Context:
        name = f"test_{next(_numbers)}"
        names.append(name)
        maintenance.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template(service)}" STRATEGY file_copy'.encode())
        url: dict[str, Any] = {f"{service}_database_url": postgres_server.url(name)}
        opened.append(Context.open(service, replace(settings, **url)))
        return opened[-1]

    yield open_one
    for context in opened:
        context.engine.dispose()
        context.celery.close()
    for name in names:  # those of all tests would take more room than many a disk has
        maintenance.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


@pytest.fixture
def token(settings: Settings) -> Callable[..., str]:
    """A token for a role: ``token("focal_point", offices=["KEN"])``."""

    def make(role: str, *, name: str | None = None, **scope: object) -> str:
        values = {key: tuple(value) if isinstance(value, list) else value for key, value in scope.items()}
        caller = Caller(name=name or f"{role}@example.org", role=role, **values)  # type: ignore[arg-type]
        return issue(settings, caller, lifetime=timedelta(hours=1))

    return make
