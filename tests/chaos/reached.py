"""An instance as its users and its administrator meet it, wherever its processes run."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import psycopg
import requests

from muster_shared.auth import Caller, issue
from muster_shared.settings import Settings

PAGE = 500


class Moved(Protocol):
    """A clock that stands still until it is moved."""

    def now(self) -> datetime: ...

    def advance(self, span: timedelta) -> datetime: ...


class Reached(ABC):
    """What clients, watchers and invariants need of an instance."""

    @property
    @abstractmethod
    def address(self) -> str:
        """Its one origin, without a slash at the end."""

    @property
    @abstractmethod
    def known(self) -> Settings:
        """The settings of its processes."""

    @property
    @abstractmethod
    def clock(self) -> Moved:
        """The clock of all its processes."""

    @property
    @abstractmethod
    def mail_folder(self) -> Path:
        """Where mails arrive."""

    def now(self) -> datetime:
        return self.clock.now()

    def token(self) -> str:
        return issue(self.known, Caller(name="chaos@example.org", role="admin"), lifetime=timedelta(hours=1))

    def database(self, service: str) -> psycopg.Connection:
        """A connection of the test's own to a service's database, in autocommit."""
        url = self.known.database_url(service).replace("+psycopg", "")
        return psycopg.connect(url, autocommit=True, connect_timeout=5)

    def ask(self, path: str, **params: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.token()}"}
        return requests.get(self.address + path, params=params, headers=headers, timeout=(5, 60))

    def items(self, path: str, **params: Any) -> Iterator[dict[str, Any]]:
        """Every item of a paged list."""
        after: dict[str, str] = {}
        while True:
            page = self.ask(path, limit=PAGE, **params, **after).json()
            yield from page["items"]
            if page.get("next") is None:
                return
            after = {"after": page["next"]}
