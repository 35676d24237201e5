"""Shapes of what whoever runs Muster looks at: alarms, storms, dry runs, bounces, addresses that fail."""

from __future__ import annotations

from marshmallow import Schema, fields

from muster_notify import alarms
from muster_notify.bodies import Told
from muster_notify.people_schemas import StrictBody
from muster_notify.schemas import Strict


class AlarmsQuery(Strict):
    """Filters of the list of alarms; ``standing`` false: also those that were cleared."""

    office = Told(longest=100, load_default=None)
    standing = fields.Boolean(load_default=True)


class AlarmDocument(Schema):
    """Something a person has to look at; ``cleared_by`` empty on a cleared one: it cleared by itself."""

    alarm_id = fields.UUID()
    kind = fields.String(metadata={"enum": list(alarms.KINDS)})
    office = fields.String()
    subject = fields.String()
    detail = fields.String()
    raised_at = fields.AwareDateTime()
    cleared_at = fields.AwareDateTime(allow_none=True)
    cleared_by = fields.String(allow_none=True)


class AlarmsPage(Schema):
    """The alarms."""

    items_ = fields.List(fields.Nested(AlarmDocument), data_key="items", attribute="items")
    next = fields.String(allow_none=True)


class StormDocument(Schema):
    """Whether a day's reminders are held back, who let them go, and the alarm that was raised."""

    day = fields.Date()
    held_back = fields.Boolean()
    released_by = fields.String(allow_none=True)
    alarm = fields.Nested(AlarmDocument, allow_none=True)


class DryRunDocument(Schema):
    """What a sweep would send now, most first."""

    at = fields.AwareDateTime()
    reminders = fields.Integer()
    recorded_today = fields.Integer()
    usual = fields.Integer()
    limit = fields.Integer()
    held_back = fields.Boolean()
    people = fields.List(fields.Dict())
    offices = fields.List(fields.Dict())
    rungs = fields.List(fields.Dict())


class Bounce(StrictBody):
    """Where a mail came back to, the status of RFC 3463, and the words of the server."""

    to = Told(required=True, longest=320)
    status = Told(required=True, longest=20, metadata={"example": "5.1.1"})
    detail = Told(longest=2000, lines=True, load_default="")


class BounceDocument(Schema):
    """The mail that came back, and what it is now."""

    mail_id = fields.UUID()
    status = fields.String()
    reason = fields.String(allow_none=True)


class FailingAddress(Schema):
    """An address that mail does not reach for good, and why."""

    email = fields.String()
    reason = fields.String()
    since = fields.AwareDateTime()


class FailingAddressesPage(Schema):
    """The addresses that mail does not reach."""

    items_ = fields.List(fields.Nested(FailingAddress), data_key="items", attribute="items")
    next = fields.String(allow_none=True)
