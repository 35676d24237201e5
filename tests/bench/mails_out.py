"""Mails out: one worker's delivery beside a bare smtplib loop on one connection, the same mails to the same server.

The server is aiosmtpd in a process of its own, which throws away what it takes.
"""

from __future__ import annotations

import smtplib
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from aiosmtpd.controller import Controller
from sqlalchemy import text

from bench.measuring import Compared
from muster_notify import delivering
from muster_shared.context import Context
from muster_shared.db import migrate
from muster_shared.embedded.ports import free_port
from muster_shared.embedded.postgres import Postgres
from muster_shared.settings import Settings

PEOPLE = 300
ROUNDS = 5
HOME = datetime(2016, 11, 30, 8, tzinfo=UTC)
_HELD_AGAIN = (
    "UPDATE reminder SET status = 'held', sent_at = NULL",
    "UPDATE mail SET status = 'held', sent_at = NULL, attempt = 0, try_at = now() - interval '1 second'",
)


def results() -> Iterator[Compared]:
    """Measured in rounds: ours, then the yardstick."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="muster-bench-")))
        context = _context(stack, folder)
        _owe(context)
        written = _written(context)
        url = stack.enter_context(discarding_server())
        context = replace(context, settings=replace(context.settings, smtp_url=url))
        compared = Compared(f"deliver {PEOPLE} digests, one worker", "bare smtplib loop", 2.0)
        for _ in range(ROUNDS):
            compared.round(_ours(context), _theirs(url, written))
        yield compared


@dataclass
class Kept:
    """What the first delivery handed over, as the yardstick's loop will."""

    mails: list[tuple[str, str, bytes]] = field(default_factory=list)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        self.mails.append((envelope.mail_from, envelope.rcpt_tos[0], envelope.original_content))
        return "250 kept"


def _context(stack: ExitStack, folder: Path) -> Context:
    server = stack.enter_context(Postgres(folder / "postgres"))
    server.create_databases(["muster_notify"])
    url = server.url("muster_notify")
    migrate("muster_notify", url)
    settings = Settings(data_dir=folder / "data", clock=HOME, secret_key="x" * 40, notify_database_url=url)
    return Context.open("notify", replace(settings, redis_url="redis://127.0.0.1:1/0"))


def _owe(context: Context) -> None:
    """Each person owes three reports of one project, one of them overdue; all are held."""
    with context.sessions.begin() as session:
        for number in range(PEOPLE):
            person = {"email": f"manager{number}@example.org", "name": f"Manager {number}"}
            code = f"KE-{number:04d}"
            session.execute(text(_ROLE), {"code": code, **person})
            for ahead in (-3, 7, 14):
                told = {"obligation": uuid4(), "reminder": uuid4(), "code": code, "now": HOME, **person}
                due: date = HOME.date() + timedelta(days=ahead)
                session.execute(text(_OBLIGATION), told | {"due": due, "rung": 1 if ahead < 0 else -ahead})


_ROLE = "INSERT INTO role_holder VALUES (:code, 'owner', :email, :name, '')"
_OBLIGATION = """
    WITH owed AS (
        INSERT INTO obligation (obligation_id, project_code, grant_id, type, mark, period_start, period_end, due,
            office, time_zone, owner, managers, state, cycle, history)
        VALUES (:obligation, :code, 'G-' || :code, 'interim', '', '2016-01-01', '2016-06-30', :due, 'KEN', 'UTC',
            jsonb_build_object('name', CAST(:name AS text), 'email', CAST(:email AS text)), '{}', 'awaited', 1, '[]')
        RETURNING obligation_id
    )
    INSERT INTO reminder (reminder_id, obligation_id, rung, cycle, recipient, recipient_name, office, channel, status,
        created_at)
    SELECT :reminder, obligation_id, :rung, 1, :email, :name, '', 'mail', 'held', :now FROM owed
"""


def _written(context: Context) -> list[tuple[str, str, bytes]]:
    """The mails, by a first delivery to a server that keeps them."""
    kept = Kept()
    server = Controller(kept, hostname="127.0.0.1", port=free_port())
    server.start()
    open_window = replace(context.settings, smtp_url=f"smtp://127.0.0.1:{server.port}")
    at_nine = replace(context, settings=open_window, clock=replace(context.clock, start=HOME + timedelta(hours=1)))
    try:
        delivering.deliver(at_nine)
    finally:
        server.stop()
    if len(kept.mails) != PEOPLE:
        raise AssertionError(f"{len(kept.mails)} mails, not {PEOPLE}")
    return kept.mails


@contextmanager
def discarding_server() -> Iterator[str]:
    """The address of a mail server in a process of its own that throws away what it takes."""
    port = free_port()
    handler = ("-c", "aiosmtpd.handlers.Sink")
    command = (sys.executable, "-m", "aiosmtpd", "-n", "-l", f"127.0.0.1:{port}", *handler)
    with subprocess.Popen(command) as server:
        try:
            _wait_until_it_answers(port)
            yield f"smtp://127.0.0.1:{port}"
        finally:
            server.terminate()


def _wait_until_it_answers(port: int) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with suppress(OSError), smtplib.SMTP("127.0.0.1", port, timeout=2):
            return
        time.sleep(0.1)
    raise AssertionError("the mail server did not start")


def _ours(context: Context) -> float:
    at_nine = replace(context, clock=replace(context.clock, start=HOME + timedelta(hours=1)))
    with context.sessions.begin() as session:
        for statement in _HELD_AGAIN:
            session.execute(text(statement))
    began = time.perf_counter()
    sent = delivering.deliver(at_nine)
    seconds = time.perf_counter() - began
    if sent != PEOPLE:
        raise AssertionError(f"{sent} mails went out, not {PEOPLE}")
    return seconds


def _theirs(url: str, written: Sequence[tuple[str, str, bytes]]) -> float:
    began = time.perf_counter()
    with smtplib.SMTP("127.0.0.1", int(url.rpartition(":")[2])) as client:
        for sender, recipient, message in written:
            client.sendmail(sender, recipient, message)
    return time.perf_counter() - began
