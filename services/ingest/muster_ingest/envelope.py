"""From a JSON document to the records of a submission, with every error and where it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError

from muster_ingest.drafts import Draft, Drafts, InDocument, name_in
from muster_ingest.kinds import KINDS
from muster_ingest.kinds.kind import Fields, Kind, blank
from muster_ingest.kinds.refusals import Coded, shown
from muster_ingest.reading import NotANumber, escape
from muster_shared.problems import DataError

MOST_RECORDS = 20_000
MOST_ERRORS = 10_000
_OWN_FIELDS = ("kind", "base_revision", "action")
_ACTIONS = ("upsert", "withdraw")


@dataclass(slots=True)
class Envelope:
    """What an office sent: its records as far as they can be read, and what is wrong with them.

    ``errors`` holds the first ``MOST_ERRORS``; ``found`` counts them all.
    """

    office: str | None = None
    note: str | None = None
    count: int = 0
    drafts: Drafts = field(default_factory=Drafts)
    errors: list[DataError] = field(default_factory=list)
    found: int = 0
    remarks: list[str] = field(default_factory=list)

    def report(self, error: DataError) -> None:
        """Add an error."""
        self.found += 1
        if len(self.errors) < MOST_ERRORS:
            self.errors.append(error)


def open_envelope(document: Any) -> Envelope:
    """Read an envelope ``{"office", "note", "records"}``; what cannot be read is an error, never an exception."""
    envelope = Envelope()
    if not isinstance(document, dict):
        message = "the document is not an object: send {'office': ..., 'records': [...]}"
        envelope.report(DataError("wrong_type", message, pointer=""))
        return envelope
    for error in _unknown_names(document):
        envelope.report(error)
    envelope.office = _text(envelope, document, "office", required=True)
    envelope.note = _text(envelope, document, "note", required=False)
    for index, record in enumerate(_records(envelope, document)):
        _read_record(envelope, index, record)
    return envelope


def _unknown_names(document: Mapping[str, Any]) -> Iterator[DataError]:
    for name in document:
        if name not in {"office", "note", "records"}:
            message = f"'{name[:80]}' is not a field of an envelope: it has office, note and records"
            yield DataError("unknown_field", message, name[:80], None, f"/{escape(name)}")


def _text(envelope: Envelope, document: Mapping[str, Any], name: str, *, required: bool) -> str | None:
    value = document.get(name)
    if isinstance(value, str) and value.strip():
        return value.strip()
    if value is None or value == "":
        if required:
            envelope.report(DataError("required", f"{name} is required", name, None, f"/{name}"))
    else:
        envelope.report(DataError("wrong_type", f"{name} is not text", name, None, f"/{name}"))
    return None


def _records(envelope: Envelope, document: Mapping[str, Any]) -> list[Any]:
    records = document.get("records")
    if not isinstance(records, list) or not records:
        message = "records is a list of one or more records"
        envelope.report(DataError("required", message, "records", None, "/records"))
        return []
    if len(records) > MOST_RECORDS:
        message = f"{len(records)} records are too many for one submission: at most {MOST_RECORDS}"
        envelope.report(DataError("too_many", message, "records", None, "/records"))
        return []
    envelope.count = len(records)
    return records


def _read_record(envelope: Envelope, index: int, record: Any) -> None:
    at = f"/records/{index}"
    if not isinstance(record, dict):
        message = f"{shown(record)} is not a record: write it in braces"
        envelope.report(DataError("wrong_type", message, None, index, at))
        return
    kind = _kind(envelope, index, record)
    action = _action(envelope, index, record, kind)
    base_revision = _base_revision(envelope, index, record)
    if kind is None:
        return
    own = _OWN_FIELDS if record.get("action") in _ACTIONS or "action" not in kind.schema.fields else _OWN_FIELDS[:2]
    sent = {name: value for name, value in record.items() if name not in own}
    fields, wrong = _load(envelope, kind, index, action, sent)
    envelope.drafts.append(Draft(kind, action, fields, (), base_revision, InDocument(index), wrong))


def _load(
    envelope: Envelope, kind: Kind, index: int, action: str, sent: Mapping[str, Any]
) -> tuple[Fields, frozenset[str]]:
    """The record's fields, with those that are wrong left blank, and their names."""
    schema = kind.schema if action == "upsert" else _key_schema(kind.name)
    try:
        return schema.load(sent), frozenset()
    except ValidationError as error:
        messages, valid = error.messages_dict, error.valid_data
    for found in _data_errors(kind, index, messages, sent):
        envelope.report(found)
    wrong = frozenset(str(name) for name in messages if name in schema.fields)
    known = valid if isinstance(valid, dict) else {}
    return {**blank(schema), **{name: known[name] for name in known if name not in wrong}}, wrong


