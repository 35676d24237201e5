"""``python -m muster_ingest.after_restore``: what ingest does about having been restored from a backup."""

from __future__ import annotations

import argparse
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from muster_ingest.identity import taking_back
from muster_ingest.identity.models import ApiToken, PersonRow
from muster_shared import audit, settings
from muster_shared.auth import Caller
from muster_shared.clock import Clock
from muster_shared.db import engine_for, sessions_for


def begin_again(session: Session, *, backup_made_at: str, keep_tokens: bool, now: datetime) -> int:
    """Give the log another epoch, and void what was handed out; returns how many people and programs that concerns.

    After the backup the log may have gone on, and readers may have seen positions that are given to other changes from
    now on: by the epoch they know. Likewise a token may have been taken back that the backup holds as good.
    """
    session.execute(text("UPDATE change_log SET epoch = gen_random_uuid()::text"))
    names = set() if keep_tokens else _names(session)
    for name in sorted(names):
        taking_back.sign_out(session, name)
    told = {"backup_made_at": backup_made_at, "signed_out": len(names)}
    audit.note(session, Caller("muster", "service"), "restored", told, at=now)
    return len(names)


def _names(session: Session) -> set[str]:
    people = session.scalars(select(PersonRow.email)).all()
    programs = session.scalars(select(ApiToken.name).where(ApiToken.revoked_at.is_(None))).all()
    return {name.lower() for name in (*people, *programs)}


def main() -> None:
    """Work on the database that the settings name."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--backup-made-at", required=True)
    parser.add_argument("--keep-tokens", action="store_true")
    told, loaded = parser.parse_args(), settings.load()
    engine = engine_for(loaded.database_url("ingest"))
    with sessions_for(engine).begin() as session:
        now = Clock.of(loaded).now()
        begin_again(session, backup_made_at=told.backup_made_at, keep_tokens=told.keep_tokens, now=now)


if __name__ == "__main__":
    main()
