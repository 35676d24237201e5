"""Amounts are converted at the rate of their month, rounded once, and what is shown adds up."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muster_report.figures import Part
from muster_report.money import EXACT, Amount, Rates, stated, usd_parts, usd_total
from muster_report.money_expenditure import spending
from muster_report.money_rates import missing_notes, rates_sheet
from muster_report.money_rounding import (
    exact_sum,
    nearest,
    rounded_differences,
    rounded_list,
    rounded_parts,
    rounded_table,
)
from report.export_facts import fact_of
from report.money_facts import a_grant, a_rate, a_report, facts_of

AMOUNTS = st.decimals("-100000", "100000", places=7) | st.decimals("-2", "2", places=1)
TABLES = st.dictionaries(st.tuples(st.sampled_from("abcdef"), st.sampled_from("uvwxyz")), AMOUNTS, max_size=30)


def granted(amount: str, currency: str, on: str) -> Amount:
    fact = fact_of(a_grant(amount=amount, currency=currency, signed=on), 1)
    return stated("granted", fact, "amount", fact.fields, on=on)


def rates(*known: tuple[str, str, str]) -> Rates:
    return Rates(facts_of(a_rate(*rate) for rate in known))


def spent(*reports: dict[str, object], until: str = "2017-12-31") -> list[tuple[Decimal, str]]:
    facts = [fact_of(report, number) for number, report in enumerate(reports)]
    return [(amount.own(), amount.month) for amount in spending(facts, date.fromisoformat(until)).amounts]


def test_an_amount_is_converted_at_the_rate_of_its_month_and_not_rounded() -> None:
    known = rates(("EUR", "2016-01", "0.9"), ("EUR", "2016-02", "0.8"))
    assert known.usd(granted("100", "EUR", "2016-02-29")) == 125
    assert known.usd(granted("100", "EUR", "2016-01-31")) == EXACT.divide(Decimal(100), Decimal("0.9"))


def test_usd_needs_no_rate() -> None:
    assert rates().usd(granted("12.34", "USD", "2016-02-29")) == Decimal("12.34")


def test_an_amount_without_a_rate_is_in_no_total_and_is_told_by_currency_and_month() -> None:
    amounts = [
        granted("1234.50", "EUR", "2016-03-01"),
        granted("1000", "EUR", "2016-03-31"),
        granted("7", "USD", "2016-03-01"),
    ]
    known = rates(("EUR", "2016-02", "0.8"))
    assert usd_total(amounts, known) == 7
    (gap,) = known.missing(amounts)
    assert (gap.currency, gap.month, gap.count, gap.amount) == ("EUR", "2016-03", 2, Decimal("2234.50"))
    (note,) = missing_notes(amounts, known, "en")
    assert note.tone == "alert"
    assert "No exchange rate for EUR in 2016-03: 2 amounts, 2,234.50 EUR" in note.text


def test_a_rate_of_zero_or_less_is_no_rate() -> None:
    assert rates(("EUR", "2016-02", "0")).usd(granted("100", "EUR", "2016-02-29")) is None


def test_another_currency_is_reached_by_way_of_usd_in_the_same_month() -> None:
    known = rates(("EUR", "2016-02", "0.8"), ("CHF", "2016-02", "1.2"), ("CHF", "2016-03", "2"))
    assert known.converted(granted("100", "EUR", "2016-02-29"), "CHF") == 150
    assert known.converted(granted("100", "CHF", "2016-03-01"), "EUR") is None


def test_each_rate_used_is_listed_with_its_source_and_the_number_of_amounts() -> None:
    known = rates(("EUR", "2016-02", "0.8"), ("EUR", "2016-03", "0.9"))
    sheet = rates_sheet([granted("1", "EUR", "2016-02-01"), granted("2", "EUR", "2016-02-02")], known, "Title", "en")
    assert [row.cells for row in sheet.table("rates")[0].rows] == [("EUR", "2016-02", Decimal("0.8"), 2, "by hand")]


def test_a_converted_figure_names_the_record_of_its_rate_besides_the_amount() -> None:
    known = rates(("EUR", "2016-02", "0.8"))
    parts = list(usd_parts([granted("100", "EUR", "2016-02-01")], known, Decimal(30)))
    assert [(part.fact.kind, part.path, part.value) for part in parts] == [
        ("grant", "amount", Decimal("37.5")),
        ("exchange_rate", "usd_rate", 0),
    ]
    assert parts[0].note == "30 percent of 100 EUR at 0.8 EUR per USD in 2016-02"


def test_money_spent_is_of_the_month_in_which_the_period_ends_or_the_report_came_in_before_that() -> None:
    early = a_report(submitted_on="2016-05-31")
    assert spent(a_report()) == [(Decimal(400), "2016-06")]
    assert spent(early) == [(Decimal(400), "2016-05")]


def test_a_report_on_the_whole_period_adds_only_what_is_new() -> None:
    final = a_report(amount="950", type="final", period_end="2016-12-31", submitted_on="2017-02-01")
    found = spent(a_report(), final)
    assert found == [(Decimal(400), "2016-06"), (Decimal(950), "2016-12"), (Decimal(-400), "2016-12")]
    assert sum(value for value, _ in found) == 950


def test_a_returned_report_and_one_of_a_later_day_count_nothing() -> None:
    assert spent(a_report(donor_status="returned")) == []
    assert spent(a_report(), until="2016-07-19") == []
    assert len(spent(a_report(), until="2016-07-20")) == 1


def test_a_list_is_rounded_by_largest_remainder_to_the_nearest_total() -> None:
    thirds = [EXACT.divide(Decimal(100), Decimal(3))] * 3
    assert rounded_list(thirds) == [34, 33, 33]
    assert rounded_list([Decimal("0.4"), Decimal("0.4"), Decimal("0.4")]) == [1, 0, 0]
    assert rounded_list([Decimal("-0.6"), Decimal("1.6")]) == [-1, 2]


def test_a_total_that_no_rounding_reaches_is_refused() -> None:
    with pytest.raises(ValueError, match="adds up to 5"):
        rounded_list([Decimal("1.5"), Decimal("1.5")], 5)


def test_rows_and_columns_of_a_table_add_up_where_rounding_by_itself_does_not() -> None:
    halves = {(row, column): Decimal("0.5") for row in "abc" for column in "xyz"}
    rounded = rounded_table(halves)
    assert rounded.total == 5
    assert sorted(rounded.rows.values()) == sorted(rounded.columns.values()) == [1, 2, 2]


def test_a_total_that_is_whole_already_stays_whatever_the_others_gain() -> None:
    cells = {("a", "x"): "0.5", ("a", "y"): "0.5", ("b", "x"): "0.6", ("c", "y"): "0.6"}
    rounded = rounded_table({place: Decimal(value) for place, value in cells.items()})
    assert rounded.rows["a"] == 1
    assert rounded.total == 2


def test_of_all_roundings_the_one_with_the_nearest_totals_and_then_figures_is_taken() -> None:
    rows = {"a": ("0.3", "0.3", "0.3"), "b": ("0.1", "0.1", "0.0")}
    cells = {(row, column): Decimal(v) for row, values in rows.items() for column, v in zip("xyz", values, strict=True)}
    assert rounded_table(cells).rows == {"a": 1, "b": 0}  # 0.9 and 0.2: the other way round adds up too
    crossed = {("a", "x"): "0.2", ("a", "y"): "0.8", ("b", "x"): "0.8", ("b", "y"): "0.2"}
    near = rounded_table({place: Decimal(value) for place, value in crossed.items()})
    assert near.cells == {("a", "x"): 0, ("a", "y"): 1, ("b", "x"): 1, ("b", "y"): 0}


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.tuples(AMOUNTS, AMOUNTS), min_size=1))
def test_what_is_left_of_very_many_amounts_adds_up_too(rows: dict[str, tuple[Decimal, Decimal]]) -> None:
    wholes, taken = ({code: pair[at] for code, pair in rows.items()} for at in (0, 1))
    rounded = rounded_differences(wholes, taken, ("spent", "left"))
    assert rounded.total == nearest(exact_sum(list(wholes.values()))) == sum(rounded.columns.values())
    assert all(rounded.cells[code, "spent"] + rounded.cells[code, "left"] == rounded.rows[code] for code in rows)


@given(st.lists(AMOUNTS, max_size=40))
def test_every_rounded_list_adds_up_and_moves_no_figure_by_a_whole_unit(values: list[Decimal]) -> None:
    rounded = rounded_list(values)
    assert sum(rounded) == nearest(exact_sum(values))
    assert all(abs(figure - value) < 1 for figure, value in zip(rounded, values, strict=True))


@given(TABLES)
def test_every_rounded_table_adds_up_both_ways_with_each_total_its_own_exact_one_rounded(
    cells: dict[tuple[str, str], Decimal],
) -> None:
    rounded = rounded_table(cells)
    assert rounded.total == nearest(exact_sum(list(cells.values())))
    assert rounded.total == sum(rounded.rows.values()) == sum(rounded.columns.values())
    assert all(abs(rounded.cells[place] - value) < 1 for place, value in cells.items())
    for at, totals in enumerate((rounded.rows, rounded.columns)):
        for code, total in totals.items():
            of_code = [place for place in cells if place[at] == code]
            assert total == sum(rounded.cells[place] for place in of_code)
            assert abs(total - exact_sum([cells[place] for place in of_code])) < 1


@given(TABLES)
def test_a_table_is_rounded_the_same_whatever_the_precision_of_the_process(
    cells: dict[tuple[str, str], Decimal],
) -> None:
    expected = rounded_table(cells)
    with localcontext(prec=6):
        assert rounded_table(cells) == expected


@given(st.lists(AMOUNTS, min_size=1, max_size=20))
def test_the_parts_of_a_rounded_figure_add_up_to_it(values: list[Decimal]) -> None:
    fact = fact_of(a_grant(), 1)
    figure = nearest(exact_sum(values))
    parts = rounded_parts([Part(fact, "amount", value) for value in values], figure)
    assert sum(part.value for part in parts) == figure
    assert all(abs(part.value - value) < 1 for part, value in zip(parts, values, strict=True))


def test_parts_of_a_figure_in_cents_are_rounded_to_cents() -> None:
    fact = fact_of(a_grant(), 1)
    third = EXACT.divide(Decimal(10), Decimal(3))
    parts = rounded_parts([Part(fact, "amount", third)] * 2, Decimal("6.67"))
    assert [part.value for part in parts] == [Decimal("3.34"), Decimal("3.33")]
