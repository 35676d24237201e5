"""Several servers in one address: of PostgreSQL the one that takes writes, of Redis the one that Sentinels name."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from psycopg.conninfo import conninfo_to_dict
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import DBAPIError

from chaos.running import eventually
from muster_shared.db import engine_for
from muster_shared.embedded.ports import free_port
from muster_shared.embedded.postgres import Postgres
from muster_shared.embedded.valkey import Valkey, binary
from muster_shared.names import REPORT_FOLLOW
from muster_shared.redis_clients import redis_at
from muster_shared.sentinels import Sentinels
from muster_shared.settings import SettingsError, load
from muster_shared.tasks import Wake, make_celery

_SENTINEL = """\
port {port}
bind 127.0.0.1
requirepass watching
sentinel monitor mymaster 127.0.0.1 {server} 1
sentinel auth-pass mymaster {password}
"""


def database(told: str) -> str:
    return load({"MUSTER_INGEST_DATABASE_URL": told}).ingest_database_url


@pytest.mark.parametrize(
    ("told", "host", "port", "attributes"),
    [
        ("postgresql://u:p%2F@one:5433,two/db", "one,two", "5433,5432", "read-write"),
        ("postgres://u:p%2F@[::1]:5433,[::2]/db", "::1,::2", "5433,5432", "read-write"),
        ("postgresql+psycopg://u:p%2F@one,two/db?target_session_attrs=any", "one,two", "5432,5432", "any"),
        ("postgresql://u:p%2F@one/db?target_session_attrs=primary", "one", "5432", "primary"),
    ],
)
def test_sqlalchemy_and_libpq_read_the_same_servers(told: str, host: str, port: str, attributes: str) -> None:
    url = database(told)
    assert database(url) == url
    by_libpq = conninfo_to_dict(url.replace("+psycopg", ""))
    engine = create_engine(url)
    _, by_sqlalchemy = engine.dialect.create_connect_args(engine.url)
    for read in (by_libpq, by_sqlalchemy):
        assert (read["host"], str(read.get("port", 5432)), read["user"], read["password"], read["dbname"]) == (
            *(host, port),
            *("u", "p/", "db"),
        )
        assert read["target_session_attrs"] == attributes


@pytest.mark.parametrize("told", ["mysql://u:hunter2@one/db", "postgresql://u:hunter2@one,:5432/db"])
def test_what_is_no_database_is_refused_without_its_password(told: str) -> None:
    with pytest.raises(SettingsError, match=r"^MUSTER_INGEST_DATABASE_URL: .*(starts with|has no name)") as raised:
        database(told)
    assert "hunter2" not in str(raised.value)


def test_an_address_of_sentinels_names_them_all() -> None:
    told = "sentinel://someone:p%40ss@one:1,two,[::1]:3/2?master=muster&sentinel_password=other"
    assert load({"MUSTER_REDIS_URL": told}).redis_url == told
    read = Sentinels.of(told)
    assert read == Sentinels((("one", 1), ("two", 26379), ("::1", 3)), "muster", 2, "someone", "p@ss", "other")
    assert read.kombu_url() == (
        "sentinel://someone:p%40ss@one:1/2;sentinel://someone:p%40ss@two:26379/2;sentinel://someone:p%40ss@[::1]:3/2"
    )


@pytest.mark.parametrize(
    "told",
    [
        "sentinel://:hunter2@/0",
        "sentinel://:hunter2@one:many/0",
        "sentinel://:hunter2@one,,two/0",
        "sentinel://:hunter2@one/first",
        "sentinel://:hunter2@one/0?masters=muster",
    ],
)
def test_what_is_no_address_of_sentinels_is_refused_without_its_password(told: str) -> None:
    with pytest.raises(SettingsError, match=r"^MUSTER_REDIS_URL: .*write it like sentinel://:password@one") as raised:
        load({"MUSTER_REDIS_URL": told})
    assert "hunter2" not in str(raised.value)


def test_no_message_tells_the_password_of_sentinels_that_are_away() -> None:
    away = f"sentinel://:p@127.0.0.1:{free_port()}/0?sentinel_password=hunter2"
    with redis_at(away, seconds=1) as client, pytest.raises(RedisError, match="No master found") as raised:
        client.ping()
    assert "hunter2" not in str(raised.value)


@pytest.fixture
def watched(valkey_server: Valkey, tmp_path: Path) -> Iterator[str]:
    """The address of a Sentinel that watches the tests' server, and of one that is away."""
    port, password = free_port(), urlsplit(valkey_server.url()).password
    config = tmp_path / "sentinel.conf"
    config.write_text(_SENTINEL.format(port=port, server=valkey_server.port, password=password))
    with subprocess.Popen([str(binary()), str(config), "--sentinel"], stdout=subprocess.DEVNULL) as sentinel:
        try:
            eventually(lambda: _names_a_primary(port), "the Sentinel knows the server")
            away = f"127.0.0.1:{free_port()}"
            yield f"sentinel://:{password}@{away},127.0.0.1:{port}/0?sentinel_password=watching"
        finally:
            sentinel.terminate()


def _names_a_primary(port: int) -> bool:
    try:
        with Redis(port=port, password="watching") as sentinel:
            state = sentinel.sentinel_masters()["mymaster"]
            return bool(state["is_master"] and not state["is_sdown"])
    except RedisError:
        return False


def test_what_sentinels_name_is_used_by_tasks_and_by_all_else(watched: str, valkey_server: Valkey) -> None:
    mark = f"muster:waits:{REPORT_FOLLOW}"
    with redis_at(watched, seconds=1) as through, Redis.from_url(valkey_server.url()) as straight:
        assert through.set("muster:sentinels", "named")
        assert straight.get("muster:sentinels") == b"named"
        straight.delete("report", mark)
        with closing(make_celery("report", watched)) as celery:
            assert Wake(celery, watched)(REPORT_FOLLOW)
        assert straight.llen("report") == 1
        straight.delete("report", mark)


@pytest.fixture
def engine(postgres_server: Postgres) -> Iterator[Engine]:
    made = engine_for(postgres_server.url("postgres"))
    yield made
    made.dispose()


def test_a_connection_to_what_became_a_standby_is_left(engine: Engine) -> None:
    with engine.connect() as connection:
        connection.execute(text("SET default_transaction_read_only = on"))
        connection.commit()
    with engine.connect() as connection:
        before = connection.scalar(text("SELECT pg_backend_pid()"))
        with pytest.raises(DBAPIError, match="read-only") as raised:
            connection.execute(text("CREATE TABLE nothing ()"))
        assert raised.value.connection_invalidated  # which is answered with 503, as any database that is away
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT pg_backend_pid()")) != before
        connection.execute(text("CREATE TEMPORARY TABLE nothing ()"))


@pytest.mark.parametrize(
    ("name", "value"),
    [("tcp_keepalives_idle", "5"), ("tcp_keepalives_count", "3"), ("tcp_user_timeout", "10000")],
)
def test_the_server_lets_go_of_a_client_that_is_cut_off(engine: Engine, name: str, value: str) -> None:
    with engine.connect() as connection:
        assert connection.scalar(text(f"SHOW {name}")) == value
