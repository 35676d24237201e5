"""``python -m bench.bulk_once``: one regeneration of `projects` in a process of its own; prints its cost as JSON."""

from __future__ import annotations

import gc
import json
import os
import sys
import time
from importlib.abc import MetaPathFinder
from typing import Any


class _OnlyForTests(MetaPathFinder):
    """numpy and PIL come with what tests need; where Muster only runs, openpyxl finds and loads neither."""

    def find_spec(self, fullname: str, *_rest: Any) -> None:
        if fullname in {"numpy", "PIL"}:
            raise ModuleNotFoundError(name=fullname)


sys.meta_path.insert(0, _OnlyForTests())

from bench.measuring import peak_of  # noqa: E402 - after they are hidden
from muster_report import usecases  # noqa: E402
from muster_report.models import Issue  # noqa: E402
from muster_report.regenerating import latest_issue, regenerate_due  # noqa: E402
from muster_report.reports import catalogue  # noqa: E402
from muster_shared.context import Context  # noqa: E402
from muster_shared.settings import load  # noqa: E402


def main() -> None:
    """Want the report, make it as the worker does, tell CPU seconds, wall seconds, peak in MB and the issue."""
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)  # as the worker's process does when it starts
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
