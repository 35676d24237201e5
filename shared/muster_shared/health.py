"""How a service is: whether the parts it needs answer, how far its work is, and the room that is left."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final

from kombu.exceptions import OperationalError
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from muster_shared.context import Context
from muster_shared.redis_clients import redis_at

Check = Callable[[Context], None]
Standing = Callable[[Context], Mapping[str, Any]]

_WORKERS_ANSWER: Final = 0.5  # seconds that workers are given to say that they are there
_BROKER_ANSWERS: Final = 2.0


def readiness(context: Context, standing: Standing) -> dict[str, Any]:
    """``{status, service, parts: {name: {ready, reason}}, standing}``; standing is empty where the database is away."""
    parts = {name: _try(context, check) for name, check in CHECKS.items()}
    ready = all(part["ready"] for part in parts.values())
    return {
        "status": "ready" if ready else "not ready",
        "service": context.service,
        "parts": parts,
        "standing": standing(context) if parts["database"]["ready"] else {},
    }


def health(context: Context, standing: Standing) -> dict[str, Any]:
    """The same with ``{queue, workers, database_bytes, disk: {free, total}}``; what cannot be told is None.

    ``queue`` counts tasks that wait for a worker of this service, ``workers`` are the names of those that answer.
    """
    told = readiness(context, standing)
    answers = {name: part["ready"] for name, part in told["parts"].items()}
    return {
        **told,
        "queue": _queue(context) if answers["broker"] else None,
        "workers": _workers(context) if answers["broker"] else None,
        "database_bytes": _database_bytes(context) if answers["database"] else None,
        "disk": disk(context),
    }


def _try(context: Context, check: Check) -> dict[str, Any]:
    try:
        check(context)
    except Exception as error:  # noqa: BLE001 - whatever a part raises, it is not ready
        return {"ready": False, "reason": type(error).__name__}
    return {"ready": True}


def _check_database(context: Context) -> None:
    with context.engine.connect() as connection:
        connection.execute(text("SELECT 1"))


def _check_broker(context: Context) -> None:
    with redis_at(context.settings.broker_url(), seconds=_BROKER_ANSWERS) as redis:
        redis.ping()


def _check_objects(context: Context) -> None:
    context.objects.check()


CHECKS: Final[Mapping[str, Check]] = {
    "database": _check_database,
    "broker": _check_broker,
    "objects": _check_objects,
}


def _queue(context: Context) -> int | None:
    with suppress(RedisError), redis_at(context.settings.broker_url(), seconds=_BROKER_ANSWERS) as redis:
        return int(redis.llen(context.service))
    return None


def _workers(context: Context) -> list[str] | None:
    """Workers are started under the name of their service."""
    with suppress(RedisError, OperationalError, OSError):
        answers = context.celery.control.ping(timeout=_WORKERS_ANSWER) or ()
        names = (name for answer in answers for name in answer)
        return sorted(name for name in names if name.startswith(f"{context.service}@"))
    return None


def _database_bytes(context: Context) -> int | None:
    with suppress(DBAPIError), context.engine.connect() as connection:
        return int(connection.scalar(text("SELECT pg_database_size(current_database())")) or 0)
    return None


def disk(context: Context) -> dict[str, int] | None:
    """``{free, total}``, in bytes, of the data folder's file system; None where the service has no such folder."""
    with suppress(OSError):
        usage = shutil.disk_usage(context.settings.data_dir)
        return {"free": usage.free, "total": usage.total}
    return None
