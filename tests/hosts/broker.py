"""Valkey on two machines, watched by three Sentinels, which by themselves let the other take a lost one's place."""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from redis import Redis
from redis.exceptions import RedisError

from chaos.running import eventually
from hosts.machines import Machine
from muster_shared.embedded.processes import Launch
from muster_shared.embedded.valkey import binary

MASTER: Final = "muster"
_PORT, _SENTINEL_PORT = 6379, 26379
_SERVER: Final = """\
bind 0.0.0.0
port {port}
requirepass {password}
masterauth {password}
appendonly yes
save ""
maxmemory-policy noeviction
repl-diskless-sync-delay 0
{follows}
"""
_SENTINEL: Final = """\
bind 0.0.0.0
port {port}
requirepass {password}
sentinel sentinel-pass {password}
sentinel monitor {master} {primary} {server_port} 2
sentinel auth-pass {master} {password}
sentinel down-after-milliseconds {master} 2000
sentinel failover-timeout {master} 6000
"""


class Broker:
    """The servers and those that watch them."""

    def __init__(self, folder: Path, servers: Sequence[Machine], watchers: Sequence[Machine], *, logs: Path) -> None:
        self.servers, self.watchers = servers, watchers
        self._folder, self._logs = folder, logs
        self._password = secrets.token_urlsafe(12)

    def url(self) -> str:
        """Value for ``MUSTER_REDIS_URL``."""
        watchers = ",".join(f"{machine.address}:{_SENTINEL_PORT}" for machine in self.watchers)
        return f"sentinel://:{self._password}@{watchers}/0?master={MASTER}&sentinel_password={self._password}"

    def begin(self) -> None:
        """Start servers and Sentinels."""
        for machine in self.servers:
            follows = "" if machine is self.servers[0] else f"replicaof {self.servers[0].address} {_PORT}"
            self._write(machine, "valkey.conf", _SERVER.format(port=_PORT, password=self._password, follows=follows))
            self.start_server(machine)
        for machine in self.watchers:
            self._write(machine, "sentinel.conf", self._watching())
            self.start_sentinel(machine)
        eventually(self._is_watched, "the Sentinels know one another and both servers")

    def start_server(self, machine: Machine) -> None:
        """Start a machine's server with the files it has."""
        machine.start(self._launch(machine, "valkey", "valkey.conf"), self._logs)
        eventually(lambda: self._asked(machine, _PORT, "PING"), f"Valkey on {machine.name} answers")

    def start_sentinel(self, machine: Machine) -> None:
        """Start a machine's Sentinel, which remembers what it knew."""
        machine.start(self._launch(machine, "sentinel", "sentinel.conf", "--sentinel"), self._logs)

    def primary(self) -> str:
        """The address of the primary, by what the first Sentinel that answers says; empty where none does."""
        for machine in self.watchers:
            found = self._asked(machine, _SENTINEL_PORT, "SENTINEL", "GET-MASTER-ADDR-BY-NAME", MASTER)
            if found:
                return str(found[0].decode())
        return ""

    def follows(self, machine: Machine) -> bool:
        """Whether a machine's server is a replica of the primary."""
        role = self._asked(machine, _PORT, "ROLE")
        return bool(role) and role[0] == b"slave" and role[1].decode() == self.primary()

    def _is_watched(self) -> bool:
        states = [self._state(machine) for machine in self.watchers]
        others = len(self.watchers) - 1
        return all(state.get("num-other-sentinels") == str(others) and state["num-slaves"] == "1" for state in states)

    def _state(self, machine: Machine) -> dict[str, str]:
        """What a Sentinel knows of the primary."""
        told = self._asked(machine, _SENTINEL_PORT, "SENTINEL", "MASTER", MASTER) or []
        pairs = told.items() if isinstance(told, dict) else zip(told[::2], told[1::2], strict=True)
        return {_text(name): _text(value) for name, value in pairs}

    def _watching(self) -> str:
        return _SENTINEL.format(
            port=_SENTINEL_PORT,
            password=self._password,
            master=MASTER,
            primary=self.servers[0].address,
            server_port=_PORT,
        )

    def _asked(self, machine: Machine, port: int, *command: str) -> Any:
        """The answer of a server or a Sentinel, or None."""
        known: dict[str, Any] = {"password": self._password, "socket_timeout": 2, "socket_connect_timeout": 2}
        try:
            with Redis(machine.address, port, **known) as redis:
                redis.response_callbacks.clear()  # as it came
                return redis.execute_command(*command)
        except RedisError:
            return None

    def _write(self, machine: Machine, name: str, text: str) -> None:
        folder = self._folder / machine.name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)

    def _launch(self, machine: Machine, name: str, *arguments: str) -> Launch:
        env = {"PATH": os.environ["PATH"], "LC_ALL": "C"}
        return Launch(name, (str(binary()), *arguments), env, self._folder / machine.name)


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
