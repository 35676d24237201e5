"""Databases are made once and emptied before each test: copying a template for each would cost more than the tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

import factories
from guarded_fields import guarded
from muster_shared.context import Context
from muster_shared.embedded.postgres import Postgres
from muster_shared.settings import Settings
from reporting import IngestLog, Report, Reporting, reporting


@pytest.fixture(scope="package", autouse=True)
def guarded_reports() -> Iterator[None]:
    """See ``guarded_fields``."""
    with guarded():
        yield


@pytest.fixture(scope="package")
def databases(postgres_server: Postgres, template: Callable[[str], str]) -> dict[str, str]:
    """An ingest and two reports, each with a database of its own."""
    services = {"ingest": "ingest", "report": "report", "second_report": "report"}
    with postgres_server.connect() as connection:
        for name, service in services.items():
            connection.execute(f'CREATE DATABASE "in_process_{name}" TEMPLATE "{template(service)}"')
    return {name: postgres_server.url(f"in_process_{name}") for name in services}


@pytest.fixture
def opened(databases: dict[str, str], settings: Settings) -> Iterator[Callable[..., Context]]:
    """Open a service on the database of that name, with other settings where given."""
    contexts: list[Context] = []

    def open_one(service: str, database: str = "", **changes: object) -> Context:
        url = {f"{service}_database_url": databases[database or service]}
        contexts.append(Context.open(service, replace(settings, **url, **changes)))  # type: ignore[arg-type]
        return contexts[-1]

    yield open_one
    for context in contexts:
        context.engine.dispose()
        context.celery.close()


@pytest.fixture
def empty(opened: Callable[..., Context], token: Callable[..., str]) -> Reporting:
    """Ingest and report on their first day."""
    return reporting(opened("ingest"), opened("report"), token)


@pytest.fixture
def second(empty: Reporting, opened: Callable[..., Context], token: Callable[..., str]) -> Report:
    """Another report on its first day, which follows the same ingest and makes only what it is asked for."""
    patient = opened("report", "second_report", quiet_seconds=86400, quiet_cap_seconds=86400)
    report = Report(patient, IngestLog(empty.ingest.context), token)
    report.empty()
    return report


@pytest.fixture
def muster(empty: Reporting) -> Reporting:
    """Ingest and report that know three offices, one partner, two years and two sources; nothing is regenerated yet."""
    empty.submit(
        *(factories.office(code) for code in ("HQ", "KEN", "UGA")),
        factories.partner(),
        factories.requirement("KEN"),
        factories.requirement("UGA", amount="250000"),
        factories.requirement("KEN", year=2017, amount="3"),
        factories.partnership("p-1", source="A"),
        factories.partnership("p-2", source="B"),
    )
    return empty
