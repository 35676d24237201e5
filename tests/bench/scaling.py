"""What more processes bring: submissions taken in by more web processes, reports made by more workers."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from sqlalchemy import text

from bench.ingesting import CLIENTS, Senders
from bench.large_portfolio import LAST_DAY, Portfolio
from bench.measuring import Compared
from bench.report_database import Databases, databases
from muster_cli import parts
from muster_report import usecases
from muster_report.reports import catalogue
from muster_shared.context import Context

ROUNDS: Final = 5
EACH: Final = 30
PROJECTS: Final = 500
REPORTS: Final = 16  # as many donors
_WEBS: Final = (2,)
_WORKERS: Final = (2, 4)


def results() -> Iterator[Compared]:
    """Ratios of throughput to that of one process; 2.0 would be perfect on two cores that did nothing else."""
    yield from web_processes()
    yield from workers()


def web_processes() -> Iterator[Compared]:
    """Clients, web processes and PostgreSQL share the machine's cores."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="muster-scaling-")))
        senders = Senders(stack, folder / "one")
        for processes in _WEBS:
            more = stack.enter_context(senders.servers.web("ingest", processes=processes))
            senders.send(each=10, web=more)
            job = f"submissions, {CLIENTS} clients, {processes} web processes"
            compared = Compared(job, "one web process", None, "a second")
            for _ in range(ROUNDS):
                compared.round(senders.send(each=EACH, web=more).rate, senders.send(each=EACH).rate)
            yield compared


def workers() -> Iterator[Compared]:
    """The reports of every donor, made by processes that claim them from the same rows."""
    with tempfile.TemporaryDirectory(prefix="muster-scaling-") as folder, databases(Path(folder)) as made:
        context = made.filled("scaling", Portfolio(PROJECTS).records())
        for processes in _WORKERS:
            compared = Compared(f"{REPORTS} donors' reports, {processes} workers", "one worker", None, "a second")
            for _ in range(ROUNDS):
                compared.round(_rate(made, context, processes), _rate(made, context, 1))
            yield compared


def _rate(made: Databases, context: Context, processes: int) -> float:
    """Reports made a second, from when every process is ready to when the last one finds nothing more."""
    with context.sessions.begin() as session:
        session.execute(text("TRUNCATE report_state, issue CASCADE"))
    report = catalogue()["donor"]
    for number in range(REPORTS):
        usecases.want(context, report, report.read({"donor_id": f"donor-{number:02}", "until": f"{LAST_DAY:%Y-%m-%d}"}))
    children = [_child(made) for _ in range(processes)]
    for child in children:
        _line(child)
    began = time.monotonic()
    for child in children:
        child.stdin.write("go\n")  # type: ignore[union-attr] # it is piped
        child.stdin.flush()  # type: ignore[union-attr]
    built = sum(int(_line(child)) for child in children)
    seconds = time.monotonic() - began
    for child in children:
        child.wait()
    if built < REPORTS:
        raise AssertionError(f"{built} of {REPORTS} reports were made")
    return built / seconds


def _child(made: Databases) -> subprocess.Popen[str]:
    environ = {**parts.environment(made.settings("scaling")), "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-m", "bench.regenerate_all"]
    return subprocess.Popen(command, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _line(child: subprocess.Popen[str]) -> str:
    line = child.stdout.readline()  # type: ignore[union-attr] # it is piped
    if not line:
        raise AssertionError("a process that makes reports has ended")
    return line
