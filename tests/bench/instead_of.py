"""What a user would pick instead: scripts with pandas, tablib, django-import-export and frictionless.

They run in an environment of the bench's own (``build/bench``), with the versions that ``instead/requirements.txt``
pins, and do less than Muster does beside them: no revisions, no receipt, no references, no styles, no provenance.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

from bench import reports_out, workbooks_in
from bench.large_portfolio import bulk_projects
from bench.measuring import Compared, cpu_during
from bench.report_database import Databases, databases
from chaos.running import Running

ROUNDS: Final = 5
EXPORTED: Final = 10_000
IMPORTED: Final = 2_000
_SCRIPTS: Final = Path(__file__).parent / "instead"
_ENVIRONMENT: Final = Path(__file__).parents[2] / "build" / "bench"
_DATABASE: Final = "instead"


def exporting() -> Iterator[Compared]:
    """The report `projects` from its facts to the object store, and the same rows by scripts."""
    with tempfile.TemporaryDirectory(prefix="muster-instead-") as folder, databases(Path(folder)) as made:
        made.filled("bulk", bulk_projects(EXPORTED)).engine.dispose()
        url = made.server.url("bulk").replace("+psycopg", "")
        job = f"workbook of {EXPORTED:,} projects, CPU"
        compared = {
            script: Compared(job, f"{name} script, CPU", None)
            for script, name in (("pandas_workbook", "pandas and openpyxl"), ("tablib_workbook", "tablib"))
        }
        for number in range(ROUNDS):
            ours = reports_out.bulk_once(made)["cpu"]
            for script, one in compared.items():
                one.round(ours, _cost(script, url, Path(folder) / f"{script}-{number}.xlsx"))
            _forget_issues(made)
        yield from compared.values()


def importing(running: Running) -> Iterator[Compared]:
    """A workbook of projects taken in, and the same file by scripts."""
    sender = workbooks_in.Sender(running)
    sender.begin()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="muster-instead-")))
        stack.enter_context(running.followers_held())
        job = f"workbook of {IMPORTED:,} projects checked and stored, CPU"
        stored = Compared(job, "django-import-export, CPU", None)
        checked = Compared(job, "frictionless, which only checks, CPU", None)
        for number in range(ROUNDS):
            file = folder / f"projects-{number}.xlsx"
            file.write_bytes(workbooks_in.book(IMPORTED, f"I{number}"))
            ours = cpu_during(running.pid("ingest-web"), lambda file=file: sender.upload(file.read_bytes(), 201))  # type: ignore[misc]
            stored.round(ours, _cost("django_import", _database(running, number), file))
            checked.round(ours, _cost("frictionless_check", "-", file))
        yield stored
        yield checked


def _cost(script: str, database: str, file: Path) -> float:
    """CPU seconds of a script's work, without its start and its imports."""
    command = [str(_interpreter()), str(_SCRIPTS / f"{script}.py"), database, str(file)]
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    if done.returncode:
        raise AssertionError(f"{script}: {done.stderr[-3000:]}")
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return float(told["cpu"])


def _interpreter() -> Path:
    """Of the bench's own environment, which is made the first time."""
    made = _ENVIRONMENT / "made"
    python = _ENVIRONMENT / "bin" / "python"
    if not made.exists():
        venv.create(_ENVIRONMENT, with_pip=True, clear=True)
        pinned = str(_SCRIPTS / "requirements.txt")
        command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", pinned]
        subprocess.run(command, check=True, stdout=sys.stderr)
        made.touch()
    return python


def _database(running: Running, number: int) -> str:
    """A database for a round, beside those of the instance."""
    with running.database("ingest") as connection:
        connection.execute(f"CREATE DATABASE {_DATABASE}_{number}".encode())
    url = running.known.database_url("ingest").replace("+psycopg", "")
    return f"{url.rpartition('/')[0]}/{_DATABASE}_{number}"


def _forget_issues(made: Databases) -> None:
    with made.server.connect("bulk") as connection:
        connection.execute("TRUNCATE report_state, issue CASCADE")
