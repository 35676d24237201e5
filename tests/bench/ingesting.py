"""Submissions of JSON over HTTP, each committed to disk, beside a bare handler with one INSERT on the same server."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Any, Final

import psycopg

import factories
from bench.clients import Answered, post, send
from bench.filled_log import fill_with_many
from bench.measuring import Compared
from bench.serving import Web, servers
from muster_ingest import usecases
from muster_shared.auth import Caller
from muster_shared.context import Context

ROUNDS: Final = 5
CLIENTS: Final = 8
EACH: Final = 30  # submissions of a client in a round
BARE_EACH: Final = 150
BULK: Final = 1000
SINGLES: Final = 60
MANY: Final = 1_000_000
_BARE: Final = "/bare"
_SUBMISSIONS: Final = "/ingest/v1/submissions"
_TABLE: Final = "CREATE TABLE bare (name uuid PRIMARY KEY, body jsonb NOT NULL)"


def results() -> Iterator[Compared]:
    """On two instances: one that knows some offices only, and one with very many records."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="muster-ingesting-")))
        fresh = Senders(stack, folder / "fresh")
        yield from _beside_the_bare_handler(stack, fresh)
        yield _in_bulk(fresh)
        yield _beside_many(stack, fresh, folder / "full")


class Senders:
    """Clients of an instance, each of an office of its own, as offices are; every record they send is new."""

    def __init__(self, stack: ExitStack, folder: Path, *, processes: int = 1) -> None:
        folder.mkdir()
        self.servers = stack.enter_context(servers(folder))
        context = self.servers.context("ingest")
        _know_offices(context)
        context.engine.dispose()
        self.web = stack.enter_context(self.servers.web("ingest", processes=processes))
        self._tokens = [self.servers.token(f"client-{number}") for number in range(CLIENTS)]
        self._numbers = count()
        self.send(each=5)  # what is done once is done

    def database(self) -> psycopg.Connection[Any]:
        """A connection of the bench's own, in autocommit."""
        return psycopg.connect(self.servers.settings.ingest_database_url.replace("+psycopg", ""), autocommit=True)

    def send(self, *, each: int = EACH, clients: int = CLIENTS, web: Web | None = None) -> Answered:
        """So many submissions of one record by each client, all clients at once."""
        return send((web or self.web).port, [self._singles(client, each) for client in range(clients)])

    def send_bulk(self) -> Answered:
        """One submission of many records."""
        records = [self._project(0) for _ in range(BULK)]
        return send(self.web.port, [[self._post(0, records, _SUBMISSIONS)]])

    def bare(self, port: int, *, each: int = BARE_EACH) -> Answered:
        """The same bodies to the bare handler."""
        return send(port, [self._singles(client, each, _BARE) for client in range(CLIENTS)])

    def _singles(self, client: int, each: int, path: str = _SUBMISSIONS) -> list[bytes]:
        return [self._post(client, [self._project(client)], path) for _ in range(each)]

    def _project(self, client: int) -> dict[str, Any]:
        return factories.project(f"{_office(client)}-{next(self._numbers):07}", office=_office(client))

    def _post(self, client: int, records: Sequence[dict[str, Any]], path: str) -> bytes:
        envelope = factories.envelope(*records, code=_office(client))
        return post(path, json.dumps(envelope).encode(), self._tokens[client])


def bare_handler(stack: ExitStack, senders: Senders) -> Web:
    """The yardstick, on the same database server with the same options."""
    with senders.database() as connection:
        connection.execute(_TABLE)
    url = senders.servers.settings.ingest_database_url.replace("+psycopg", "")
    return stack.enter_context(senders.servers.serving("bench.bare_handler:app", _BARE, BARE_DATABASE=url))


def _beside_the_bare_handler(stack: ExitStack, senders: Senders) -> Iterator[Compared]:
    bare = bare_handler(stack, senders)
    senders.bare(bare.port, each=20)
    rate = Compared(
        f"one-record submissions, {CLIENTS} clients", "bare handler, one durable INSERT", 0.5, "a second", least=True
    )
    slowest = Compared(f"p99 of one-record submissions, {CLIENTS} clients", "their median", 5, "ms")
    for _ in range(ROUNDS):
        ours = senders.send()
        rate.round(ours.rate, senders.bare(bare.port).rate)
        slowest.round(1000 * ours.percentile(0.99), 1000 * ours.percentile(0.5))
    yield rate
    yield slowest


def _in_bulk(senders: Senders) -> Compared:
    compared = Compared(f"a record of a submission of {BULK:,}", "a submission of one record", 1 / 5, "ms")
    for _ in range(ROUNDS):
        singles = senders.send(each=SINGLES, clients=1)
        compared.round(1000 * senders.send_bulk().seconds / BULK, 1000 * singles.seconds / SINGLES)
    return compared


def _beside_many(stack: ExitStack, fresh: Senders, folder: Path) -> Compared:
    full = Senders(stack, folder)
    with full.database() as connection:
        fill_with_many(connection, MANY)
    for _ in range(ROUNDS):  # each page that is written to for the first time since costs more
        full.send()
    compared = Compared(f"a submission beside {MANY:,} records", "one beside a few thousand", 1.2, "ms")
    for _ in range(ROUNDS):
        compared.round(_milliseconds(full.send()), _milliseconds(fresh.send()))
    return compared


def _milliseconds(answered: Answered) -> float:
    return 1000 / answered.rate


def _know_offices(context: Context) -> None:
    offices = [factories.office(_office(client)) for client in range(CLIENTS)]
    body = json.dumps(factories.envelope(factories.office("HQ"), *offices, code="HQ")).encode()
    sender = Caller("bench@example.org", "admin")
    answer = usecases.submit(context, sender, body, content_type="application/json", key=None)
    assert answer.status == 201, answer.document


def _office(client: int) -> str:
    return f"B{client:02}"
