from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, text

from muster_shared.embedded import privileges
from muster_shared.embedded.leftovers import processes_in
from muster_shared.embedded.postgres import DATABASES, Postgres
from muster_shared.embedded.privileges import Privileges, UnreachableError

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has to give privileges up")


def test_it_serves_every_database_at_its_url(postgres: Postgres) -> None:
    for database in DATABASES:
        engine = create_engine(postgres.url(database))
        with engine.connect() as connection:
            assert connection.execute(text("SELECT current_database()")).scalar_one() == database
        engine.dispose()


def test_creating_the_databases_again_changes_nothing(postgres: Postgres) -> None:
    with postgres.connect("muster_ingest") as connection:
        connection.execute("CREATE TABLE kept (id int)")
    postgres.create_databases()
    with postgres.connect("muster_ingest") as connection:
        assert connection.execute("SELECT to_regclass('kept')::text").fetchone() == ("kept",)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("fsync", "on"),
        ("synchronous_commit", "on"),
        ("data_checksums", "on"),
        ("server_encoding", "UTF8"),
        ("listen_addresses", "127.0.0.1"),
        ("unix_socket_directories", ""),
        ("TimeZone", "UTC"),
    ],
)
def test_it_is_set_up_to_lose_nothing_and_to_listen_on_loopback_only(
    postgres: Postgres, setting: str, value: str
) -> None:
    with postgres.connect() as connection:
        assert connection.execute("SELECT current_setting(%s)", [setting]).fetchone() == (value,)


def test_text_sorts_by_code_point_and_has_case_beyond_ascii(postgres: Postgres) -> None:
    with postgres.connect() as connection:
        found = connection.execute("SELECT 'Z' < 'a', lower('ÉTÉ')").fetchone()
    assert found == (True, "été")


def test_a_wrong_password_is_refused(postgres: Postgres) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(f"host=127.0.0.1 port={postgres.port} user=muster password=guess dbname=postgres")


def test_the_password_is_readable_by_its_owner_only_and_in_no_process_list(postgres: Postgres) -> None:
    path = postgres.folder.with_name("postgres.password")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not [word for word in postgres.argv() if path.read_text() in word]


def test_the_folder_stays_closed_to_others(postgres: Postgres) -> None:
    assert stat.S_IMODE(postgres.folder.stat().st_mode) == 0o700
    assert postgres.folder.stat().st_uid == os.geteuid()


def test_acknowledged_rows_survive_a_kill_of_the_server(postgres: Postgres) -> None:
    with postgres.connect("muster_report") as connection:
        connection.execute("CREATE TABLE acknowledged AS SELECT generate_series(1, 1000) AS id")
    _kill_postmaster(postgres)
    postgres.start()
    postgres.wait_ready()
    with postgres.connect("muster_report") as connection:
        assert connection.execute("SELECT count(*) FROM acknowledged").fetchone() == (1000,)


def test_orphaned_backends_and_a_pid_file_of_a_stranger_do_not_keep_it_from_starting(
    postgres: Postgres, eventually: Callable[..., None]
) -> None:
    with postgres.connect() as connection:
        row = connection.execute("SELECT pg_backend_pid()").fetchone()
        assert row
        os.kill(row[0], signal.SIGSTOP)  # so busy that it does not notice its postmaster's death
        _kill_postmaster(postgres)
        assert row[0] in processes_in(postgres.folder)
        pid_file = postgres.folder / "postmaster.pid"
        pid_file.write_text(pid_file.read_text().replace(pid_file.read_text().split()[0], str(os.getppid()), 1))
        postgres.start()
        postgres.wait_ready()
        assert row[0] not in processes_in(postgres.folder)


def test_a_first_start_that_was_killed_half_way_is_begun_anew(tmp_path: Path) -> None:
    torn = tmp_path / "postgres.new"
    torn.mkdir()
    (torn / "PG_VERSION").write_text("18\n")
    with Postgres(tmp_path / "postgres") as server:
        assert server.ready()
    assert not torn.exists()


@as_root
def test_root_without_user_namespaces_runs_it_as_nobody(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(privileges, "_allowed", lambda: False)
    folder = tmp_path_factory.mktemp("reachable")
    for entered in (folder, *folder.parents):
        if Path(tempfile.gettempdir()) in entered.parents:
            entered.chmod(entered.stat().st_mode | 0o011)
    with Postgres(folder / "postgres") as server:
        assert server.ready()
        assert (folder / "postgres" / "postmaster.pid").owner() == "nobody"
        assert stat.S_IMODE(server.folder.stat().st_mode) == 0o700


@as_root
@pytest.mark.skipif(not privileges._allowed(), reason="user namespaces are not allowed here")
def test_an_ordinary_user_runs_it_without_any_help(tmp_path: Path) -> None:
    script = """
import os
from pathlib import Path
from muster_shared.embedded.postgres import Postgres
with Postgres(Path("postgres")) as server:
    with server.connect() as connection:
        print(os.geteuid(), connection.execute("SELECT 'served'").fetchone(), server.argv()[0].endswith("postgres"))
"""
    as_ordinary = ["unshare", "--user", "--map-user=1000", "--map-group=1000", sys.executable, "-c", script]
    done = subprocess.run(as_ordinary, cwd=tmp_path, check=True, capture_output=True, text=True)
    assert done.stdout == "1000 ('served',) True\n"


@as_root
def test_a_folder_that_nobody_may_enter_is_named(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    own = closed / "data"
    own.mkdir()
    with pytest.raises(UnreachableError, match="MUSTER_DATA_DIR"):
        Privileges(user="nobody").reach(own / "postgres", own=own)


def _kill_postmaster(server: Postgres) -> None:
    assert server._popen
    server._popen.kill()
    server._popen.wait()
