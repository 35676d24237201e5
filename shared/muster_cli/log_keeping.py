"""Log files of ``muster up`` by the day: cut once a day, deleted after so many days.

The day of the last cut stands in the folder, so a day on which nothing ran, or a restart, changes nothing.
"""

from __future__ import annotations

import re
import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

_DAY_FILE: Final = "cut-on"
_DATED: Final = re.compile(r".+\.log\.(\d{4}-\d{2}-\d{2})")


def keep(folder: Path, *, today: date, days: int) -> bool:
    """Cut every log once a day and delete what is older than ``days``; whether today was a day for it still.

    ``days`` 0 deletes nothing. What a process writes between the copy and the cut, some microseconds, is lost.
    """
    last = _last_cut(folder)
    if last == today:
        return False
    if last is not None:
        for path in sorted(folder.glob("*.log")):
            _cut(path, last)
    for path in folder.iterdir() if days else ():
        if _is_older(path, today - timedelta(days=days)):
            path.unlink(missing_ok=True)
    (folder / _DAY_FILE).write_text(today.isoformat())
    return True


def _cut(path: Path, day: date) -> None:
    """The processes keep their files open and write at their ends, so each is copied and emptied."""
    if path.stat().st_size == 0:
        return
    with path.open("rb") as log, path.with_name(f"{path.name}.{day.isoformat()}").open("ab") as aside:
        shutil.copyfileobj(log, aside)
    with path.open("r+b") as log:
        log.truncate()


def _is_older(path: Path, first: date) -> bool:
    """Whether a log that was put aside is of a day before ``first``; one moved for its size is of its last day."""
    dated = _DATED.fullmatch(path.name)
    if dated:
        return date.fromisoformat(dated[1]) < first
    return path.name.endswith(".log.1") and datetime.fromtimestamp(path.stat().st_mtime, UTC).date() < first


def _last_cut(folder: Path) -> date | None:
    try:
        return date.fromisoformat((folder / _DAY_FILE).read_text().strip())
    except (FileNotFoundError, ValueError):
        return None
