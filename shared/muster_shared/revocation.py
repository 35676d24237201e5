"""What opens nothing any more: tokens taken back one by one, and everything a person held before a time.

Ingest keeps it; every other service asks ingest for what is new, at most twice a second and only while it is used,
so that a token or a person taken back is refused everywhere within a second. While ingest is away, what was last
known holds; a process that never knew anything yet refuses rather than guesses.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

import requests

from muster_shared import tracing
from muster_shared.auth import Credential, InvalidToken, service_token
from muster_shared.problems import unavailable
from muster_shared.settings import Settings

_FRESH_SECONDS: Final = 0.5
Ask = Callable[[int], "Revoked | None"]


class NotToldNow(Exception):
    """Whoever knows what was taken back cannot be asked now."""


@dataclass(frozen=True, slots=True)
class Gone:
    """Somebody who was erased, known again by the SHA-256 of a salt and their address; what they held is void."""

    salt: str
    digest: str
    before: float

    def held(self, credential: Credential) -> bool:
        """Whether a credential was theirs, from before they were erased."""
        if credential.issued_at > self.before:
            return False
        return hashlib.sha256(f"{self.salt}{credential.caller.name.lower()}".encode()).hexdigest() == self.digest


@dataclass(frozen=True, slots=True)
class Revoked:
    """What was taken back as of a ``number``, which grows with each.

    ``people`` are addresses in small letters, each with the time (seconds since 1970) before which what was issued
    to them is void.
    """

    number: int = 0
    tokens: frozenset[str] = frozenset()
    people: Mapping[str, float] = field(default_factory=dict)
    erased: tuple[Gone, ...] = ()

    def refuse(self, credential: Credential) -> None:
        """Raise ``InvalidToken`` where a credential was taken back."""
        if credential.token_id in self.tokens:
            raise InvalidToken("the token was taken back: ask for a new one")
        if credential.issued_at <= self.people.get(credential.caller.name.lower(), -1.0):
            raise InvalidToken("you were signed out everywhere: sign in again")
        if any(one.held(credential) for one in self.erased):
            raise InvalidToken("the token was taken back: ask for a new one")

    def document(self) -> dict[str, Any]:
        """As JSON."""
        erased = [asdict(one) for one in self.erased]
        return {"number": self.number, "tokens": sorted(self.tokens), "people": dict(self.people), "erased": erased}

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Revoked:
        """From its JSON."""
        erased = tuple(Gone(**one) for one in document.get("erased", ()))
        return cls(document["number"], frozenset(document["tokens"]), dict(document["people"]), erased)


class Revocation:
    """What one process knows of it; ``ask`` is given the number known and returns None where nothing is new."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._lock = threading.Lock()
        self._known: Revoked | None = None
        self._asked_at = -_FRESH_SECONDS

    def refuse(self, credential: Credential) -> None:
        """Let a credential pass or raise.

        Raises:
            InvalidToken: it was taken back.
            Problem: 503, nothing is known yet and ingest cannot be asked.
        """
        self._current().refuse(credential)

    def _current(self) -> Revoked:
        if time.monotonic() - self._asked_at >= _FRESH_SECONDS:
            self._renew()
        if self._known is None:
            raise unavailable("what knows which tokens were taken back")
        return self._known

    def _renew(self) -> None:
        """One thread asks; where something is known already, the others go on with it meanwhile."""
        if not self._lock.acquire(blocking=self._known is None):
            return
        try:
            if time.monotonic() - self._asked_at < _FRESH_SECONDS:
                return
            number = self._known.number if self._known else -1
            self._known = self._ask(number) or self._known
        except NotToldNow:
            pass
        finally:
            self._asked_at = time.monotonic()
            self._lock.release()


def asked_of_ingest(settings: Settings, service: str) -> Revocation:
    """What a service other than ingest goes by; without an ingest nothing was ever taken back."""
    if not settings.ingest_url:
        return Revocation(lambda _number: Revoked())
    http = requests.Session()

    def ask(number: int) -> Revoked | None:
        try:
            answer = http.get(
                f"{settings.ingest_url}/ingest/v1/revoked",
                params={"known": number},
                headers={"Authorization": f"Bearer {service_token(settings, service)}", **tracing.headers()},
                timeout=(1, 2),
            )
            answer.raise_for_status()
            return Revoked.of(answer.json()) if answer.status_code == 200 else None
        except (requests.RequestException, ValueError, KeyError) as error:
            raise NotToldNow(type(error).__name__) from error

    return Revocation(ask)
