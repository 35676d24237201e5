"""Shapes of report's HTTP interface."""

from __future__ import annotations

from marshmallow import Schema, fields


class ReportDocument(Schema):
    """A report of the catalogue."""

    key = fields.String()
    title = fields.String()
    description = fields.String()
    parameters = fields.List(fields.Dict())
    schedule = fields.String()
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
    released = fields.Dict(allow_none=True)


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
