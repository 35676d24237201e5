"""The audit trail over HTTP: searched, exported, verified by administrators; the same in every service."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any, Final

from flask import Response, jsonify
from flask.views import MethodView
from marshmallow import RAISE, Schema, fields, validate
from sqlalchemy import RowMapping, Select

from muster_shared import audit, audit_verifying
from muster_shared.audit import ENTRY
from muster_shared.audit_search import matching
from muster_shared.blueprint import Blueprint
from muster_shared.problems import forbidden
from muster_shared.web import caller, context

_COLUMNS: Final = ("number", "at", "actor", "role", "action", "outcome", "subject", "address", "request_id", "hash")
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


class AuditQuery(Schema):
    """Filters: a person (who did it, or whom it is about), a project, an action, a time; ``after`` is a number."""

    class Meta:  # noqa: D106 - marshmallow's own word
        unknown = RAISE

    person = fields.String(load_default=None)
    project_code = fields.String(load_default=None)
    action = fields.String(load_default=None)
    outcome = fields.String(load_default=None, validate=validate.OneOf(["done", "refused"]))
    since = fields.AwareDateTime(load_default=None)
    until = fields.AwareDateTime(load_default=None)
    after = fields.Integer(load_default=0)
    limit = fields.Integer(load_default=100, validate=validate.Range(1, 10_000))


class VerificationQuery(Schema):
    """``head``: a hash that the chain ended in earlier, which it has to hold still."""

    class Meta:  # noqa: D106 - marshmallow's own word
        unknown = RAISE

    head = fields.String(load_default=None, validate=validate.Regexp(r"^[0-9a-f]{64}$"))


class AuditEntry(Schema):
    """Who did what, and how it ended."""

    number = fields.Integer()
    at = fields.AwareDateTime()
    actor = fields.String()
    role = fields.String()
    action = fields.String()
    outcome = fields.String()
    subject = fields.Dict()
    address = fields.String()
    request_id = fields.String()
    hash = fields.String()


class AuditPage(Schema):
    """Entries in their order; ``next`` is the ``after`` of the page behind."""

    items_ = fields.List(fields.Nested(AuditEntry), data_key="items", attribute="items")
    next = fields.Integer(allow_none=True)


class AuditVerified(Schema):
    """How the chain stands."""

    entries = fields.Integer()
    head = fields.String()
    unsealed = fields.Integer()
    broken_at = fields.Integer(allow_none=True)
    erased = fields.Integer()
    forgotten = fields.Integer()


def add_to(blueprint: Blueprint) -> None:
    """Give a service the routes of its audit trail."""

    @blueprint.route("/audit")
    class Audit(MethodView):
        """The audit trail."""

        @blueprint.arguments(AuditQuery, location="query")
        @blueprint.response(200, AuditPage)
        def get(self, query: dict[str, Any]) -> Response:
            """Entries, oldest first."""
            rows = _found(query)
            items = [audit.document(row) for row in rows[: query["limit"]]]
            return jsonify(items=items, next=items[-1]["number"] if len(rows) > query["limit"] else None)

    @blueprint.route("/audit.csv")
    class AuditAsCsv(MethodView):
        """The audit trail as a file."""

        @blueprint.arguments(AuditQuery, location="query")
        @blueprint.response(200, {"type": "string", "format": "binary"}, content_type="text/csv")
        def get(self, query: dict[str, Any]) -> Response:
            """The same entries as CSV."""
            response = Response(_csv(_found(query)[: query["limit"]]), content_type="text/csv; charset=utf-8")
            response.headers.set("Content-Disposition", "attachment", filename="audit.csv")
            return response

    @blueprint.route("/audit/verification")
    class AuditVerification(MethodView):
        """The chain of the audit trail."""

        @blueprint.arguments(VerificationQuery, location="query")
        @blueprint.response(200, AuditVerified)
        def get(self, query: dict[str, Any]) -> Response:
            """Every hash worked out again."""
            _only_administrators()
            audit.seal(context().sessions)
            with context().sessions() as session:
                return jsonify(asdict(audit_verifying.verify(session, query["head"])))


def _found(query: dict[str, Any]) -> list[RowMapping]:
    _only_administrators()
    audit.seal(context().sessions)
    with context().sessions() as session:
        return list(session.execute(_filtered(query)).mappings())


def _filtered(query: dict[str, Any]) -> Select[Any]:
    found = matching(query).where(ENTRY.c.number > query["after"])
    return found.order_by(ENTRY.c.number).limit(query["limit"] + 1)


def _only_administrators() -> None:
    if caller().role != "admin":
        raise forbidden("the audit trail is the administrators'")


def _csv(rows: Iterable[RowMapping]) -> str:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    for row in rows:
        told = {**audit.document(row), "subject": json.dumps(row["subject"], ensure_ascii=False)}
        writer.writerow([_plain(told[name]) for name in _COLUMNS])
    return file.getvalue()


def _plain(value: Any) -> Any:
    """A text that a spreadsheet takes for a formula gets an apostrophe before it."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
