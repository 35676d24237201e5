"""The client side of the change log: pull what comes after a cursor.

A reader keeps its cursor in the same transaction as what it derives, so it sees each change exactly once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import requests
from marshmallow import EXCLUDE, Schema, ValidationError, fields, post_load

from muster_shared import erasing, logs, tracing
from muster_shared.auth import service_token
from muster_shared.erasing import Erasure
from muster_shared.settings import Settings

BATCH = 1000
PATIENCE = (2.0, 30.0)  # seconds to connect, and between two bytes of the answer


class LogUnreachable(Exception):
    """Ingest did not answer; the reader tries again at its next turn."""


@dataclass(frozen=True, slots=True)
class Source:
    """The submission a change came from, and where in it.

    ``cells`` leads from each field to its cell, as in ``{"amount": "D14", "areas/1/percent": "I15"}``; of JSON there
    is the ``pointer`` only.
    """

    submission_id: str
    sha256: str
    received_at: datetime
    pointer: str | None = None
    sheet: str | None = None
    row: int | None = None
    cells: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    """One new revision of a record; ``fields`` are plain JSON, money as decimal strings.

    ``by`` is who made it, empty where an older log does not say; ``comment`` is that of the step of the endorsement
    workflow it came from.
    """

    position: int
    kind: str
    key: str
    revision: int
    action: str
    office: str
    receipt: str
    occurred_at: datetime
    fields: Mapping[str, Any]
    source: Source
    by: str = ""
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A change that lacks what every version of it has; ``kind`` and ``key`` are empty where it does not say them.

    ``wrong`` names the fields that are missing or not as they should be.
    """

    position: int
    kind: str
    key: str
    wrong: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """A run of changes after a cursor; ``epoch`` differs once the log was restored; ``last`` is its newest position.

    ``erasing``: people are to be erased, and the log may have been rewritten for it; see ``ChangeLog.erasures``.
    ``unreadable`` are changes of the same run that a reader sets aside, see ``set_aside``.
    """

    epoch: str
    items: tuple[Change, ...]
    last: int
    erasing: bool = False
    unreadable: tuple[Unreadable, ...] = ()

    @property
    def size(self) -> int:
        """How many changes the run has, readable or not."""
        return len(self.items) + len(self.unreadable)

    @property
    def end(self) -> int | None:
        """The position of its newest change; None where there is none."""
        last = (change.position for change in self.items[-1:])
        return max([*last, *(change.position for change in self.unreadable[-1:])], default=None)


class _SourceSchema(Schema):
    class Meta:
        unknown = EXCLUDE

    submission_id = fields.String(required=True)
    sha256 = fields.String(required=True)
    received_at = fields.AwareDateTime(required=True)
    pointer = fields.String(load_default=None, allow_none=True)
    sheet = fields.String(load_default=None, allow_none=True)
    row = fields.Integer(load_default=None, allow_none=True)
    cells = fields.Dict(load_default=dict)

    @post_load
    def _make(self, values: dict[str, Any], **_: Any) -> Source:
        return Source(**values)


class _ChangeSchema(Schema):
    """Tolerant on purpose: a newer ingest may say more."""

    class Meta:
        unknown = EXCLUDE

    position = fields.Integer(required=True)
    kind = fields.String(required=True)
    key = fields.String(required=True)
    revision = fields.Integer(required=True)
    action = fields.String(required=True)
    office = fields.String(required=True)
    receipt = fields.String(required=True)
    occurred_at = fields.AwareDateTime(required=True)
    by = fields.String(load_default="")
    comment = fields.String(load_default=None, allow_none=True)
    fields_ = fields.Dict(required=True, data_key="fields")
    source = fields.Nested(_SourceSchema, required=True)

    @post_load
    def _make(self, values: dict[str, Any], **_: Any) -> Change:
        return Change(fields=values.pop("fields_"), **values)


_CHANGE = _ChangeSchema()
_TEXTS: Final = ("kind", "key", "action", "office", "receipt")


def _plainly(item: Any) -> Change | None:
    """A change that is in every way as it should be, as the schema reads it but ten times as fast; else None."""
    try:
        told = {name: item[name] for name in _TEXTS}
        change = Change(
            position=item["position"],
            revision=item["revision"],
            occurred_at=datetime.fromisoformat(item["occurred_at"]),
            fields=item["fields"],
            source=_plain_source(item["source"]),
            by=item.get("by", ""),
            comment=item.get("comment"),
            **told,
        )
    except (AttributeError, KeyError, TypeError, ValueError):
        return None
    is_plain = (
        type(change.position) is int
        and type(change.revision) is int
        and change.occurred_at.tzinfo is not None
        and type(change.fields) is dict
        and all(type(said) is str for said in (*told.values(), change.by))
        and (change.comment is None or type(change.comment) is str)
    )
    return change if is_plain else None


