"""Signing out: this session or token opens nothing any more, or nothing of the person does."""

from __future__ import annotations

from datetime import UTC, datetime

from muster_ingest.identity import people
from muster_ingest.identity.models import ApiToken
from muster_ingest.identity.taking_back import take_back
from muster_shared import audit
from muster_shared.auth import Credential
from muster_shared.context import Context
from muster_shared.signing_out import SignOut


def of_own(context: Context) -> SignOut:
    """How ingest does it: in its own database."""

    def sign_out(credential: Credential, _token: str, everywhere: bool) -> None:  # noqa: FBT001 - as SignOut says
        if everywhere:
            people.sign_out_everywhere(context, credential.caller, credential.caller.name)
        else:
            _take_back(context, credential)

    return sign_out


def _take_back(context: Context, credential: Credential) -> None:
    now, name = context.clock.now(), credential.caller.name
    with context.sessions.begin() as session:
        row = session.get(ApiToken, credential.token_id, with_for_update=True)
        if row and row.revoked_at is None:
            row.revoked_at, row.revoked_by = now, name
        take_back(session, credential.token_id, expires_at=datetime.fromtimestamp(credential.expires_at, UTC))
        audit.note(session, credential.caller, "sign_out", {"person": name.lower()}, at=now)
