"""Style sheets and scripts: the same addresses at every service, so that a browser loads each of them once.

An address holds a digest of the content: it never changes, and may be kept for ever.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files
from typing import Final

from flask import Blueprint, Response

from muster_shared.opened import opened
from muster_shared.problems import not_found

routes = Blueprint("assets", __name__)
_FOLDER: Final = files("muster_shared.pages") / "assets"
_TYPES: Final = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml"}
_FOR_EVER: Final = "public, max-age=31536000, immutable"


@cache
def content(name: str) -> bytes:
    """The bytes of an asset.

    Raises:
        KeyError: there is no asset of this name.
    """
    known = {file.name: file for file in _FOLDER.iterdir() if file.is_file()}
    return known[name].read_bytes()


@cache
def address(name: str) -> str:
    """Where a page finds an asset.

    Raises:
        KeyError: there is no asset of this name.
    """
    return f"/static/{_digest(name)}/{name}"


def _digest(name: str) -> str:
    return hashlib.sha256(content(name)).hexdigest()[:16]


@routes.get("/static/<digest>/<name>")
@opened
def asset(digest: str, name: str) -> Response:
    """An asset; one of another release is answered with today's, and not kept."""
    try:
        held = content(name)
    except KeyError as error:
        raise not_found(f"there is no asset {name}") from error
    response = Response(held, content_type=_TYPES[name.rpartition(".")[2]])
    response.headers["Cache-Control"] = _FOR_EVER if digest == _digest(name) else "no-cache"
    return response
