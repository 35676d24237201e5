"""``python -m chaos.plans --seed N --plans K``: the fault plans of K seeds, from N on; exits 1 where one fails.

A line for each plan. Of one that fails: what differs, the plan, the ends of the logs, and its folder is kept.
"""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
import tempfile
import time
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Final

from rich.console import Console

from chaos.drawing import Plan, draw
from chaos.invariants import standing
from chaos.trial import Outcome, Trial

_PLANS_ON_ONE: Final = 20  # what an instance has lived through makes looking at all of it take longer
_console = Console(width=240, highlight=False, markup=False, emoji=False, soft_wrap=True)


class Series:
    """Plans one after the other, on one instance for as long as it holds, then on another."""

    def __init__(self, on_one: int) -> None:
        self.done: list[Outcome] = []
        self.failed: list[int] = []
        self._on_one = on_one
        self._trial: Trial | None = None
        self._carried_out = 0

    def carry_out(self, plan: Plan) -> None:
        """Carry a plan out and tell what came of it."""
        trial = self._trial = self._trial or Trial(Path(tempfile.mkdtemp(prefix="muster-plans-")))
        try:
            if not trial.begun:
                trial.begin()
            outcome = trial.carry_out(plan)
        except Exception as error:  # noqa: BLE001 - told, and the next plan gets an instance of its own
            _tell_failure(trial, plan, error)
            self._fail(plan.seed)
            return
        self.done.append(outcome)
        self._carried_out += 1
        _console.print(f"{plan.seed:6d} held    {_told(outcome)} | {'; '.join(map(str, plan.faults))}")
        if self._carried_out == self._on_one:
            self.close(plan.seed)

    def close(self, seed: int) -> None:
        """Look at what the plans left, the last of which was ``seed``, and end the instance."""
        trial = self._trial
        if trial is None:
            return
        try:
            issues = trial.close()
        except AssertionError as error:
            _console.print(f"{seed:6d} DID NOT CLOSE, folder kept: {trial.folder}: {error}")
            self._fail(seed)
            return
        _console.print(f"       {issues} issues made again to the byte; {len(trial.ledger.acknowledged)} submissions")
        self.stop()
        shutil.rmtree(trial.folder)

    def stop(self, *, keep: bool = False) -> None:
        """End the instance, where there is one, and ``keep`` all that is in its folder."""
        if self._trial is not None:
            self._trial.end(keep=keep)
        self._trial, self._carried_out = None, 0

    def _fail(self, seed: int) -> None:
        self.failed.append(seed)
        self.stop(keep=True)


def main() -> int:
    """Carry the plans out; prints as it goes."""
    told = _arguments()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that what it started is ended in order
    until, series, seed = time.monotonic() + 60 * told.minutes, Series(told.on_one), told.seed
    try:
        for seed in range(told.seed, told.seed + told.plans):
            if time.monotonic() < until:
                series.carry_out(draw(seed))
        series.close(seed)
    finally:
        series.stop(keep=True)
    _console.print(_summary(series.done, series.failed))
    return 1 if series.failed else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m chaos.plans", description="Fault plans, one for each seed.")
    parser.add_argument("--seed", type=int, default=1, help="of the first plan")
    parser.add_argument("--plans", type=int, default=1)
    parser.add_argument("--on-one", type=int, default=_PLANS_ON_ONE, help="plans on one instance")
    parser.add_argument("--minutes", type=float, default=24 * 60, help="begin no plan after so many")
    return parser.parse_args()


def _tell_failure(trial: Trial, plan: Plan, error: Exception) -> None:
    said = "".join(traceback.format_exception(error))
    _console.print(f"{plan.seed:6d} FAILED  {type(error).__name__}: {str(error)[:3000]}\n{plan}\n{said[-6000:]}")
    _console.print(f"folder kept: {trial.folder}; {len(trial.ledger.acknowledged)} submissions acknowledged in all")
    with suppress(Exception):  # it may be in any state
        _console.print(f"standing: {standing(trial.running)}")
    for name, end in trial.tails().items():
        _console.print(f"--- end of {name}.log\n{end}")


def _told(outcome: Outcome) -> str:
    return (
        f"{outcome.acknowledged:4d} receipts, {outcome.turned_away:4d} turned away, {outcome.workbooks:3d} workbooks,"
        f" {outcome.in_doubt} mails in doubt, {outcome.issues} newest issues, {outcome.unfinished} unfinished files,"
        f" recovered in {outcome.recovery:4.1f} s of {outcome.seconds:4.1f} s"
    )


def _summary(done: list[Outcome], failed: list[int]) -> str:
    recoveries = sorted(outcome.recovery for outcome in done) or [0.0]
    middle, slowest = recoveries[len(recoveries) // 2], recoveries[-1]
    return (
        f"{len(done)} plans held, {len(failed)} failed {failed or ''};"
        f" {sum(outcome.acknowledged for outcome in done)} submissions acknowledged,"
        f" {sum(outcome.turned_away for outcome in done)} tries turned away,"
        f" {sum(outcome.in_doubt for outcome in done)} mails in doubt;"
        f" recovered in {middle:.1f} s (median), {slowest:.1f} s (slowest)"
    )


if __name__ == "__main__":
    sys.exit(main())
