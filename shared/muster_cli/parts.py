"""What an instance consists of: which servers, which processes of the services, and what they are told."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from muster_cli.instance import MAIL_FOLDER, RUN_FOLDER
from muster_shared.embedded.caddy import Caddy
from muster_shared.embedded.mailcatcher import MailCatcher
from muster_shared.embedded.ports import free_port
from muster_shared.embedded.postgres import Postgres
from muster_shared.embedded.processes import Launch
from muster_shared.embedded.server import Server
from muster_shared.embedded.valkey import Valkey
from muster_shared.settings import PREFIX, SERVICES, Settings, SettingsError, is_told

# what `up` finds out and writes for the other commands; nothing of it outlives the environment that gave it
WRITTEN = (
    *(f"{service}_database_url" for service in SERVICES),
    "redis_url",
    "smtp_url",
    "object_store_url",
    "ingest_url",
    "public_url",
    "secret_key",
    "host",
    "port",
)
_EMBEDDED_PORTS = ("postgres", "valkey", "mail", *SERVICES)
_BLOCKING_THREADS = 8


@dataclass(frozen=True, slots=True)
class ServiceParts:
    """The processes of the services: migrations run once, the others are kept running, stage after stage."""

    migrations: tuple[Launch, ...]
    stages: tuple[tuple[Launch, ...], ...]
    ready_paths: tuple[str, ...]


ServicePlan = Callable[[Settings, Mapping[str, int]], ServiceParts]


@dataclass(frozen=True, slots=True)
class Parts:
    """An instance's embedded servers and its complete settings. ``ports`` are those it keeps."""

    settings: Settings
    ports: Mapping[str, int]
    servers: tuple[Server, ...]
    postgres: Postgres | None
    databases: tuple[str, ...]
    origin: Caddy


def assemble(settings: Settings, environ: Mapping[str, str], kept: Mapping[str, int]) -> Parts:
    """Choose ports (those kept, where still free) and servers (those no address of is given).

    Raises:
        SettingsError: the port that was asked for is taken.
    """
    told = _as_told(settings, environ)
    ports = _ports(settings.port, told.host, environ, kept)
    folder = settings.data_dir
    postgres = Postgres(folder / "postgres", ports["postgres"])
    valkey = Valkey(folder / "valkey", ports["valkey"])
    mail = MailCatcher(folder / MAIL_FOLDER, ports["mail"])
    databases = tuple(name for name in SERVICES if not getattr(told, f"{name}_database_url"))
    servers: list[Server] = []
    servers += [postgres] if databases else []
    servers += [] if told.redis_url else [valkey]
    servers += [] if told.smtp_url else [mail]
    origin = _origin(told, ports)
    complete = _complete(told, ports, origin, postgres=postgres, valkey=valkey, mail=mail)
    return Parts(
        settings=complete,
        ports=ports,
        servers=tuple(servers),
        postgres=postgres if databases else None,
        databases=tuple(f"muster_{name}" for name in databases),
        origin=origin,
    )


def written_settings(settings: Settings) -> dict[str, str]:
    """The part of the settings that the instance file tells other commands."""
    return {name: text for name, text in texts(settings).items() if name in WRITTEN}


def texts(settings: Settings) -> dict[str, str]:
    """Every setting that has a value, as the text of its environment variable."""
    values = {field.name: getattr(settings, field.name) for field in fields(settings)}
    return {name: _text(value) for name, value in values.items() if value not in (None, "")}


