"""What may be done about an obligation, and what stands against it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from muster_notify.actors import Actor
from muster_notify.bodies import wrong
from muster_shared.problems import Problem

LONGEST_REST: Final = timedelta(days=366)  # a mistyped year must not silence a reminder for good
ACKNOWLEDGED: Final = "acknowledged"  # as a reason, where nothing else was said


@dataclass(frozen=True, slots=True)
class Deed:
    """What is to be done.

    ``snooze`` with ``day`` the last day of rest, ``acknowledge``, or ``extension`` with ``day`` the project's new end.
    """

    action: str
    reason: str
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """What was done: the number of the receipt, and what speaks against it although it was taken."""

    receipt: str
    warnings: tuple[Mapping[str, str], ...] = ()


def check_snooze(until: date, *, due: date, today: date, actor: Actor) -> None:
    """Whether a report due on a day may be put off until another one; ``today`` is the office's.

    Raises:
        Problem: 422 with the pointer ``/until`` and the limit.
    """
    if until <= today:
        raise wrong("until", f"{until} is not in the future: give a day after {today}", "not_in_future")
    if until > today + LONGEST_REST:
        raise wrong("until", f"{until} is too far: give a day until {today + LONGEST_REST}", "beyond_limit")
    if actor.decides or until <= due:
        return
    if today >= due:
        message = f"the report was due on {due}: only the regional reviewer can put it off now"
        raise wrong("until", message, "beyond_limit")
    message = f"{until} is past the donor's due date: give a day until {due}, or ask the regional reviewer"
    raise wrong("until", message, "beyond_limit")


def not_owed() -> Problem:
    """409: there is nothing to do any more."""
    return Problem(409, "not_owed", "this report was handed in or is no longer owed: there is nothing to be done")
