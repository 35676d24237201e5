"""What mails say besides what is owed: titles, donors, who else is told, since when. Read for many mails at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import Text, func, select
from sqlalchemy.orm import Session

from muster_notify import failing_addresses
from muster_notify.mails import Claim
from muster_notify.models import ObligationRow, OfficeChannel, Record, Reminder, RoleHolder
from muster_notify.people import projects
from muster_notify.readers import Readers
from muster_notify.told import Owed, overdue_in
from muster_shared.coverage import AWAITED, RETURNED
from muster_shared.one_of import one_of

_SHOWN: Final = timedelta(days=90)  # the picture of due dates shows no more, see letters/chart.py
_IS_TOLD: Final = ("held", "sending", "sent")
_ADDRESS: Final = func.lower(RoleHolder.email, type_=Text)


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody else whom a rung of an obligation tells."""

    recipient: str
    name: str


@dataclass(frozen=True, slots=True)
class Background:
    """Everything that the mails of a batch may need; addresses are in small letters."""

    readers: Readers
    titles: Mapping[str, str]
    donors: Mapping[str, str]
    names: Mapping[str, str]
    roles: Mapping[tuple[str, str], str]
    failing: Collection[str]
    since: Mapping[tuple[UUID, int], datetime]
    told: Mapping[tuple[UUID, int, int], Sequence[Colleague]]
    due_dates: Mapping[str, Sequence[tuple[UUID, date]]]
    overdue: Mapping[str, Sequence[Owed]]
    office_chats: Mapping[str, str]

    @classmethod
    def of(cls, session: Session, claims: Sequence[Claim], now: datetime) -> Background:
        """Read it, with as many queries for many mails as for one."""
        offices = _offices(claims)
        overdue = overdue_in(session, sorted(offices), now) if offices else {}
        owed = [*_owed(claims), *(one for some in overdue.values() for one in some)]
        codes, obligations = {one.project_code for one in owed}, {one.obligation_id for one in owed}
        replaced = {one.instead_of.lower() for claim in claims for one in claim.told if one.instead_of}
        known = projects(session, codes)
        return cls(
            readers=Readers.of(session, {claim.recipient for claim in claims}),
            titles={code: fields["title"] for code, fields in known.items()},
            donors=donor_names(session, codes),
            names=_names(session, replaced),
            roles=_roles(session, codes),
            failing=failing_addresses.among(session, replaced),
            since=_since(session, obligations),
            told=_told(session, obligations),
            due_dates=_due_dates(session, {claim.recipient.lower() for claim in claims if claim.told}, now),
            overdue=overdue,
            office_chats=_office_chats(session, offices),
        )


def _owed(claims: Sequence[Claim]) -> Iterator[Owed]:
    return (one.owed for claim in claims for one in claim.told)


def _offices(claims: Sequence[Claim]) -> set[str]:
    return {claim.content["office"] for claim in claims if claim.kind == "digest" and claim.content}


def _office_chats(session: Session, offices: Collection[str]) -> Mapping[str, str]:
    if not offices:
        return {}
    query = select(OfficeChannel.office, OfficeChannel.chat_url).where(one_of(OfficeChannel.office, offices))
    return {row.office: row.chat_url for row in session.execute(query)}


def donor_names(session: Session, codes: Collection[str]) -> Mapping[str, str]:
    """Grant to the name of its donor, of the grants of some projects."""
    grants = select(Record.fields).where(Record.kind == "grant", one_of(Record.project_code, codes))
    donor_of = {grant["grant_id"]: grant["donor_id"] for grant in session.scalars(grants)}
    donors = select(Record.key, Record.fields).where(Record.kind == "donor", one_of(Record.key, set(donor_of.values())))
    names = {row.key: row.fields["name"] for row in session.execute(donors)}
    return {grant_id: names.get(donor_id, donor_id) for grant_id, donor_id in donor_of.items()}


def _names(session: Session, addresses: Collection[str]) -> Mapping[str, str]:
    if not addresses:
        return {}
    query = select(RoleHolder.email, RoleHolder.name).where(one_of(_ADDRESS, addresses)).distinct()
    return {row.email.lower(): row.name for row in session.execute(query)}


def _roles(session: Session, codes: Collection[str]) -> Mapping[tuple[str, str], str]:
    """Project and address to the role that is filled there."""
    query = select(RoleHolder.project_code, RoleHolder.email, RoleHolder.role).where(
        one_of(RoleHolder.project_code, codes)
    )
    return {(row.project_code, row.email.lower()): row.role for row in session.execute(query)}


def _since(session: Session, obligations: Collection[UUID]) -> Mapping[tuple[UUID, int], datetime]:
    """When the first reminder of an obligation went out in a cycle."""
    query = (
        select(Reminder.obligation_id, Reminder.cycle, func.min(Reminder.sent_at).label("first"))
        .where(one_of(Reminder.obligation_id, obligations), Reminder.status == "sent")
        .group_by(Reminder.obligation_id, Reminder.cycle)
    )
    return {(row.obligation_id, row.cycle): row.first for row in session.execute(query)}


def _told(session: Session, obligations: Collection[UUID]) -> Mapping[tuple[UUID, int, int], Sequence[Colleague]]:
    """Whom a rung of an obligation tells in a cycle."""
    query = (
        select(Reminder.obligation_id, Reminder.cycle, Reminder.rung, Reminder.recipient, Reminder.recipient_name)
        .where(one_of(Reminder.obligation_id, obligations), Reminder.status.in_(_IS_TOLD))
        .order_by(Reminder.recipient)
    )
    found: dict[tuple[UUID, int, int], list[Colleague]] = defaultdict(list)
    for row in session.execute(query):
        found[row.obligation_id, row.cycle, row.rung].append(Colleague(row.recipient, row.recipient_name))
    return found


def _due_dates(
    session: Session, addresses: Collection[str], now: datetime
) -> Mapping[str, Sequence[tuple[UUID, date]]]:
    """Due dates of all that is open in the projects that a person manages, as far as a picture shows them."""
    query = (
        select(_ADDRESS, ObligationRow.obligation_id, ObligationRow.due)
        .join(ObligationRow, ObligationRow.project_code == RoleHolder.project_code)
        .where(
            one_of(_ADDRESS, addresses),
            RoleHolder.role.in_(["owner", "alternate"]),
            ObligationRow.cancelled_at.is_(None),
            ObligationRow.state.in_([AWAITED, RETURNED]),
            ObligationRow.due <= (now + _SHOWN).date(),
        )
        .order_by(ObligationRow.due, ObligationRow.obligation_id)
        .distinct()
    )
    found: dict[str, list[tuple[UUID, date]]] = defaultdict(list)
    for address, obligation_id, due in session.execute(query):
        found[address].append((obligation_id, due))
    return found
