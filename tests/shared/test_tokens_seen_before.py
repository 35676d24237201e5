"""A token that was verified before is not taken apart again, and ends all the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt
import pytest

from muster_shared import keys
from muster_shared.settings import Settings

TOLD = Settings(data_dir=Path("nowhere"), secret_key="a secret of this test that is long enough")
AUDIENCE = "test"


def _signed(lifetime: timedelta) -> str:
    return keys.signed(
        TOLD, {"sub": "amina@example.org", "aud": AUDIENCE, "exp": (datetime.now(UTC) + lifetime).timestamp()}
    )


def test_a_token_seen_before_is_refused_once_it_has_expired(monkeypatch: pytest.MonkeyPatch) -> None:
    token = _signed(timedelta(minutes=5))
    assert keys.verified(TOLD, token, audience=AUDIENCE, require=("exp",))["sub"] == "amina@example.org"
    monkeypatch.setattr(keys, "real_now", lambda: datetime.now(UTC) + timedelta(minutes=6))
    with pytest.raises(jwt.ExpiredSignatureError):
        keys.verified(TOLD, token, audience=AUDIENCE, require=("exp",))


def test_a_token_seen_before_opens_nothing_for_another_audience() -> None:
    token = _signed(timedelta(minutes=5))
    keys.verified(TOLD, token, audience=AUDIENCE, require=("exp",))
    with pytest.raises(jwt.InvalidAudienceError):
        keys.verified(TOLD, token, audience="another", require=("exp",))


def test_what_is_done_with_the_claims_of_a_token_does_not_reach_who_shows_it_next() -> None:
    token = _signed(timedelta(minutes=5))
    keys.verified(TOLD, token, audience=AUDIENCE, require=("exp",))["sub"] = "somebody@example.org"
    assert keys.verified(TOLD, token, audience=AUDIENCE, require=("exp",))["sub"] == "amina@example.org"
