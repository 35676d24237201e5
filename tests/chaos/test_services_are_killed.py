from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from chaos.clients import Client, Load
from chaos.holding import publishing_held, regeneration_held, regeneration_waits
from chaos.invariants import MAILS_AT_ONCE, everything_holds, standing
from chaos.ledger import Ledger
from chaos.running import Running, eventually

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(240)]


def test_the_web_process_is_killed_between_commit_and_answer(
    running: Running, ledger: Ledger, figure: Callable[[str, float], None], repeat: int
) -> None:
    client, submission = Client(running, ledger), ledger.requirement("KEN", "migration_health")
    before = standing(running)["ingest"]["position"]
    with ThreadPoolExecutor(1) as office, publishing_held(running) as database:
        told = office.submit(client.send, submission, key=f"killed-{repeat}")
        kept = "SELECT receipt FROM submission JOIN idempotency_key USING (submission_id) WHERE key = %s"
        eventually(lambda: database.execute(kept, (f"killed-{repeat}",)).fetchone(), "the submission committed")
        assert not told.done()
        assert standing(running)["ingest"] == {"position": before, "unpublished": 1, "processing": 0}
        old = running.kill_with_children("ingest-web")
        running.wait_for_new("ingest-web", old)
        entry = told.result(timeout=60)
        assert entry.status == 200, "the repeat is answered with the first receipt"
        assert entry.tries > 1
        assert database.execute(kept, (f"killed-{repeat}",)).fetchone() == (entry.receipt,)
        assert standing(running)["ingest"] == {"position": before, "unpublished": 1, "processing": 0}
    published = eventually(lambda: standing(running)["ingest"]["position"] == before + 1, "the sweep publishes it")
    figure("web process killed between commit and answer, published by the sweep", published)
    everything_holds(running, ledger)


def test_web_processes_are_killed_under_load(
    running: Running, ledger: Ledger, figure: Callable[[str, float], None], repeat: int
) -> None:
    with Load(running, ledger) as load:
        load.wait_for(10)
        running.kill_child("ingest-web")
        figure("web process's child killed, until 12 more receipts", load.wait_for(12))
        old = running.kill("ingest-web")
        running.wait_for_new("ingest-web", old)
        figure("web process killed, its child left, until 12 more receipts", load.wait_for(12))
    everything_holds(running, ledger)


def test_a_worker_is_killed_in_the_middle_of_a_regeneration(
    running: Running, ledger: Ledger, figure: Callable[[str, float], None], repeat: int
) -> None:
    with regeneration_held(running):
        Client(running, ledger).send(ledger.requirement("KEN", "migration_health"))
        regeneration_waits(running)
        before = _state(running)
        old = running.kill("report-worker")
        running.wait_for_new("report-worker", old)
    assert _state(running) == before, "nothing of the killed attempt is kept"
    figure("worker killed in a regeneration, at rest (lease 5 s)", everything_holds(running, ledger))
    built, attempts = _state(running)
    assert built == before[0] + 1
    assert attempts > before[1], "another worker claimed it"


def _state(running: Running) -> tuple[int, int]:
    """How many wishes for the funding requirements are served, and how many attempts there were."""
    query = 'SELECT built, attempt FROM report_state WHERE report = %s AND params @> \'{"year": "2016"}\''
    with running.database("report") as database:
        found = database.execute(query, ("funding-requirements",)).fetchall()
    assert len(found) == 1
    return found[0]


@pytest.mark.at_length
def test_all_workers_and_the_scheduler_are_killed_under_load(
    running: Running, ledger: Ledger, figure: Callable[[str, float], None], repeat: int
) -> None:
    with Load(running, ledger) as load:
        load.wait_for(20)
        names = ("ingest-worker", "report-worker", "notify-worker", "beat")
        killed = {name: running.kill(name) for name in names}
        for name, old in killed.items():
            running.wait_for_new(name, old)
        load.wait_for(10)
    figure(
        "workers and scheduler killed, at rest after the load",
        everything_holds(running, ledger, in_doubt=MAILS_AT_ONCE),
    )
