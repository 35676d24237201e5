"""``python -m bench.bulk_once``: one regeneration of `projects` in a process of its own; prints its cost as JSON."""

from __future__ import annotations

import json
import os
import sys
import time

from bench import only_what_runs  # noqa: F401 - hides before anything is loaded
from bench.measuring import peak_of
from muster_report import usecases
from muster_report.models import Issue
from muster_report.regenerating import latest_issue, regenerate_due
from muster_report.reports import catalogue
from muster_shared.context import Context
from muster_shared.settings import load
from muster_shared.starting import collect_less_often


def main() -> None:
    """Want the report, make it as the worker does, tell CPU seconds, wall seconds, peak in MB and the issue."""
    collect_less_often()
    context = Context.open("report", load())
    report = catalogue()["projects"]
    params = report.read({})
    usecases.want(context, report, params)
    cpu, wall = time.process_time(), time.monotonic()
    regenerate_due(context)
    cpu, wall = time.process_time() - cpu, time.monotonic() - wall
    with context.sessions() as session:
        issue = latest_issue(session, report.key, params)
    if not isinstance(issue, Issue):
        raise SystemExit("no issue was made")
    told = {"cpu": cpu, "wall": wall, "peak": peak_of(os.getpid()), "sha256": issue.sha256, "size": issue.size}
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main()
