"""Shapes of report's HTTP interface."""

from __future__ import annotations

from base64 import b64decode
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from muster_report.timetable import KINDS
from muster_report.words import LANGUAGES


def is_storable(text: str) -> None:
    """Refuse a text that a database cannot keep.

    Raises:
        ValidationError: it holds a null character or half of a surrogate pair.
    """
    if "\x00" in text or text != text.encode("utf-8", "replace").decode():
        raise ValidationError("holds a character that text cannot carry: leave it out")


class Strict(Schema):
    """What comes in: unknown fields are refused."""

    class Meta:  # noqa: D106 - marshmallow's own word
        unknown = RAISE


class ReportDocument(Schema):
    """A report of the catalogue."""

    key = fields.String()
    title = fields.String()
    description = fields.String()
    parameters = fields.List(fields.Dict())
    schedule = fields.String()
    set_aside = fields.Integer(metadata={"description": "changes that could not be applied and may concern it"})
    known = fields.List(fields.Dict())


class IssueDocument(Schema):
    """One issue of a report with its parameters."""

    issue_id = fields.UUID()
    report = fields.String()
    params = fields.Dict()
    number = fields.Integer()
    sha256 = fields.String()
    size = fields.Integer()
    position = fields.Integer()
    made_at = fields.AwareDateTime()
    as_of = fields.AwareDateTime(allow_none=True)
    changed_cells = fields.Integer()
    thinned_at = fields.AwareDateTime(allow_none=True)
    released = fields.Dict(allow_none=True)
    corrects = fields.Dict(allow_none=True)


class RunDocument(Schema):
    """A regeneration; poll it until ``status`` is done, unchanged or failed."""

    run_id = fields.UUID()
    report = fields.String()
    params = fields.Dict()
    status = fields.String()
    progress = fields.Float()
    issue_id = fields.UUID(allow_none=True)
    detail = fields.String(allow_none=True)


class Listed(Schema):
    """A page of a list."""

    items_ = fields.List(fields.Dict(), data_key="items", attribute="items")
    next = fields.String(allow_none=True)


class Explanation(Schema):
    """What a figure is made of: its parts add up to it."""

    report = fields.String()
    params = fields.Dict()
    issue_id = fields.UUID()
    position = fields.Integer()
    sheet = fields.String()
    cell = fields.String(metadata={"example": "D14"})
    row = fields.String()
    column = fields.String()
    value = fields.Raw()
    sum = fields.String()
    parts = fields.List(fields.Dict())


class ChecklistDocument(Schema):
    """What must be looked at before an issue is released; a point's ``state`` is stop, look or fine."""

    issue = fields.Nested(IssueDocument)
    releasable = fields.Boolean()
    points = fields.List(fields.Dict())


class ReleaseBody(Strict):
    """What is kept with a release."""

    note = fields.String(load_default=None, allow_none=True, validate=[validate.Length(max=2000), is_storable])


class Base64(fields.String):
    """Bytes, written as base64."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return b64decode(str(super()._deserialize(value, *args, **kwargs)), validate=True)
        except ValueError as error:
            raise ValidationError("is not base64: encode the bytes of the file") from error


class LookBody(Strict):
    """How copies look: ``accent`` and ``tint`` as ``#RRGGBB``, ``logo`` the bytes of a PNG as base64."""

    name = fields.String(required=True, validate=[validate.Length(max=200), is_storable])
    accent = fields.String(required=True)
    tint = fields.String(required=True)
    logo = Base64(load_default=None, allow_none=True)
    language = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(LANGUAGES))


class LookDocument(Schema):
    """How copies look; ``logo`` is the SHA-256 of the picture."""

    scope = fields.String()
    name = fields.String()
    accent = fields.String()
    tint = fields.String()
    language = fields.String(allow_none=True)
    logo = fields.String(allow_none=True)
    set = fields.Dict()


class ScheduleBody(Strict):
    """When a report is made: ``dates`` are days of kind ``dates``, ``hour`` is of the day in ``time_zone``."""

    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    dates = fields.List(fields.Date(), load_default=list)
    time_zone = fields.String(load_default="UTC")
    hour = fields.Integer(strict=True, load_default=22)
    enabled = fields.Boolean(load_default=True)


class ScheduleDocument(Schema):
    """When a report with its parameters is made."""

    report = fields.String()
    params = fields.Dict()
    kind = fields.String()
    dates = fields.List(fields.Date())
    time_zone = fields.String()
    hour = fields.Integer()
    enabled = fields.Boolean()
    next_at = fields.AwareDateTime(allow_none=True)
    last_at = fields.AwareDateTime(allow_none=True)
    set = fields.Dict()
