"""What Prometheus reads of a service: worked out at each scrape from rows, broker and database, and kept nowhere.

What cannot be told is left out, and ``muster_part_up`` or ``muster_scrape_whole`` says so: a scrape never fails.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import ColumnElement, func, select, text
from sqlalchemy.orm import InstrumentedAttribute, Session

from muster_shared import health, slow_statements
from muster_shared import set_aside as set_aside_changes
from muster_shared.changelog import ChangeLog, LogUnreachable
from muster_shared.clock import real_now
from muster_shared.context import Context
from muster_shared.names import queue_of
from muster_shared.redis_clients import redis_at
from muster_shared.tasks import FINISHED

_log = logging.getLogger(__name__)
Measures = Callable[[Context], Iterable[Metric]]
Waiting = tuple[int, float]  # how many wait, and for how many seconds the oldest of them has

LOG_PATIENCE: Final = (0.5, 2.0)  # seconds that ingest is given to say how far its log is
_BROKER_ANSWERS: Final = 1.0
_DATABASE: Final = text(
    """
    SELECT pg_database_size(current_database()) AS bytes, count(*) AS connections,
        coalesce(max(extract(epoch FROM clock_timestamp() - query_start))
                 FILTER (WHERE state = 'active' AND pid <> pg_backend_pid()), 0) AS longest
    FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'
    """
)


class Scrape(Collector):
    """All that a service tells: of its parts, and by ``measures`` of its own rows."""

    def __init__(self, context: Context, measures: Measures) -> None:
        self._context, self._measures = context, measures

    def collect(self) -> Iterator[Metric]:
        """Every metric that can be told now."""
        parts = {part: _told(part, measure, self._context) for part, measure in _PARTS.items()}
        rows = _told("rows", self._measures, self._context) if parts["database"] is not None else None
        found = (*parts.values(), rows)
        up = {part: told is not None for part, told in parts.items()}
        yield gauges("muster_part_up", "Whether a part answers", "part", up)
        yield gauge("muster_scrape_whole", "0: something could not be told and is left out", None not in found)
        for told in found:
            yield from told or ()


def gauge(name: str, says: str, value: float) -> Metric:
    """One number."""
    return GaugeMetricFamily(name, says, value=float(value))


def gauges(name: str, says: str, label: str, values: Mapping[str, float]) -> Metric:
    """A number for each value of a label."""
    family = GaugeMetricFamily(name, says, labels=[label])
    for named, value in values.items():
        family.add_metric([named], float(value))
    return family


def waiting(found: Mapping[str, Waiting]) -> Iterator[Metric]:
    """What waits to be done, by its name."""
    counts, ages = ({what: one[at] for what, one in found.items()} for at in (0, 1))
    yield gauges("muster_waiting", "Rows that wait to be worked on", "what", counts)
    yield gauges("muster_waiting_oldest_seconds", "How long the oldest of them has waited", "what", ages)


def waits(
    session: Session, since: InstrumentedAttribute[Any], chosen: ColumnElement[bool], *, now: datetime
) -> Waiting:
    """How many rows are chosen, and how old the oldest is by the column ``since``."""
    count, oldest = session.execute(select(func.count(), func.min(since)).where(chosen)).one()
    return count, age(oldest, now)


def age(moment: datetime | None, now: datetime) -> float:
    """Seconds since a moment; 0 where there is none, or it is to come."""
    return max((now - moment).total_seconds(), 0.0) if moment else 0.0


@contextmanager
def reading(context: Context) -> Iterator[Session]:
    """A session in which no statement takes longer than a scrape may."""
    with context.sessions.begin() as session:
        session.execute(text("SET LOCAL statement_timeout = '2s'"))
        yield session


def cursor(log: ChangeLog, *, epoch: str | None, position: int, now: datetime) -> Iterator[Metric]:
    """How far a reader is behind the change log, as ingest knows the log at this moment."""
    yield gauge("muster_cursor_position", "Position up to which the change log is applied", position)
    try:
        page = log.after(position, limit=1)
    except LogUnreachable:
        yield gauge("muster_log_reached", "Whether ingest answers with its change log", 0)
        return
    yield gauge("muster_log_reached", "Whether ingest answers with its change log", 1)
    behind = page.last - position if epoch in {None, page.epoch} else page.last
    oldest = page.items[0].occurred_at if page.items else None
    yield gauge("muster_cursor_lag_positions", "Changes that are not applied yet", max(behind, 0))
    yield gauge("muster_cursor_lag_seconds", "Age of the oldest change that is not applied yet", age(oldest, now))


def set_aside(session: Session) -> Metric:
    """Changes that a reader could not apply."""
    return gauge("muster_changes_set_aside", "Changes that could not be applied", set_aside_changes.count(session))


def _told(part: str, measure: Measures, context: Context) -> list[Metric] | None:
    try:
        return list(measure(context))
    except Exception as error:  # noqa: BLE001 - whatever one raises, the others are told
        _log.warning("could not be measured", extra={"part": part, "reason": type(error).__name__})
        return None


def _database(context: Context) -> Iterator[Metric]:
    with reading(context) as session:
        row = session.execute(_DATABASE).one()
    slow = slow_statements.noted(context.engine)
    yield gauge("muster_database_bytes", "Size of the service's database", row.bytes)
    yield gauge("muster_database_connections", "Connections to it, of all processes", row.connections)
    yield gauge("muster_database_longest_statement_seconds", "Longest statement that runs now", row.longest)
    yield CounterMetricFamily("muster_database_slow_statements", "Slow statements of this web process", value=slow)


def _broker(context: Context) -> Iterator[Metric]:
    with redis_at(context.settings.broker_url(), seconds=_BROKER_ANSWERS) as redis:
        asked = redis.pipeline(transaction=False)
        asked.llen(context.service)
        asked.hgetall(FINISHED)
        length, finished = asked.execute()
    now = real_now().timestamp()
    ages = {task.decode(): max(now - float(at), 0.0) for task, at in finished.items()}
    own = {task: seconds for task, seconds in sorted(ages.items()) if queue_of(task) == context.service}
    yield gauges("muster_queue_tasks", "Tasks that wait for a worker", "queue", {context.service: length})
    yield gauges("muster_task_finished_age_seconds", "Since a task was last done without an error", "task", own)


def _objects(context: Context) -> Iterator[Metric]:
    health.CHECKS["objects"](context)
    room = health.disk(context)
    if room is not None:
        yield gauge("muster_disk_bytes", "File system of the data folder", room["total"])
        yield gauge("muster_disk_free_bytes", "What is left of it", room["free"])


_PARTS: Final[Mapping[str, Measures]] = {"database": _database, "broker": _broker, "objects": _objects}
