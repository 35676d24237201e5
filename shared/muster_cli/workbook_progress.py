"""Bars on standard error: how many submissions are done, and how far the workbook on its way is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeElapsedColumn

from muster_cli.workbook_delivery import Watch
from muster_cli.workbook_tables import console, harmless

_SHOWN_FROM: Final = 262_144  # bytes; smaller ones are sent before a bar can be read


@contextmanager
def bars() -> Iterator[tuple[Callable[[int, int], None], Watch]]:
    """Two listeners: of (done, total) submissions, and of (what goes on, done, total) of one workbook."""
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
    )
    out = console(stderr=True)
    with Progress(*columns, console=out, transient=True, disable=not out.is_terminal) as progress:
        overall = progress.add_task("submissions", total=None)
        one = progress.add_task("", total=None, visible=False)

        def counted(done: int, total: int) -> None:
            progress.update(overall, completed=done, total=total)
            progress.update(one, visible=False)

        yield counted, _watching(progress, one)


def _watching(progress: Progress, task: TaskID) -> Watch:
    seen = ""

    def watch(words: str, done: float, total: float) -> None:
        nonlocal seen
        if words != seen:
            seen = words
            progress.reset(task, description=harmless(words, longest=60))
        progress.update(task, completed=done, total=total, visible=total <= 1 or total >= _SHOWN_FROM)

    return watch
