"""Settings from environment variables ``MUSTER_*``, completed by what ``muster up`` wrote into the data folder.

A secret may stand in a file instead, which ``MUSTER_<NAME>_FILE`` names. An unknown ``MUSTER_*`` name or a bad value
stops the start with one line that names it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from pathlib import Path
from typing import Any

from muster_shared.database_address import sqlalchemy_url
from muster_shared.secret_files import kept_secret, keys_of, long_keys, secret_in
from muster_shared.setting_values import broker, count, issuer, level, moment, seconds, times, url, whole, yes_or_no

SERVICES = ("ingest", "report", "notify")
PREFIX = "MUSTER_"
IN_FILE = "_FILE"
INSTANCE_FILE = "instance.json"
SECRET_FILE = "secret.key"  # noqa: S105 - the name of a file, not a secret


class SettingsError(Exception):
    """A setting is unknown, missing or wrong; the message is one line that names it and says what would be right."""


def _setting(default: Any, description: str, *, secret: bool = False) -> Any:
    return field(default=default, metadata={"description": description, "secret": secret})


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a process of Muster is told from outside; each field is ``MUSTER_<FIELD NAME>``."""

    data_dir: Path = _setting(Path(".muster"), "folder that holds all state of the embedded default")
    host: str = _setting("127.0.0.1", "address the one origin listens on")
    port: int = _setting(8000, "port of the one origin; 0 takes a free one")
    public_url: str = _setting("", "address people reach Muster at, printed in mails")
    ingest_database_url: str = _setting("", "PostgreSQL of ingest; unset: embedded", secret=True)
    report_database_url: str = _setting("", "PostgreSQL of report; unset: embedded", secret=True)
    notify_database_url: str = _setting("", "PostgreSQL of notify; unset: embedded", secret=True)
    redis_url: str = _setting("", "Redis or Valkey, the broker of tasks; unset: embedded", secret=True)
    object_store_url: str = _setting("", "file:///folder or s3://bucket; unset: a folder of the data folder")
    smtp_url: str = _setting("", "smtp://[user:password@]host:port; unset: the loopback mail catcher", secret=True)
    mail_from: str = _setting("muster@example.org", "sender of every mail")
    ingest_url: str = _setting("", "where other services reach ingest; unset: embedded")
    secret_key: str = _setting("", "keys of tokens, newest first; unset: kept in the data folder", secret=True)
    oidc_issuer: str = _setting("", "address of an OpenID provider, by which people sign in then")
    oidc_client_id: str = _setting("", "what Muster is called at the OpenID provider")
    oidc_client_secret: str = _setting("", "secret that Muster has with the OpenID provider", secret=True)
    clock: datetime | None = _setting(None, "an ISO time at which the clock starts and stands still")
    max_body_mb: int = _setting(40, "largest accepted body of a request, in megabytes")
    rows_at_once: int = _setting(12_000, "a workbook with more rows is worked on in the background")
    quiet_seconds: float = _setting(1.0, "a report is regenerated when no change came for this long")
    quiet_cap_seconds: float = _setting(10.0, "or when its first unapplied change is this old")
    lease_seconds: float = _setting(60.0, "work claimed by a process that died is free again after this long")
    storm_factor: float = _setting(5.0, "reminders are held back on a day with more than so many times the usual")
    storm_floor: int = _setting(1000, "as many reminders a day are never held back")
    mails_per_hour: int = _setting(6, "more mails than this a person does not get within an hour; they wait")
    chat_private: str = _setting("no", "yes: chat channels may be at http and at private addresses")
    facts_held: int = _setting(100_000, "revisions of records that report's worker keeps in memory; 0 keeps none")
    rate_per_minute: int = _setting(30_000, "requests a minute with one token or session; 0: any number")
    rate_unknown_per_minute: int = _setting(1200, "requests a minute from one address without a valid token; 0: any")
    proxies: int = _setting(0, "how many proxies stand in front of the services and tell the client's address")
    statement_seconds: float = _setting(30.0, "longest statement in a database for a request; 0: any")
    lock_seconds: float = _setting(15.0, "longest wait for a lock in a database for a request; 0: any")
    worker_statement_seconds: float = _setting(900.0, "longest statement in a database for a worker; 0: any")
    worker_lock_seconds: float = _setting(60.0, "longest wait for a lock in a database for a worker; 0: any")
    keep_mails_days: int = _setting(400, "what mails told is forgotten after so many days; 0 keeps it")
    keep_logs_days: int = _setting(90, "log files of muster up are deleted after so many days; 0 keeps them")
    keep_issues_days: int = _setting(30, "older issues of reports are thinned to the last of each month; 0 keeps them")
    keep_idempotency_days: int = _setting(400, "idempotency keys are forgotten after so many days; 0 keeps them")
    keep_receipts_days: int = _setting(400, "lists of receipts are read from the log after so many days; 0 keeps them")
    keep_audit_days: int = _setting(0, "entries of the audit trails are forgotten after so many days; 0 keeps them")
    compact_log_days: int = _setting(400, "fields of revisions are packed so many days after a newer one; 0: never")
    log_level: str = _setting("INFO", "DEBUG, INFO, WARNING or ERROR")

    def database_url(self, service: str) -> str:
        """SQLAlchemy URL of one service's database."""
        return self._needed(f"{service}_database_url")

    def broker_url(self) -> str:
        """URL of the broker of tasks."""
        return self._needed("redis_url")

    def _needed(self, name: str) -> str:
        value: str = getattr(self, name)
        if not value:
            raise SettingsError(
                f"{PREFIX}{name.upper()} is not set and {self.data_dir} holds no instance: "
                f"run 'muster up' there first, or set it"
            )
        return value

    def base_url(self) -> str:
        """Address of the one origin, without a slash at its end."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    def signing_key(self) -> str:
        """The newest key, which signs."""
        return self.signing_keys()[0]

    def signing_keys(self) -> tuple[str, ...]:
        """Every key that verifies, newest first; one is made per data folder (mode 0600) where none is set."""
        return keys_of(self.secret_key or kept_secret(self.data_dir / SECRET_FILE))


SECRETS = tuple(f.name for f in fields(Settings) if f.metadata["secret"])


def is_told(environ: Mapping[str, str], name: str) -> bool:
    """Whether an environment says a setting, outright or by the file of a secret."""
    variable = PREFIX + name.upper()
    return bool(environ.get(variable) or (name in SECRETS and environ.get(variable + IN_FILE)))


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the environment, then the data folder's instance file for what the environment leaves open.

    Raises:
        SettingsError: a ``MUSTER_*`` name is unknown or a value is not what it should be.
    """
    given = _given(os.environ if environ is None else environ)
    data_dir = Path(given.get("data_dir", ".muster")).absolute()
    merged = {**_instance(data_dir), **given, "data_dir": str(data_dir)}
    told = Settings(**{name: _parse(name, text) for name, text in merged.items()})
    if told.oidc_issuer and not (told.oidc_client_id and told.oidc_client_secret):
        raise SettingsError("MUSTER_OIDC_ISSUER needs MUSTER_OIDC_CLIENT_ID and MUSTER_OIDC_CLIENT_SECRET")
    return told


