"""The repository holds no secret: no private key, no token of a service, nothing random that is named like one."""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_FOLDERS = ("services", "shared", "tests", "docs", "deploy", ".ci")
_BINARY = {".png", ".xlsx", ".pyc", ".mo", ".woff2", ".ico"}
_LARGEST = 2_000_000
_KNOWN = re.compile(
    r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----\s+[A-Za-z0-9+/=]{32}"
    r"|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"  # Amazon
    r"|\bgh[oprsu]_[A-Za-z0-9]{36}|\bgithub_pat_\w{40}|\bglpat-[\w-]{20}"
    r"|\bxox[abprs]-[\w-]{20}|\bsk_live_\w{20}|\bAIza[\w-]{35}|\bpypi-[\w-]{40}"
    r"|\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{20,}"  # a signed token
    r"|://[^\s/:@'\"{}<>]+:(?P<password>[^\s/@'\"{}<>$]{12,})@"
)
_NAMED = re.compile(
    r"(?i)\b\w*(?:secret|token|passw(?:or)?d|api_?key|private_?key|credential)\w*\"?\s*(?::[^=\n]{0,20})?[=:]\s*"
    r"[\"']?(?P<value>[A-Za-z0-9+/=_\-]{20,})"
)
_RANDOM = 3.0  # bits a character; 24 hexadecimal digits at random come to some 3.5
_DIGITS = 4
RANDOM = hashlib.sha256(b"planted").hexdigest()  # as random as any, and the same each time


def _texts() -> Iterator[Path]:
    """What a commit may hold; lock files are left out, as they consist of digests."""
    yield from (path for path in ROOT.iterdir() if path.is_file() and path.suffix != ".lock" and path.name != ".git")
    for folder in _FOLDERS:
        yield from (path for path in (ROOT / folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts)


def _bits(text: str) -> float:
    counted = [count / len(text) for count in Counter(text).values()]
    return -sum(share * math.log2(share) for share in counted)


def _looks_random(value: str) -> bool:
    return _bits(value) > _RANDOM and sum(letter.isdecimal() for letter in value) >= _DIGITS


def found_in(text: str) -> list[str]:
    """The beginnings of what looks like a secret; never all of it, as what is printed here may be kept."""
    known = [match for match in _KNOWN.finditer(text) if _is_real(match["password"])]
    named = [match for match in _NAMED.finditer(text) if _looks_random(match["value"])]
    return [match[0][:24] for match in (*known, *named)]


def _is_real(password: str | None) -> bool:
    return password is None or _looks_random(password)


def test_no_file_holds_a_secret() -> None:
    files = [path for path in _texts() if path.suffix not in _BINARY and path.stat().st_size < _LARGEST]
    assert len(files) > 300
    found = {
        str(path.relative_to(ROOT)): found_in(path.read_text(encoding="utf-8", errors="replace")) for path in files
    }
    assert {name: what for name, what in found.items() if what} == {}


@pytest.mark.parametrize(
    "planted",
    [
        f"-----BEGIN RSA PRIVATE KEY-----\n{'Ab1/' * 16}",
        f"AWS = 'AKIA{'Q7' * 8}'",
        f"gh{'p_'}{RANDOM[:36]}",
        f"ey{'J'}hbGciOiJIUzI1NiJ9.ey{'J'}zdWIiOiJhQGIuYyJ9.{RANDOM[:43]}",
        f"MUSTER_SECRET_KEY={RANDOM}",
        f'api_key: str = "{RANDOM[:40]}"',
        f"postgresql://muster:{RANDOM[:24]}@db.example.org/muster",
    ],
    ids=["private key", "Amazon", "GitHub", "signed token", "setting", "assignment", "address"],
)
def test_one_that_is_planted_is_found(planted: str) -> None:
    assert len(found_in(f"# a file\n{planted}\n")) >= 1


def test_words_and_examples_are_none() -> None:
    assert found_in("secret_key = 'a secret of tests that is long enough to sign with'") == []
    assert found_in("postgresql://user:password@host:port/database") == []
    assert found_in("csrf_token = hmac_digest_of_the_session_of_somebody") == []
