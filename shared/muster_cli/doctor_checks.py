"""Everything ``muster doctor`` looks at, in the order in which one thing needs the other."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import requests

from muster_cli import doctor_machine, doctor_servers, doctor_services, instance
from muster_cli.doctor_findings import Finding, wrong
from muster_cli.local import Client
from muster_shared.settings import SERVICES, Settings, SettingsError, is_told

_Check = Callable[[Settings], Iterator[Finding]]


def examine(settings: Settings, environ: Mapping[str, str] | None = None) -> Iterator[Finding]:
    """Look at everything that can be looked at now: an embedded server that does not run is not asked.

    Where Muster runs piece by piece, nobody holds the data folder, and the port here is nobody's.
    """
    told = os.environ if environ is None else environ
    in_pieces = is_in_pieces(told)
    for check in _OF_ANY if in_pieces else _OF_ONE_MACHINE:
        yield from check(settings)
    yield from doctor_machine.limits()
    yield from doctor_machine.time_zones()
    runs = in_pieces or instance.status(settings.data_dir).running
    for check, names in _SERVERS:
        if runs or all(is_told(told, name) for name in names):
            yield from _tried(check, settings)
    yield from doctor_machine.public_address(settings)
    if runs:
        yield from doctor_services.services(settings, _asking(settings))


def is_in_pieces(environ: Mapping[str, str] | None = None) -> bool:
    """Whether Muster runs piece by piece: every server of it and the address of the origin are told outright."""
    told = os.environ if environ is None else environ
    return all(is_told(told, name) for name in _TOLD_TO_PIECES)


_TOLD_TO_PIECES = (
    *(f"{service}_database_url" for service in SERVICES),
    *("redis_url", "object_store_url", "secret_key", "public_url"),
)
_OF_ANY: tuple[_Check, ...] = (doctor_machine.folder, doctor_machine.keys)
_OF_ONE_MACHINE: tuple[_Check, ...] = (
    doctor_machine.folder,
    doctor_machine.processes,
    doctor_machine.port,
    doctor_machine.keys,
)
_SERVERS: tuple[tuple[_Check, tuple[str, ...]], ...] = (
    (doctor_servers.databases, tuple(f"{service}_database_url" for service in SERVICES)),
    (doctor_servers.broker, ("redis_url",)),
    (doctor_servers.mail, ("smtp_url",)),
    (doctor_servers.objects, ("object_store_url",)),
)


def _tried(check: _Check, settings: Settings) -> Iterator[Finding]:
    """An instance that is just being made has told no addresses yet."""
    try:
        yield from check(settings)
    except SettingsError as error:
        yield wrong("settings", str(error), "wait until 'muster up' is ready, or set it")


def _asking(settings: Settings) -> doctor_services.Ask:
    client = Client(settings, "admin")

    def ask(path: str) -> Any:
        try:
            return client.request("GET", path).json()
        except (requests.RequestException, ValueError):
            return None

    return ask
