"""What can be wrong with the servers that Muster stands on: PostgreSQL, Redis, the mail server, the object store."""

from __future__ import annotations

import smtplib
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

import psycopg
from redis.exceptions import RedisError

from muster_cli.database_copies import connect
from muster_cli.doctor_findings import Finding, fine, watch, wrong
from muster_shared.clock import Clock, iso_z, real_now
from muster_shared.migrations_known import held, known
from muster_shared.objects import Objects
from muster_shared.redis_clients import redis_at
from muster_shared.settings import SERVICES, Settings

OLDEST_POSTGRESQL: Final = 140000
OLDEST_REDIS: Final = (6, 2)
_APART: Final = timedelta(seconds=30)
_SECONDS: Final = 3.0
_PROBE: Final = b"muster doctor"


def databases(settings: Settings) -> Iterator[Finding]:
    """Whether the three databases answer, and are what Muster needs."""
    for service in SERVICES:
        try:
            with connect(settings.database_url(service), autocommit=True) as connection:
                yield from server(service, connection.info.server_version, _shown(connection, "server_encoding"))
                yield from migrations(service, held(connection), known(f"muster_{service}"))
                yield from clocks(service, connection, real_now())
                if service == "ingest":
                    yield from newest_change(connection, settings)
        except psycopg.OperationalError as error:
            mend = f"start the server, and look at MUSTER_{service.upper()}_DATABASE_URL: host, port, user, password"
            yield wrong(f"database of {service}", f"does not answer: {_line(error)}", mend)


def server(service: str, version: int, encoding: str) -> Iterator[Finding]:
    """Whether PostgreSQL is new enough, and stores text as UTF-8."""
    named = f"{version // 10000}.{version % 10000}"
    if version < OLDEST_POSTGRESQL:
        mend = f"upgrade the server to {OLDEST_POSTGRESQL // 10000} or newer"
        yield wrong(f"database of {service}", f"PostgreSQL {named} is too old", mend)
    elif encoding != "UTF8":
        mend = "make a database with ENCODING 'UTF8' TEMPLATE template0, and restore a backup into it"
        yield wrong(f"database of {service}", f"its encoding is {encoding}", mend)
    else:
        yield fine(f"database of {service}", f"PostgreSQL {named}")


def migrations(service: str, at: str | None, there: tuple[str, ...]) -> Iterator[Finding]:
    """Whether the tables are those this version knows."""
    check = f"migrations of {service}"
    if at == there[-1]:
        yield fine(check, f"at {at}")
    elif at is None or at in there:
        says = f"at {at or 'none'}, this version needs {there[-1]}"
        yield wrong(check, says, f"python -m muster_{service}.migrate, which 'muster up' does at its start")
    else:
        mend = "install the version that made it, or a newer one; there is no way back but a backup"
        yield wrong(check, f"at {at}, newer than the {there[-1]} of this version", mend)


def clocks(service: str, connection: Any, now: datetime) -> Iterator[Finding]:
    """Whether the machine's clock and the database server's agree; ``now`` is the machine's."""
    apart = abs(connection.execute("SELECT clock_timestamp()").fetchone()[0] - now)
    if apart > _APART:
        says = f"this machine and the database of {service} are {round(apart.total_seconds())} s apart"
        yield wrong("clock", says, "let both be set by the same time server (timedatectl set-ntp true)")


def newest_change(connection: Any, settings: Settings) -> Iterator[Finding]:
    """Whether time stands before what has happened already."""
    now = Clock.of(settings).now()
    row = connection.execute("SELECT to_regclass('public.revision')").fetchone()
    newest = connection.execute("SELECT max(occurred_at) FROM revision").fetchone()[0] if row[0] else None
    if newest and newest > now + timedelta(hours=1):
        says = f"it is {iso_z(now)} here, and the newest change is of {iso_z(newest)}"
        yield wrong("clock", says, "set the machine's clock, or MUSTER_CLOCK to a later time: reminders and as_of wait")
    elif Clock.of(settings).stands_still:
        yield watch("clock", f"stands at {iso_z(now)}", "leave MUSTER_CLOCK out where this is no demo")


def broker(settings: Settings) -> Iterator[Finding]:
    """Whether Redis answers, is new enough, and throws nothing away."""
    try:
        with redis_at(settings.broker_url(), seconds=_SECONDS) as redis:
            told: Any = redis.info()
    except (RedisError, OSError, ValueError) as error:
        mend = "start it, and look at MUSTER_REDIS_URL; until then work waits for the scheduler of rows"
        yield wrong("broker", f"does not answer: {type(error).__name__}", mend)
        return
    yield from broker_told(told)


def broker_told(told: dict[str, Any]) -> Iterator[Finding]:
    """The same by what ``INFO`` of Redis says."""
    version = str(told.get("redis_version", "0"))
    policy = str(told.get("maxmemory_policy", "noeviction"))
    if tuple(int(part) for part in version.split(".")[:2]) < OLDEST_REDIS:
        yield wrong("broker", f"Redis {version} is too old", f"upgrade to {'.'.join(map(str, OLDEST_REDIS))} or newer")
    if int(told.get("maxmemory", 0)) and policy != "noeviction":
        says = f"throws keys away when its memory is full ({policy}): tasks would go missing"
        yield wrong("broker memory", says, "set maxmemory-policy noeviction")
    yield fine("broker", f"Redis protocol {version}")


def mail(settings: Settings) -> Iterator[Finding]:
    """Whether the mail server lets us in."""
    at = urlsplit(settings.smtp_url)
    opened: Callable[..., smtplib.SMTP] = smtplib.SMTP_SSL if at.scheme == "smtps" else smtplib.SMTP
    try:
        with opened(at.hostname or "", at.port or 0, timeout=_SECONDS) as smtp:
            smtp.noop()
    except (OSError, smtplib.SMTPException) as error:
        says = f"{at.hostname}:{at.port} does not answer: {type(error).__name__}"
        yield wrong("mail server", says, "look at MUSTER_SMTP_URL and the firewall; mails wait until it answers")
    else:
        yield fine("mail server", f"{at.hostname}:{at.port}")


def objects(settings: Settings) -> Iterator[Finding]:
    """Whether the object store takes bytes and gives them back."""
    store = Objects.of(settings)
    try:
        name = store.put(_PROBE)
        same = store.get(name) == _PROBE
        store.delete(name)
    except Exception as error:  # noqa: BLE001 - whatever a store raises, it does not work
        mend = "look at MUSTER_OBJECT_STORE_URL, at AWS_* for s3://, and at the rights of the folder"
        yield wrong("object store", f"cannot be used: {type(error).__name__}", mend)
        return
    yield fine("object store", "takes and gives") if same else wrong("object store", "gives other bytes", "replace it")


def _shown(connection: Any, name: str) -> str:
    return str(connection.execute(f"SHOW {name}").fetchone()[0])


def _line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:160]
