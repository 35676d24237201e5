"""Writing records through ingest, where the one log of everything is; notify keeps nothing of it before."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol
from urllib.parse import quote

import requests

from muster_shared import tracing
from muster_shared.auth import service_token
from muster_shared.logs import request_id
from muster_shared.problems import DataError, Problem, unavailable
from muster_shared.settings import Settings

_log = logging.getLogger(__name__)
_PATIENCE: Final = (2, 20)  # seconds to connect, and to answer
_POINTER_OF_RECORD: Final = "/records/0"
_TAKEN: Final = frozenset({200, 201})


@dataclass(frozen=True, slots=True)
class Answer:
    """What ingest answered."""

    status: int
    document: Mapping[str, Any]


class Asks(Protocol):
    """A way to ask ingest; raises ``requests.RequestException`` where it does not answer."""

    def __call__(self, method: str, path: str, *, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        """The answer to one request; ``path`` begins with a slash."""


class Taken(Exception):
    """A record that was to be written on a state of things meets another one there."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A record as ingest holds it."""

    revision: int
    fields: Mapping[str, Any]


def over_http(settings: Settings) -> Asks:
    """Asks ingest at its address, on connections that are kept."""
    http = requests.Session()
    http.trust_env = False  # services speak to one another without a proxy

    def ask(method: str, path: str, *, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        answer = http.request(
            method, f"{settings.ingest_url}{path}", data=body, headers=dict(headers), timeout=_PATIENCE
        )
        return Answer(answer.status_code, answer.json())

    return ask


@dataclass(frozen=True, slots=True)
class Records:
    """Records as notify writes and reads them at ingest, with a service's own token."""

    settings: Settings
    ask: Asks

    @classmethod
    def of(cls, settings: Settings) -> Records:
        """Through HTTP."""
        return cls(settings, over_http(settings))

    def write(self, office: str, record: Mapping[str, Any]) -> str:
        """Have one record of an office's taken in and return the receipt number.

        The same record sent again gives the first receipt again: the Idempotency-Key is made of what is sent.

        Raises:
            Taken: ``base_revision`` is not the record's revision any more.
            Problem: 503 ingest is away, with nothing written; 422 it refuses the record.
        """
        body = json.dumps({"office": office, "records": [record]}, sort_keys=True).encode()
        headers = {"Content-Type": "application/json", "Idempotency-Key": f"act-{hashlib.sha256(body).hexdigest()}"}
        path = "/ingest/v1/submissions"
        answer = self._ask("POST", path, body, headers, route=path)
        if answer.status in _TAKEN:
            return str(answer.document["receipt"])
        raise _refusal(answer)

    def stored(self, kind: str, key: str) -> Stored | None:
        """A record as it stands; None where there is none.

        Raises:
            Problem: 503, ingest is away.
        """
        path = f"/ingest/v1/records/{quote(kind)}/{quote(key)}"
        answer = self._ask("GET", path, None, {}, route="/ingest/v1/records/<kind>/<key>")
        if answer.status == 404:
            return None
        if answer.status != 200:
            raise _away(f"HTTP {answer.status}")
        return Stored(answer.document["revision"], answer.document["fields"])

    def _ask(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str], *, route: str) -> Answer:
        told = {
            **headers,
            "Authorization": f"Bearer {service_token(self.settings, 'notify')}",
            "X-Request-ID": request_id.get(),
        }
        try:
            with tracing.asking(method, route):
                answer = self.ask(method, path, body=body, headers={**told, **tracing.headers()})
        except (requests.RequestException, ValueError) as error:
            raise _away(type(error).__name__) from error
        if answer.status >= 500 or answer.status in {401, 403, 429}:
            raise _away(f"HTTP {answer.status}")
        return answer


def _away(reason: str) -> Problem:
    _log.warning("ingest did not take a record", extra={"reason": reason})
    return unavailable("what takes records in")


def _refusal(answer: Answer) -> Exception:
    errors = answer.document.get("errors", ())
    if answer.status == 422 and any(error.get("code") == "conflict" for error in errors):
        return Taken()
    if answer.status != 422:
        return _away(f"HTTP {answer.status}")
    return Problem(422, "rejected", "the record was not accepted; see errors", errors=[_error(one) for one in errors])


def _error(told: Mapping[str, Any]) -> DataError:
    """An error of ingest's as it concerns who asked notify: by the field, without the envelope around it."""
    pointer = str(told.get("pointer", "")).removeprefix(_POINTER_OF_RECORD)
    return DataError(told["code"], told["message"], told.get("field"), None, pointer, told.get("value"))
