from __future__ import annotations

import pytest

from chaos.clients import Client
from chaos.invariants import at_rest, everything_holds, rebuilds_to_the_same
from chaos.ledger import Ledger
from chaos.running import Running

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(240)]


def test_after_whatever_happened_every_issue_is_made_again_to_the_same_bytes(running: Running, ledger: Ledger) -> None:
    """The last test of the folder: the issues are all those that the faults before left behind."""
    Client(running, ledger).send(ledger.requirement("KEN", "migration_health"))
    at_rest(running)
    assert rebuilds_to_the_same(running) > 0
    everything_holds(running, ledger)
