"""Shapes of people and tokens."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from muster_ingest.schemas import Strict
from muster_shared.names import ROLES

_ROLES = tuple(role for role in ROLES if role != "service")
_LANGUAGES = ("en", "fr", "es")


class _Scope(Strict):
    """A role and the scope it needs."""

    role = fields.String(validate=validate.OneOf(_ROLES))
    offices = fields.List(fields.String(validate=validate.Length(1, 100)), validate=validate.Length(max=200))
    regions = fields.List(fields.String(validate=validate.Length(1, 100)), validate=validate.Length(max=50))
    donor = fields.String(allow_none=True, validate=validate.Length(1, 100))


class PersonChange(_Scope):
    """Other facts about somebody; what is left out stays."""

    name = fields.String(validate=validate.Length(1, 200))
    language = fields.String(validate=validate.OneOf(_LANGUAGES))
    time_zone = fields.String(validate=validate.Length(1, 100))
    active = fields.Boolean()


class NewPerson(Strict):
    """Somebody who may sign in."""

    email = fields.Email(required=True, validate=validate.Length(max=254))
    name = fields.String(required=True, validate=validate.Length(1, 200))
    role = fields.String(required=True, validate=validate.OneOf(_ROLES))
    offices = fields.List(fields.String(validate=validate.Length(1, 100)), load_default=list)
    regions = fields.List(fields.String(validate=validate.Length(1, 100)), load_default=list)
    donor = fields.String(load_default=None, allow_none=True)
    language = fields.String(load_default="en", validate=validate.OneOf(_LANGUAGES))
    time_zone = fields.String(load_default="UTC")


class Person(Schema):
    """Somebody who may sign in."""

    email = fields.String()
    name = fields.String()
    language = fields.String()
    time_zone = fields.String()
    role = fields.String()
    offices = fields.List(fields.String())
    regions = fields.List(fields.String())
    donor = fields.String(allow_none=True)
    active = fields.Boolean()
    added_at = fields.AwareDateTime()
    added_by = fields.String()
    last_signed_in = fields.AwareDateTime(allow_none=True)


class PeoplePage(Schema):
    """Everybody."""

    items_ = fields.List(fields.Nested(Person), data_key="items", attribute="items")
    next = fields.String(allow_none=True)


class NewToken(_Scope):
    """A token to be made; role, scope and name are for administrators only."""

    title = fields.String(required=True, validate=validate.Length(1, 200))
    days = fields.Integer(load_default=30, validate=validate.Range(1, 3650))
    name = fields.String(validate=validate.Length(1, 254))


class Token(Schema):
    """A token without its text."""

    token_id = fields.String()
    title = fields.String()
    name = fields.String()
    role = fields.String()
    offices = fields.List(fields.String())
    regions = fields.List(fields.String())
    donor = fields.String(allow_none=True)
    made_at = fields.AwareDateTime()
    made_by = fields.String()
    expires_at = fields.AwareDateTime()
    revoked_at = fields.AwareDateTime(allow_none=True)
    revoked_by = fields.String(allow_none=True)


class MadeToken(Token):
    """A token with its text, which is shown this once."""

    token = fields.String()


class TokensPage(Schema):
    """Tokens, newest first."""

    items_ = fields.List(fields.Nested(Token), data_key="items", attribute="items")
    next = fields.String(allow_none=True)


class Me(Schema):
    """Who the caller is."""

    name = fields.String()
    role = fields.String()
    offices = fields.List(fields.String())
    regions = fields.List(fields.String())
    donor = fields.String(allow_none=True)


class RevokedQuery(Strict):
    """``known``: the number of what the asker knows already."""

    known = fields.Integer(load_default=-1)


class RevokedDocument(Schema):
    """What opens nothing any more."""

    number = fields.Integer()
    tokens = fields.List(fields.String())
    people = fields.Dict(keys=fields.String(), values=fields.Float())
    erased = fields.List(fields.Dict())
