"""Prints docs/permissions.md from the tables: ``PYTHONPATH=tests .venv/bin/python -m permission_page > FILE``."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from muster_ingest.app import create_app as create_ingest
from muster_notify.app import create_app as create_notify
from muster_report.app import create_app as create_report
from muster_shared.context import Context
from muster_shared.names import ROLES
from muster_shared.permissions import WITHOUT_TOKEN, Entry
from muster_shared.settings import Settings

_CREATE: Any = {"ingest": create_ingest, "report": create_report, "notify": create_notify}
_NEVER_CONNECTED = "postgresql+psycopg://nobody@127.0.0.1:1/nothing"
_HEAD = """# Who may do what

Every route of the three services by every role. The role is held against this table before anything runs (403), the
scope is part of each query (404, or 403 where an office is named); a route that is in no table stops the start. The
tables are `services/ingest/muster_ingest/permissions.py`, `services/report/muster_report/permissions.py` and
`services/notify/muster_notify/permissions.py`; `tests/identity/test_permission_walk.py` walks all of it, and this page
is printed from them (`tests/permission_page.py`).

- **all**: everything. **own**: what is the caller's own. **own offices**, **own regions**: of the token or session.
- **own projects and offices**: also the projects whose manager or alternate manager the caller is, by e-mail address,
  whatever the office, with all that belongs to them; of submissions those that tell of nothing else.
- **released to the donor**: issues of the report `donor` with the own `donor_id` and `copy=donor` that an analyst
  released; `latest` is the newest of those. Everything else is 404, as if it were not there. Issues are numbered among
  the released ones; who released one, and why, is not told.
- Reports hold figures of the whole house. Two of them, `projects` and `project-analysis`, list single projects of every
  office, drafts among them: they are for analysts, administrators and services (403 for the others), and `explain`
  tells the others of a record of an office that is not theirs only the office, the kind and the value.
- A dash: 403, whatever is asked for.
"""
_SHORT = {"focal_point": "focal point", "project_manager": "project manager", "head_of_office": "head of office"}


def page() -> str:
    """The whole page."""
    return "\n".join([_HEAD, *(line for service in _CREATE for line in _section(service))])


def _section(service: str) -> Iterator[str]:
    settings = Settings(
        data_dir=Path("nowhere"),
        ingest_database_url=_NEVER_CONNECTED,
        report_database_url=_NEVER_CONNECTED,
        notify_database_url=_NEVER_CONNECTED,
        redis_url="redis://127.0.0.1:1/0",
    )
    application = _CREATE[service](Context.open(service, settings))
    table = application.extensions["muster_permissions"]
    yield f"## {service}\n"
    yield _row(["route", *(_SHORT.get(role, role) for role in ROLES)])
    yield _row(["---"] * (len(ROLES) + 1))
    closed = {name: entry for name, entry in table.items() if entry != WITHOUT_TOKEN}
    yield from (_row([f"`{name}`", *_scopes(entry)]) for name, entry in closed.items())
    opened = ", ".join(f"`{name}`" for name in table if name not in closed)
    yield f"\nOpen to everybody, without a token (a signed link, an address that is a secret, or health): {opened}.\n"


def _scopes(entry: Entry) -> Iterator[str]:
    return (entry.get(role, "-") for role in ROLES)


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    sys.stdout.write(page())
