"""Signed texts (JWT, HS256) and the keys they are signed with: the newest key signs, every one in force verifies.

A signed text names its key by ``kid``, so that an old key can be told from a forger's. What was signed before keys
had names is held against each.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

import jwt

from muster_shared.clock import real_now
from muster_shared.settings import Settings

ALGORITHM: Final = "HS256"
_REMEMBERED: Final = 1024  # signed texts of a process, each a token in use


def signed(settings: Settings, claims: Mapping[str, Any]) -> str:
    """The claims as a signed text, as ``jwt.encode`` gives it, but faster: every line of a mail has a signed link."""
    key = settings.signing_key()
    said = f"{_beginning(key)}.{_segment(claims)}"
    return f"{said}.{_base64(hmac.digest(key.encode(), said.encode(), hashlib.sha256))}"


@lru_cache(maxsize=8)
def _beginning(key: str) -> str:
    """The first part of every text signed with a key: how it is signed, and the key's name."""
    return _segment({"alg": ALGORITHM, "kid": key_id(key), "typ": "JWT"})


def _segment(told: Mapping[str, Any]) -> str:
    return _base64(json.dumps(dict(told), separators=(",", ":")).encode())


def _base64(octets: bytes) -> str:
    return urlsafe_b64encode(octets).rstrip(b"=").decode("ascii")


def verified(settings: Settings, text: str, *, audience: str, require: Sequence[str]) -> dict[str, Any]:
    """The claims of a text that was signed here for this audience; ``require`` names those it must have.

    Raises:
        jwt.PyJWTError: it was not signed with a key in force, is for something else, lacks a claim, or has expired.
    """
    claims = _verified(tuple(settings.signing_keys()), text, audience, tuple(require))
    if "exp" in claims and claims["exp"] <= real_now().timestamp():
        raise jwt.ExpiredSignatureError("it was valid once")
    return dict(claims)


@lru_cache(maxsize=_REMEMBERED)
def _verified(keys: tuple[str, ...], text: str, audience: str, require: tuple[str, ...]) -> Mapping[str, Any]:
    """Its claims; of a text that was seen before, all but its end was looked at then and cannot have changed."""
    for key in _candidates(keys, jwt.get_unverified_header(text).get("kid")):
        try:
            return _decoded(text, key, audience, require)
        except jwt.InvalidSignatureError:
            continue
    raise jwt.InvalidSignatureError("signed with no key that is in force")


def key_id(key: str) -> str:
    """The name of a key, which says nothing about it."""
    return hmac.digest(key.encode(), b"muster key id", hashlib.sha256).hex()[:12]


def _candidates(keys: Sequence[str], named: Any) -> list[str]:
    return [key for key in keys if named is None or key_id(key) == named]


def _decoded(text: str, key: str, audience: str, require: Sequence[str]) -> dict[str, Any]:
    options: Any = {"require": list(require)}
    claims: dict[str, Any] = jwt.decode(text, key, algorithms=[ALGORITHM], audience=audience, options=options)
    return claims
