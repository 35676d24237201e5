"""Celery over Redis. A task only hurries what stands as a row already: losing one costs time, never work."""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from celery import Celery, signals, states
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from muster_shared import logs, tracing
from muster_shared.clock import real_now
from muster_shared.names import QUEUES, queue_of
from muster_shared.redis_clients import redis_at
from muster_shared.sentinels import SCHEME, Sentinels

_log = logging.getLogger(__name__)
_BREAK_SECONDS = 5.0
_ANSWER_SECONDS = 0.5  # a request waits for it, once in each break
_MARK_SECONDS = 5.0  # a lost task is wished for again after this long
FINISHED = "muster:finished"  # in Redis: task to when one was last finished, in seconds since 1970


def make_celery(service: str, broker_url: str) -> Celery:
    """An app bound to one service's queue.

    The visibility timeout stands far above the longest task; rows with leases recover sooner than it does.
    """
    url, options = _transport(broker_url)
    app = Celery(f"muster.{service}", broker=url, set_as_current=False)
    app.conf.update(
        task_serializer="json",
        accept_content=["json"],
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=16,  # at 1, a pool of threads asks Redis for more only once a second
        worker_hijack_root_logger=False,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options=options,
        task_default_queue=service,
        task_routes=[_route],
        task_create_missing_queues=True,
        timezone="UTC",
    )
    return app


def _transport(broker_url: str) -> tuple[str, dict[str, Any]]:
    """The address and the options of Celery's transport."""
    options: dict[str, Any] = {
        "visibility_timeout": 3600,
        "socket_connect_timeout": 2,
        "socket_timeout": 5,
        "socket_keepalive": True,
        "socket_keepalive_options": _while_waiting(),
        "queue_order_strategy": "round_robin",
    }
    if not broker_url.startswith(f"{SCHEME}://"):
        return broker_url, options
    told = Sentinels.of(broker_url)
    return told.kombu_url(), options | told.transport_options(seconds=_ANSWER_SECONDS)


def _while_waiting() -> dict[int, int]:
    """Probes to a server that says nothing: a worker that waits for a task reads only once it is answered.

    So no timeout of reading ends its wait for a server that is lost without a word: it would wait for ever.
    """
    told = {"TCP_KEEPIDLE": 5, "TCP_KEEPINTVL": 2, "TCP_KEEPCNT": 3}  # seconds, seconds, probes
    return {getattr(socket, name): value for name, value in told.items() if hasattr(socket, name)}


def _route(name: str, *_args: Any, **_options: Any) -> dict[str, str] | None:
    queue = queue_of(name)
    return {"queue": queue} if queue in QUEUES else None


class Wake:
    """Sends wake-ups and never lets a broken broker hold up or fail the work that asked for one.

    A burst of wishes becomes few tasks: while one waits in the queue, its mark stands in Redis and no other is
    sent; the task takes the mark away before it reads, so whoever wishes later is heard.
    """

    def __init__(self, app: Celery, broker_url: str) -> None:
        self._app = app
        self._redis = redis_at(broker_url, seconds=_ANSWER_SECONDS)
        self._open_after = 0.0
        self._lock = threading.Lock()

    def __call__(self, task: str, *, countdown: float = 0) -> bool:
        """Send a task unless one waits already; False where the broker is away (a sweep will find the row)."""
        return self._try(task, lambda: self._send_once(task, countdown))

    def each(self, *tasks: str) -> bool:
        """The same of several tasks, their marks set at once."""
        return self._try(", ".join(tasks), lambda: self._send_each(tasks))

    def send(self, task: str, *arguments: Any) -> bool:
        """Send a task with what it is about (plain JSON), each time; False where the broker is away."""
        return self._try(task, lambda: self._send_now(task, *arguments))

    def begun(self, task: str) -> None:
        """A task begins: wishes from now on are not served by it."""
        with suppress(RedisError):
            self._redis.delete(_mark(task))

    def finished(self, task: str) -> None:
        """A task came to its end without an error; for the metrics, and lost with the broker."""
        with suppress(RedisError):
            self._redis.hset(FINISHED, task, str(real_now().timestamp()))

    def with_redis(self, what: str, doing: Callable[[Any], object]) -> bool:
        """Do something in the broker's Redis that may as well be left; False where the broker is away."""
        return self._try(what, lambda: doing(self._redis))

    def _try(self, task: str, sending: Callable[[], object]) -> bool:
        if time.monotonic() < self._open_after:
            return False
        try:
            sending()
        except (OperationalError, RedisError, OSError) as error:
            self._pause(task, error)
            return False
        return True

    def _send_once(self, task: str, countdown: float) -> None:
        if self._redis.set(_mark(task), 1, nx=True, px=int(1000 * (_MARK_SECONDS + countdown))):
            self._send(task, countdown)

    def _send_each(self, tasks: tuple[str, ...]) -> None:
        marking = self._redis.pipeline(transaction=False)
        for task in tasks:
            marking.set(_mark(task), 1, nx=True, px=int(1000 * _MARK_SECONDS))
        for task, is_new in zip(tasks, marking.execute(), strict=True):
            if is_new:
                self._send(task, 0)

    def _send_now(self, task: str, *arguments: Any) -> None:
        self._redis.ping()  # a broker that hangs is found out by this, far sooner than by sending
        self._send(task, 0, *arguments)

    def _send(self, task: str, countdown: float, *arguments: Any) -> None:
        with tracing.waking(task):
            headers = {"request_id": logs.request_id.get(), **tracing.headers()}
            told: dict[str, Any] = {"countdown": countdown or None, "headers": headers}
            # Celery logs what a task is given unless it is told another text for it; some are given secrets
            self._app.send_task(task, arguments, retry=False, argsrepr="(not shown)", **told)

    def _pause(self, task: str, error: Exception) -> None:
        with self._lock:
            self._open_after = time.monotonic() + _BREAK_SECONDS
        reason = type(error).__name__
        _log.warning("broker away, task left to the sweep", extra={"task": task, "reason": reason})


def _mark(task: str) -> str:
    return f"muster:waits:{task}"


def _header(task: Any, name: str) -> str:
    headers = getattr(task.request, "headers", None) or {}
    return str(headers.get(name) or getattr(task.request, name, None) or "")


def prepare_worker(wake: Wake) -> None:
    """Give each task the request id of the request that asked for it, take its mark away, and note when it is done.

    Of several requests that one task serves, it carries the id and the trace of the first; a tick of the scheduler has
    an id of its own, and no trace before it finds something to do.
    """

    def begin(task: Any = None, **_rest: Any) -> None:
        given = _header(task, "request_id")
        logs.request_id.set(given if logs.is_plain_id(given) else f"task-{task.request.id}")
        tracing.task_begins(task.name, task.request.id, _header(task, "traceparent"))
        wake.begun(task.name)

    def end(task: Any = None, state: str | None = None, retval: object = None, **_rest: Any) -> None:
        if state == states.SUCCESS:
            wake.finished(task.name)
        tracing.task_ends(retval if isinstance(retval, BaseException) else None)

    signals.task_prerun.connect(begin, weak=False, dispatch_uid="muster-begin")
    signals.task_postrun.connect(end, weak=False, dispatch_uid="muster-end")