def _given(environ: Mapping[str, str]) -> dict[str, str]:
    known = {f.name for f in fields(Settings)}
    in_files = {PREFIX + name.upper() + IN_FILE: name for name in SECRETS}
    names = {name: name.removeprefix(PREFIX).lower() for name in environ.keys() - in_files if name.startswith(PREFIX)}
    unknown = sorted(name for name, short in names.items() if short not in known)
    if unknown:
        choices = ", ".join(PREFIX + name.upper() for name in sorted(known))
        raise SettingsError(f"unknown setting {unknown[0]}; known are {choices}")
    outright = {short: environ[name] for name, short in names.items() if environ[name] != ""}
    return {**outright, **_given_in_files({name: in_files[name] for name in in_files if environ.get(name)}, environ)}


def _given_in_files(named: Mapping[str, str], environ: Mapping[str, str]) -> dict[str, str]:
    """The texts of secrets by setting; ``named`` maps the variables that name their files to settings."""
    found = {}
    for variable, short in named.items():
        if environ.get(variable.removesuffix(IN_FILE)):
            raise SettingsError(f"{variable} and {variable.removesuffix(IN_FILE)} are both set: leave one out")
        try:
            found[short] = secret_in(Path(environ[variable]))
        except ValueError as error:
            raise SettingsError(f"{variable}: {error}") from error
    return found


def _instance(data_dir: Path) -> dict[str, str]:
    try:
        written = json.loads((data_dir / INSTANCE_FILE).read_text())
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, ValueError) as error:
        raise SettingsError(f"{data_dir / INSTANCE_FILE} cannot be read: {type(error).__name__}") from error
    return {str(name): str(value) for name, value in written["settings"].items()}


def _parse(name: str, text: str) -> Any:
    try:
        return _PARSERS.get(name, _text)(text.strip())
    except ValueError as error:
        raise SettingsError(f"{PREFIX}{name.upper()}: {error}") from error


def _text(text: str) -> str:
    return text


_PARSERS: dict[str, Any] = {
    "data_dir": Path,
    "port": whole(0, 65535, "a port"),
    "public_url": url("http", "https"),
    "ingest_url": url("http", "https"),
    "ingest_database_url": sqlalchemy_url,
    "report_database_url": sqlalchemy_url,
    "notify_database_url": sqlalchemy_url,
    "redis_url": broker,
    "object_store_url": url("file", "s3"),
    "smtp_url": url("smtp", "smtps"),
    "oidc_issuer": issuer,
    "secret_key": long_keys,
    "clock": moment,
    "max_body_mb": whole(1, 1024, "a size", "whole megabytes"),
    "rows_at_once": count,
    "facts_held": count,
    "quiet_seconds": seconds,
    "quiet_cap_seconds": seconds,
    "lease_seconds": seconds,
    "storm_factor": times,
    "storm_floor": count,
    "mails_per_hour": whole(1, 1000, "a number of mails"),
    "chat_private": yes_or_no,
    "keep_mails_days": count,
    "keep_logs_days": count,
    "keep_issues_days": count,
    "keep_idempotency_days": count,
    "keep_receipts_days": count,
    "keep_audit_days": count,
    "compact_log_days": count,
    "rate_per_minute": count,
    "rate_unknown_per_minute": count,
    "proxies": count,
    "statement_seconds": seconds,
    "lock_seconds": seconds,
    "worker_statement_seconds": seconds,
    "worker_lock_seconds": seconds,
    "log_level": level,
}
