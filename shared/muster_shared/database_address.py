"""Where a PostgreSQL is: one server, or several of which one is the primary and the others may become it."""

from __future__ import annotations

from typing import Final
from urllib.parse import SplitResult, parse_qsl, urlencode

from muster_shared.server_addresses import parts_of

_SCHEMES: Final = ("postgresql", "postgres", "postgresql+psycopg")
_DRIVER: Final = "postgresql+psycopg"
_PORT: Final = "5432"
_WRITES: Final = {"target_session_attrs": "read-write"}  # a standby answers too, and takes nothing


def sqlalchemy_url(text: str) -> str:
    """The address as SQLAlchemy and libpq both read it (libpq without the driver's name).

    ``postgresql://user:password@one:5432,two:5432/database`` is libpq's way to name several servers, which SQLAlchemy
    does not know: they move behind the question mark. Unless the address says otherwise, the one that takes writes
    is looked for.

    Raises:
        ValueError: it is no address of a PostgreSQL.
    """
    parts = parts_of(text)
    if parts.scheme not in _SCHEMES:
        raise ValueError(f"not an address Muster can use: it starts with {' or '.join(s + '://' for s in _SCHEMES)}")
    if "," not in parts.netloc:
        return f"{_DRIVER}://" + text.split("://", 1)[1]
    return _of_several(parts)


def _of_several(parts: SplitResult) -> str:
    login, at, servers = parts.netloc.rpartition("@")
    hosts, ports = zip(*(_host_and_port(server) for server in servers.split(",")), strict=True)
    if not all(hosts):
        raise ValueError("one of the servers has no name: write them like one:5432,two:5432")
    asked = {**_WRITES, **dict(parse_qsl(parts.query)), "host": ",".join(hosts), "port": ",".join(ports)}
    return f"{_DRIVER}://{login}{at}{parts.path}?{urlencode(asked, safe=',:')}"


def _host_and_port(server: str) -> tuple[str, str]:
    """``[::1]:5432`` or ``one:5432``, where the port may be left out."""
    host, _, port = server.rpartition(":") if not server.endswith("]") and ":" in server else (server, "", "")
    return host.strip("[]"), port or _PORT
