"""All three services in one process with a small story behind them, for what looks at their databases as a whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Self

from sqlalchemy import text

import factories
from conftest import HOME, SECRET
from muster_cli import backing_up
from muster_cli.backup_archive import Manifest
from muster_notify import usecases as notifying
from muster_report import regenerating
from muster_report.params import internal
from muster_shared.auth import Caller, issue
from muster_shared.context import Context
from muster_shared.settings import SERVICES, Settings
from owing import owed, project_owing
from reporting import FUNDING, IngestLog, Reporting, reporting

FIRST_DAY = "2016-11-30T23:00:00Z"
_SOMEBODY = """
    INSERT INTO person (email, name, language, time_zone, role, offices, regions, active, added_at, added_by)
    VALUES ('grace@example.org', 'Grace', 'en', 'UTC', 'admin', '{}', '{}', true, now(), 'test')
"""


class Whole:
    """All three services in one process, on databases of their own."""

    def __init__(self, contexts: dict[str, Context], told: Settings) -> None:
        self.contexts, self.settings = contexts, told
        self.reporting: Reporting = reporting(contexts["ingest"], contexts["report"], self.token)
        self.report = self.reporting.report
        self.log = IngestLog(contexts["ingest"])

    @classmethod
    def begun(cls, folder: Path, broker: str, database: Callable[[str], str]) -> Self:
        """Its story told once, on a migrated database of each service, of which ``database`` gives the URL."""
        urls: dict[str, Any] = {f"{service}_database_url": database(service) for service in SERVICES}
        told = Settings(folder / "data", clock=HOME, secret_key=SECRET, redis_url=broker, **urls)
        told = replace(told, quiet_seconds=0, quiet_cap_seconds=0, rate_per_minute=0, rate_unknown_per_minute=0)
        made = cls(opened_on(told), told)
        made.begin()
        return made

    def token(self, role: str, **scope: Any) -> str:
        """A token of somebody with a role."""
        return issue(self.settings, Caller(f"{role}@example.org", role, **scope), lifetime=timedelta(hours=1))

    def begin(self) -> None:
        """Funding that changes a day later, a project of which a report is overdue, a person, two issues."""
        self.reporting.submit(
            *(factories.office(code) for code in ("HQ", "KEN", "UGA")),
            factories.donor(),
            factories.requirement("KEN"),
            factories.requirement("UGA", amount="250000"),
            *project_owing(owed(-3), code="KEN-00001", office="KEN"),
        )
        with self.contexts["ingest"].sessions.begin() as session:
            session.execute(text(_SOMEBODY))
        self.settle()
        self.reporting.advance("1d")
        self.reporting.submit(factories.requirement("KEN", amount="777"))
        self.settle()
        self.report.latest(FUNDING, year="2016", as_of=FIRST_DAY)

    def settle(self) -> None:
        """The log is followed, and one report is made of all that are stale: each takes a second."""
        self.report.follow()
        regenerating.regenerate_one(self.contexts["report"], FUNDING, internal({"year": "2016"}))
        self.report.count_as_made()
        notifying.sweep(self.contexts["notify"], self.log)

    def rows(self, service: str, query: str) -> list[tuple[Any, ...]]:
        """What a query finds in the database of a service."""
        with self.contexts[service].sessions() as session:
            return [tuple(row) for row in session.execute(text(query))]

    def back_up(self, path: Path, *, secrets: bool = False) -> Manifest:
        """A backup of it at a path that holds nothing."""
        return backing_up.back_up(self.settings, path, real_now=HOME, secrets=secrets, step=lambda _what: None)


def opened_on(told: Settings) -> dict[str, Context]:
    """The context of each service."""
    return {service: Context.open(service, told) for service in SERVICES}


def close(contexts: dict[str, Context]) -> None:
    """Close what ``opened_on`` opened."""
    for context in contexts.values():
        context.engine.dispose()
        context.celery.close()
