from __future__ import annotations

from collections.abc import Callable

import pytest

from chaos.clients import Load
from chaos.invariants import MAILS_AT_ONCE, everything_holds
from chaos.ledger import Ledger
from chaos.running import Running

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(240)]


def test_the_broker_is_killed_under_load(
    running: Running, ledger: Ledger, figure: Callable[[str, float], None], repeat: int
) -> None:
    with Load(running, ledger) as load:
        load.wait_for(30)
        turned_away = ledger.turned_away
        old = running.kill("valkey")
        figure("broker killed, until 20 more receipts", load.wait_for(20))
        running.wait_for_new("valkey", old)
        load.wait_for(20)
        assert ledger.turned_away == turned_away, "no submission waits for the broker"
    figure("broker killed, at rest after the load", everything_holds(running, ledger))


def test_postgresql_is_killed_under_load(
    running: Running, ledger: Ledger, figure: Callable[[str, float], None], repeat: int
) -> None:
    with Load(running, ledger) as load:
        load.wait_for(30)
        old = running.kill("postgres")
        running.wait_for_new("postgres", old)
        figure("PostgreSQL killed, until the next receipts", load.wait_for(8))
        load.wait_for(20)
    figure("PostgreSQL killed, at rest after the load", everything_holds(running, ledger, in_doubt=MAILS_AT_ONCE))
