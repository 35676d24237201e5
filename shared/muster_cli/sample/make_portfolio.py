"""Write the illustrative portfolio into ``portfolio/``: one file of envelopes per region, headquarters first.

Run ``python -m muster_cli.sample.make_portfolio``; running it again writes the same bytes.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from muster_cli.sample import draw
from muster_cli.sample.people import People
from muster_cli.sample.portfolio_projects import (
    Seat,
    code_of,
    grants,
    project,
    takes_dated_grant,
    theme_of,
    worth,
)
from muster_cli.sample.portfolio_reports import extension_of, progress_reports
from muster_cli.sample.portfolio_stock import DATED_DONORS, RULE_DONORS

SAMPLE: Final = Path(__file__).parent
FOLDER: Final = SAMPLE / "portfolio"
NOTE: Final = "Illustrative: made-up projects, donors, people and figures"

_PROJECTS_OF_OFFICES: Final = (3, 3, 2, 2, 2, 1, 1)  # seven offices of a region
_RATES: Final[Mapping[str, tuple[str, ...]]] = {  # units per USD at the turn of 2013, 2014, 2015 and 2016
    "CHF": ("0.90", "0.98", "1.00", "1.01"),
    "EUR": ("0.73", "0.82", "0.91", "0.94"),
    "GBP": ("0.60", "0.64", "0.68", "0.80"),
}

Record = dict[str, Any]


@dataclass(slots=True)
class _Portfolio:
    """What is counted while the projects are made, in their order."""

    rates: Mapping[tuple[str, str], Decimal]
    reviewers: Mapping[str, str]
    dated_grants: int = 0
    of_office: dict[str, int] = field(default_factory=dict)

    def records(self, seat: Seat) -> list[Record]:
        """A project with its grants, extension and progress reports."""
        code = code_of(seat, self._number_in(seat.office["office"]))
        given = grants(seat, code, self._dated_number(seat))
        worths = {grant["grant_id"]: worth(grant, self.rates) for grant in given}
        budget = sum(worths.values(), Decimal(0))
        made = project(seat, code, theme_of(seat), budget)
        asked = extension_of(seat, made, self.reviewers.get(seat.office["region"], ""))
        extensions = [asked] if asked else []
        shares = {grant_id: value / budget for grant_id, value in worths.items()}
        return [made, *given, *extensions, *progress_reports(made, given, extensions, shares)]

    def _number_in(self, office: str) -> int:
        self.of_office[office] = self.of_office.get(office, 0) + 1
        return self.of_office[office]

    def _dated_number(self, seat: Seat) -> int | None:
        if not takes_dated_grant(seat):
            return None
        self.dated_grants += 1
        return self.dated_grants - 1


def documents() -> dict[str, str]:
    """The files of the portfolio: name to text."""
    offices = _offices()
    rates = _exchange_rates()
    portfolio = _Portfolio(
        rates={(rate["currency"], rate["month"]): Decimal(rate["usd_rate"]) for rate in rates},
        reviewers={office["region"]: office["reviewer.name"] for office in offices if office["reviewer.name"]},
    )
    donors = [donor.record() for donor in (*RULE_DONORS, *DATED_DONORS)]
    made = {"00-headquarters.json": _text([_envelope("HQ", [*donors, *rates])])}
    for number, (region, seats) in enumerate(_seats_by_region(offices).items(), start=1):
        made[f"{number:02}-{region}.json"] = _text(_envelopes(portfolio, seats))
    return made


def _offices() -> list[dict[str, str]]:
    with (SAMPLE / "published" / "offices.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _exchange_rates() -> list[Record]:
    return [
        {
            "kind": "exchange_rate",
            "action": "upsert",
            "currency": currency,
            "month": month,
            "usd_rate": rate,
            "source": "illustrative",
        }
        for currency, turns in _RATES.items()
        for month, rate in _monthly(turns)
    ]


def _monthly(turns: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Rates of each month from January 2014 to November 2016, in even steps between the turns of the years."""
    for number in range(35):
        year, month = divmod(number, 12)
        before, after = Decimal(turns[year]), Decimal(turns[year + 1])
        rate = before + (after - before) * (month + 1) / 12
        yield f"{2014 + year}-{month + 1:02}", str(rate.quantize(Decimal("0.001")))


def _seats_by_region(offices: Sequence[Mapping[str, str]]) -> dict[str, list[Seat]]:
    people = People({office["head.name"] for office in offices} | {office["reviewer.name"] for office in offices})
    regions = sorted({office["region"] for office in offices} - {"multi_regional"})
    seats = {region: list(_seats(region, number, offices, people)) for number, region in enumerate(regions)}
    headquarters = next(office for office in offices if office["type"] == "headquarters")
    return {**seats, "multi_regional": _seats_of(headquarters, len(regions), range(2), people)}


def _seats(region: str, number: int, offices: Sequence[Mapping[str, str]], people: People) -> Iterator[Seat]:
    country_offices = [office for office in offices if office["region"] == region and office["type"] == "country"]
    first = 0
    for office, count in zip(draw.sample(f"offices/{region}", country_offices, 7), _PROJECTS_OF_OFFICES, strict=True):
        yield from _seats_of(office, number, range(first, first + count), people)
        first += count


def _seats_of(office: Mapping[str, str], region_number: int, numbers: range, people: People) -> list[Seat]:
    manager = people.person(f"manager/{office['office']}", office["region"])
    alternate = people.person(f"alternate/{office['office']}", office["region"])
    return [Seat(office, region_number, number, manager, alternate) for number in numbers]


def _envelopes(portfolio: _Portfolio, seats: Sequence[Seat]) -> list[Record]:
    of_office: dict[str, list[Record]] = {}
    for seat in seats:
        of_office.setdefault(seat.office["office"], []).extend(portfolio.records(seat))
    return [_envelope(office, records) for office, records in of_office.items()]


def _envelope(office: str, records: list[Record]) -> Record:
    return {"office": office, "note": NOTE, "records": records}


def _text(envelopes: Sequence[Record]) -> str:
    """JSON with one record on each line."""
    return "[\n" + ",\n".join(_envelope_text(envelope) for envelope in envelopes) + "\n]\n"


def _envelope_text(envelope: Record) -> str:
    lines = ",\n".join(json.dumps(record, ensure_ascii=False, separators=(",", ":")) for record in envelope["records"])
    head = json.dumps({"office": envelope["office"], "note": envelope["note"]}, ensure_ascii=False)
    return f'{head[:-1]}, "records": [\n{lines}\n]}}'


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, text in documents().items():
        (FOLDER / name).write_text(text, encoding="utf-8", newline="\n")
