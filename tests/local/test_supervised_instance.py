from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import redis
import requests

from muster_cli import instance
from muster_shared.embedded.leftovers import identity
from muster_shared.embedded.ports import free_port
from muster_shared.settings import load

SMALL_INSTANCE = Path(__file__).with_name("small_instance.py")
PROCESSES = {"postgres", "valkey", "mail", "ingest-web", "report-web", "notify-web", "caddy"}


class Up:
    """A small instance that runs in a process of its own."""

    def __init__(self, data_dir: Path, environ: dict[str, str], **more: str) -> None:
        self.data_dir = data_dir
        self.environ = {**environ, "MUSTER_DATA_DIR": str(data_dir), "MUSTER_PORT": "0", **more}
        self._command = [sys.executable, str(SMALL_INSTANCE)]
        self.supervisor: subprocess.Popen[str] | None = None

    def start(self) -> str:
        self.supervisor = subprocess.Popen(self._command, env=self.environ, stdout=subprocess.PIPE, text=True)
        assert self.supervisor.stdout
        line = self.supervisor.stdout.readline()
        assert line.startswith("ready "), line + self.supervisor.stdout.read()
        return line.split()[1]

    def once(self) -> subprocess.CompletedProcess[str]:
        return subprocess.run(self._command, env=self.environ, capture_output=True, text=True, timeout=60, check=False)

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        assert self.supervisor
        self.supervisor.send_signal(number)
        self.supervisor.communicate(timeout=30)
        return self.supervisor.returncode

    def database(self, name: str = "ingest") -> psycopg.Connection:
        url = load(self.environ).database_url(name).replace("+psycopg", "")
        return psycopg.connect(url, autocommit=True, connect_timeout=5)


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("an instance") / "data"


