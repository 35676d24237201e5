"""Figures on pages: an overview, pages of charts and tables, and the map."""

from __future__ import annotations

from flask import render_template

from muster_report import asking
from muster_report.boards.asked import Asked, read
from muster_report.boards.catalogue import BOARDS
from muster_report.boards.making import Reader, board_part
from muster_report.boards.map_making import map_part
from muster_report.boards.overview import tiles
from muster_report.pages import pages
from muster_shared.pages import shell
from muster_shared.problems import not_found
from muster_shared.web import caller, context

_PACKAGE = "muster_report"


@pages.get("/figures")
def figures() -> str:
    """A figure from each page, and the map."""
    asked, reader = _asked(), _reader()
    with context().sessions() as session:
        told = tiles(session, asked, reader)
        part = map_part(session, asked, reader, whole=False)
    return render_template("figures.html", boards=BOARDS, tiles=told, map_part=part)


@pages.get("/figures/map")
def figures_map() -> str:
    """Countries shaded by a figure."""
    with context().sessions() as session:
        part = map_part(session, _asked(), _reader(), whole=True)
    return render_template("figures_map.html", boards=BOARDS, part=part)


@pages.get("/parts/map")
def map_for_another_page() -> str:
    """The map for a page of another service."""
    with context().sessions() as session:
        part = map_part(session, _asked(), _reader(), whole=False)
    return render_template("figures_map_fragment.html", part=part)


@pages.get("/figures/<name>")
def figures_of(name: str) -> str:
    """A page of charts with their tables."""
    if name not in BOARDS:
        raise not_found(f"there is no page of figures '{name[:60]}'; known are {', '.join(BOARDS)}, map")
    board, asked = BOARDS[name], _asked()
    with context().sessions() as session:
        part = board_part(session, board, asked, _reader())
    return render_template("figures_board.html", board=board, boards=BOARDS, part=part)


def _asked() -> Asked:
    return read(asking.query(), context().clock.now().date())


def _reader() -> Reader:
    return Reader(caller(), shell.page_language(_PACKAGE))
