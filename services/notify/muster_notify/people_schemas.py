"""Shapes of what people do and prefer: deeds about obligations, extensions, preferences, channels of offices."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from muster_notify.bodies import Address, TimeZone, Told
from muster_notify.letters.language import LANGUAGES
from muster_notify.schemas import PageQuery, Strict
from muster_notify.windows import DAYS


class StrictBody(Strict):
    """A body: unknown fields are refused."""

    error_messages = {"unknown": "is not a field here: leave it out"}  # noqa: RUF012 - as marshmallow reads it


class Snooze(StrictBody):
    """Put a report off: nobody is reminded until the day ``until`` is over."""

    until = fields.Date(required=True)
    reason = Told(required=True, longest=2000, lines=True)


class Acknowledge(StrictBody):
    """Say that somebody is at it."""

    reason = Told(longest=2000, lines=True, load_default="")


class AskForExtension(StrictBody):
    """Ask for more time: the project is to end on ``new_end``."""

    new_end = fields.Date(required=True)
    reason = Told(required=True, longest=4000, lines=True)


class Decide(StrictBody):
    """What becomes of a request for more time."""

    decision = fields.String(required=True, validate=validate.OneOf(["approved", "refused"]))
    comment = Told(longest=2000, lines=True, load_default=None, allow_none=True)


class DoneDocument(Schema):
    """What was done, as ingest took it in: the obligation shows it once notify has followed the log."""

    receipt = fields.String(metadata={"example": "KEN-000012"})
    warnings = fields.List(fields.Dict())


class ExtensionsQuery(PageQuery):
    """Filters of the list of extensions."""

    status = fields.String(load_default=None, validate=validate.OneOf(["open", "approved", "refused"]))
    region = Told(longest=100, load_default=None)
    office = Told(longest=100, load_default=None)
    project_code = Told(longest=100, load_default=None)


class ExtensionDocument(Schema):
    """A request for more time; ``old_end`` is the end it changes."""

    project_code = fields.String()
    title = fields.String()
    office = fields.String()
    region = fields.String(allow_none=True)
    old_end = fields.Date()
    requested_on = fields.Date()
    new_end = fields.Date()
    reason = fields.String()
    requested_by = fields.String(allow_none=True)
    decided_by = fields.String(allow_none=True)
    decided_on = fields.Date(allow_none=True)
    comment = fields.String(allow_none=True)
    status = fields.String(validate=validate.OneOf(["open", "approved", "refused"]))


class ExtensionsPage(Schema):
    """A page of extensions."""

    items_ = fields.List(fields.Nested(ExtensionDocument), data_key="items", attribute="items")
    next = fields.String(allow_none=True)


class PreferencesQuery(Strict):
    """Whose preferences: the caller's own, or for an administrator anybody's."""

    email = Address(load_default=None)


class StandInPerson(StrictBody):
    """A person by name and e-mail address."""

    name = Told(required=True, longest=200)
    email = Address(required=True)


class Preferences(StrictBody):
    """How a person wants to hear from Muster; what is left out goes back to its default.

    ``chat_url`` is a secret and shown masked; the masked text sent back keeps it. ``digest_day`` null: every working
    day. Between ``quiet_from`` and ``quiet_until``, local and written 22:00, nothing is sent.
    """

    channel = fields.String(load_default="mail", validate=validate.OneOf(["mail", "chat"]))
    chat_url = Told(longest=500, load_default=None, allow_none=True)
    language = fields.String(load_default="en", validate=validate.OneOf(LANGUAGES))
    time_zone = TimeZone(load_default=None, allow_none=True)
    digest = fields.Boolean(load_default=True, truthy={True}, falsy={False})
    digest_day = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(DAYS))
    quiet_from = fields.Time(load_default=None, allow_none=True, format="%H:%M")
    quiet_until = fields.Time(load_default=None, allow_none=True, format="%H:%M")
    stand_in = fields.Nested(StandInPerson, load_default=None, allow_none=True)
    stand_in_from = fields.Date(load_default=None, allow_none=True)
    stand_in_until = fields.Date(load_default=None, allow_none=True)


class PreferencesDocument(Preferences):
    """Preferences as they stand."""

    email = fields.String()
    updated_at = fields.AwareDateTime(allow_none=True)
    updated_by = fields.String(allow_none=True)


class OfficeChannel(StrictBody):
    """Where an office is told as a whole, besides its people; shown masked."""

    chat_url = Told(required=True, longest=500)


class OfficeChannelDocument(Schema):
    """An office's channel as it stands."""

    office = fields.String()
    chat_url = fields.String()
    updated_at = fields.AwareDateTime()
    updated_by = fields.String()
