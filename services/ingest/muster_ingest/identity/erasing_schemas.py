"""Shapes of erasures."""

from __future__ import annotations

from marshmallow import Schema, fields

from muster_ingest.schemas import Strict


class ErasureQuery(Strict):
    """``dry_run`` changes nothing; ``force`` goes ahead though the person answers for something still."""

    dry_run = fields.Boolean(load_default=False)
    force = fields.Boolean(load_default=False)


class Erasure(Schema):
    """How far an erasure is: rows that were rewritten, by service and table, and submissions that are restricted.

    A dry run tells ``names`` that are this person's alone and what they answer for, and has no state.
    """

    dry_run = fields.Boolean()
    names = fields.List(fields.String())
    responsible = fields.List(fields.Dict())
    erasure_id = fields.UUID()
    pseudonym = fields.String()
    status = fields.String()
    waits_for = fields.List(fields.String())
    asked_at = fields.AwareDateTime()
    asked_by = fields.String()
    done_at = fields.AwareDateTime(allow_none=True)
    touched = fields.Dict()
    restricted = fields.Integer()


class OpenErasures(Schema):
    """Whom the asking service has to erase."""

    items_ = fields.List(fields.Dict(), data_key="items", attribute="items")


class Touched(Strict):
    """How many rows of each table named somebody."""

    touched = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