def _plain_source(item: Any) -> Source:
    """Where a change came from.

    Raises:
        LookupError, TypeError, ValueError: something in it is not as it should be.
    """
    source = Source(
        submission_id=item["submission_id"],
        sha256=item["sha256"],
        received_at=datetime.fromisoformat(item["received_at"]),
        pointer=item.get("pointer"),
        sheet=item.get("sheet"),
        row=item.get("row"),
        cells=item.get("cells", {}),
    )
    texts = (source.submission_id, source.sha256)
    maybe = ((source.pointer, str), (source.sheet, str), (source.row, int))
    is_plain = (
        all(type(said) is str for said in texts)
        and all(said is None or type(said) is wanted for said, wanted in maybe)
        and source.received_at.tzinfo is not None
        and type(source.cells) is dict
    )
    if not is_plain:
        raise ValueError("not a plain source")
    return source


class ChangeLog:
    """Reads ingest's change log over HTTP with a service's own credentials; ``patience`` is as for ``PATIENCE``."""

    def __init__(self, settings: Settings, service: str, *, patience: tuple[float, float] = PATIENCE) -> None:
        self._settings = settings
        self._service = service
        self._patience = patience
        self._http = requests.Session()

    def after(self, position: int, *, limit: int = BATCH) -> Page:
        """The changes after a position, oldest first.

        Raises:
            LogUnreachable: ingest is away or does not answer as agreed.
        """
        try:
            return read_page(self._ask("GET", "changes", params={"after": position, "limit": limit}).json())
        except ValueError as error:
            raise LogUnreachable(type(error).__name__) from error

    def erasures(self) -> list[Erasure]:
        """Whom this service has to erase.

        Raises:
            LogUnreachable: as above.
        """
        try:
            return [erasing.of_stored(one) for one in self._ask("GET", "erasures").json()["items"]]
        except (ValueError, KeyError) as error:
            raise LogUnreachable(type(error).__name__) from error

    def tell_erased(self, erasure_id: str, touched: Mapping[str, int]) -> None:
        """Say that somebody is erased here, and how many rows of each table named them.

        Raises:
            LogUnreachable: as above.
        """
        done = {"touched": dict(touched)}
        self._ask("POST", f"erasures/{erasure_id}/done", route="erasures/<erasure_id>/done", json=done)

    def _ask(self, method: str, path: str, *, route: str = "", **options: Any) -> requests.Response:
        token = service_token(self._settings, self._service)
        headers = {"Authorization": f"Bearer {token}", "X-Request-ID": logs.request_id.get()}
        address = f"{self._settings.ingest_url}/ingest/v1/{path}"
        try:
            with tracing.asking(method, f"/ingest/v1/{route or path}"):
                headers |= tracing.headers()
                answer = self._http.request(method, address, headers=headers, timeout=self._patience, **options)
                answer.raise_for_status()
        except requests.RequestException as error:
            raise LogUnreachable(type(error).__name__) from error
        return answer


def read_page(document: Mapping[str, Any]) -> Page:
    """A page from its JSON; a change in it that cannot be read does not keep the others from being read.

    Raises:
        marshmallow.ValidationError: a change does not even say its position.
    """
    read = [_read(item) for item in document["items"]]
    return Page(
        epoch=document["epoch"],
        items=tuple(one for one in read if isinstance(one, Change)),
        last=document["last"],
        erasing=bool(document.get("erasing")),
        unreadable=tuple(one for one in read if isinstance(one, Unreadable)),
    )


def _read(item: Mapping[str, Any]) -> Change | Unreadable:
    if plain := _plainly(item):
        return plain
    try:
        change: Change = _CHANGE.load(item)
    except ValidationError as error:
        if not isinstance(error.messages, dict) or "position" in error.messages or "_schema" in error.messages:
            raise
        return Unreadable(int(item["position"]), _text(item, "kind"), _text(item, "key"), tuple(sorted(error.messages)))
    return change


def _text(item: Mapping[str, Any], name: str) -> str:
    said = item.get(name)
    return said if isinstance(said, str) else ""
