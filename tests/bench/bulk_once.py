"""``python -m bench.bulk_once``: one regeneration of `projects` in a process of its own; prints its cost as JSON."""

from __future__ import annotations

import json
import logging
import os
import resource
import sys
import time

from bench.measuring import peak_of
from muster_report import making_apart, usecases
from muster_report.models import Issue
from muster_report.regenerating import latest_issue, regenerate_due
from muster_report.reports import catalogue
from muster_shared.context import Context
from muster_shared.garbage import collect_less_often
from muster_shared.settings import load


class _Apart(logging.Handler):
    """Hears how much memory the process took that made the workbook."""

    peak = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Note what the line says."""
        self.peak = getattr(record, "peak_mb", self.peak)


def main() -> None:
    """Want the report, make it as the worker does; tell what it cost in CPU and wall seconds, and in MB.

    ``peak`` is the most that the process took which made it, ``worker`` that of the process that had it made, and
    ``at_rest`` what the latter had before.
    """
    collect_less_often()
    context = Context.open("report", load())
    report = catalogue()["projects"]
    params = report.read({})
    usecases.want(context, report, params)
    apart = _Apart()
    logging.getLogger(making_apart.__name__).addHandler(apart)
    logging.getLogger(making_apart.__name__).setLevel(logging.INFO)
    at_rest, cpu, wall = peak_of(os.getpid()), _cpu(), time.monotonic()
    regenerate_due(context)
    cpu, wall = _cpu() - cpu, time.monotonic() - wall
    with context.sessions() as session:
        issue = latest_issue(session, report.key, params)
    if not isinstance(issue, Issue):
        raise SystemExit("no issue was made")
    worker = peak_of(os.getpid())
    told = {"cpu": cpu, "wall": wall, "peak": apart.peak or worker, "worker": worker, "at_rest": at_rest}
    sys.stdout.write(json.dumps(told) + "\n")


def _cpu() -> float:
    """CPU seconds of this process and of those that it had started and that have ended."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + ended.ru_utime + ended.ru_stime


if __name__ == "__main__":
    main()