def environment(settings: Settings) -> dict[str, str]:
    """The environment of a process of the services: ours, with every setting said outright."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    told = {PREFIX + name.upper(): text for name, text in texts(settings).items()}
    return {**inherited, **told, "PYTHONUNBUFFERED": "1"}


def services(settings: Settings, ports: Mapping[str, int]) -> ServiceParts:
    """The three services: migrations, web processes, workers, and one scheduler."""
    env, cwd = environment(settings), settings.data_dir / RUN_FOLDER

    def launch(name: str, *arguments: str, before: Callable[[], None] | None = None) -> Launch:
        return Launch(name, (sys.executable, "-m", *arguments), env, cwd, before=before)

    schedule = cwd / "beat.db"
    return ServiceParts(
        migrations=tuple(launch(f"{name}-migrate", f"muster_{name}.migrate") for name in SERVICES),
        stages=(
            tuple(launch(f"{name}-web", *_web(name, ports[name])) for name in SERVICES),
            tuple(launch(f"{name}-worker", *_worker(name, settings.log_level)) for name in SERVICES),
            (launch("beat", *_beat(schedule, settings.log_level), before=lambda: _forget(schedule)),),
        ),
        ready_paths=tuple(f"/{name}/readyz" for name in SERVICES),
    )


def _web(service: str, port: int) -> tuple[str, ...]:
    options = ("--interface", "wsgi", "--host", Server.host, "--port", str(port), "--workers", "1")
    threads = ("--blocking-threads", str(_BLOCKING_THREADS), "--respawn-failed-workers", "--respawn-interval", "0.1")
    return (
        "granian",
        *options,
        *threads,
        "--backpressure",
        "64",
        "--no-ws",
        "--no-access-log",
        f"muster_{service}.wsgi:app",
    )


def _worker(service: str, level: str) -> tuple[str, ...]:
    app = ("celery", "-A", f"muster_{service}.worker:celery", "worker", "-Q", service, "-n", f"{service}@%h")
    pool = ("--pool", "threads", "--concurrency", "2", "--without-gossip", "--without-mingle")
    return *app, *pool, "--loglevel", level


def _beat(schedule: Path, level: str) -> tuple[str, ...]:
    # without a pid file: one left by a killed scheduler would keep the next from starting
    return (
        *("celery", "-A", "muster_shared.beat:celery", "beat", "--schedule", str(schedule)),
        *("--pidfile", "", "--loglevel", level),
    )


def _forget(schedule: Path) -> None:
    # the file of a killed scheduler may be torn; schedules are rows, ticks need no memory
    for path in schedule.parent.glob(f"{schedule.name}*"):
        path.unlink(missing_ok=True)


def _as_told(settings: Settings, environ: Mapping[str, str]) -> Settings:
    """Settings without what an earlier start wrote: an embedded server's address is not a given one."""
    defaults = {field.name: field.default for field in fields(Settings)}
    stale: dict[str, Any] = {name: defaults[name] for name in WRITTEN if not is_told(environ, name)}
    return replace(settings, **stale)


def _ports(wanted: int, host: str, environ: Mapping[str, str], kept: Mapping[str, int]) -> dict[str, int]:
    ports = {"origin": _origin_port(wanted, host, environ, kept.get("origin", 0))}
    for name in _EMBEDDED_PORTS:
        ports[name] = free_port(wanted=kept.get(name, 0), avoid=frozenset(ports.values()))
    return ports


def _origin_port(wanted: int, host: str, environ: Mapping[str, str], kept: int) -> int:
    port = free_port(host, wanted=wanted or kept)
    if wanted and port != wanted and environ.get(PREFIX + "PORT"):
        raise SettingsError(
            f"{PREFIX}PORT: port {wanted} of {host} is taken by another program: name a free port, or 0 for any"
        )
    return port


def _origin(settings: Settings, ports: Mapping[str, int]) -> Caddy:
    upstreams = {name: f"{Server.host}:{ports[name]}" for name in SERVICES}
    return Caddy(settings.data_dir / "caddy", ports["origin"], upstreams=upstreams, listen=settings.host)


def _complete(
    told: Settings, ports: Mapping[str, int], origin: Caddy, *, postgres: Postgres, valkey: Valkey, mail: MailCatcher
) -> Settings:
    return replace(
        told,
        port=ports["origin"],
        public_url=told.public_url or origin.address,
        ingest_database_url=told.ingest_database_url or postgres.url("muster_ingest"),
        report_database_url=told.report_database_url or postgres.url("muster_report"),
        notify_database_url=told.notify_database_url or postgres.url("muster_notify"),
        redis_url=told.redis_url or valkey.url(),
        smtp_url=told.smtp_url or mail.url(),
        object_store_url=told.object_store_url or (told.data_dir / "objects").as_uri(),
        ingest_url=told.ingest_url or f"http://{Server.host}:{ports['ingest']}",
        secret_key=",".join(told.signing_keys()),
        proxies=max(told.proxies, 1),
    )


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
