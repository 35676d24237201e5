"""Pages that a person keeps at hand: of any service, found again on the home page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from muster_ingest.models import Bookmark
from muster_shared.auth import Caller
from muster_shared.context import Context
from muster_shared.problems import DataError, Problem
from muster_shared.redirects import is_own_page

MOST: Final = 100
_LONGEST_HREF, _LONGEST_TITLE = 500, 200


def kept(context: Context, caller: Caller, most: int = MOST) -> Sequence[Bookmark]:
    """The caller's bookmarks, newest first."""
    query = select(Bookmark).where(Bookmark.email == _email(caller)).order_by(Bookmark.kept_at.desc(), Bookmark.href)
    with context.sessions() as session:
        return session.scalars(query.limit(most)).all()


def keeps(context: Context, caller: Caller, href: str) -> bool:
    """Whether the caller keeps a page."""
    with context.sessions() as session:
        return session.get(Bookmark, (_email(caller), href)) is not None


def keep(context: Context, caller: Caller, href: str, title: str) -> None:
    """Keep a page under a title; once more only changes the title.

    Raises:
        Problem: 422 no page of ours, or no title; 409 as many are kept as one can look through.
    """
    page, named = own_page(href), " ".join(title.split())[:_LONGEST_TITLE]
    if not named:
        raise _wrong("title", "a bookmark needs a title")
    row = {"email": _email(caller), "href": page, "title": named, "kept_at": context.clock.now()}
    with context.sessions.begin() as session:
        held = session.scalar(select(func.count()).select_from(Bookmark).where(Bookmark.email == row["email"]))
        if (held or 0) >= MOST:
            raise Problem(409, "too_many", f"{MOST} bookmarks are kept already: remove one first")
        query = insert(Bookmark).values(row)
        session.execute(query.on_conflict_do_update(index_elements=["email", "href"], set_={"title": named}))


def remove(context: Context, caller: Caller, href: str) -> None:
    """Keep a page no more; one that is not kept changes nothing."""
    with context.sessions.begin() as session:
        session.execute(delete(Bookmark).where(Bookmark.email == _email(caller), Bookmark.href == href))


def _email(caller: Caller) -> str:
    return caller.name.strip().lower()


def own_page(href: str) -> str:
    """An address within this instance, as it may be led to.

    Raises:
        Problem: 422, it leads elsewhere.
    """
    if not is_own_page(href) or len(href) > _LONGEST_HREF:
        raise _wrong("href", "only pages of this instance can be kept: an address such as /ingest/projects")
    return href


def _wrong(field: str, message: str) -> Problem:
    return Problem(422, "bad_bookmark", message, errors=[DataError("bad_bookmark", message, field)])
