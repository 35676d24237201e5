"""The queues of the broker, disturbed: every task that waits comes twice, in another order."""

from __future__ import annotations

import json
import random
from typing import Final, cast
from uuid import UUID

from redis import Redis

from muster_shared.names import (
    INGEST_SWEEP,
    INGEST_WORKBOOK,
    NOTIFY_DELIVER,
    NOTIFY_FOLLOW,
    NOTIFY_SWEEP,
    QUEUES,
    REPORT_FOLLOW,
    REPORT_REGENERATE,
)
from muster_shared.tasks import make_celery

WAKE_UPS: Final = (
    INGEST_SWEEP,
    INGEST_WORKBOOK,
    REPORT_FOLLOW,
    REPORT_REGENERATE,
    NOTIFY_FOLLOW,
    NOTIFY_SWEEP,
    NOTIFY_DELIVER,
)


def wake_all(broker_url: str, tasks: tuple[str, ...] = WAKE_UPS) -> None:
    """Send wake-ups, as a second scheduler would.

    Raises:
        kombu.exceptions.OperationalError: the broker is away.
    """
    celery = make_celery("chaos", broker_url)
    try:
        for task in tasks:
            celery.send_task(task, retry=False)
    finally:
        celery.close()


def wake_all_twice(broker_url: str, chance: random.Random) -> None:
    """Put every task that waits, and every wake-up there is, into the queues once more, and mix their order."""
    wake_all(broker_url)
    with Redis.from_url(broker_url, socket_timeout=2) as redis:
        for queue in QUEUES:
            waiting = cast("list[bytes]", redis.lrange(queue, 0, -1))
            mixed = [*waiting, *(_once_more(message, chance) for message in waiting)]
            chance.shuffle(mixed)
            with redis.pipeline() as at_once:
                for message in waiting:
                    at_once.lrem(queue, 1, message.decode())
                for message in mixed:
                    at_once.rpush(queue, message)
                at_once.execute()


def _once_more(message: bytes, chance: random.Random) -> bytes:
    """The same task under a delivery tag of its own, as a broker that gives it out again would."""
    envelope = json.loads(message)
    envelope["properties"]["delivery_tag"] = str(UUID(int=chance.getrandbits(128)))
    return json.dumps(envelope).encode()
