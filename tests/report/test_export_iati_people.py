"""What an IATI file says of people: no small count, nobody counted twice."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from muster_report.exports.iati_results import BANDS, SEXES, Cell, cell_of, public
from report.export_facts import Record, activity, project, report_of

CELLS = st.dictionaries(
    st.builds(
        lambda sex, band: cell_of({"sex": sex, "age_min": band[0], "age_max": band[1]}),
        st.sampled_from(SEXES),
        st.sampled_from([*BANDS, (None, None)]),
    ),
    st.integers(0, 9),
    max_size=8,
)


@given(cells=CELLS)
def test_no_small_count_is_shown_or_follows_from_what_is_shown(cells: dict[Cell, int]) -> None:
    shown = public(cells)
    table = {cell: count for cell, count in shown.items() if cell != Cell()}
    assert not [count for count in shown.values() if 0 < count < 5]
    assert not table or sum(table.values()) == shown[Cell()] == sum(cells.values())


def test_small_counts_give_way_to_sex_then_to_the_total_then_to_nothing() -> None:
    def row(sex: str, low: int, count: int) -> Record:
        return {"group": "g", "sex": sex, "age_min": low, "age_max": low, "count": count}

    def figures(*rows: Record) -> list[tuple[str, list[str]]]:
        found = activity(project(targets=list(rows)))
        return [(t.get("value"), t.xpath("dimension/@value")) for t in found.iter("target")]

    assert figures(row("female", 2, 6), row("male", 2, 5)) == [
        ("11", []), ("6", ["female", "0-4"]), ("5", ["male", "0-4"]),
    ]  # fmt: skip
    assert figures(row("female", 2, 4), row("female", 8, 6)) == [("10", []), ("10", ["female"])]
    assert figures(row("female", 2, 4), row("male", 2, 6)) == [("10", [])]
    assert figures(row("female", 2, 2), row("male", 2, 2)) == []


def test_people_of_a_final_report_are_not_added_to_those_of_the_interim_ones() -> None:
    def people(count: int) -> list[Record]:
        return [{"group": "returnees", "sex": "female", "count": count}]

    found = activity(
        project(targets=[]),
        report_of("2015-01-01", "2015-12-31", "1", reached=people(40)),
        report_of("2015-01-01", "2016-10-31", "2", type="final", reached=people(90)),
        report_of("2015-01-01", "2016-10-31", "2", grant_id="G-2", reached=people(7)),
    )
    assert found.xpath("result/indicator/period/actual[not(dimension)]/@value") == ["97"]
