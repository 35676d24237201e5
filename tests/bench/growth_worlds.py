"""The databases of the three services over a portfolio of a size, filled as the services would have left them."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path

from sqlalchemy import text

from bench import growth_ingest, growth_notify
from bench.growth_curves import World
from bench.growth_portfolio import GrowingPortfolio
from bench.report_database import BEGIN, SECRET, Databases
from muster_shared.db import migrate
from muster_shared.embedded.postgres import Postgres
from muster_shared.settings import Settings

FACTS_OF_A_PROJECT = 50
_REVISED = """
INSERT INTO fact (position, until, kind, key, revision, action, office, occurred_at, fields, receipt, submission_id,
    sha256, received_at, pointer, source)
SELECT position + number * :step, CASE WHEN number < :times THEN position + (number + 1) * :step END, kind, key,
    revision + number, action, office, occurred_at, fields, receipt, submission_id, sha256, received_at, pointer, source
FROM fact, generate_series(1, :times) number WHERE kind IN ('project', 'grant', 'progress_report')
"""
_ENDED = (
    "UPDATE fact SET until = position + :step WHERE revision = 1 AND kind IN ('project', 'grant', 'progress_report')"
)


def world_of(databases: Databases, projects: int, services: Collection[str], smtp: str) -> World:
    """The services that are asked for, over so many projects, with fifty facts to each or a few more."""
    server, folder, facts = databases.server, databases.folder, FACTS_OF_A_PROJECT * projects
    told: dict[str, Settings] = {}
    if "report" in services:
        told["report"] = _report(databases, projects, facts)
    for service, fill in (("notify", growth_notify.fill), ("ingest", growth_ingest.fill)):
        if service in services:
            told[service] = _service(server, folder, service, projects)
            _apart(fill, told[service], projects)
    _settle(server, projects)
    return World(projects, facts, _pid(server), smtp, told)


def _report(databases: Databases, projects: int, facts: int) -> Settings:
    name = f"report_{projects}"
    context = databases.filled(name, GrowingPortfolio(projects).records())
    with context.sessions.begin() as session:
        last = session.execute(text("SELECT max(position) FROM fact")).scalar_one()
        revised = text("SELECT count(*) FROM fact WHERE kind IN ('project', 'grant', 'progress_report')")
        times = max(-(-(facts - last) // session.execute(revised).scalar_one()), 0)
        if times:
            session.execute(text(_REVISED), {"step": last, "times": times})
            session.execute(text(_ENDED), {"step": last})
            session.execute(text("UPDATE cursor SET position = :last"), {"last": last * (times + 1)})
    context.engine.dispose()
    return databases.settings(name)


def _service(server: Postgres, folder: Path, service: str, projects: int) -> Settings:
    name = f"{service}_{projects}"
    server.create_databases([name])
    migrate(f"muster_{service}", server.url(name))
    told = Settings(data_dir=folder / name, secret_key=SECRET, redis_url="redis://127.0.0.1:9", clock=BEGIN)
    told.data_dir.mkdir(exist_ok=True)
    urls = {f"{service}_database_url": server.url(name)}
    return replace(told, **urls, rate_per_minute=0)  # type: ignore[arg-type] # one of three fields that are texts


def _apart(fill: Callable[[Settings, int], None], settings: Settings, projects: int) -> None:
    """Fill in a process of its own: what is measured is forked from this one, which keeps no threads or connections."""
    child = multiprocessing.get_context("fork").Process(target=fill, args=(settings, projects))
    child.start()
    child.join()
    if child.exitcode:
        raise RuntimeError(f"the database of {projects} projects could not be filled")


def _settle(server: Postgres, projects: int) -> None:
    for service in ("report", "notify", "ingest"):
        with server.connect() as there:
            known = there.execute("SELECT 1 FROM pg_database WHERE datname = %s", [f"{service}_{projects}"]).fetchone()
        if known:
            with server.connect(f"{service}_{projects}") as connection:
                connection.execute("VACUUM ANALYZE")
                connection.execute("CHECKPOINT")


def _pid(server: Postgres) -> int:
    return int((server.folder / "postmaster.pid").read_text().split()[0])
