"""The pages of figures, in the order in which people find them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from muster_report.boards.board import Board
from muster_report.boards.money_boards import FUNDING, PROJECTS
from muster_report.boards.people_boards import PARTNERSHIPS, PEOPLE
from muster_report.boards.reporting_boards import OVERDUE, REPORTING

BOARDS: Final[Mapping[str, Board]] = {
    board.key: board for board in (FUNDING, PROJECTS, PEOPLE, REPORTING, OVERDUE, PARTNERSHIPS)
}
