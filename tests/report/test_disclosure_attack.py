"""What the attacker learns of small cells: nothing, unless the suppressor is one that is known to be too weak."""

from __future__ import annotations

from hypothesis import given

import published_statistics as some
from attacker import Attacker, broken
from muster_report.disclosure import Figure, Key, Release, Shown, Statistics, suppress, suppress_in_turn

TABLE = some.published(
    {
        ("o1", "g1", "f", "0-4"): 3,
        ("o1", "g2", "f", "0-4"): 20,
        ("o2", "g1", "f", "0-4"): 30,
        ("o2", "g2", "f", "0-4"): 40,
    },
    [(0, 1)],
)
SMALL = ("by 01", "o1", "g1")


def test_the_attacker_reads_a_lone_hidden_cell_off_its_total() -> None:
    naive = some.released(TABLE, some.naive)

    assert Attacker.of([naive]).interval(0, SMALL) == (3, 3)
    assert Attacker.of([naive]).excluded(0, SMALL) == [1, 2, 4]
    assert (0, SMALL) in broken([naive])


def test_the_attacker_learns_nothing_of_the_same_cell_from_what_muster_shows() -> None:
    release = Release(TABLE, suppress(TABLE).shown)
    low, high = Attacker.of([release]).interval(0, SMALL)

    assert (low, high) == (1, 4)  # it is marked "<5"
    assert broken([release]) == []


def test_the_attacker_uses_what_the_marks_say() -> None:
    """A row 3 + 3 = 6, both marked: with 1 to 4 in each, neither can be 1."""
    row = some.published({("o1", "g1", "f", "0-4"): 3, ("o1", "g2", "f", "0-4"): 3}, [(1,)])
    shown = some.naive(row)

    assert Attacker.of([Release(row, shown)]).interval(0, ("by 1", "g1")) == (2, 4)
    assert broken([Release(row, suppress(row).shown)]) == []


def test_a_suppressor_that_looks_at_each_sheet_for_itself_is_broken_across_sheets() -> None:
    """Groups hide g1 with g2, the cheapest partner; the programmes, which have no small cell, show g2."""
    counts: dict[Key, int] = {("g1",): 3, ("g2",): 9, ("g3",): 40}
    sums: dict[Key, set[Key]] = {("group", cell[0]): {cell} for cell in counts}
    sums |= {("group", "*"): set(counts), ("programme", "p2"): {("g2",)}, ("programme", "p3"): {("g3",)}}
    issue = Statistics(counts, tuple(Figure(key, frozenset(base)) for key, base in sums.items()))
    alone = some.sheet_by_sheet(issue, lambda sheet: suppress(sheet).shown)

    assert broken([Release(issue, alone)]) == [(0, ("group", "g1"))]
    assert broken([Release(issue, suppress(issue).shown)]) == []


def test_an_issue_that_forgets_the_one_before_is_broken_by_subtraction() -> None:
    """Only one cell changed; its partner of the first issue stands open in the second."""
    counts: dict[Key, int] = {("o1", "g1", "f", "0-4"): 3, ("o1", "g2", "f", "0-4"): 20, ("o1", "g3", "f", "0-4"): 40}
    first, second = some.published(counts, [(1,)]), some.published(counts | {("o1", "g1", "f", "0-4"): 9}, [(1,)])
    forgetful = [Release(issue, suppress(issue).shown) for issue in (first, second)]
    mindful = [Release(i, s.shown) for i, s in zip((first, second), suppress_in_turn([first, second]), strict=True)]

    assert forgetful[1].shown["by 1", "g2"] is Shown.OPEN
    assert broken(forgetful) == [(0, ("by 1", "g1"))]
    assert broken(mindful) == []


def test_a_later_issue_keeps_up_what_protected_the_ones_before() -> None:
    """The three small cells of the first issue protect each other; the second must not open what they do so with."""
    first: dict[Key, int] = {("o1", "g1", "f", "0-4"): 6, ("o1", "g1", "f", "5-17"): 2, ("o1", "g2", "m", "0-4"): 1}
    first |= {("o2", "g1", "m", "5-17"): 1}
    second = first | {("o1", "g2", "f", "0-4"): 3, ("o2", "g2", "m", "0-4"): 1}
    issues = [some.published(counts, [(0, 2, 3)]) for counts in (first, second)]
    found = suppress_in_turn(issues)

    assert [suppression.exposed for suppression in found] == [(), ()]
    assert broken([Release(issue, s.shown) for issue, s in zip(issues, found, strict=True)]) == []


@given(some.statistics())
def test_no_small_cell_of_any_statistics_can_be_bounded_within_1_to_4(issue: Statistics) -> None:
    found = suppress(issue)

    assert found.exposed == ()
    assert broken([Release(issue, found.shown)]) == []


@given(some.activities())
def test_no_small_cell_of_activities_that_several_offices_share_can_be_bounded(issue: Statistics) -> None:
    found = suppress(issue)

    assert found.exposed == ()
    assert broken([Release(issue, found.shown)]) == []


@given(some.issues())
def test_no_small_cell_can_be_bounded_from_a_sequence_of_issues(issues: list[Statistics]) -> None:
    found = suppress_in_turn(issues)
    releases = [Release(issue, suppression.shown) for issue, suppression in zip(issues, found, strict=True)]
    exposed = {key for suppression in found for key in suppression.exposed}

    assert [key for _, key in broken(releases) if key not in exposed] == []
