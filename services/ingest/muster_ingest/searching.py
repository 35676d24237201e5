"""Searching what a caller may see: by words and their beginnings, else by what is written alike.

Texts are compared without case and accents (``muster_folded`` of the database). Likeness is that of PostgreSQL's own
pg_trgm; where a server does not have it, only words and their beginnings are found (``finds_alike`` tells).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from sqlalchemy import ColumnElement, Double, Text, and_, case, func, literal, literal_column, or_, select, text
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from muster_ingest.models import ProjectDocument, Record, Submission
from muster_ingest.visibility import records_seen, submissions_seen
from muster_shared.auth import Caller

KINDS: Final = ("project", "partner", "donor", "office")
DOCUMENT, SUBMISSION = "document", "submission"
MOST: Final = 40
LONGEST: Final = 200  # characters of a question; the rest is not looked at
_MOST_WORDS: Final = 8
_ENOUGH: Final = 5  # with as many found by words, what is only written alike would be noise
_RANKED: Final = 1000
_SET_ALIKE: Final = text("SELECT set_config('pg_trgm.word_similarity_threshold', '0.4', true)")
_WORD: Final = re.compile(r"[^\W_]+")
_RECEIPT: Final = re.compile(r"([A-Za-z][\w-]*?)[-\s]*(\d{1,12})")
_EXTENSION: Final = text("SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_trgm')")
_NAMES: Final = literal_column("record.names", Text)
_WORDS: Final[ColumnElement[Any]] = literal_column("record.words")
_FILE_NAMES: Final = literal_column("project_document.names", Text)


@dataclass(frozen=True, slots=True)
class Found:
    """Something found: its kind, how it is called, where it is, and what else tells it from others."""

    kind: str
    key: str
    title: str
    href: str
    office: str | None = None
    status: str | None = None
    project_code: str | None = None


def search(session: Session, caller: Caller, asked: str, *, kind: str | None = None) -> list[Found]:
    """What fits a question, best first, at most ``MOST``; ``kind`` is one of ``KINDS``, document or submission."""
    words = words_of(asked)
    if not words:
        return []
    kinds = [each for each in KINDS if kind in (None, each)]
    alike = finds_alike(session)
    if alike:
        session.execute(_SET_ALIKE)
    found = list(_submissions(session, caller, asked)) if kind in (None, SUBMISSION) else []
    found += _records(session, caller, words, kinds, alike=alike) if kinds else []
    found += _documents(session, caller, words, alike=alike) if kind in (None, DOCUMENT) else []
    return found[:MOST]


def words_of(asked: str) -> list[str]:
    """The words of a question as names are compared: without case and accents."""
    apart = unicodedata.normalize("NFKD", asked[:LONGEST])
    plain = "".join(letter for letter in apart if not unicodedata.combining(letter)).lower()
    return list(dict.fromkeys(_WORD.findall(plain)))[:_MOST_WORDS]


def finds_alike(session: Session) -> bool:
    """Whether this database finds what is written alike."""
    return bool(session.scalar(_EXTENSION))


def _records(
    session: Session, caller: Caller, words: Sequence[str], kinds: Sequence[str], *, alike: bool
) -> list[Found]:
    asked = func.to_tsquery("simple", " & ".join(f"{word}:*" for word in words))
    score = func.ts_rank(_WORDS, asked, type_=Double) + _is_the_key(words)
    found = _ranked(session, caller, kinds, _WORDS.op("@@")(asked), score)
    if alike and len(found) < _ENOUGH:
        known = {(one.kind, one.key) for one in found}
        further = _ranked(session, caller, kinds, _all_alike(words, _NAMES), _likeness(words, _NAMES))
        found += [one for one in further if (one.kind, one.key) not in known]
    return found


def _ranked(
    session: Session, caller: Caller, kinds: Sequence[str], fits: ColumnElement[bool], score: ColumnElement[float]
) -> list[Found]:
    """The best of the first ``_RANKED`` that fit: what fits more than those is told by no order."""
    seen = or_(*(and_(Record.kind == kind, records_seen(session, caller, kind)) for kind in kinds))
    shown = (Record.kind, Record.key, Record.office, Record.fields)
    fitting = select(*shown, score.label("score")).where(fits, ~Record.withdrawn, seen).limit(_RANKED).subquery()
    told = (fitting.c.kind, fitting.c.key, fitting.c.office, fitting.c.fields)
    query = select(*told).order_by(fitting.c.score.desc(), fitting.c.kind.desc(), fitting.c.key).limit(MOST)
    return [_found(*row) for row in session.execute(query)]


def _found(kind: str, key: str, office: str, fields: dict[str, Any]) -> Found:
    title = str(fields.get("title") or fields.get("name") or key)
    if kind == "project":
        return Found(kind, key, title, project_href(key), office=office, status=fields["status"])
    return Found(kind, key, title, f"/ingest/records/{kind}/{quote(key)}")


def project_href(code: str) -> str:
    """Where a project's page is."""
    return f"/ingest/projects/{quote(code, safe='')}"


def _is_the_key(words: Sequence[str]) -> ColumnElement[float]:
    """Who types a code wants just this record first: ``ken-2016-01`` before all that tells of it."""
    typed = "-".join(words)
    key = func.translate(func.lower(Record.key), "_./ ", "----")
    return case((key == typed, 2.0), (key.startswith(typed, autoescape=True), 1.0), else_=0.0)


def _all_alike(words: Sequence[str], names: ColumnElement[str]) -> ColumnElement[bool]:
    return and_(*(literal(word).op("<%")(names) for word in words))


def _likeness(words: Sequence[str], names: ColumnElement[str]) -> ColumnElement[float]:
    alike = [func.word_similarity(word, names, type_=Double) for word in words]
    total: ColumnElement[float] = sum(alike[1:], alike[0])
    return total


def _documents(session: Session, caller: Caller, words: Sequence[str], *, alike: bool) -> Iterator[Found]:
    """Files whose names hold every word; the newest version of each."""
    holds = and_(*(_FILE_NAMES.contains(word, autoescape=True) for word in words))
    fits = or_(holds, _all_alike(words, _FILE_NAMES)) if alike else holds
    query = (
        select(ProjectDocument, Record.office)
        .join(Record, and_(Record.kind == "project", Record.key == ProjectDocument.project_code))
        .where(fits, ~Record.withdrawn, records_seen(session, caller, "project"))
        .ext(distinct_on(ProjectDocument.project_code, ProjectDocument.name))
        .order_by(ProjectDocument.project_code, ProjectDocument.name, ProjectDocument.version.desc())
        .limit(MOST)
    )
    for row, office in session.execute(query):
        href = f"/ingest/v1/projects/{quote(row.project_code, safe='')}/documents/{quote(row.name, safe='')}"
        yield Found(DOCUMENT, row.name, row.name, href, office=office, project_code=row.project_code)


def _submissions(session: Session, caller: Caller, asked: str) -> Iterator[Found]:
    """A submission by its receipt number, its zeros written or not: ``KEN-12`` is ``KEN-000012``."""
    number = _RECEIPT.fullmatch(asked.strip())
    if number is None:
        return
    receipt = f"{number[1]}-{int(number[2]):06}"
    query = select(Submission).where(func.lower(Submission.receipt) == receipt.lower(), ~Submission.dry_run)
    for row in session.scalars(query.where(submissions_seen(session, caller))):
        href = f"/ingest/submissions/{row.submission_id}"
        yield Found(SUBMISSION, row.receipt or "", row.receipt or "", href, office=row.office, status=row.status)
