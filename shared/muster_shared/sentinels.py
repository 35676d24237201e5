"""Redis watched by Sentinels: which of its servers is the primary now is asked of them at each new connection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from redis import Redis
from redis.backoff import NoBackoff
from redis.credentials import UsernamePasswordCredentialProvider
from redis.retry import Retry
from redis.sentinel import Sentinel

from muster_shared.server_addresses import parts_of

SCHEME: Final = "sentinel"
_PORT: Final = 26379
_MASTER: Final = "mymaster"  # as the sentinel.conf that comes with Redis and Valkey calls it
_OPTIONS: Final = frozenset({"master", "sentinel_password"})
_FORM: Final = "write it like sentinel://:password@one:26379,two:26379,three:26379/0?master=mymaster"


@dataclass(frozen=True, slots=True)
class Sentinels:
    """What ``sentinel://[user]:password@host:port,host:port/database?master=name&sentinel_password=...`` says.

    User and password are those of the Redis servers. ``sentinel_password`` is that of the Sentinels, where they have
    one.
    """

    addresses: tuple[tuple[str, int], ...]
    master: str
    database: int
    username: str | None
    password: str | None
    sentinel_password: str | None

    @classmethod
    def of(cls, url: str) -> Sentinels:
        """Read the address.

        Raises:
            ValueError: it is none.
        """
        parts = parts_of(url)
        login, _, hosts = parts.netloc.rpartition("@")
        username, _, password = map(unquote, login.partition(":"))
        asked, database = dict(parse_qsl(parts.query)), parts.path.strip("/") or "0"
        if parts.scheme != SCHEME or not database.isdecimal() or asked.keys() - _OPTIONS:
            raise ValueError(_FORM)
        return cls(
            addresses=tuple(map(_address, hosts.split(","))),
            master=asked.get("master", _MASTER),
            database=int(database),
            username=username or None,
            password=password or None,
            sentinel_password=asked.get("sentinel_password"),
        )

    def primary(self, *, seconds: float) -> Redis:
        """A client of whichever server is the primary; each Sentinel and each server is given so many seconds."""
        asking = self._asking(seconds)
        known = {"db": self.database, "username": self.username, "password": self.password}
        told = {**asking, "credential_provider": None, **known}
        sentinel: Any = Sentinel  # which has no types
        client: Redis = sentinel(self.addresses, sentinel_kwargs=asking, **told).master_for(self.master)
        return client

    def kombu_url(self) -> str:
        """The same in the words of Celery's transport, which takes an address of its own for each Sentinel."""
        login = ":".join(quote(part or "", safe="") for part in (self.username, self.password))
        at = f"{login}@" if self.password else ""
        return ";".join(f"{SCHEME}://{at}{_joined(*address)}/{self.database}" for address in self.addresses)

    def transport_options(self, *, seconds: float) -> dict[str, Any]:
        """What Celery's transport is told besides."""
        return {"master_name": self.master, "sentinel_kwargs": self._asking(seconds)}

    def _asking(self, seconds: float) -> dict[str, Any]:
        """How Sentinels are asked: one that does not answer is passed over at once, not tried again."""
        told: dict[str, Any] = {"socket_timeout": seconds, "socket_connect_timeout": seconds}
        if self.sentinel_password:  # given as itself it would be told in the message that no primary was found
            told["credential_provider"] = UsernamePasswordCredentialProvider(password=self.sentinel_password)
        return {**told, "retry": Retry(NoBackoff(), 0)}


def _address(text: str) -> tuple[str, int]:
    try:
        parts = urlsplit(f"//{text}")
        host, port = parts.hostname, parts.port or _PORT
    except ValueError:
        host, port = None, 0
    if not host:
        raise ValueError(f"one of the Sentinels has no address: {_FORM}")
    return host, port


def _joined(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
