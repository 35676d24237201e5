"""Shapes of ingest's HTTP interface; what comes in is strict, what goes out is described."""

from __future__ import annotations

from marshmallow import INCLUDE, RAISE, Schema, fields, validate


class Strict(Schema):
    """Query parameters: unknown ones are refused."""

    class Meta:  # noqa: D106 - marshmallow's own word
        unknown = RAISE


class PageQuery(Strict):
    """A page of a list: ``after`` is the ``next`` of the page before."""

    after = fields.String(load_default=None)
    limit = fields.Integer(load_default=100, validate=validate.Range(1, 1000))


class SubmissionsQuery(PageQuery):
    """Filters of the list of submissions."""

    office = fields.String(load_default=None)
    status = fields.String(load_default=None, validate=validate.OneOf(["accepted", "rejected", "processing"]))


class RecordsQuery(PageQuery):
    """Filters of a list of records; ``q`` finds text anywhere in a record."""

    office = fields.String(load_default=None)
    region = fields.String(load_default=None)
    q = fields.String(load_default=None, validate=validate.Length(1, 200))


class ChangesQuery(Strict):
    """A run of the change log."""

    after = fields.Integer(load_default=0, validate=validate.Range(min=0))
    limit = fields.Integer(load_default=500, validate=validate.Range(1, 1000))


class EnvelopeDocument(Schema):
    """What an office sends. Described here, checked record by record so that every error has its place."""

    class Meta:  # noqa: D106 - marshmallow's own word
        unknown = INCLUDE

    office = fields.String(required=True, metadata={"example": "KEN"})
    note = fields.String()
    records = fields.List(fields.Dict(), required=True)


class Receipt(Schema):
    """What an accepted submission changed."""

    submission_id = fields.UUID()
    receipt = fields.String(metadata={"example": "KEN-000012"})
    office = fields.String()
    status = fields.String()
    received_at = fields.AwareDateTime()
    sha256 = fields.String()
    records = fields.Integer()
    new = fields.Integer()
    changed = fields.Integer()
    unchanged = fields.Integer()
    withdrawn = fields.Integer()
    changes = fields.List(fields.Dict())
    errors = fields.List(fields.Dict())


class RecordDocument(Schema):
    """A record as it stands."""

    kind = fields.String()
    key = fields.String()
    revision = fields.Integer()
    office = fields.String()
    updated_at = fields.AwareDateTime()
    updated_by = fields.String()
    receipt = fields.String()
    fields_ = fields.Dict(data_key="fields", attribute="fields")


class Listed(Schema):
    """A page of a list."""

    items_ = fields.List(fields.Dict(), data_key="items", attribute="items")
    next = fields.String(allow_none=True)


class ChangesDocument(Schema):
    """A run of the change log."""

    epoch = fields.String()
    items_ = fields.List(fields.Dict(), data_key="items", attribute="items")
    last = fields.Integer()


class ProblemDocument(Schema):
    """RFC 9457 problem details with every error."""

    type = fields.String()
    title = fields.String()
    status = fields.Integer()
    detail = fields.String()
    submission_id = fields.UUID()
    errors = fields.List(fields.Dict())
