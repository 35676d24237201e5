"""Shapes of ingest's HTTP interface; what comes in is strict, what goes out is described."""

from __future__ import annotations

from marshmallow import INCLUDE, RAISE, Schema, fields, validate

from muster_ingest.kinds import KINDS
from muster_ingest.workbooks.words import LANGUAGES


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


class DryRunQuery(Strict):
    """``dry_run``: change nothing, only say what would change."""

    dry_run = fields.Boolean(load_default=False)


class WorkbookQuery(DryRunQuery):
    """What is said about an uploaded file; ``kind`` is for CSV files only."""

    office = fields.String(load_default=None, validate=validate.Length(1, 100))
    kind = fields.String(load_default=None, validate=validate.OneOf(list(KINDS)))
    note = fields.String(load_default=None, validate=validate.Length(0, 4000))


class TemplateQuery(Strict):
    """Whose template, in which language."""

    office = fields.String(load_default=None, validate=validate.Length(1, 100))
    lang = fields.String(load_default="en", validate=validate.OneOf(LANGUAGES))


class AnnotatedQuery(Strict):
    """In which language the sheet of errors is."""

    lang = fields.String(load_default="en", validate=validate.OneOf(LANGUAGES))


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

    submission_id = fields.UUID(allow_none=True)
    receipt = fields.String(allow_none=True, metadata={"example": "KEN-000012"})
    dry_run = fields.Boolean()
    progress = fields.Float(metadata={"description": "0 to 1, while status is processing"})
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
    more_changes = fields.String(metadata={"description": "where all changes are listed, when they are over 1,000"})
    unchanged_records = fields.List(fields.Dict())
    remarks = fields.List(fields.String())
    errors = fields.List(fields.Dict())


class UploadForm(Schema):
    """A workbook or CSV file, with what is said about it; the same may stand in the query."""

    class Meta:  # noqa: D106 - marshmallow's own word
        unknown = INCLUDE

    file = fields.Raw(required=True, metadata={"type": "string", "format": "binary"})
    office = fields.String()
    kind = fields.String()
    note = fields.String()


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
