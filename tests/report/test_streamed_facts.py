"""Facts of one kind in a file read as facts held in memory do, as often as they are asked for."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from muster_report.about import complete
from muster_report.fact_batches import AT_ONCE, in_batches
from muster_report.facts import Fact, Facts, Submission
from muster_report.made_file import made_file
from muster_report.reports import projects
from muster_report.streamed_facts import StreamedKind, UsedFacts
from muster_report.xlsx import render, write
from report.export_facts import facts_of, sample_records

AT = datetime(2016, 11, 30, 8, 0, 0, 250_001, tzinfo=UTC)


def submission(number: int) -> Submission:
    return Submission(f"KEN-{number:06}", "KEN", AT, f"{number:064x}", f"s-{number}")


def fact(number: int) -> Fact:
    fields = {"project_code": f"P-{number:05}", "budget": {"amount": "1.50"}, "areas": [{"percent": 60}], "note": None}
    at = AT + timedelta(microseconds=number)
    return Fact("project", f"P-{number:05}", 3, "KEN", number + 1, at, fields, submission(number // 700))


FACTS = [fact(number) for number in range(1_730)]


@pytest.fixture(scope="module")
def streamed() -> StreamedKind:
    return StreamedKind("project", in_batches("project", FACTS))


def test_they_are_the_same_facts_in_the_same_order_each_time(streamed: StreamedKind) -> None:
    assert list(streamed.values()) == list(streamed.values()) == FACTS
    assert (list(streamed), len(streamed)) == ([one.key for one in FACTS], len(FACTS))


def test_any_of_them_is_found_by_its_key(streamed: StreamedKind) -> None:
    assert [streamed[f"P-{number:05}"] for number in (0, AT_ONCE - 1, AT_ONCE, 999, 1_729)] == [
        FACTS[number] for number in (0, AT_ONCE - 1, AT_ONCE, 999, 1_729)
    ]
    for missing in ("", "P-00000x", "P-99999"):
        assert streamed.get(missing) is None


def test_two_readings_do_not_disturb_each_other(streamed: StreamedKind) -> None:
    assert [(one.key, other.key) for one, other in zip(streamed.values(), streamed.values(), strict=True)] == [
        (one.key, one.key) for one in FACTS
    ]


def test_a_reading_that_was_left_is_gone_on_with_by_the_next_one() -> None:
    streamed = StreamedKind("project", in_batches("project", FACTS))
    left = iter(streamed.values())
    first = next(left)
    assert list(streamed.values()) == FACTS
    assert [first, *left] == FACTS


def test_the_first_reading_reads_no_further_than_it_is_asked_to() -> None:
    asked = iter(FACTS)
    next(iter(StreamedKind("project", in_batches("project", asked)).values()))
    assert next(asked) == FACTS[AT_ONCE]


def test_submissions_are_told_once(streamed: StreamedKind) -> None:
    assert list(streamed.submissions()) == [submission(number) for number in range(3)]


def test_what_a_book_used_is_counted_and_read_with_the_rest(streamed: StreamedKind) -> None:
    office = Fact("office", "KEN", 1, "HQ", 9_000, AT, {}, submission(7))
    used = UsedFacts(streamed, (office,))
    assert (len(used), list(used)) == (len(FACTS) + 1, [*FACTS, office])
    assert used.submissions() == {submission(number) for number in (0, 1, 2, 7)}
    assert office in used
    assert fact(9_999) not in used


def test_none_at_all_is_no_facts() -> None:
    empty = StreamedKind("project", iter(()))
    assert (len(empty), list(empty), list(empty.values()), empty.get("P-00000")) == (0, [], [], None)


@pytest.mark.parametrize("numbers", [(1, 0), (0, 1, 1)])
def test_facts_out_of_order_are_refused(numbers: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="comes after"):
        len(StreamedKind("project", in_batches("project", (fact(number) for number in numbers))))


@pytest.mark.parametrize("copy", ["internal", "public"])
def test_the_workbook_of_streamed_projects_is_that_of_projects_held_whole(copy: str) -> None:
    whole = facts_of(sample_records())
    batches = in_batches("project", whole.kind("project").values())
    streamed = Facts({**whole.by_kind, "project": StreamedKind("project", batches)})
    params = {"copy": copy}
    books = [complete(projects.build(facts, params), params=params, base=None) for facts in (whole, streamed)]
    made = made_file(partial(write, books[1]))
    content = b"".join(made.pieces())
    assert content == render(books[0])
    assert made.size == len(content)
    assert made.sha256 == hashlib.sha256(content).hexdigest()
