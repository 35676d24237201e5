"""Each thing the doctor looks for is broken here, and its line is seen; the same thing sound gives no such line."""

from __future__ import annotations

import json
import os
import socket
import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from conftest import HOME, SECRET
from muster_cli import doctor_machine, doctor_servers, doctor_services, instance
from muster_cli.doctor_checks import examine
from muster_cli.doctor_findings import WATCH, WRONG, Finding, is_well
from muster_cli.main import muster
from muster_shared.clock import CLOCK_FILE, real_now
from muster_shared.embedded.ports import free_port
from muster_shared.embedded.postgres import Postgres
from muster_shared.settings import SECRET_FILE, SERVICES, Settings, load

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "mend-what-doctor-finds.md"


def wrong(findings: Iterable[Finding], status: str = WRONG) -> list[str]:
    found = [one for one in findings if one.status == status]
    assert all(one.mend for one in found), "nothing says how to mend it"
    page = PAGE.read_text()
    assert all(_on_page(one.check) in page for one in found), "the page does not tell of it"
    return [f"{one.check}: {one.says}" for one in found]


def _on_page(check: str) -> str:
    """The page has one line for what there is one of for each service."""
    return (
        "| ingest, report, notify |"
        if check in SERVICES
        else f"**{check.rpartition(' ')[0]}**"
        if (check.endswith(SERVICES))
        else f"**{check}**"
    )


@pytest.fixture
def told(tmp_path: Path) -> Settings:
    folder = tmp_path / "data"
    folder.mkdir()
    return Settings(data_dir=folder, port=free_port(), secret_key=SECRET)


@contextmanager
def listening() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_sound_machine_has_nothing_wrong(told: Settings) -> None:
    checks = (doctor_machine.folder, doctor_machine.processes, doctor_machine.port, doctor_machine.keys)
    found = [finding for check in checks for finding in check(told) if finding.check != "disk"]
    assert is_well(found), found
    assert is_well([*doctor_machine.limits(1024), *doctor_machine.time_zones()])


def test_a_folder_that_cannot_be_written(told: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda _path, mode: not mode & os.W_OK)  # root may write anywhere
    assert any("cannot be written" in line for line in wrong(doctor_machine.folder(told)))


def test_files_of_another_user(told: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    (told.data_dir / "objects").mkdir()
    me = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: me + 1)
    assert any(line.startswith("owner: objects") for line in wrong(doctor_machine.folder(told)))


@pytest.mark.parametrize(("free", "status"), [(10**8, WRONG), (2 * 10**9, WATCH), (10**11, "fine")])
def test_a_disk_that_fills(tmp_path: Path, free: int, status: str) -> None:
    [found] = doctor_machine.room(tmp_path, free)
    assert found.status == status


def test_a_port_that_another_program_has(told: Settings) -> None:
    with listening() as port:
        assert wrong(doctor_machine.port(replace(told, port=port))) == [
            f"port: {port} of 127.0.0.1 is taken by another program"
        ]


def test_processes_that_nobody_holds(told: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(instance, "pids", lambda _folder: {"beat": 4242})
    assert "these run there: beat (4242)" in wrong(doctor_machine.processes(told))[0]


def test_a_key_that_is_short_or_open_to_others(told: Settings) -> None:
    key = told.data_dir / SECRET_FILE
    key.write_text("short")
    key.chmod(0o644)
    found = wrong(doctor_machine.keys(told))
    assert [line.split(":")[0] for line in found] == ["key", "secret file"]
    key.write_text(SECRET)
    key.chmod(0o600)
    assert wrong(doctor_machine.keys(told)) == []


def test_too_few_open_files_and_unknown_time_zones() -> None:
    assert wrong(doctor_machine.limits(256)) == ["open files: a process may open 256"]
    assert wrong(doctor_machine.time_zones(("Africa/Nowhere",))) == ["time zones: Africa/Nowhere not known here"]


def test_a_provider_without_a_public_address(told: Settings) -> None:
    with_provider = replace(told, oidc_issuer="https://id.example.org")
    assert "OpenID provider" in wrong(doctor_machine.public_address(with_provider))[0]
    plain = replace(told, public_url="http://muster.example.org")
    assert "not encrypted" in wrong(doctor_machine.public_address(plain), WATCH)[0]


def test_a_public_address_without_a_certificate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_machine, "_SECONDS", 0.2)
    with listening() as port:
        assert "does not answer with TLS" in wrong(doctor_machine.certificate("127.0.0.1", port))[0]


