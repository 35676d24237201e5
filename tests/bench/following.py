"""Following the change log beside a bare loop that fetches, decodes and copies the same rows; a burst worked off."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import islice
from pathlib import Path
from statistics import correlation, linear_regression
from typing import Any, Final

import psycopg
import requests

from bench.filled_log import fill
from bench.large_portfolio import Portfolio
from bench.measuring import Bounded, Compared
from bench.serving import Servers, servers
from muster_notify import usecases as notify
from muster_report import follow as report
from muster_shared.auth import Caller, issue
from muster_shared.changelog import BATCH, ChangeLog, Page
from muster_shared.context import Context

ROUNDS: Final = 5
CHANGES: Final = 10_000
BURST: Final = 100_000
_TABLE: Final = """
CREATE TABLE bare_fact (position bigint PRIMARY KEY, kind text, key text, revision bigint, office text,
    occurred_at timestamptz, receipt text, fields jsonb);
CREATE TABLE bare_cursor (position bigint)
"""
_COPY: Final = "COPY bare_fact (position, kind, key, revision, office, occurred_at, receipt, fields) FROM STDIN"
_COLUMNS: Final = ("position", "kind", "key", "revision", "office", "occurred_at", "receipt")
_ANEW: Final = {
    "report": "TRUNCATE fact, report_state CASCADE; UPDATE cursor SET epoch = NULL, position = 0",
    "notify": "TRUNCATE record, role_holder, obligation, touched_project CASCADE;"
    " UPDATE follow_cursor SET epoch = NULL, position = 0, last = 0",
}
_WORK: Final[dict[str, Callable[[Context, ChangeLog], int]]] = {"report": report.follow, "notify": notify.follow}


def results() -> Iterator[Compared | Bounded]:
    """The log of a large portfolio, from its beginning each time; then a burst of changes at once."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="muster-following-")))
        house = stack.enter_context(servers(folder))
        house = _reached(stack, house)
        records = Portfolio(20_000).records()
        _add(house, islice(records, CHANGES))
        for service in _WORK:
            yield _beside_a_bare_loop(house, service)
        _add(house, islice(records, BURST))
        for service in _WORK:
            yield _worked_off(house, service)


def _reached(stack: ExitStack, house: Servers) -> Servers:
    web = stack.enter_context(house.web("ingest"))
    return replace(house, settings=replace(house.settings, ingest_url=f"http://127.0.0.1:{web.port}"))


def _add(house: Servers, records: Iterator[dict[str, Any]]) -> None:
    with psycopg.connect(_url(house, "ingest"), autocommit=True) as connection:
        fill(connection, records)


def _beside_a_bare_loop(house: Servers, service: str) -> Compared:
    job = f"{service} follows {CHANGES:,} changes"
    compared = Compared(job, "loop that fetches, decodes, COPYs", 0.3, "a second", least=True)
    context = house.context(service)
    with psycopg.connect(_url(house, service), autocommit=True) as connection:
        connection.execute(_TABLE)
        for _ in range(ROUNDS):
            connection.execute(_ANEW[service].encode())
            seconds = _took(lambda: _WORK[service](context, ChangeLog(house.settings, service)))
            compared.round(CHANGES / seconds, CHANGES / _took(lambda: _bare(house, connection)))
    context.engine.dispose()
    return compared


def _bare(house: Servers, connection: psycopg.Connection[Any]) -> None:
    """Page after page, each committed with its cursor."""
    connection.execute("TRUNCATE bare_fact, bare_cursor")
    http, position = requests.Session(), 0
    token = issue(house.settings, Caller("report", "service"), lifetime=timedelta(hours=1))
    http.headers["Authorization"] = f"Bearer {token}"
    while items := _fetched(http, house.settings.ingest_url, position):
        with connection.transaction():
            with connection.cursor().copy(_COPY) as copy:
                for item in items:
                    copy.write_row([*(item[name] for name in _COLUMNS), json.dumps(item["fields"])])
            connection.execute("DELETE FROM bare_cursor")
            connection.execute("INSERT INTO bare_cursor VALUES (%s)", [items[-1]["position"]])
        position = items[-1]["position"]


def _fetched(http: requests.Session, address: str, position: int) -> list[dict[str, Any]]:
    answer = http.get(f"{address}/ingest/v1/changes", params={"after": position, "limit": BATCH}, timeout=60)
    answer.raise_for_status()
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


@dataclass(slots=True)
class Lag:
    """How many changes were left to apply, and when, as each page was asked for."""

    log: ChangeLog
    seen: list[tuple[float, int]] = field(default_factory=list)

    def after(self, position: int, *, limit: int = BATCH) -> Page:
        page = self.log.after(position, limit=limit)
        self.seen.append((time.monotonic(), page.last - position))
        return page

    def __getattr__(self, name: str) -> Any:
        return getattr(self.log, name)


def _worked_off(house: Servers, service: str) -> Bounded:
    """The lag over time held against a straight line: the share of its variance that the line explains."""
    context = house.context(service)
    lag: Any = Lag(ChangeLog(house.settings, service))
    _WORK[service](context, lag)
    context.engine.dispose()
    times, left = zip(*lag.seen, strict=True)
    begun = [when - times[0] for when in times]
    explained = correlation(begun, [float(one) for one in left]) ** 2
    slope = -linear_regression(begun, left).slope
    what = f"{service}: lag after {left[0]:,} changes over time, R squared of a line ({slope:,.0f} a second)"
    return Bounded(what, explained, 0.98, "", least=True)


def _took(work: Callable[[], object]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began


def _url(house: Servers, service: str) -> str:
    return house.settings.database_url(service).replace("+psycopg", "")
