from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import uuid4

import jwt
import pytest

from muster_notify import bounces, links, unsubscribing
from muster_shared import keys
from muster_shared.auth import Caller, InvalidToken, issue, read, read_link, sign_in_link
from muster_shared.settings import Settings

OLD, NEW = Settings(secret_key="o" * 40), Settings(secret_key="n" * 40)
OLD_AND_NEW = replace(OLD, secret_key=f"{OLD.secret_key},{NEW.secret_key}")
NEW_AND_OLD = replace(OLD, secret_key=f"{NEW.secret_key},{OLD.secret_key}")
STEPS = [OLD, OLD_AND_NEW, NEW_AND_OLD, NEW]
ANN = Caller("ann@example.org", "analyst")
NOW = datetime(2016, 11, 30, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(("before", "after"), list(pairwise(STEPS)))
def test_processes_of_neighbouring_steps_open_what_the_other_signed(before: Settings, after: Settings) -> None:
    for signer, reader in ((before, after), (after, before)):
        assert read(reader, issue(signer, ANN, lifetime=HOUR)) == ANN
        link = sign_in_link(signer, ANN, lifetime=HOUR).partition("link=")[2]
        assert read_link(reader, link) == ANN


def test_links_and_return_addresses_of_mails_outlive_a_rotation_too() -> None:
    obligation_id, mail_id = uuid4(), uuid4()
    act = links.action_url(OLD, obligation_id, "ann@example.org", NOW).rpartition("/")[2]
    leave = unsubscribing.unsubscribe_url(OLD, "ann@example.org").rpartition("/")[2]
    back = bounces.bounce_address(OLD, mail_id)
    assert links.read_link(NEW_AND_OLD, act, now=NOW).obligation_id == obligation_id
    assert unsubscribing.read_token(NEW_AND_OLD, leave) == "ann@example.org"
    assert bounces.read_bounce_address(NEW_AND_OLD, back) == mail_id
    with pytest.raises(links.ForgedLink):
        links.read_link(NEW, act, now=NOW)
    with pytest.raises(bounces.ForgedAddress):
        bounces.read_bounce_address(NEW, back)


def test_a_key_that_was_taken_out_opens_nothing() -> None:
    with pytest.raises(InvalidToken):
        read(NEW, issue(OLD_AND_NEW, ANN, lifetime=HOUR))


def test_the_newest_key_signs_and_is_named() -> None:
    header = jwt.get_unverified_header(issue(NEW_AND_OLD, ANN, lifetime=HOUR))
    assert header["kid"] == keys.key_id(NEW.secret_key)
    assert header["kid"] not in NEW.secret_key


def test_what_was_signed_before_keys_had_names_still_opens() -> None:
    claims = {"aud": "x", "sub": "ann"}
    nameless = jwt.encode(claims, OLD.secret_key, algorithm=keys.ALGORITHM)
    assert keys.verified(NEW_AND_OLD, nameless, audience="x", require=("sub",)) == claims


@pytest.mark.parametrize("kid", ["../secret", 7, keys.key_id("f" * 40), ""])
def test_a_name_of_a_key_that_is_not_in_force_opens_nothing(kid: object) -> None:
    claims = {"aud": "x", "sub": "ann"}
    signed = keys.signed(NEW_AND_OLD, claims).split(".")
    header = jwt.utils.base64url_encode(
        f'{{"alg":"HS256","kid":{kid if kid == 7 else f"{chr(34)}{kid}{chr(34)}"}}}'.encode()
    )
    with pytest.raises(jwt.PyJWTError):
        keys.verified(NEW_AND_OLD, ".".join([header.decode(), *signed[1:]]), audience="x", require=("sub",))


def test_an_expired_token_is_told_from_a_forged_one() -> None:
    with pytest.raises(InvalidToken, match="expired"):
        read(NEW_AND_OLD, issue(OLD, ANN, lifetime=-HOUR))


@pytest.mark.parametrize("settings", STEPS)
def test_texts_are_signed_as_by_the_library(settings: Settings) -> None:
    claims = {"aud": "é", "sub": "1", "until": 12, "offices": ["KEN", {"a": 'ü"\n'}], "donor": None}
    key = settings.signing_key()
    expected = jwt.encode(claims, key, algorithm=keys.ALGORITHM, headers={"kid": keys.key_id(key)})
    assert keys.signed(settings, claims) == expected
