"""A lease that lasts as long as its work: renewed while the work goes on, free soon after its process dies."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

_log = logging.getLogger(__name__)
_RENEWALS: Final = 3  # within the time of a lease: two may fail
_SHORTEST: Final = 0.05  # seconds between two


@contextmanager
def renewed(renew: Callable[[], None], lease_seconds: float) -> Iterator[None]:
    """Call ``renew`` from a thread of its own, three times within a lease, until the work in the block is done.

    After the block it is not called any more. A renewal that fails is logged and tried again at the next turn.
    """
    done = Event()
    thread = Thread(target=_keep_renewing, args=(renew, max(lease_seconds / _RENEWALS, _SHORTEST), done))
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _keep_renewing(renew: Callable[[], None], pause: float, done: Event) -> None:
    while not done.wait(pause):
        try:
            renew()
        except SQLAlchemyError as error:
            _log.warning("a lease could not be renewed, trying again", extra={"reason": type(error).__name__})
