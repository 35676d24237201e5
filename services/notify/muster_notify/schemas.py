"""Shapes of notify's HTTP interface; what comes in is strict, what goes out is described."""

from __future__ import annotations

from marshmallow import RAISE, Schema, fields, validate

STATUSES = ("upcoming", "due_soon", "overdue", "submitted", "returned", "closed")
REMINDER_STATUSES = ("held", "sending", "sent", "failed", "skipped")


class Strict(Schema):
    """Query parameters: unknown ones are refused."""

    class Meta:  # noqa: D106 - marshmallow's own word
        unknown = RAISE


class PageQuery(Strict):
    """A page of a list: ``after`` is the ``next`` of the page before."""

    after = fields.String(load_default=None)
    limit = fields.Integer(load_default=100, validate=validate.Range(1, 1000))


class ObligationsQuery(PageQuery):
    """Filters of the list of obligations; a returned report past its due date counts as overdue."""

    status = fields.String(load_default=None, validate=validate.OneOf(STATUSES))
    office = fields.String(load_default=None)
    project_code = fields.String(load_default=None)


class RemindersQuery(PageQuery):
    """Filters of the list of reminders."""

    status = fields.String(load_default=None, validate=validate.OneOf(REMINDER_STATUSES))
    obligation_id = fields.UUID(load_default=None)
    project_code = fields.String(load_default=None)
    recipient = fields.String(load_default=None)


class NextRung(Schema):
    """Who is told next: ``rung`` in days from the due date."""

    rung = fields.Integer()
    on = fields.Date()
    tell = fields.List(fields.String())


class ObligationDocument(Schema):
    """A report owed, as it stands today in its office."""

    obligation_id = fields.UUID()
    project_code = fields.String()
    grant_id = fields.String()
    type = fields.String(validate=validate.OneOf(["interim", "final", "financial"]))
    period_start = fields.Date()
    period_end = fields.Date()
    due = fields.Date()
    status = fields.String(validate=validate.OneOf(STATUSES))
    days_late = fields.Integer()
    owner = fields.Dict()
    office = fields.String()
    next_rung = fields.Nested(NextRung, allow_none=True)
    snoozed_until = fields.Date(allow_none=True)
    acknowledged_at = fields.AwareDateTime(allow_none=True)
    history = fields.List(fields.Dict())


class ReminderDocument(Schema):
    """One person told of one obligation, and how the mail fared."""

    reminder_id = fields.UUID()
    obligation_ids = fields.List(fields.UUID())
    rung = fields.Integer()
    recipient = fields.String(allow_none=True)
    channel = fields.String()
    status = fields.String(validate=validate.OneOf(REMINDER_STATUSES))
    reason = fields.String(allow_none=True)
    created_at = fields.AwareDateTime()
    sent_at = fields.AwareDateTime(allow_none=True)
    message_id = fields.String(allow_none=True)


class ObligationsPage(Schema):
    """A page of obligations."""

    items_ = fields.List(fields.Nested(ObligationDocument), data_key="items", attribute="items")
    next = fields.String(allow_none=True)


class RemindersPage(Schema):
    """A page of reminders."""

    items_ = fields.List(fields.Nested(ReminderDocument), data_key="items", attribute="items")
    next = fields.String(allow_none=True)


class CalendarQuery(Strict):
    """Whose due dates: of one office, or all that the caller sees."""

    office = fields.String(load_default=None)


class CalendarFeed(Schema):
    """A feed of due dates; its address is told only when it is made."""

    feed_id = fields.UUID()
    office = fields.String(allow_none=True)
    created_at = fields.AwareDateTime()


class NewCalendarFeed(CalendarFeed):
    """A feed with its address, which is a secret."""

    url = fields.String()


class CalendarFeedsPage(Schema):
    """The caller's feeds."""

    items_ = fields.List(fields.Nested(CalendarFeed), data_key="items", attribute="items")
    next = fields.String(allow_none=True)


class Follow(Strict):
    """A report with its parameters, as its address names them; ``copy`` is internal and ``lang`` en where not given."""

    report = fields.String(required=True, validate=validate.Regexp(r"^[a-z][a-z-]{1,60}$"))
    params = fields.Dict(keys=fields.String(), values=fields.String(), load_default=dict)


class FollowedReport(Schema):
    """What somebody follows, and since when."""

    report = fields.String()
    params = fields.Dict(keys=fields.String(), values=fields.String())
    since = fields.AwareDateTime()


class FollowsPage(Schema):
    """What the caller follows."""

    items_ = fields.List(fields.Nested(FollowedReport), data_key="items", attribute="items")
    next = fields.String(allow_none=True)
