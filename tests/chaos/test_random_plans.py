"""Faults of every kind at random moments; ``python -m chaos.plans`` carries out as many plans as one likes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from chaos.drawing import PROCESSES, draw
from chaos.faults import HAPPENINGS
from chaos.trial import RECOVERY_SECONDS, Trial

FIRST = 80  # two schedulers, no room on any disk, a frozen worker, slow commits
MOST = 20

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(240)]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "seed" in metafunc.fixturenames:
        plans = MOST if metafunc.config.getoption("length") == "all" else 1
        metafunc.parametrize("seed", range(FIRST, FIRST + plans))


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trial]:
    made = Trial(tmp_path_factory.mktemp("plans"))
    try:
        made.begin()
        yield made
    finally:
        made.end(keep=True)


def test_a_seed_always_draws_the_same_plan_and_every_fault_there_is_can_be_drawn() -> None:
    plans = [draw(seed) for seed in range(1000)]
    assert plans == [draw(seed) for seed in range(1000)]
    faults = [fault for plan in plans for fault in plan.faults]
    assert {fault.what for fault in faults} == HAPPENINGS.keys()
    assert {fault.whom for fault in faults if fault.what == "killed"} == set(PROCESSES)


@pytest.mark.at_length
def test_whatever_happens_nothing_is_lost_or_doubled_and_all_of_it_recovers_without_a_hand(
    trial: Trial, figure: Callable[[str, float], None], seed: int
) -> None:
    outcome = trial.carry_out(draw(seed))
    figure(f"fault plan {seed}, recovered", outcome.recovery)
    assert outcome.acknowledged > 0
    assert outcome.recovery < RECOVERY_SECONDS


@pytest.mark.at_length
def test_after_the_plans_everybody_was_told_and_every_issue_is_made_again_to_the_same_bytes(trial: Trial) -> None:
    assert trial.close() > 0
