"""What suppression hides, what it leaves, and that it is the same whoever asks."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import published_statistics as some
from muster_report.disclosure import Figure, Key, Release, Shown, Statistics, published, suppress, suppress_in_turn


def groups(**counts: int) -> Statistics:
    """One sheet: groups of one office, with their total."""
    return some.published({("o1", group, "f", "18+"): count for group, count in counts.items()}, [(1,)])


def marks(statistics: Statistics) -> dict[str, str]:
    return {key[-1]: mark.value for key, mark in suppress(statistics).shown.items()}


def test_counts_without_a_small_one_are_all_shown() -> None:
    assert marks(groups(a=5, b=0, c=12)) == {"a": "", "b": "", "c": "", "*": ""}


def test_a_small_cell_takes_a_partner_with_it_and_the_total_stays() -> None:
    assert marks(groups(a=3, b=40, c=90)) == {"a": "<5", "b": "s", "c": "", "*": ""}


def test_a_partner_that_is_hidden_may_be_thought_small_itself() -> None:
    """1 + 5: if a were 4, b would be 2; its mark does not rule that out, so b is enough."""
    assert marks(groups(a=1, b=5, c=90)) == {"a": "<5", "b": "s", "c": "", "*": ""}


def test_two_small_cells_that_cannot_protect_each_other_are_not_both_marked() -> None:
    """1 + 1 = 2: were both marked "<5" beside an open total of 2, there would be nothing to guess."""
    found = marks(groups(a=1, b=1))

    assert found["*"] != ""
    assert set(found.values()) <= {"<5", "s"}
    assert list(found.values()).count("s") >= 1


def test_a_lone_small_cell_hides_its_total_where_nothing_else_is_left() -> None:
    assert marks(groups(a=2)) == {"a": "<5", "*": "<5"}


def test_a_partner_of_the_last_issue_is_preferred_to_a_cheaper_one() -> None:
    first, second = groups(a=3, b=40, c=20), groups(a=2, b=20, c=40)

    assert [suppression.shown["by 1", "c"] for suppression in suppress_in_turn([first, second])] == [Shown.HIDDEN] * 2
    assert suppress(second).shown["by 1", "b"] is Shown.HIDDEN


def test_a_figure_that_was_shown_is_never_hidden_later() -> None:
    """It would protect nothing: readers have it already."""
    first, second = groups(a=9, b=40, c=60), groups(a=3, b=40, c=60)
    suppressions = suppress_in_turn([first, second])

    assert suppressions[1].shown["by 1", "b"] is Shown.OPEN
    assert suppressions[1].shown["by 1", "c"] is Shown.OPEN
    assert suppressions[1].shown["by 1", "*"] is not Shown.OPEN


def test_a_small_cell_that_earlier_issues_give_away_is_reported_and_not_shown() -> None:
    """The first issue shows a with b, and b; the second asks for a alone, with nothing changed."""
    counts: dict[Key, int] = {("a",): 3, ("b",): 40}
    both, alone = frozenset(counts), frozenset[Key]({("a",)})
    first = Statistics(counts, (Figure(("both",), both), Figure(("b",), both - alone)))
    second = Statistics(counts, (Figure(("a",), alone),))
    before = [Release(first, {("both",): Shown.OPEN, ("b",): Shown.OPEN})]
    found = suppress(second, before)

    assert found.exposed == (("a",),)
    assert found.shown[("a",)] is not Shown.OPEN


def test_an_earlier_issue_that_showed_a_small_cell_is_reported() -> None:
    issue = groups(a=3, b=40)
    found = suppress(issue, [Release(issue, dict.fromkeys(issue.values(), Shown.OPEN))])

    assert found.exposed == (("by 1", "a"),)
    assert found.shown["by 1", "a"] is Shown.HIDDEN


def test_the_loss_is_counted() -> None:
    loss = suppress(groups(a=3, b=40, c=90)).loss

    assert (loss.figures, loss.small, loss.marked, loss.complementary) == (4, 1, 1, 1)


def test_empty_combinations_that_a_reader_cannot_know_to_be_empty_are_unknowns() -> None:
    """Women and children are shown apart, girls are not; nobody in office o2 is shown as 0."""
    counts: dict[Key, int] = {("o1", "f", "18+"): 9, ("o1", "m", "0-4"): 7, ("o2", "f", "18+"): 0}
    made = published(counts, lambda cell: [("sex", cell[0], cell[1]), ("age", cell[0], cell[2])])

    assert made.counts == counts | {("o1", "f", "0-4"): 0, ("o1", "m", "18+"): 0}
    assert made.values()["age", "o1", "0-4"] == 7
    assert {cell[2] for figure in made.figures if figure.key == ("sex", "o1", "f") for cell in figure.base} == {
        "0-4",
        "18+",
    }


@pytest.mark.parametrize(
    ("counts", "base"),
    [
        ({("a",): -1}, {("a",)}),
        ({("a",): 1, ("b", "c"): 1}, {("a",)}),
        ({("a",): 1}, set()),
        ({("a",): 1}, {("b",)}),
    ],
)
def test_what_cannot_be_added_up_is_refused(counts: dict[Key, int], base: set[Key]) -> None:
    with pytest.raises(ValueError, match=r"below 0|length|adds up nothing"):
        Statistics(counts, (Figure(("figure",), frozenset(base)),))


def test_two_figures_with_one_key_are_refused() -> None:
    figure = Figure(("figure",), frozenset({("a",)}))
    with pytest.raises(ValueError, match="share a key"):
        Statistics({("a",): 1}, (figure, figure))


@given(some.statistics())
def test_every_small_cell_is_hidden_and_the_mark_for_few_is_true(issue: Statistics) -> None:
    shown = suppress(issue).shown

    for key, value in issue.values().items():
        assert value not in {1, 2, 3, 4} or shown[key] is not Shown.OPEN
        assert shown[key] is not Shown.FEW or value in {1, 2, 3, 4}


@settings(max_examples=30)
@given(some.issues(), st.randoms(use_true_random=False))
def test_the_order_in_which_counts_and_figures_come_does_not_matter(issues: list[Statistics], chance: object) -> None:
    other = [_shuffled(issue, chance) for issue in issues]

    assert suppress_in_turn(other) == suppress_in_turn(issues)


def _shuffled(issue: Statistics, chance: object) -> Statistics:
    counts, figures = list(issue.counts.items()), list(issue.figures)
    chance.shuffle(counts)  # type: ignore[attr-defined]
    chance.shuffle(figures)  # type: ignore[attr-defined]
    return Statistics(dict(counts), tuple(figures))


_PROGRAM = """
from muster_report.disclosure import published, suppress
counts = {(f"o{o}", f"g{g}", s): (o * 7 + g * 5 + ord(s)) % 11 for o in range(6) for g in range(5) for s in "fmu"}
made = published(counts, lambda c: [(a, b, d) for a in (c[0], "*") for b in (c[1], "*") for d in (c[2], "*")])
print([(key, mark.value) for key, mark in sorted(suppress(made).shown.items())])
"""


def test_two_processes_with_other_hash_seeds_hide_the_same() -> None:
    printed = [
        subprocess.run(
            [sys.executable, "-c", _PROGRAM], env={"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    ]

    assert b"'s'" in printed[0]
    assert printed[0] == printed[1]