def test_a_certificate_that_browsers_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_given: Any, **_named: Any) -> Any:
        error = ssl.SSLCertVerificationError("certificate verify failed")
        error.verify_message = "Hostname mismatch"
        raise error

    monkeypatch.setattr(ssl.SSLContext, "wrap_socket", refuse)
    with listening() as port:
        assert wrong(doctor_machine.certificate("127.0.0.1", port))[0].endswith("Hostname mismatch")


@pytest.fixture
def standing(told: Settings, postgres_server: Postgres, template: Any, valkey_server: Any) -> Settings:
    """Settings whose servers are all there; the databases are the migrated templates, which nothing is written to."""
    urls: dict[str, Any] = {f"{name}_database_url": postgres_server.url(template(name)) for name in SERVICES}
    return replace(told, redis_url=valkey_server.url(), **urls)


def test_sound_servers_have_nothing_wrong(standing: Settings) -> None:
    checks = (doctor_servers.databases, doctor_servers.broker, doctor_servers.objects)
    found = [finding for check in checks for finding in check(standing)]
    assert is_well(found), found


def test_a_database_that_is_away(standing: Settings) -> None:
    away = replace(standing, report_database_url=f"postgresql+psycopg://muster:x@127.0.0.1:{free_port()}/none")
    [line] = wrong(doctor_servers.databases(away))
    assert line.startswith("database of report: does not answer")


def test_a_server_that_is_too_old_or_stores_other_text() -> None:
    assert wrong(doctor_servers.server("ingest", 120003, "UTF8")) == ["database of ingest: PostgreSQL 12.3 is too old"]
    assert wrong(doctor_servers.server("ingest", 160001, "LATIN1")) == ["database of ingest: its encoding is LATIN1"]


def test_migrations_that_are_missing_or_ahead(postgres_server: Postgres, standing: Settings) -> None:
    postgres_server.create_databases(["without_tables"])
    empty = replace(standing, notify_database_url=postgres_server.url("without_tables"))
    assert wrong(doctor_servers.databases(empty))[0].startswith("migrations of notify: at none, this version needs")
    assert wrong(doctor_servers.migrations("report", "0001", ("0001", "0002"))) != []
    assert "newer than" in wrong(doctor_servers.migrations("report", "0009", ("0001", "0002")))[0]


def test_a_clock_before_the_newest_change(standing: Settings) -> None:
    class Connection:
        def execute(self, query: str) -> Any:
            value = "revision" if "regclass" in query else HOME
            return type("Found", (), {"fetchone": lambda _self: (value,)})()

    (standing.data_dir / CLOCK_FILE).write_text(json.dumps({"start": "", "now": "2015-01-01T00:00:00+00:00"}))
    [line] = wrong(doctor_servers.newest_change(Connection(), standing))
    assert line.startswith("clock: it is 2015-01-01T00:00:00Z here, and the newest change is of 2016")


def test_clocks_that_differ(postgres_server: Postgres) -> None:
    with postgres_server.connect() as connection:
        assert wrong(doctor_servers.clocks("ingest", connection, real_now())) == []
        assert "s apart" in wrong(doctor_servers.clocks("ingest", connection, HOME))[0]


def test_a_broker_that_is_away_or_throws_keys_away(told: Settings) -> None:
    away = replace(told, redis_url=f"redis://127.0.0.1:{free_port()}/0")
    assert wrong(doctor_servers.broker(away))[0].startswith("broker: does not answer")
    small = {"redis_version": "7.2.4", "maxmemory": 10**8, "maxmemory_policy": "allkeys-lru"}
    assert "throws keys away" in wrong(doctor_servers.broker_told(small))[0]
    assert wrong(doctor_servers.broker_told({"redis_version": "5.0.3"})) == ["broker: Redis 5.0.3 is too old"]


def test_a_mail_server_that_is_away(told: Settings) -> None:
    away = replace(told, smtp_url=f"smtp://127.0.0.1:{free_port()}")
    assert "does not answer: ConnectionRefusedError" in wrong(doctor_servers.mail(away))[0]


def test_an_object_store_that_cannot_be_used(told: Settings) -> None:
    (told.data_dir / "a file").write_text("")
    away = replace(told, object_store_url=(told.data_dir / "a file" / "objects").as_uri())
    assert wrong(doctor_servers.objects(away))[0].startswith("object store: cannot be used")


READY: dict[str, Any] = {"database": {"ready": True}}
SOUND: dict[str, Any] = {
    "ingest": {"parts": READY, "standing": {"position": 7, "unpublished": 0}},
    "report": {"parts": READY, "standing": {"position": 7, "failing": 0}},
    "notify": {"parts": READY, "standing": {"position": 7}},
}


