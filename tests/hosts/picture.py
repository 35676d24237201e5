"""Draws ``docs/pictures/hosts.png`` from what the whole story measured, by hand after ``make chaos``::

PYTHONPATH=tests .venv/bin/python -m hosts.picture
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from curves import Panel, draw
from hosts.course import MEASURED, Course

_PICTURE: Final = Path(__file__).parents[2] / "docs" / "pictures" / "hosts.png"


def main() -> None:
    """Receipts in each second, and a line wherever a machine went or came."""
    course = Course.read(MEASURED)
    panel = Panel(
        title="receipts per second, all through one origin",
        lines={"receipts": course.per_second()},
        x="seconds",
        marks=course.marks,
    )
    draw(_PICTURE, [panel])


if __name__ == "__main__":
    main()
