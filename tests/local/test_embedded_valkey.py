from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from muster_shared.embedded.valkey import Valkey


@pytest.fixture(scope="module")
def valkey(awkward_folder: Path) -> Iterator[Valkey]:
    with Valkey(awkward_folder / "valkey") as server:
        yield server


def test_it_answers_at_its_url_and_to_nobody_without_the_password(valkey: Valkey) -> None:
    with redis.Redis.from_url(valkey.url()) as client:
        assert client.ping()
    with redis.Redis(port=valkey.port) as client, pytest.raises(redis.AuthenticationError):
        client.ping()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("appendonly", "yes"),
        ("appendfsync", "everysec"),
        ("save", ""),
        ("maxmemory-policy", "noeviction"),
        ("bind", "127.0.0.1"),
    ],
)
def test_it_forgets_no_task_and_listens_on_loopback_only(valkey: Valkey, name: str, value: str) -> None:
    with redis.Redis.from_url(valkey.url(), decode_responses=True) as client:
        assert client.config_get(name) == {name: value}


def test_the_password_is_in_no_process_list_and_readable_by_its_owner_only(valkey: Valkey) -> None:
    password = valkey.folder.with_name("valkey.password")
    assert not [word for word in valkey.argv() if password.read_text() in word]
    for path in (password, valkey.folder / "valkey.conf"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_was_written_survives_a_kill(valkey: Valkey) -> None:
    with redis.Redis.from_url(valkey.url()) as client:
        client.rpush("queue", "task")
    assert valkey._popen
    valkey._popen.kill()
    valkey._popen.wait()
    valkey.start()
    valkey.wait_ready()
    with redis.Redis.from_url(valkey.url()) as client:
        assert client.lrange("queue", 0, -1) == [b"task"]
