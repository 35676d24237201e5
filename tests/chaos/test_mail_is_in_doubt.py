from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from chaos.clients import Client
from chaos.invariants import at_rest, everything_holds, mails_of
from chaos.ledger import Ledger
from chaos.running import Running
from chaos.stalling_smtp import StallingSmtp

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(240)]


def test_a_worker_killed_while_the_mail_server_takes_a_mail_sends_that_one_once_more(
    running: Running, ledger: Ledger, smtp: StallingSmtp, figure: Callable[[str, float], None], repeat: int
) -> None:
    at_rest(running)
    before = Counter(mail["Message-ID"] for mail in mails_of(running))
    client, today = Client(running, ledger), running.now().date()
    with smtp.silent() as unanswered:
        for office in ("KEN", "UGA", "TZA"):
            client.send(ledger.requirement(office, "migration_health", project_since=today))
        smtp.wait_stalled()
        old = running.kill("notify-worker")
        running.wait_for_new("notify-worker", old)
    rest = everything_holds(running, ledger, in_doubt=len(unanswered))
    figure("worker killed in a delivery, at rest (lease 5 s)", rest)
    arrived = Counter(mail["Message-ID"] for mail in mails_of(running)) - before
    assert {message_id for message_id, times in arrived.items() if times == 2} == unanswered
