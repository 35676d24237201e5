"""A lease that lasts as long as its work: renewed while the work goes on, free soon after its process dies."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import copy_context
from threading import Event, Thread
from typing import Final

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

_log = logging.getLogger(__name__)
_RENEWALS: Final = 3  # within the time of a lease: two may fail
_SHORTEST: Final = 0.05  # seconds between two


@contextmanager
def renewed(renew: Callable[[], None], lease_seconds: float) -> Iterator[None]:
    """Call ``renew`` from a thread of its own, three times within a lease, until the work in the block is done.

    After the block it is not called any more. A renewal that fails is logged and tried again at the next turn.
    """
    done = Event()
    pause = max(lease_seconds / _RENEWALS, _SHORTEST)
    in_context = copy_context().run  # so that its lines of the log have the request id of the work
    thread = Thread(target=in_context, args=(_keep_renewing, renew, pause, done))
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


def take_away(session: Session) -> None:
    """Take every lease away: whoever is at work on a report has read what holds no longer. It is claimed anew.

    Nobody else changes the state of a report until the transaction ends.
    """
    session.execute(text("LOCK TABLE report_state IN EXCLUSIVE MODE"))
    lost = "UPDATE report_state SET attempt = attempt + 1, lease_until = NULL WHERE lease_until IS NOT NULL"
    session.execute(text(lost))
