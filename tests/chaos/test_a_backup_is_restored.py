"""A real instance is backed up under load and restored into a second folder: nothing is lost, same bytes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from chaos.clients import Load
from chaos.conftest import HOME
from chaos.invariants import at_rest, changes_of, rebuilds_to_the_same
from chaos.ledger import Ledger
from chaos.running import Running
from muster_shared.settings import Settings

pytestmark = [pytest.mark.chaos, pytest.mark.at_length, pytest.mark.timeout(600)]
_ISSUES = "SELECT issue_id, report, params_key, number, sha256, position FROM issue ORDER BY issue_id"
_SENT = "SELECT message_id FROM mail WHERE status = 'sent'"


def muster(folder: Path, *arguments: str) -> Any:
    """What a command prints as JSON, run as an administrator does."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("MUSTER_")}
    command = (sys.executable, "-c", "from muster_cli.main import main; main()", *arguments, "--json")
    environ |= {"MUSTER_DATA_DIR": str(folder), "MUSTER_CLOCK": HOME.isoformat()}
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode in {0, 3}, done.stdout + done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def second(tmp_path: Path) -> Iterator[Running]:
    """Another data folder, on which nothing runs yet."""
    told = Settings(tmp_path / "second", port=0, clock=HOME, quiet_seconds=0.5, quiet_cap_seconds=3)
    made = Running(told)
    yield made
    made.stop()


def rows(running: Running, service: str, query: str) -> list[Any]:
    with running.database(service) as connection:
        return connection.execute(query.encode()).fetchall()


def mails(running: Running) -> set[str]:
    """Message-IDs of what its own mail catcher took."""
    files = (running.folder / "mail").rglob("*.eml")
    return {str(message_from_bytes(path.read_bytes(), policy=default)["Message-ID"]) for path in files}


def test_what_was_acknowledged_before_the_backup_is_in_it_and_every_report_is_the_same(
    running: Running, ledger: Ledger, second: Running, tmp_path: Path
) -> None:
    archive = tmp_path / "kept.tar"
    with Load(running, ledger, clients=4) as load:
        load.wait_for(8)
        acknowledged = {entry.receipt for entry in ledger.acknowledged}
        made = muster(running.folder, "backup", str(archive), "--with-secrets")
        load.wait_for(4)
    assert made["missing"] == []
    log = [change for change in changes_of(running) if change["position"] <= made["positions"]["ingest"]]
    issues = {row[0]: row for row in rows(running, "report", _ISSUES)}

    assert muster(second.folder, "restore", str(archive))["positions"] == made["positions"]
    second.start()
    assert changes_of(second)[: len(log)] == log
    assert acknowledged <= {item["receipt"] for item in second.items("/ingest/v1/submissions")}
    sent_before = {row[0] for row in rows(second, "notify", _SENT)}
    assert mails(second) == set(), "a mail went out while they are held"
    assert muster(second.folder, "remind", "--let-go")["held"] is True
    at_rest(second, 200)
    assert not mails(second) & sent_before, "a mail that was sent went out again"
    kept = {row[0]: row for row in rows(second, "report", _ISSUES) if row[0] in issues}
    assert kept == {name: issues[name] for name in kept}
    assert rebuilds_to_the_same(second) >= len(kept)
    found = muster(second.folder, "doctor")["findings"]
    assert [one for one in found if one["status"] == "wrong" and one["check"] != "disk"] == []
