"""What can be wrong with the machine, the data folder and the settings: nothing here asks a server of Muster's."""

from __future__ import annotations

import os
import resource
import shutil
import socket
import ssl
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from muster_cli import instance
from muster_cli.doctor_findings import Finding, fine, watch, wrong
from muster_shared.clock import real_now
from muster_shared.embedded.ports import is_free
from muster_shared.secret_files import keys_of
from muster_shared.settings import INSTANCE_FILE, SECRET_FILE, Settings

_GIGABYTE: Final = 1024**3
_LITTLE_FREE, _TOO_LITTLE_FREE = 5 * _GIGABYTE, _GIGABYTE
_SHORTEST_KEY: Final = 32
_FEWEST_FILES: Final = 1024
_SOON: Final = timedelta(days=14)
_SECONDS: Final = 5
_AT_HOME: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_ZONES: Final = ("Africa/Nairobi", "America/Sao_Paulo", "Asia/Kathmandu")


def folder(settings: Settings) -> Iterator[Finding]:
    """Whether the data folder can be written, is ours, and has room."""
    there = _nearest(settings.data_dir)
    if not os.access(there, os.W_OK | os.X_OK):
        mend = f"make it writable for the user that runs Muster: chown -R $USER {there}, or set MUSTER_DATA_DIR"
        yield wrong("data folder", f"{there} cannot be written by user {os.geteuid()}", mend)
    else:
        yield fine("data folder", str(settings.data_dir))
    yield from _owner(settings.data_dir)
    yield from room(there, shutil.disk_usage(there).free)


def _nearest(path: Path) -> Path:
    while not path.exists():
        path = path.parent
    return path


def _owner(data_dir: Path) -> Iterator[Finding]:
    """PostgreSQL's own folder may be nobody's, where root starts it without namespaces."""
    mine = os.geteuid()
    others = [path.name for path in _files(data_dir) if path.name != "postgres" and path.lstat().st_uid != mine]
    if others:
        mend = f"run Muster as the same user each time, or: chown -R $USER {data_dir}"
        yield wrong("owner", f"{', '.join(sorted(others)[:4])} of {data_dir} belong to another user", mend)


def _files(data_dir: Path) -> list[Path]:
    return list(data_dir.iterdir()) if data_dir.is_dir() and os.access(data_dir, os.R_OK | os.X_OK) else []


def room(there: Path, free: int) -> Iterator[Finding]:
    """Whether the disk has room, in bytes."""
    says, mend = f"{free / _GIGABYTE:.1f} GB free at {there}", "free some, or move MUSTER_DATA_DIR to a larger disk"
    if free < _TOO_LITTLE_FREE:
        yield wrong("disk", says, mend)
    elif free < _LITTLE_FREE:
        yield watch("disk", says, mend)
    else:
        yield fine("disk", says)


def processes(settings: Settings) -> Iterator[Finding]:
    """Whether one supervisor, and one only, has this folder."""
    status = instance.status(settings.data_dir)
    if status.running:
        yield fine("instance", f"process {status.pid} at {status.address}")
    elif status.processes:
        named = ", ".join(f"{name} ({pid})" for name, pid in sorted(status.processes.items()))
        mend = "start 'muster up' on this machine, which ends them, or stop the Muster that has this folder elsewhere"
        yield wrong("instance", f"nobody holds {settings.data_dir}, and these run there: {named}", mend)
    else:
        yield watch("instance", f"not running in {settings.data_dir}", "start it with 'muster up'")


def port(settings: Settings) -> Iterator[Finding]:
    """Whether the port can be had, where no instance has it."""
    if instance.status(settings.data_dir).running or settings.port == 0:
        return
    if is_free(settings.port, settings.host):
        yield fine("port", f"{settings.port} of {settings.host} is free")
    else:
        mend = f"find who has it with 'ss -ltnp sport = :{settings.port}', or set MUSTER_PORT (0 takes a free one)"
        yield wrong("port", f"{settings.port} of {settings.host} is taken by another program", mend)


def keys(settings: Settings) -> Iterator[Finding]:
    """Whether the key that signs tokens is long enough and nobody else can read it."""
    path = settings.data_dir / SECRET_FILE
    if path.exists() and os.access(path, os.R_OK):
        yield from _kept(path)
    for name in (SECRET_FILE, INSTANCE_FILE):
        mode = stat.S_IMODE((settings.data_dir / name).stat().st_mode) if (settings.data_dir / name).exists() else 0
        if mode & 0o077:
            mend = f"chmod 600 {settings.data_dir / name}; who may have read it could sign: rotate the key"
            yield wrong("secret file", f"{name} can be read by others (mode {mode:o})", mend)


def _kept(path: Path) -> Iterator[Finding]:
    shortest = min(map(len, keys_of(path.read_text())), default=0)
    if shortest < _SHORTEST_KEY:
        mend = "replace it: docs/how-to/rotate-the-key.md; or delete the file, and a new one is made"
        yield wrong("key", f"a key in {path} has {shortest} characters, {_SHORTEST_KEY} are needed", mend)
    else:
        yield fine("key", f"kept in {path}")


def limits(open_files: int | None = None) -> Iterator[Finding]:
    """Whether a process may open enough files."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[0] if open_files is None else open_files
    if 0 <= most < _FEWEST_FILES:
        yield wrong("open files", f"a process may open {most}", f"ulimit -n {_FEWEST_FILES} or more (LimitNOFILE=)")
    else:
        yield fine("open files", f"a process may open {most}")


def time_zones(zones: tuple[str, ...] = _ZONES) -> Iterator[Finding]:
    """Whether offices' time zones are known."""
    unknown = []
    for name in zones:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            unknown.append(name)
    if unknown:
        yield wrong("time zones", f"{', '.join(unknown)} not known here", "install the package tzdata")
    else:
        yield fine("time zones", "known")


def public_address(settings: Settings) -> Iterator[Finding]:
    """Whether people reach Muster at an address that fits how they sign in."""
    address, given = urlsplit(settings.public_url), instance.read(settings.data_dir).get("address")
    if settings.oidc_issuer and (not settings.public_url or settings.public_url == given):
        mend = "set MUSTER_PUBLIC_URL to the address people type: docs/signing-in.md"
        yield wrong("public address", "not set, so the OpenID provider sends people to this machine's own", mend)
    elif address.scheme == "http" and address.hostname not in _AT_HOME:
        mend = "put TLS in front (deploy/proxy.md) and begin MUSTER_PUBLIC_URL with https:"
        yield watch("public address", f"{settings.public_url} is not encrypted: sessions can be read on the way", mend)
    elif address.scheme == "https":
        yield from certificate(str(address.hostname), address.port or 443)


def certificate(host: str, port: int, now: datetime | None = None) -> Iterator[Finding]:
    """Whether the certificate at the public address is one that browsers take, and for how long."""
    mend = f"see to the certificate of {host}: it must name this host and be signed by somebody browsers know"
    trusted = ssl.create_default_context()
    try:
        with (
            socket.create_connection((host, port), timeout=_SECONDS) as plain,
            trusted.wrap_socket(plain, server_hostname=host) as secure,
        ):
            told: Any = secure.getpeercert()
    except ssl.SSLCertVerificationError as error:
        yield wrong("certificate", f"{host}:{port}: {error.verify_message}", mend)
    except OSError as error:
        yield wrong("certificate", f"{host}:{port} does not answer with TLS ({type(error).__name__})", mend)
    else:
        ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(told["notAfter"]), UTC)
        left = ends - (now or real_now())
        yield watch("certificate", f"ends on {ends:%Y-%m-%d}", mend) if left < _SOON else fine("certificate", host)
