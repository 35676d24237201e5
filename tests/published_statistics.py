"""Statistics of people as Muster's reports publish them, small enough to attack: drawn by hypothesis."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import product

from hypothesis import strategies as st

from muster_report.disclosure import Figure, Key, Release, Shown, Statistics

ALL = "*"
CODES = (("o1", "o2", "o3", "o4"), ("g1", "g2", "g3"), ("f", "m", "u"), ("0-4", "5-17", "18+"))
REGIONS = {"o1": "r1", "o2": "r1", "o3": "r2", "o4": "r2"}
Sheet = tuple[int, ...]  # the dimensions of a sheet: office, group, sex, age
SHEETS: tuple[Sheet, ...] = ((0,), (1,), (0, 1), (2, 3), (1, 2), (0, 2), (0, 2, 3), (1, 2, 3), (0, 1, 2))
COUNTS = st.one_of(st.integers(0, 6), st.integers(1, 4), st.integers(5, 60))


def published(counts: Mapping[Key, int], sheets: Iterable[Sheet]) -> Statistics:
    """Each sheet by its dimensions with every subtotal and total, and with regions where it has offices."""
    figures: dict[Key, set[Key]] = {}
    for sheet in sheets:
        for cell in counts:
            for row in product(*(_levels(at, cell[at]) for at in sheet)):
                figures.setdefault(("by " + "".join(map(str, sheet)), *row), set()).add(cell)
    return Statistics(dict(counts), tuple(Figure(key, frozenset(base)) for key, base in figures.items()))


def _levels(dimension: int, code: str) -> tuple[str, ...]:
    return (code, REGIONS[code], ALL) if dimension == 0 else (code, ALL)


@st.composite
def statistics(draw: st.DrawFn) -> Statistics:
    """One issue with up to some 40 base cells on up to three sheets."""
    return published(draw(base_counts()), draw(st.lists(st.sampled_from(SHEETS), min_size=1, max_size=3, unique=True)))


@st.composite
def base_counts(draw: st.DrawFn) -> dict[Key, int]:
    """Counts of a table that is cut small, and of which some cells do not exist."""
    codes = [all_codes[: draw(st.integers(1, len(all_codes)))] for all_codes in CODES]
    cells = list(product(*codes))
    there = draw(st.sets(st.sampled_from(cells), min_size=1, max_size=40)) if draw(st.booleans()) else set(cells[:40])
    return {cell: draw(COUNTS) for cell in sorted(there)}


@st.composite
def activities(draw: st.DrawFn) -> Statistics:
    """Field activities: each has people of some groups and belongs to one office or to several."""
    names = [f"a{number}" for number in range(draw(st.integers(1, 6)))]
    offices = {name: draw(st.sets(st.sampled_from(CODES[0]), min_size=1, max_size=3)) for name in names}
    types = {name: draw(st.sampled_from(["training", "health"])) for name in names}
    counts: dict[Key, int] = {(name, group): draw(COUNTS) for name in names for group in CODES[1]}
    figures: dict[Key, set[Key]] = {}
    for name, group in product(names, CODES[1]):
        for office, kind, which in product((*sorted(offices[name]), ALL), (types[name], ALL), (group, ALL)):
            figures.setdefault(("offices", office, kind, which), set()).add((name, group))
    return Statistics(counts, tuple(Figure(key, frozenset(base)) for key, base in figures.items()))


@st.composite
def issues(draw: st.DrawFn) -> list[Statistics]:
    """Two to four issues of the same sheets, between which some base cells change, come or go."""
    counts = draw(base_counts())
    sheets = draw(st.lists(st.sampled_from(SHEETS), min_size=1, max_size=2, unique=True))
    found = [published(counts, sheets)]
    for _ in range(draw(st.integers(1, 3))):
        changed = draw(st.dictionaries(st.sampled_from(sorted(product(*CODES))), st.none() | COUNTS, max_size=5))
        counts = {cell: count for cell, count in (counts | changed).items() if count is not None} or counts
        found.append(published(counts, sheets))
    return found


Suppressor = Callable[[Statistics], Mapping[Key, Shown]]


def naive(issue: Statistics) -> dict[Key, Shown]:
    """What a spreadsheet does: hide counts from 1 to 4 and nothing else."""
    return {key: Shown.FEW if 1 <= value <= 4 else Shown.OPEN for key, value in issue.values().items()}


def sheet_by_sheet(issue: Statistics, suppressor: Suppressor) -> dict[Key, Shown]:
    """What a suppressor shows that looks at each sheet for itself."""
    shown: dict[Key, Shown] = {}
    for sheet in sorted({figure.key[0] for figure in issue.figures}):
        figures = tuple(figure for figure in issue.figures if figure.key[0] == sheet)
        shown |= suppressor(Statistics(issue.counts, figures))
    return shown


def released(issue: Statistics, suppressor: Suppressor) -> Release:
    """An issue as it leaves the house."""
    return Release(issue, suppressor(issue))