def test_services_that_are_away_or_go_without_a_part() -> None:
    assert wrong(doctor_services.answering(SOUND)) == []
    without = {**SOUND, "report": {"parts": {"broker": {"ready": False, "reason": "TimeoutError"}}}}
    del without["notify"]
    assert wrong(doctor_services.answering(without)) == [
        "report: goes without broker (TimeoutError)",
        "notify: does not answer",
    ]


def test_workers_that_do_not_run(standing: Settings) -> None:
    """Nobody is at this broker: the real question is asked, and nobody answers."""
    found = wrong(doctor_services.services(standing, lambda _path: None, between=0))
    assert sum("none answers: what it does stands still" in line for line in found) == len(SERVICES)


def test_a_scheduler_that_does_not_tick() -> None:
    at_rest = {"ingest@a": {"ingest.sweep": 5}}
    assert wrong(doctor_services.scheduler(at_rest, at_rest)) == [
        "scheduler: does not tick: what no task announces is not found"
    ]
    assert wrong(doctor_services.scheduler(at_rest, {"ingest@a": {"ingest.sweep": 6}})) == []


def test_a_log_that_is_not_followed_and_reports_that_fail() -> None:
    behind = {**SOUND, "notify": {"parts": READY, "standing": {"position": 3}}}
    assert wrong(doctor_services.lag(SOUND, behind)) == ["log in notify: applied to 3 of 7"]
    assert wrong(doctor_services.lag(SOUND, SOUND)) == []
    stuck = {**SOUND, "ingest": {"parts": READY, "standing": {"position": 7, "unpublished": 2}}}
    assert wrong(doctor_services.lag(stuck, stuck)) == ["change log: 2 changes wait for a position"]
    failing = {**SOUND, "report": {"parts": READY, "standing": {"position": 7, "failing": 2}}}
    assert wrong(doctor_services.reports(failing)) == ["reports: 2 fail at being made"]
    missing = {**SOUND, "report": {"parts": READY, "standing": {"position": 7, "set_aside": 1}}}
    assert wrong(doctor_services.set_aside(missing)) == ["changes in report: 1 could not be applied and are set aside"]


def test_mails_that_are_held_and_addresses_that_fail() -> None:
    answers = {
        "/notify/v1/storm": {"held_back": True},
        "/notify/v1/alarms": {"items": [{"kind": "restored"}]},
        "/notify/v1/failing-addresses": {"items": [{"email": "gone@example.org"}]},
    }
    assert wrong(doctor_services.mails(answers.get)) == ["reminders: far more than usual: they are held back"]
    watched = wrong(doctor_services.mails(answers.get), WATCH)
    assert [line.split(":")[0] for line in watched] == ["mails", "addresses"]


def test_the_command_prints_what_it_found_and_how_to_mend_it(told: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUSTER_DATA_DIR", str(told.data_dir))
    with listening() as port:
        monkeypatch.setenv("MUSTER_PORT", str(port))
        done = CliRunner().invoke(muster, ["doctor"])
        as_json = CliRunner().invoke(muster, ["doctor", "--json"])
    assert done.exit_code == 3
    assert f"wrong port: {port} of 127.0.0.1 is taken" in done.output
    findings = {one["check"]: one for one in json.loads(as_json.output)["findings"]}
    assert "MUSTER_PORT" in findings["port"]["mend"]
    assert findings["instance"]["status"] == WATCH


def test_pieces_on_other_machines_are_looked_at_although_nobody_holds_the_folder(
    told: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody = f"127.0.0.1:{free_port()}"
    environ = {f"MUSTER_{service.upper()}_DATABASE_URL": f"postgresql://muster@{nobody}/none" for service in SERVICES}
    environ |= {"MUSTER_REDIS_URL": f"redis://{nobody}/0", "MUSTER_OBJECT_STORE_URL": told.data_dir.as_uri()}
    environ |= {"MUSTER_PUBLIC_URL": f"http://{nobody}", "MUSTER_DATA_DIR": str(told.data_dir)}
    monkeypatch.setattr(doctor_services, "services", partial(doctor_services.services, between=0))

    alone = {one.check for one in examine(load({**environ, "MUSTER_PORT": "0"}), environ)}
    assert {"instance", "database of ingest"} <= alone
    assert "ingest" not in alone, "nobody said that a service runs somewhere"

    environ["MUSTER_SECRET_KEY"] = SECRET
    found = list(examine(load(environ), environ))
    assert {"ingest", "worker of report"} <= {one.check for one in found if one.status == WRONG}
    assert {"instance", "port"}.isdisjoint(one.check for one in found)