@pytest.fixture(scope="module")
def steady(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """One that keeps running while the tests look at it."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("MUSTER_")}
    running = Up(tmp_path_factory.mktemp("steady") / "data", environ)
    running.start()
    yield running
    running.end()


@pytest.fixture
def up(data_dir: Path, clean_environ: dict[str, str]) -> Iterator[Up]:
    running = Up(data_dir, clean_environ)
    yield running
    if running.supervisor and running.supervisor.poll() is None:
        running.end()


def test_everything_runs_and_stops_in_order_and_leaves_no_process(up: Up) -> None:
    address = up.start()
    assert requests.get(f"{address}/report/readyz", timeout=10).text == "/report/readyz"
    known = instance.status(up.data_dir)
    assert (known.running, known.ready, known.address) == (True, True, address)
    assert set(known.processes) == PROCESSES
    assert up.end(signal.SIGINT) == 0
    assert not [name for name, pid in known.processes.items() if identity(pid)]
    assert not instance.status(up.data_dir).running


def test_a_second_start_keeps_address_passwords_and_data(up: Up) -> None:
    address = up.start()
    before = load(up.environ)
    with up.database() as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS id")
    up.end()
    assert up.start() == address
    assert load(up.environ) == before
    with up.database() as connection:
        assert connection.execute("SELECT id FROM kept").fetchone() == (1,)


def test_a_second_up_on_the_same_folder_refuses_in_one_line(steady: Up) -> None:
    address = load(steady.environ).base_url()
    assert steady.supervisor
    second = steady.once()
    assert second.returncode == 2
    assert (
        second.stderr
        == f"muster: Muster already runs in {steady.data_dir}: process {steady.supervisor.pid}, at {address}\n"
    )
    assert second.stdout == ""
    assert requests.get(f"{address}/ingest/readyz", timeout=10).ok


@pytest.mark.chaos
def test_every_part_that_is_killed_comes_back_with_what_it_held(steady: Up, eventually: Callable[..., None]) -> None:
    address = load(steady.environ).base_url()
    settings = load(steady.environ)
    with steady.database() as connection:
        connection.execute("CREATE TABLE acknowledged AS SELECT 1 AS id")
    with redis.Redis.from_url(settings.broker_url()) as client:
        client.rpush("queue", "task")
    killed = instance.pids(steady.data_dir)
    for pid in killed.values():
        os.kill(pid, signal.SIGKILL)
    eventually(lambda: not set(killed.values()) & set(instance.pids(steady.data_dir).values()))
    eventually(lambda: set(instance.pids(steady.data_dir)) == PROCESSES)
    eventually(lambda: _answers(f"{address}/notify/readyz"))
    eventually(lambda: _connects(steady))
    with steady.database() as connection:
        assert connection.execute("SELECT id FROM acknowledged").fetchone() == (1,)
    with redis.Redis.from_url(settings.broker_url()) as client:
        assert client.lrange("queue", 0, -1) == [b"task"]


@pytest.mark.chaos
def test_a_killed_supervisor_leaves_no_orphans(up: Up, eventually: Callable[..., None]) -> None:
    up.start()
    orphans = instance.pids(up.data_dir).values()
    assert len(orphans) == len(PROCESSES)
    up.end(signal.SIGKILL)
    eventually(lambda: not [pid for pid in orphans if identity(pid)])


@pytest.mark.chaos
def test_after_a_kill_of_everything_up_comes_back_at_the_same_address(up: Up) -> None:
    address = up.start()
    with up.database() as connection:
        connection.execute("CREATE TABLE before_the_kill AS SELECT 1 AS id")
    everything = list(instance.pids(up.data_dir).values())
    up.end(signal.SIGKILL)
    for pid in everything:
        if identity(pid):
            os.kill(pid, signal.SIGKILL)
    assert up.start() == address
    with up.database() as connection:
        assert connection.execute("SELECT id FROM before_the_kill").fetchone() == (1,)


@pytest.mark.chaos
def test_a_process_that_outlived_its_supervisor_is_ended_by_the_next_start(up: Up) -> None:
    up.start()
    smtp_url, outlived = load(up.environ).smtp_url, instance.pids(up.data_dir)["mail"]
    os.kill(outlived, signal.SIGSTOP)  # deaf to the signal that tells it of the supervisor's death
    up.end(signal.SIGKILL)
    assert identity(outlived)
    up.start()
    assert identity(outlived) is None
    assert load(up.environ).smtp_url == smtp_url


def test_the_instance_file_tells_other_commands_and_nobody_else(steady: Up) -> None:
    address = load(steady.environ).base_url()
    path = steady.data_dir / "instance.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    told = load({"MUSTER_DATA_DIR": str(steady.data_dir)})
    assert told.base_url() == address
    assert told.ingest_url.endswith(str(json.loads(path.read_text())["ports"]["ingest"]))
    assert told.signing_key() == (steady.data_dir / "secret.key").read_text()


def test_no_secret_stands_in_a_process_list(steady: Up) -> None:
    secrets = [(steady.data_dir / name).read_text() for name in ("secret.key", "postgres.password", "valkey.password")]
    for pid in instance.pids(steady.data_dir).values():
        command = Path(f"/proc/{pid}/cmdline").read_text()
        assert not [secret for secret in secrets if secret in command]


def test_a_port_that_was_asked_for_and_is_taken_is_named(data_dir: Path, clean_environ: dict[str, str]) -> None:
    import socket

    with socket.create_server(("127.0.0.1", free_port())) as taken:
        port = str(taken.getsockname()[1])
        refused = Up(data_dir, clean_environ, MUSTER_PORT=port).once()
    assert refused.returncode == 2
    assert f"MUSTER_PORT: port {port}" in refused.stderr
    assert refused.stderr.count("\n") == 1


def test_a_data_folder_that_cannot_be_made_is_named_in_one_line(tmp_path: Path, clean_environ: dict[str, str]) -> None:
    (tmp_path / "file").write_text("in the way")
    refused = Up(tmp_path / "file" / "data", clean_environ).once()
    assert refused.returncode == 2
    assert str(tmp_path / "file") in refused.stderr
    assert refused.stderr.count("\n") == 1


def test_servers_whose_address_is_given_are_not_started(data_dir: Path, clean_environ: dict[str, str]) -> None:
    given = {"MUSTER_REDIS_URL": "redis://redis.example.org/0", "MUSTER_SMTP_URL": "smtp://mail.example.org"}
    up = Up(data_dir, clean_environ, **given)
    up.start()
    try:
        assert set(instance.pids(data_dir)) == PROCESSES - {"valkey", "mail"}
        assert load({"MUSTER_DATA_DIR": str(data_dir)}).redis_url == given["MUSTER_REDIS_URL"]
    finally:
        up.end()


def test_a_given_address_is_forgotten_when_it_is_given_no_longer(up: Up) -> None:
    up.start()
    assert "127.0.0.1" in load(up.environ).redis_url


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=5).ok
    except requests.RequestException:
        return False


def _connects(up: Up) -> bool:
    try:
        up.database().close()
    except psycopg.OperationalError:
        return False
    return True
