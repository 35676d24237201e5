"""Celery over Redis. A task only hurries what stands as a row already: losing one costs time, never work."""

from __future__ import annotations

import logging
import threading
import time
from typing import Any

from celery import Celery, signals
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from muster_shared import logs
from muster_shared.names import QUEUES, queue_of

_log = logging.getLogger(__name__)
_BREAK_SECONDS = 5.0


def make_celery(service: str, broker_url: str) -> Celery:
    """An app bound to one service's queue.

    The visibility timeout stands far above the longest task; rows with leases recover sooner than it does.
    """
    app = Celery(f"muster.{service}", broker=broker_url, set_as_current=False)
    app.conf.update(
        task_serializer="json",
        accept_content=["json"],
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={
            "visibility_timeout": 3600,
            "socket_connect_timeout": 2,
            "socket_timeout": 5,
            "queue_order_strategy": "round_robin",
        },
        task_default_queue=service,
        task_routes=[_route],
        task_create_missing_queues=True,
        timezone="UTC",
    )
    return app


def _route(name: str, *_args: Any, **_options: Any) -> dict[str, str] | None:
    queue = queue_of(name)
    return {"queue": queue} if queue in QUEUES else None


class Wake:
    """Sends wake-ups and never lets a broken broker hold up or fail the work that asked for one."""

    def __init__(self, app: Celery) -> None:
        self._app = app
        self._open_after = 0.0
        self._lock = threading.Lock()

    def __call__(self, task: str, *args: Any, countdown: float = 0) -> bool:
        """Send a task; False where the broker is away (a sweep will find the row)."""
        if time.monotonic() < self._open_after:
            return False
        try:
            self._app.send_task(
                task,
                args=args,
                countdown=countdown or None,
                retry=False,
                headers={"request_id": logs.request_id.get()},
            )
        except (OperationalError, RedisError, OSError) as error:
            self._pause(task, error)
            return False
        return True

    def _pause(self, task: str, error: Exception) -> None:
        with self._lock:
            self._open_after = time.monotonic() + _BREAK_SECONDS
        _log.warning("broker away, task left to the sweep", extra={"task": task, "reason": type(error).__name__})


def carry_request_id() -> None:
    """Give each task the request id of the request that asked for it."""
    signals.task_prerun.connect(_adopt, weak=False, dispatch_uid="muster-request-id")


def _adopt(task: Any = None, **_rest: Any) -> None:
    headers = getattr(task.request, "headers", None) or {}
    logs.request_id.set(
        headers.get("request_id") or getattr(task.request, "request_id", None) or f"task-{task.request.id}"
    )
