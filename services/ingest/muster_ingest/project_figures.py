"""What a project's page counts: money granted and spent, people to be reached and reached. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from muster_ingest.kinds.kind import Fields
from muster_shared.age_bands import AGES, SEXES, sex_and_age
from muster_shared.counted import standing

Cell = tuple[str, str, str]  # group, sex, age band


@dataclass(frozen=True, slots=True)
class GrantMoney:
    """A grant with what was spent of it until today, in the grant's currency; ``other`` is spent in other ones."""

    grant: Fields
    spent: Decimal
    other: Mapping[str, Decimal]

    @property
    def amount(self) -> Decimal:
        """What was granted."""
        return Decimal(self.grant["amount"])

    @property
    def share(self) -> Decimal | None:
        """Spent as a share of 1; None where nothing was granted, or part of it was spent in another currency."""
        return self.spent / self.amount if self.amount and not self.other else None


@dataclass(frozen=True, slots=True)
class PeopleRow:
    """People to be reached and reached; None where nothing is stated."""

    name: str
    target: int | None
    reached: int | None

    @property
    def share(self) -> Decimal | None:
        """Reached as a share of the target."""
        return Decimal(self.reached or 0) / self.target if self.target else None


@dataclass(frozen=True, slots=True)
class People:
    """Targets and people reached of a project by group, sex and age band, each person counted once."""

    targets: Counter[Cell]
    reached: Counter[Cell]

    @property
    def total(self) -> PeopleRow:
        """Everybody."""
        return PeopleRow("", _sum(self.targets.items()), _sum(self.reached.items()))

    def by_group(self) -> list[PeopleRow]:
        """Groups in the order of the alphabet."""
        return self._by(0, sorted({cell[0] for cell in (*self.targets, *self.reached)}))

    def by_sex(self) -> list[PeopleRow]:
        """Sexes in their order, those of whom something is stated."""
        return self._by(1, SEXES)

    def by_age(self) -> list[PeopleRow]:
        """Age bands in their order, those of whom something is stated."""
        return self._by(2, AGES)

    def _by(self, part: int, names: Sequence[str]) -> list[PeopleRow]:
        rows = (PeopleRow(name, *(_of(cells, part, name) for cells in (self.targets, self.reached))) for name in names)
        return [row for row in rows if row.target is not None or row.reached is not None]


def money_of(grants: Iterable[Fields], reports: Sequence[Fields], today: date) -> list[GrantMoney]:
    """Each grant with what its progress reports tell of money spent, every amount counted once."""
    return [_money(grant, [report for report in reports if _is_of(report, grant)], today) for grant in grants]


def people_of(project: Fields, reports: Iterable[Fields], today: date) -> People:
    """The people of a project; of reports on the same days of one grant only the last one is counted."""
    reached: Counter[Cell] = Counter()
    for purse in _by_grant(report for report in reports if report.get("reached")):
        for counted in standing(purse, today):
            reached += _cells(counted.fields["reached"])
    return People(_cells(project.get("targets") or ()), reached)


def _money(grant: Fields, reports: Sequence[Fields], today: date) -> GrantMoney:
    currencies = {grant["currency"], *(report["expenditure"]["currency"] for report in reports)}
    spent = {currency: _spent(reports, currency, today) for currency in sorted(currencies)}
    own = spent.pop(grant["currency"])
    return GrantMoney(grant, own, {currency: amount for currency, amount in spent.items() if amount})


def _spent(reports: Sequence[Fields], currency: str, today: date) -> Decimal:
    of_currency = [report for report in reports if report["expenditure"]["currency"] == currency]
    amounts = (Decimal(one.fields["expenditure"]["amount"]) for one in standing(of_currency, today))
    return sum(amounts, Decimal(0))


def _is_of(report: Fields, grant: Fields) -> bool:
    return bool(report.get("grant_id") == grant["grant_id"])


def _by_grant(reports: Iterable[Fields]) -> Iterator[list[Fields]]:
    purses: dict[str, list[Fields]] = {}
    for report in reports:
        purses.setdefault(report.get("grant_id") or "", []).append(report)
    yield from purses.values()


def _cells(rows: Iterable[Fields]) -> Counter[Cell]:
    found: Counter[Cell] = Counter()
    for row in rows:
        found[str(row["group"]), *sex_and_age(row)] += int(row["count"])
    return found


def _of(cells: Counter[Cell], part: int, name: str) -> int | None:
    return _sum((cell, count) for cell, count in cells.items() if cell[part] == name)


def _sum(counts: Iterable[tuple[Cell, int]]) -> int | None:
    known = [count for _, count in counts]
    return sum(known) if known else None
