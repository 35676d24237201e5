"""How many milestones or reports of each project are done, late, overdue or ahead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from muster_report.book import Column, Row, Table
from muster_report.figures import TOTAL, Number, parts_of_matrix, summed
from muster_report.reports.donor_grants import DonorGrants
from muster_report.reports.donor_reports import STATES, Milestone, Owed, observed
from muster_report.words import say


def states_table(what: Literal["milestone", "report"], found: Sequence[Milestone | Owed], grants: DonorGrants) -> Table:
    """Projects by state, with totals."""
    lang, observations = grants.lang, observed(found)
    cells = summed(observations)
    codes = [code for code in grants.projects() if any(row == code for row, _ in cells)]
    columns = (
        Column("label", say("donor.people_projects", lang), 66, "text", "label", tag="#activity+name"),
        *(Column(state, say(f"donor.{what}_{state}", lang), 15, tag=f"#meta+count+{state}") for state in STATES),
        Column(TOTAL, say("money.total", lang), 13, role="total", tag="#meta+count"),
    )
    parts = parts_of_matrix(observations)
    names = {code: f"{fact.fields['title']} ({code})" for code, fact in grants.projects().items()}
    rows = [Row(code, (names[code], *_counts(cells, [code]), sum(_counts(cells, [code])))) for code in codes]
    total = _counts(cells, codes)
    rows.append(Row(TOTAL, (say("money.total", lang), *total, sum(total)), "total"))
    return Table(f"{what}-states", columns, tuple(rows), parts=parts)


def _counts(cells: Mapping[tuple[str, str], Number], codes: Sequence[str]) -> list[Number]:
    return [sum(cells.get((code, state), 0) for code in codes) for state in STATES]
