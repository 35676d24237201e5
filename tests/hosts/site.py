"""Muster on several machines, every part as ``deploy/README.md`` says: two of each service, one origin, no hand at it.

What dies on a machine is not started again until the machine is: no supervisor hides what a part cannot live through.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Final

import requests

from chaos.reached import Reached
from chaos.running import eventually
from hosts.broker import Broker
from hosts.database import Database
from hosts.machines import Machine, Network
from muster_cli.parts import ServiceParts, environment, services
from muster_shared.clock import Clock
from muster_shared.embedded.caddy import Caddy
from muster_shared.embedded.processes import Launch
from muster_shared.embedded.server import Server
from muster_shared.settings import SERVICES, Settings, load

HOME: Final = datetime(2016, 11, 30, 8, tzinfo=UTC)
_PORTS: Final = {"ingest": 8001, "report": 8002, "notify": 8003}
_ORIGIN_PORT, _STORE_PORT, _MAIL_PORT = 8000, 9000, 2525
_BUCKET: Final = "muster"
_LEFT_OUT: Final = "3s"  # an application host that does not answer, by the origin
_START_SECONDS: Final = 90.0
_SECRET: Final = "the same long secret on every machine of the site"
_TOLD: Final = {
    "MUSTER_CLOCK": HOME.isoformat(),
    "MUSTER_QUIET_SECONDS": "0.5",
    "MUSTER_QUIET_CAP_SECONDS": "3",
    "MUSTER_LEASE_SECONDS": "5",
    "MUSTER_RATE_PER_MINUTE": "1000000",  # the limits are counted, and not met
    "MUSTER_RATE_UNKNOWN_PER_MINUTE": "1000000",
    "MUSTER_PROXIES": "1",
    "MUSTER_SECRET_KEY": _SECRET,
}


@dataclass(frozen=True, slots=True)
class Clocks:
    """The clocks of all machines, which stand at the same time."""

    all: tuple[Clock, ...]

    def now(self) -> datetime:
        return self.all[0].now()

    def advance(self, span: timedelta) -> datetime:
        return max(clock.advance(span) for clock in self.all)


class Site(Reached):
    """The machines, and what runs on which of them."""

    def __init__(self, network: Network, folder: Path) -> None:
        self.network, self.folder, self.logs = network, folder, folder / "logs"
        self.apps = (network.machine("app1"), network.machine("app2"))
        databases = (network.machine("db1"), network.machine("db2"))
        brokers = (network.machine("q1"), network.machine("q2"))
        self.store, self.proxy = network.machine("s3"), network.machine("proxy")
        self.database_servers = Database(folder, *databases, allowed=network.range, logs=self.logs)
        self.broker = Broker(folder, brokers, (*self.apps, databases[1]), logs=self.logs)

    @property
    def address(self) -> str:
        return f"http://{self.proxy.address}:{_ORIGIN_PORT}"

    @property
    def known(self) -> Settings:
        return self._settings("test")

    @property
    def clock(self) -> Clocks:
        return Clocks(tuple(Clock.of(self._settings(name)) for name in ("test", *(app.name for app in self.apps))))

    @property
    def mail_folder(self) -> Path:
        return self.folder / "mail"

    def begin(self) -> None:
        """Start everything, and wait until it is ready."""
        for clock in self.clock.all:
            clock.path.parent.mkdir(parents=True)
            clock.begin()
        self._start_store_and_mail()
        self.database_servers.begin()
        self._migrate()
        self.broker.begin()
        for app in self.apps:
            self._start_services(app)
        self._start_origin()
        for app in self.apps:
            self.wait_for(app)

    def power_on(self, app: Machine) -> None:
        """Switch an application host on again; what starts with it is up to it."""
        app.switch_on()
        self.broker.start_sentinel(app)
        self._start_services(app)

    def wait_for(self, app: Machine) -> float:
        """Until every service of an application host is ready; the seconds it took."""
        addresses = [f"http://{app.address}:{port}/{name}/readyz" for name, port in _PORTS.items()]
        return eventually(lambda: all(map(_is_ready, addresses)), f"{app.name} is ready", _START_SECONDS, pause=0.3)

    def ended(self) -> dict[str, int]:
        """What ended by itself on machines that are on."""
        return {name: code for machine in self.network.machines for name, code in machine.ended().items()}

    def logs_that_tell(self, secrets: Iterable[str]) -> list[str]:
        """The logs of application hosts in which one of these texts stands."""
        logs = [log for app in self.apps for log in self.logs.glob(f"{app.name}-*.log")]
        texts = {log.name: log.read_text(errors="replace") for log in logs}
        return sorted({name for name, text in texts.items() for secret in secrets if secret in text})

    def _settings(self, name: str) -> Settings:
        """What a machine is told, in the words of an operator."""
        urls = {
            f"MUSTER_{service.upper()}_DATABASE_URL": self.database_servers.url(f"muster_{service}")
            for service in SERVICES
        }
        return load(
            {
                **_TOLD,
                **urls,
                "MUSTER_DATA_DIR": str(self.folder / name),
                "MUSTER_REDIS_URL": self.broker.url(),
                "MUSTER_OBJECT_STORE_URL": f"s3://{_BUCKET}",
                "MUSTER_SMTP_URL": f"smtp://{self.store.address}:{_MAIL_PORT}",
                "MUSTER_INGEST_URL": self.address,
                "MUSTER_PUBLIC_URL": self.address,
            }
        )

    def store_environment(self) -> dict[str, str]:
        """What the library of the object store reads."""
        return {
            "AWS_ENDPOINT_URL": f"http://{self.store.address}:{_STORE_PORT}",
            "AWS_ALLOW_HTTP": "true",
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DISABLE_BULK_DELETE": "true",  # which this store does not know
        }

    def _start_store_and_mail(self) -> None:
        bucket = self.folder / "s3" / _BUCKET
        bucket.mkdir(parents=True)
        catcher = "muster_shared.embedded.mailcatcher"
        listen = ("--host", self.store.address, "--port")
        self._start_module(self.store, "s3", "localbucket", str(bucket.parent), *listen, str(_STORE_PORT))
        self._start_module(self.store, "mail", catcher, *listen, str(_MAIL_PORT), "--folder", str(self.mail_folder))

    def _start_module(self, machine: Machine, name: str, *arguments: str) -> None:
        env = {**os.environ, "PYTHONUNBUFFERED": "1"}
        machine.start(Launch(name, (sys.executable, "-m", *arguments), env, self.folder), self.logs)

    def _migrate(self) -> None:
        """Each service's, at once; the others wait for none of them."""
        app = self.apps[0]
        migrations = self._parts(app).migrations
        with ThreadPoolExecutor(len(migrations)) as at_once:
            list(at_once.map(lambda launch: app.run(*launch.argv, env=launch.env), migrations))

    def _start_services(self, app: Machine) -> None:
        for stage in self._parts(app).stages:
            for launch in stage:
                app.start(launch, self.logs)

    def _parts(self, app: Machine) -> ServiceParts:
        """The commands of ``muster up``, but for the address that the services listen at."""
        settings = self._settings(app.name)
        (settings.data_dir / "run").mkdir(parents=True, exist_ok=True)
        parts = services(settings, _PORTS)
        env = {**environment(settings), **self.store_environment()}
        return replace(
            parts,
            migrations=tuple(replace(launch, env=env) for launch in parts.migrations),
            stages=tuple(
                tuple(replace(launch, env=env, argv=_listening_everywhere(launch.argv)) for launch in stage)
                for stage in parts.stages
            ),
        )

    def _start_origin(self) -> None:
        upstreams = {name: " ".join(f"{app.address}:{port}" for app in self.apps) for name, port in _PORTS.items()}
        caddy = Caddy(self.folder / "caddy", _ORIGIN_PORT, upstreams=upstreams, listen=self.proxy.address)
        caddy.prepare()
        launch = caddy.launch()
        env: Mapping[str, str] = {**launch.env, "CADDY_FAIL_DURATION": _LEFT_OUT}
        self.proxy.start(replace(launch, env=env), self.logs)


def _listening_everywhere(argv: tuple[str, ...]) -> tuple[str, ...]:
    return tuple("0.0.0.0" if argument == Server.host else argument for argument in argv)  # noqa: S104 - its own network


def _is_ready(address: str) -> bool:
    try:
        return requests.get(address, timeout=3).status_code == HTTPStatus.OK
    except requests.RequestException:
        return False
