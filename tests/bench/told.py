"""What benches found, kept in ``docs/benchmarks.json`` and told in ``docs/benchmarks.md`` as a table and a picture.

A run of some benches replaces what those had found before; the others keep theirs, each with its own date.
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from bench.measuring import Bounded, Compared
from bench.picture import draw

DOCS: Final = Path(__file__).parents[2] / "docs"
KEPT: Final = DOCS / "benchmarks.json"
_PAGE: Final = DOCS / "benchmarks.md"
_PICTURE: Final = DOCS / "pictures" / "benchmarks.png"
_BEGIN, _END = "<!-- written by make bench -->", "<!-- end of what make bench writes -->"
_HEAD: Final = (
    "| job | yardstick of the same run | ours | yardstick's | ratio | bound | rounds | holds |",
    "|---|---|---|---|---|---|---|---|",
)
Found = dict[str, Any]


def keep(bench: str, results: Sequence[Compared | Bounded], *, now: datetime, load: float) -> None:
    """Put what a bench found beside what the others found, and write the page and the picture anew.

    ``load`` is the machine's own load average (jobs waiting for a core) when the bench began.
    """
    told = read()
    told[bench] = {
        "date": f"{now:%Y-%m-%d}",
        "machine": _machine(),
        "load": round(load, 1),
        "results": [_found(result) for result in results],
    }
    KEPT.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    write(told)


def read() -> dict[str, Any]:
    """What was found before, by bench."""
    return dict(json.loads(KEPT.read_text(encoding="utf-8"))) if KEPT.exists() else {}


def write(told: dict[str, Any]) -> None:
    """The table into the page, between its two marks, and the picture."""
    page = _PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(_BEGIN)
    after = rest.partition(_END)[2]
    _PAGE.write_text(f"{before}{_BEGIN}\n{table(told)}\n{_END}{after}", encoding="utf-8")
    rows = [row for each in told.values() for row in each["results"] if row["bound"]]
    _PICTURE.write_bytes(draw([(row["job"], row["reach"], row["holds"]) for row in rows]))


def table(told: dict[str, Any]) -> str:
    """Markdown: a table for each bench, under the command that measured it."""
    parts = []
    for bench, each in told.items():
        seen = f"`make bench ONLY={bench}`, {each['date']}, {each['machine']}, load {each['load']} before it began."
        lines = [_line(row) for row in each["results"]]
        parts.append("\n".join([f"### {bench}", "", seen, "", *_HEAD, *lines]))
    return "\n\n".join(parts)


def _line(row: Found) -> str:
    holds = {True: "yes", False: "**no**", None: ""}[row["holds"]]
    cells = (row["job"], row["yardstick"], row["ours"], row["theirs"], row["ratio"], row["bound"], row["rounds"], holds)
    return "| " + " | ".join(cells) + " |"


def _found(result: Compared | Bounded) -> Found:
    names = ("job", "yardstick", "ours", "theirs", "ratio", "bound", "rounds")
    return {**dict(zip(names, result.row(), strict=True)), "holds": result.holds, "reach": _reach(result)}


def _reach(result: Compared | Bounded) -> float | None:
    """How much of its bound a result needs or reaches: 1 is the bound itself, and less is better."""
    if isinstance(result, Bounded):
        share = result.ratio
    elif result.limit is None:
        return None
    else:
        share = result.ratio / result.limit
    return round(1 / share if result.least else share, 3)


def _machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores, {memory:.0f} GB, {platform.system()}, Python {platform.python_version()}"
