"""A morning's mails, some hundred of them, with scheduler, worker and mail server killed in the middle."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import requests

import factories
from chaos.conftest import HOME
from chaos.invariants import MAILS_AT_ONCE, at_rest, mail_files, mails_of
from chaos.running import Running, eventually
from muster_shared.embedded.ports import free_port
from muster_shared.settings import Settings
from owing import owed, project_owing

pytestmark = [pytest.mark.chaos, pytest.mark.at_length, pytest.mark.timeout(240)]
PEOPLE = 200
PACE = 0.02  # seconds that the mail server takes for a mail: long enough to be killed in the middle
SERVER = """
import asyncio, sys, time
from pathlib import Path
from aiosmtpd.controller import Controller
from muster_shared.embedded.mailcatcher import MailFolder

class Keeping:
    def __init__(self, folder, pace):
        self.mails, self.pace = MailFolder(folder), pace
    async def handle_DATA(self, server, session, envelope):
        self.mails.keep(envelope.original_content, envelope.rcpt_tos)
        await asyncio.sleep(self.pace)
        return "250 kept"

Controller(Keeping(Path(sys.argv[1]), float(sys.argv[3])), hostname="127.0.0.1", port=int(sys.argv[2])).start()
time.sleep(3600)
"""


class MailServer:
    """A mail server in a process of its own, killed and started again on the same port."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = (sys.executable, "-c", SERVER, str(self._folder), str(self.port), str(PACE))
        self._process = subprocess.Popen(command)

    def kill(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()


@contextmanager
def mailing(folder: Path) -> Iterator[tuple[Running, MailServer]]:
    """An instance whose people owe a report each, the evening before their first mail."""
    server = MailServer(folder / "mail")
    server.start()
    evening = HOME.replace(hour=6)
    told = Settings(
        data_dir=folder / "data",
        port=0,
        clock=evening,
        smtp_url=f"smtp://127.0.0.1:{server.port}",
        quiet_seconds=0.5,
        quiet_cap_seconds=3,
        lease_seconds=5,
    )
    running = Running(told)
    running.start()
    try:
        submit_projects(running)
        at_rest(running)
        yield running, server
    finally:
        running.stop()
        server.kill()


def submit_projects(running: Running) -> None:
    zone = {"time_zone": "Africa/Johannesburg"}
    records = [factories.office("HQ"), factories.office("KEN", **zone), factories.donor()]
    for number in range(PEOPLE):
        manager = {"name": f"Manager {number}", "email": f"manager{number}@example.org"}
        records += project_owing(owed(-1), code=f"KE-{number:03}", manager=manager)
    headers = {"Authorization": f"Bearer {running.token()}"}
    body = factories.envelope(*records, code="HQ")
    sent = requests.post(f"{running.address}/ingest/v1/submissions", json=body, headers=headers, timeout=60)
    assert sent.status_code == 201, sent.text


def test_a_mornings_mails_arrive_once_whatever_is_killed_meanwhile(
    tmp_path: Path, figure: Callable[[str, float], None], repeat: int
) -> None:
    with mailing(tmp_path) as (running, server):
        assert mail_files(running) == []
        running.clock.advance(HOME - running.now())
        kills = 0
        for share in (0.15, 0.35, 0.55, 0.75):
            eventually(lambda share=share: len(mail_files(running)) > share * PEOPLE, "mails on their way", 60)  # type: ignore[misc]
            kills += kill_one(running, server, kills)
        began = time.monotonic()
        at_rest(running, 120)
        figure(f"{kills} kills in a morning of {PEOPLE} mails, at rest after the last", time.monotonic() - began)
        arrived = Counter(str(mail["Message-ID"]) for mail in mails_of(running))
        readers = Counter(mail["To"].addresses[0].addr_spec for mail in mails_of(running))
        twice = sorted(message_id for message_id, times in arrived.items() if times > 1)
        figure(f"{kills} kills in a morning of {PEOPLE} mails, mails that came twice (count, not seconds)", len(twice))
        assert {f"manager{number}@example.org" for number in range(PEOPLE)} <= set(readers)
        assert all(times <= 2 for times in arrived.values()), "twice at most"
        assert len(twice) <= MAILS_AT_ONCE * kills, "only what a kill left between acceptance and note"
        told = Counter((row["recipient"], row["status"]) for row in running.items("/notify/v1/reminders"))
        sent = Counter({who: times for (who, status), times in told.items() if status == "sent"})
        assert sent == Counter({f"manager{number}@example.org": 1 for number in range(PEOPLE)}) + Counter(
            {"paul.mwangi@example.org": PEOPLE}
        )
        assert len(arrived) == PEOPLE + 1, "one mail a person"


def kill_one(running: Running, server: MailServer, number: int) -> int:
    """The worker, the mail server, the scheduler, in turn; each is started again."""
    if number % 3 == 1:
        server.kill()
        with suppress(AssertionError):  # as long as it is away nothing arrives
            before = len(mail_files(running))
            eventually(lambda: len(mail_files(running)) > before, "nothing", 1)
        server.start()
        return 1
    name = "notify-worker" if number % 3 == 0 else "beat"
    old = running.kill(name)
    running.wait_for_new(name, old)
    return 1
