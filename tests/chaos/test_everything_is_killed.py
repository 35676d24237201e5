from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from redis import Redis

from chaos.clients import Client, Load
from chaos.invariants import (
    MAILS_AT_ONCE,
    everything_holds,
    mail_files,
    standing,
)
from chaos.ledger import OFFICES, Ledger
from chaos.running import Running, eventually
from chaos.stalling_smtp import StallingSmtp

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(240)]
SERVICES = ("ingest", "report", "notify")


@pytest.mark.at_length
def test_everything_is_killed_and_the_queues_are_lost_before_any_of_it_was_done(
    running: Running, ledger: Ledger, figure: Callable[[str, float], None], repeat: int
) -> None:
    with Load(running, ledger) as load:
        load.wait_for(10)
        running.hold_supervisor()
        for service in SERVICES:
            running.kill(f"{service}-worker")
        load.wait_for(20)
    stands = standing(running)
    assert stands["report"]["position"] < stands["ingest"]["position"]
    eventually(lambda: _tasks_waiting(running) > 0, "a tick that nobody takes")  # the scheduler still runs
    running.kill_everything()
    running.empty_broker()
    figure("everything killed, ready again", running.start())
    rest = everything_holds(running, ledger, in_doubt=MAILS_AT_ONCE)
    figure("everything killed and the queues lost, at rest", rest)


def _tasks_waiting(running: Running) -> int:
    with Redis.from_url(running.known.broker_url()) as redis:
        return sum(redis.llen(service) for service in SERVICES)


def test_everything_is_killed_under_load_in_the_middle_of_a_days_reminders(
    running: Running, ledger: Ledger, smtp: StallingSmtp, figure: Callable[[str, float], None], repeat: int
) -> None:
    client, today = Client(running, ledger), running.now().date()
    for office in OFFICES:
        client.send(ledger.requirement(office, "migration_health", project_since=today))
    everything_holds(running, ledger)
    before = _mails(running)
    running.clock.advance(timedelta(days=7))
    with smtp.slow(0.1):
        eventually(lambda: _mails(running) > before + 3, "the next rung's mails")
        with Load(running, ledger, clients=4, projects=False) as load:
            load.wait_for(4)
            running.kill_everything()
            in_time = _mails(running) - before
            figure("everything killed under load, ready again", running.start())
            load.wait_for(10)
    rest = everything_holds(running, ledger, in_doubt=MAILS_AT_ONCE)
    figure("everything killed in the middle of mailing, at rest", rest)
    assert _mails(running) - before > in_time + MAILS_AT_ONCE, "it was killed in the middle"


def _mails(running: Running) -> int:
    return len(mail_files(running))
