"""Nothing waits for ever: not for a database, not for a lock in it, not for another program."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import text

from muster_report.app import create_app
from muster_shared import starting
from muster_shared.context import Context
from muster_shared.db import Patience, engine_for
from muster_shared.embedded.postgres import Postgres
from muster_shared.settings import Settings

ROOT = Path(__file__).parents[2]
_TOLD = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
_ASKING = frozenset({"get", "post", "put", "patch", "delete", "head", "request"})
_ASKED = frozenset({"requests", "http", "_http"})  # what a client of HTTP is called here


def told(context: Context) -> list[str]:
    with context.engine.connect() as connection:
        return [connection.scalar(text(f"SHOW {name}")) or "" for name in _TOLD]


def test_a_request_waits_for_the_database_less_long_than_a_worker(
    postgres_server: Postgres, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = replace(settings, report_database_url=postgres_server.url("postgres"), statement_seconds=7, lock_seconds=3)
    monkeypatch.setattr(starting, "_settings", lambda _name: known)
    monkeypatch.setattr(starting, "prepare_worker", lambda _wake: None)
    opened: list[Context] = []
    starting.start_web("report", opened.append)  # type: ignore[arg-type] # the context instead of an application
    starting.start_worker("report", lambda _celery, context: opened.append(context))
    assert [told(context) for context in opened] == [["7s", "3s", "5min"], ["15min", "1min", "1h"]]
    for context in opened:
        context.engine.dispose()


def test_a_migration_may_take_any_time(postgres_server: Postgres) -> None:
    engine = engine_for(postgres_server.url("postgres"))
    with engine.connect() as connection:
        assert [connection.scalar(text(f"SHOW {name}")) for name in _TOLD] == ["0", "0", "0"]
    engine.dispose()


@pytest.fixture
def held(open_context: Callable[[str], Context]) -> Iterator[Context]:
    """The context of report, while somebody else holds every table of its database."""
    context = open_context("report")
    url = context.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url) as other:
        tables = other.execute("SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'").fetchall()
        other.execute(f"LOCK TABLE {', '.join(name for (name,) in tables)} IN ACCESS EXCLUSIVE MODE".encode())
        yield context


@pytest.mark.parametrize("patience", [Patience(statement=0.2), Patience(lock=0.2)], ids=["statement", "lock"])
def test_what_takes_the_database_too_long_is_a_503_that_says_when_to_come_back(
    held: Context, token: Callable[..., str], patience: Patience
) -> None:
    impatient = replace(held, **_on(held, patience))
    headers = {"Authorization": f"Bearer {token('analyst')}"}
    answer = create_app(impatient).test_client().get("/report/v1/reports", headers=headers)
    impatient.engine.dispose()
    assert (answer.status_code, answer.content_type) == (503, "application/problem+json")
    assert answer.get_json()["type"] == "urn:muster:problem:busy"
    assert int(answer.headers["Retry-After"]) > 0


def _on(context: Context, patience: Patience) -> dict[str, Any]:
    engine = engine_for(context.engine.url.render_as_string(hide_password=False), patience)
    return {"engine": engine, "sessions": type(context.sessions)(engine, expire_on_commit=False)}


def calls() -> Iterator[tuple[str, str, str, ast.Call]]:
    """Every call in the code: where it stands, what is called and of what (its last names), and the call."""
    for folder in ("services", "shared"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call):
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", _last(node.func), _owner(node.func), node


def _last(node: ast.AST) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _owner(node: ast.AST) -> str:
    return _last(node.value) if isinstance(node, ast.Attribute) else ""


def _says(call: ast.Call, *names: str) -> bool:
    given = {keyword.arg for keyword in call.keywords}
    return any(name in given for name in names)


def test_whoever_asks_over_http_says_how_long_to_wait() -> None:
    asking = [(where, call) for where, name, owner, call in calls() if name in _ASKING and owner in _ASKED]
    assert len(asking) >= 10
    assert [where for where, call in asking if not _says(call, "timeout")] == []


def test_a_client_of_http_is_called_one_so_that_the_test_above_finds_it() -> None:
    made = [
        (node, path)
        for folder in ("services", "shared")
        for path in sorted((ROOT / folder).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and _last(node.value.func) == "Session"
    ]
    sessions = [(_last(node.targets[0]), path) for node, path in made if _owner(node.value.func) == "requests"]  # type: ignore[attr-defined]
    assert sessions
    assert [found for found in sessions if found[0] not in _ASKED] == []


def test_mail_sockets_and_databases_are_dialled_with_a_time_out() -> None:
    needs = {"SMTP": "timeout", "SMTP_SSL": "timeout", "create_connection": "timeout", "create_engine": "connect_args"}
    dialled = [
        (where, name, call)
        for where, name, owner, call in calls()
        if (owner, name) == ("", "create_engine") or (owner in {"smtplib", "socket"} and name in needs)
    ]
    assert {name for _, name, _ in dialled} == set(needs)
    assert [where for where, name, call in dialled if not _says(call, needs[name])] == []
    connects = [(where, call) for where, name, owner, call in calls() if (owner, name) == ("psycopg", "connect")]
    assert connects
    assert [where for where, call in connects if not _says(call, "connect_timeout")] == []


def test_redis_is_reached_only_with_a_time_out() -> None:
    made = [(where, call) for where, name, owner, call in calls() if owner == "Redis" and name == "from_url"]
    assert made
    assert [where for where, call in made if not _says(call, "socket_timeout")] == []
    assert [where for where, call in made if not _says(call, "socket_connect_timeout")] == []
