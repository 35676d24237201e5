"""``python -m soak --minutes M``: days of an organization on one instance; exits 1 where it fails or holds ever more.

Draws ``docs/pictures/soak.png`` where ``--picture`` names it.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from datetime import time as of_day
from pathlib import Path
from threading import Event, Thread
from typing import Final

from rich.console import Console

from chaos.invariants import at_rest
from chaos.running import Running
from muster_shared.clock import Clock
from muster_shared.settings import Settings
from soak.days import FIRST_DAY, HOURS, Organization
from soak.gauges import Gauges, work_done
from soak.told import draw, findings, summary
from soak.traffic import Traffic

_REST_SECONDS: Final = 300.0
_console = Console(width=150, highlight=False, soft_wrap=True)


def main() -> int:
    """Live through the days; prints a line for each."""
    told = _arguments()
    with tempfile.TemporaryDirectory(prefix="muster-soak-") as folder:
        running = Running(_settings(Path(folder) / "data"))
        running.start()
        try:
            traffic = Traffic(running, Organization(told.projects, told.readers))
            traffic.begin()
            at_rest(running, _REST_SECONDS)
            _console.print("the first morning")
            before = work_done(running)
            with Gauges(running) as gauges:
                _days(running, traffic, minutes=told.minutes, seconds=told.day)
            rest = at_rest(running, _REST_SECONDS)
            done = {what: count - before[what] for what, count in work_done(running).items()}
        finally:
            running.stop()
    wrong = findings(gauges.samples, traffic.answered)
    _console.print(summary(gauges.samples, traffic, rest, done))
    _console.print("\n".join(wrong) or "nothing grew, nothing failed")
    if told.picture:
        draw(told.picture, gauges.samples, traffic.answered)
    return 1 if wrong else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m soak", description="Realistic days, and what they leave behind.")
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--day", type=float, default=180, help="seconds that a day takes")
    parser.add_argument("--projects", type=int, default=1000)
    parser.add_argument("--readers", type=int, default=1000, help="who open a page each day")
    parser.add_argument("--picture", type=Path, help="PNG to draw")
    return parser.parse_args()


def _days(running: Running, traffic: Traffic, *, minutes: float, seconds: float) -> None:
    until, number = time.monotonic() + 60 * minutes, 0
    while time.monotonic() < until:
        before = len(traffic.answered)
        with hours_passing(running.clock, number, seconds):
            traffic.live_through(number, seconds)
        done = len(traffic.answered) - before
        _console.print(f"{running.now():%Y-%m-%d}: {done} requests, the latest so far {traffic.late:.1f} s late")
        number += 1


@contextmanager
def hours_passing(clock: Clock, number: int, seconds: float) -> Iterator[None]:
    """The clock goes through the hours of a day while the block runs."""
    over = Event()
    thread = Thread(target=_pass, args=(clock, number, seconds, over))
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _pass(clock: Clock, number: int, seconds: float, over: Event) -> None:
    began = time.monotonic()
    for hour, part in HOURS:
        over.wait(max(0.0, began + part * seconds - time.monotonic()))
        moment = datetime.combine(FIRST_DAY + timedelta(days=number), of_day(hour), UTC)
        clock.advance(moment - clock.now())


def _settings(data_dir: Path) -> Settings:
    first = datetime.combine(FIRST_DAY, of_day(HOURS[0][0]), UTC)
    return Settings(data_dir=data_dir, port=0, clock=first, rate_unknown_per_minute=0)


if __name__ == "__main__":
    sys.exit(main())
