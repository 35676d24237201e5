"""A page of figures: its panels, its filters, and when its newest change was made; kept until the log moves on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from flask import current_app, render_template
from markupsafe import Markup
from sqlalchemy.orm import Session

from muster_report import seen
from muster_report.boards.asked import OF_OFFICES, OF_PROJECTS, Asked
from muster_report.boards.board import Board
from muster_report.boards.choices import NAMES, choices, newest_source
from muster_report.boards.kept import Kept
from muster_report.boards.narrowing import narrowed
from muster_report.boards.panels import Panel, Reading, Shown, shown
from muster_report.boards.sources import Sources
from muster_report.boards.standing import Standing, Standings, facts_of, standings, time_of
from muster_report.facts import Facts
from muster_shared.auth import Caller
from muster_shared.language import Language

Scope = tuple[tuple[str, ...], tuple[str, ...]] | None


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads, and in which language."""

    caller: Caller
    language: Language

    def reads_only(self, session: Session, reports: Iterable[str], asked: Asked) -> frozenset[str] | None:
        """The offices of which alone they see these figures; None where they see some of all offices."""
        of_single_projects = asked.picks_projects or seen.OF_SINGLE_PROJECTS.issuperset(reports)
        return seen.offices_of(session, self.caller) if of_single_projects else None

    def scope(self, reports: Iterable[str], asked: Asked) -> Scope:
        """The offices and regions whose single projects they see; None where these figures are the same for all."""
        of_single_projects = asked.picks_projects or not seen.OF_SINGLE_PROJECTS.isdisjoint(reports)
        if self.caller.sees_all_offices or not of_single_projects:
            return None
        return self.caller.offices, self.caller.regions


def kept() -> Kept[Markup]:
    """The parts of pages that this process keeps."""
    held: Kept[Markup] = current_app.extensions.setdefault("muster_figures", Kept())
    return held


def board_part(session: Session, board: Board, asked: Asked, reader: Reader) -> Markup:
    """The content of a page of figures.

    Raises:
        Problem: 404, the log is not applied as far as the position asked for.
    """
    of = asked.only(board.filters)
    stands = standings(session, board.kinds(), of.at)
    key = (board.key, of, reader.scope(board.reports(), of), reader.language.code)
    return kept().of(key, stands.of(board.kinds()), lambda: _made(session, board, of, reader, stands))


def _made(session: Session, board: Board, asked: Asked, reader: Reader, stands: Standings) -> Markup:
    offices, newest = reader.reads_only(session, board.reports(), asked), stands.of(board.kinds())
    facts = facts_of(session, board.kinds(), stands, offices)
    path, language = f"/report/figures/{board.key}", reader.language
    if "source" in board.filters and not asked.source:
        asked = replace(asked, source=newest_source(facts))
    sources = sources_of(session, facts, asked, reader)
    panels = [_shown(panel, sources, reader, path) for panel in board.panels if _is_wanted(panel, asked)]
    return Markup(  # noqa: S704 - a template made it
        render_template(
            "figures_board_part.html",
            board=board,
            panels=panels,
            asked=asked,
            names=NAMES,
            choices=choices(facts, asked, board.filters, language.code),
            standing=newest,
            time=made_at(time_of(session, newest.position), language),
            same=_same(board, asked, newest, path),
            bound=any(panel.bound for panel in panels),
            language=language,
        )
    )


def sources_of(session: Session, facts: Facts, asked: Asked, reader: Reader) -> Sources:
    """Where the panels of a reader take their tables from."""
    sees = None if reader.caller.sees_all_offices else seen.records_of(session, reader.caller)
    return Sources(narrowed(facts, asked), asked, reader.language.code, sees)


def _shown(panel: Panel, sources: Sources, reader: Reader, path: str) -> Shown:
    may_read = reader.caller.sees_all_offices or panel.report not in seen.OF_SINGLE_PROJECTS
    return shown(panel, Reading(sources, reader.language, path), may_read=may_read)


def _is_wanted(panel: Panel, asked: Asked) -> bool:
    return not panel.needs or bool(getattr(asked, panel.needs))


def _same(board: Board, asked: Asked, stands: Standing, path: str) -> str:
    """The address that shows the same figures for ever: every filter, and the position of the log."""
    day = {"until": asked.until.isoformat()} if "until" in board.filters else {"year": asked.year}
    chosen = {name: getattr(asked, name) for name in (*OF_OFFICES, *OF_PROJECTS, "source")}
    return asked.address(path, **day, **chosen, at=str(stands.position))


def made_at(moment: datetime | None, language: Language) -> str:
    """A time in UTC, as what is kept is for readers of every time zone; empty where there is none."""
    return f"{language.moment(moment, 'UTC')} UTC" if moment else ""