def _kind(envelope: Envelope, index: int, record: Mapping[str, Any]) -> Kind | None:
    name = record.get("kind")
    if isinstance(name, str) and name in KINDS:
        return KINDS[name]
    match = get_close_matches(str(name), KINDS, n=1)
    hint = f"did you mean '{match[0]}'?" if match else f"one of {', '.join(KINDS)}"
    message = "kind is required: " if name is None else f"{shown(name)} is not a kind: "
    envelope.report(DataError("unknown_kind", message + hint, "kind", index, f"/records/{index}/kind"))
    return None


def _action(envelope: Envelope, index: int, record: Mapping[str, Any], kind: Kind | None) -> str:
    """What to do with the record; a follow-up has an ``action`` of its own, which goes with an upsert."""
    action = record.get("action", "upsert")
    if kind and "action" in kind.schema.fields and action not in _ACTIONS:
        return "upsert"
    if action not in _ACTIONS:
        message = f"{shown(action)} is not an action: 'upsert' or 'withdraw'"
        envelope.report(DataError("not_in_list", message, "action", index, f"/records/{index}/action"))
        return "upsert"
    return str(action)


def _base_revision(envelope: Envelope, index: int, record: Mapping[str, Any]) -> int | None:
    value = record.get("base_revision")
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and value >= 0):
        return value
    message = f"{shown(value)} is not a revision: give the whole number of the revision you changed"
    place = f"/records/{index}/base_revision"
    envelope.report(DataError("wrong_type", message, "base_revision", index, place))
    return None


@cache
def _key_schema(kind: str) -> Schema:
    return type(KINDS[kind].schema)(only=KINDS[kind].key, unknown=EXCLUDE)


def _data_errors(kind: Kind, index: int, messages: Any, sent: Mapping[str, Any]) -> Iterator[DataError]:
    for path, message in _flat(messages, ()):
        code = message.code if isinstance(message, Coded) else "not_valid"
        value = _value_at(sent, path)
        text = _unknown(kind, path) if code == "unknown_field" else str(message)
        yield InDocument(index).error(path, code, f"{name_in(path)}: {text}", value)


def _flat(messages: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if isinstance(messages, dict):
        for part, inner in messages.items():
            yield from _flat(inner, path if part == "_schema" else (*path, part))
    elif isinstance(messages, list):
        for inner in messages:
            yield from _flat(inner, path)
    else:
        yield path, messages


def _unknown(kind: Kind, path: tuple[str | int, ...]) -> str:
    known = list(kind.schema.fields) if len(path) == 1 else []
    match = get_close_matches(str(path[-1]), known, n=1)
    place = f"a field of {kind.name}" if known else "a field here"
    hint = f"did you mean '{match[0]}'?" if match else f"it has {', '.join(known)}" if known else "leave it out"
    return f"is not {place}: {hint}"


def _value_at(sent: Any, path: tuple[str | int, ...]) -> Any:
    for part in path:
        try:
            sent = sent[part]
        except (KeyError, IndexError, TypeError):
            return None
    return str(sent)[:200] if isinstance(sent, str | int | float | NotANumber) or hasattr(sent, "is_finite") else None
