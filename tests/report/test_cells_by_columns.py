"""However rows are cut into batches, and whatever stands beside a value in its column, its cell is the same."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from muster_report.blocks import Value
from muster_report.bulk import RowBatch
from muster_report.bulk_rows import Styles, rows_xml
from muster_report.xlsx_cells import LONGEST_TEXT

STYLES = Styles(text=1, quoted=2, whole=3, fraction=4, day=5, empty=6, many_digits=7)
TEXTS = st.one_of(
    st.text(max_size=6),
    st.sampled_from(["=1", "+1", "-1", "@a", " a", "a ", "a&b", "<b>", "_", "x", "_x0041_", "a\nb", "\xa0", "é", "a"]),
    st.just("long " * LONGEST_TEXT),
)
VALUES: st.SearchStrategy[Value] = st.one_of(
    TEXTS,
    st.none(),
    st.integers(-3, 3),
    st.integers(),
    st.decimals(allow_nan=False, allow_infinity=False),
    st.dates(),
)
COLUMNS = st.integers(1, 12).flatmap(
    lambda rows: st.lists(
        st.one_of(
            st.lists(TEXTS, min_size=rows, max_size=rows),
            st.lists(VALUES, min_size=rows, max_size=rows),
            st.lists(st.sampled_from(["Kenya", "Uganda", None]), min_size=rows, max_size=rows),
        ),
        min_size=1,
        max_size=4,
    )
)


def written(columns: Sequence[Sequence[Value]], at_once: int) -> bytes:
    count = len(columns[0])
    keys = [str(number) for number in range(count)]
    whole = RowBatch(keys, columns)
    batches = (whole.cut(first, first + at_once) for first in range(0, count, at_once))
    return b"".join(rows_xml([STYLES] * len(columns), batches, 5))


@given(columns=COLUMNS, at_once=st.integers(1, 12))
def test_a_cell_does_not_depend_on_its_neighbours(columns: list[list[Value]], at_once: int) -> None:
    alone = b"".join(
        b"".join(rows_xml([STYLES] * len(columns), [RowBatch([""], [[column[at]] for column in columns])], 5 + at))
        for at in range(len(columns[0]))
    )
    assert written(columns, at_once) == written(columns, len(columns[0])) == alone


def test_a_row_as_it_stands_in_the_sheet() -> None:
    columns: list[list[Value]] = [["a", "=b"], [Decimal("1.50"), None], [date(2016, 11, 30), 7]]
    assert written(columns, 2).decode() == (
        '<row r="5" ht="15" customHeight="1"><c r="A5" s="1" t="inlineStr"><is><t>a</t></is></c>'
        '<c r="B5" s="4"><v>1.5</v></c><c r="C5" s="5"><v>42704</v></c></row>'
        '<row r="6" ht="15" customHeight="1"><c r="A6" s="2" t="inlineStr"><is><t xml:space="preserve">=b</t></is></c>'
        '<c r="B6" s="6"/><c r="C6" s="3"><v>7</v></c></row>'
    )
