"""Erasing a person from a database: their address and name give way to a pseudonym, wherever a text holds them.

An address stands for one person, so it is replaced everywhere. A name may be borne by somebody else as well: it is
replaced beside the address, and elsewhere only where it is known to stand for this person alone.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import CursorResult, text
from sqlalchemy.orm import Session

_DOMAIN: Final = "erased.invalid"  # RFC 2606: mail to it goes nowhere
_PUNCTUATION: Final = re.compile(r"([!-/:-?\[-^`{-~])")
# what of a database is not rewritten as a text: the trail has hashes, the wish itself says whom it is about
_LEFT: Final = (
    *(("audit_entry", "%"), ("audit_erased", "%"), ("audit_anchor", "%"), ("alembic_version", "%")),
    *(("erasure", "address"), ("erasure", "names"), ("erasure", "digest")),
)
_COLUMNS: Final = text(
    """
    SELECT c.table_name, c.column_name, c.data_type FROM information_schema.columns c
    JOIN information_schema.tables t USING (table_schema, table_name)
    WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE' AND c.is_generated = 'NEVER'
        AND (c.data_type IN ('text', 'character varying', 'jsonb') OR c.udt_name IN ('_text', '_varchar'))
    ORDER BY c.table_name, c.ordinal_position
    """
)


@dataclass(frozen=True, slots=True)
class Erasure:
    """Whom to erase: their address in small letters, names that are theirs alone, and the mark of their pseudonym."""

    erasure_id: str
    address: str
    names: tuple[str, ...]
    mark: str

    @property
    def pseudonym(self) -> str:
        """The address that stands for them from now on; no mail can be sent to it."""
        return f"erased-{self.mark}@{_DOMAIN}"

    @property
    def name(self) -> str:
        """The name that stands for them from now on."""
        return f"Erased person {self.mark}"


def new_mark() -> str:
    """A mark that says nothing of the person."""
    return secrets.token_hex(4)


def is_erased(address: str) -> bool:
    """Whether an address is the pseudonym of somebody who was erased: nobody reads there."""
    return address.lower().endswith(f"@{_DOMAIN}")


def count(session: Session, erasure: Erasure) -> dict[str, int]:
    """How many rows of each table hold the address or a name."""
    found = {}
    for table, columns in _texts(session).items():
        query = f"SELECT count(*) FROM {_quoted(table)} WHERE {_held_by(columns, erasure)}"  # noqa: S608 - of the catalogue
        found[table] = session.execute(text(query), values(erasure)).scalar_one()
    return {table: number for table, number in found.items() if number}


def rewrite(session: Session, erasure: Erasure) -> dict[str, int]:
    """Put the pseudonym wherever the address or a name stands; how many rows of each table that were.

    One statement for each table: a row that somebody else is changing is waited for, and rewritten as it is then. What
    they add meanwhile is found by calling this again, until nothing is found.
    """
    found = {}
    for table, columns in _texts(session).items():
        new = ", ".join(f"{_quoted(name)} = {replaced(_quoted(name), kind, erasure)}" for name, kind in columns.items())
        statement = f"UPDATE {_quoted(table)} SET {new} WHERE {_held_by(columns, erasure)}"  # noqa: S608 - of the catalogue
        done = session.execute(text(statement), values(erasure))
        found[table] = done.rowcount if isinstance(done, CursorResult) else 0
    return {table: number for table, number in found.items() if number}


def beside(address: str) -> str:
    """The regular expression, as PostgreSQL reads it, of a name that stands beside an address in JSON."""
    return rf'"name": "((?:[^"\\]|\\.)*)", "email": "{escaped(address)}"'


def escaped(plain: str) -> str:
    """A text as a regular expression of PostgreSQL that matches just this text."""
    return _PUNCTUATION.sub(r"\\\1", plain)


def _texts(session: Session) -> dict[str, dict[str, str]]:
    """Table to column to type, of every column that may hold a text."""
    found: dict[str, dict[str, str]] = {}
    for table, column, kind in session.execute(_COLUMNS):
        if (table, "%") not in _LEFT and (table, column) not in _LEFT:
            found.setdefault(table, {})[column] = kind
    return found


def _held_by(columns: Mapping[str, str], erasure: Erasure) -> str:
    return " OR ".join(held(_quoted(name), kind, erasure) for name, kind in columns.items())


def held(column: str, kind: str, erasure: Erasure) -> str:
    """The SQL for whether a column holds the address or a name; to be run with ``values``.

    The plain search goes first: it is many times faster, and most rows hold nothing.
    """
    seen = []
    for key, form in _sought(erasure, kind):
        there = f"strpos(lower({column}::text), lower(:{key}_{form}_in)) > 0"
        seen.append(f"({there} AND {column}::text ~* :{key}_{form})")
    return f"({' OR '.join(seen)})"


def replaced(column: str, kind: str, erasure: Erasure) -> str:
    """The SQL for what a column is with the pseudonym in it; to be run with ``values``."""
    new = f"{column}::text"
    if kind == "jsonb":
        new = f"regexp_replace({new}, :beside, :instead, 'gi')"
    for key, form in _sought(erasure, kind):
        new = f"regexp_replace({new}, :{key}_{form}, :{key}_new, 'gi')"
    cast = {"jsonb": "::jsonb", "ARRAY": "::text[]"}.get(kind, "")
    return f"({new}){cast}"


def _sought(erasure: Erasure, kind: str) -> Iterator[tuple[str, str]]:
    """The keys of what is looked for, each with the form it has in such a column."""
    form = "text" if kind in {"text", "character varying"} else "json"
    yield "address", form
    for number in range(len(erasure.names)):
        yield f"name{number}", form


def values(erasure: Erasure) -> dict[str, str]:
    """What the SQL of an erasure is run with."""
    found = {"beside": beside(erasure.address), "instead": _beside_instead(erasure)}
    found |= _pattern("address", erasure.address, erasure.pseudonym, before="._%+-", behind=r"(?!-|\.?[[:alnum:]])")
    for number, name in enumerate(erasure.names):
        found |= _pattern(f"name{number}", name, erasure.name, before="", behind="(?![[:alnum:]])")
    return found


def _beside_instead(erasure: Erasure) -> str:
    return f'"name": "{erasure.name}", "email": "{erasure.pseudonym}"'


def _pattern(key: str, plain: str, new: str, *, before: str, behind: str) -> dict[str, str]:
    r"""Whole words only. In JSON a line break is written ``\n``, whose letter is no part of the word behind it."""
    start = rf"(^|\\[nrtbf]|[^[:alnum:]{before}])"
    in_json = json.dumps(plain, ensure_ascii=False)[1:-1]
    return {
        f"{key}_text_in": plain,
        f"{key}_json_in": in_json,
        f"{key}_text": f"{start}{escaped(plain)}{behind}",
        f"{key}_json": f"{start}{escaped(in_json)}{behind}",
        f"{key}_new": rf"\1{new}",
    }


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def as_stored(erasure: Erasure) -> dict[str, Any]:
    """As plain JSON."""
    return {
        "erasure_id": erasure.erasure_id,
        "address": erasure.address,
        "names": [*erasure.names],
        "mark": erasure.mark,
    }


def of_stored(document: Mapping[str, Any]) -> Erasure:
    """From its JSON."""
    return Erasure(document["erasure_id"], document["address"], tuple(document["names"]), document["mark"])
