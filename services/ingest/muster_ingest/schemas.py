"""Shapes of ingest's HTTP interface; what comes in is strict, what goes out is described."""

from __future__ import annotations

from marshmallow import INCLUDE, RAISE, Schema, fields, validate

from muster_ingest.kinds import KINDS
from muster_ingest.kinds.project import STATUSES
from muster_ingest.project_documents import TYPES
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
    kind = fields.String(load_default=None, validate=validate.OneOf(list(KINDS)))
    since = fields.Date(load_default=None)
    until = fields.Date(load_default=None)


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


class NamedPerson(Schema):
    """A person by name and e-mail address."""

    name = fields.String(required=True)
    email = fields.String(required=True, metadata={"example": "amina.otieno@example.org"})


class HandoverDocument(Schema):
    """Whose projects go to whom. Described here, checked where it is done so that every error has its place."""

    class Meta:  # noqa: D106 - marshmallow's own word
        unknown = INCLUDE

    from_ = fields.String(required=True, data_key="from", metadata={"example": "paul.mwangi@example.org"})
    to = fields.Nested(NamedPerson, required=True)
    note = fields.String()


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
    erasing = fields.Boolean()


class ProblemDocument(Schema):
    """RFC 9457 problem details with every error."""

    type = fields.String()
    title = fields.String()
    status = fields.Integer()
    detail = fields.String()
    submission_id = fields.UUID()
    receipt = fields.String(allow_none=True)
    errors = fields.List(fields.Dict())


class TransitionWish(Strict):
    """The status a project is to have, and why."""

    to = fields.String(required=True, validate=validate.OneOf(STATUSES))
    comment = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=5000))


class TransitionTaken(Schema):
    """A step that was taken; ``waited_days`` since the one before."""

    name = fields.String()
    from_ = fields.String(data_key="from")
    to = fields.String()
    comment = fields.String(allow_none=True)
    by = fields.String()
    role = fields.String()
    at = fields.AwareDateTime()
    revision = fields.Integer()
    submission_id = fields.UUID()
    waited_days = fields.Float(allow_none=True)


class TransitionOffered(Schema):
    """A step the caller may take, with what is missing for it."""

    name = fields.String()
    to = fields.String()
    comment_needed = fields.Boolean()
    missing = fields.List(fields.Dict())


class TransitionsDocument(Schema):
    """Where a project stands in the workflow."""

    project_code = fields.String()
    status = fields.String()
    waiting_days = fields.Float(allow_none=True)
    items_ = fields.List(fields.Nested(TransitionTaken), data_key="items", attribute="items")
    steps = fields.List(fields.Nested(TransitionOffered))
    next = fields.String(allow_none=True)


class WaitingQuery(Strict):
    """Whose projects: of one region, or of all that the caller sees."""

    region = fields.String(load_default=None)


class WaitingProject(Schema):
    """A project that waits for its reviewer."""

    project_code = fields.String()
    title = fields.String()
    office = fields.String()
    since = fields.AwareDateTime(allow_none=True)
    waiting_days = fields.Float(allow_none=True)
    submitted_by = fields.String(allow_none=True)


class WaitingPage(Schema):
    """Projects that wait, longest first."""

    items_ = fields.List(fields.Nested(WaitingProject), data_key="items", attribute="items")
    next = fields.String(allow_none=True)


class DocumentType(Strict):
    """What a file is."""

    type = fields.String(load_default="other", validate=validate.OneOf(TYPES))


class DocumentVersion(Strict):
    """Which version of a file; the newest where it is left out."""

    version = fields.Integer(load_default=None, validate=validate.Range(1, 1_000_000))


class ProjectDocument(Schema):
    """One version of a file of a project."""

    project_code = fields.String()
    name = fields.String()
    version = fields.Integer()
    type = fields.String(validate=validate.OneOf(TYPES))
    content_type = fields.String()
    sha256 = fields.String()
    size = fields.Integer()
    stored_at = fields.AwareDateTime()
    stored_by = fields.String()


class DocumentsPage(Schema):
    """Files of a project, or versions of one."""

    items_ = fields.List(fields.Nested(ProjectDocument), data_key="items", attribute="items")
    next = fields.String(allow_none=True)
