"""Illustrative projects and their grants, each following from its place in the portfolio alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from muster_cli.sample import draw
from muster_cli.sample.portfolio_stock import (
    ADULTS,
    BANDS,
    DATED_DONORS,
    OF_ADULTS_ONLY,
    RULE_DONORS,
    THEMES,
    Donor,
    Theme,
)
from muster_shared.months import add_months, period_end

HOME: Final = date(2016, 11, 30)  # the day the sample stands at

Record = dict[str, Any]

# Days from HOME at which written-out due dates lie: those behind it stay unreported and show every lateness.
LATENESS: Final = (1, 2, 3, 6, 7, 8, 13, 14, 15, 20, 29, 30, 31, 45, 60, 75, 90, 100, 119, 120)
AHEAD: Final = (0, 1, 2, 5, 7, 10, 14, 20, 30, 45, 60)
_OFFSETS: Final = tuple(-days for days in LATENESS) + AHEAD

_STATUSES: Final = ("active",) * 9 + ("completed", "closed", "endorsed", "submitted", "draft")
_ALREADY_AGREED: Final = frozenset({"active", "completed", "closed"})
_CENTS: Final = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Seat:
    """Where a project sits: its office (a row of offices.csv), number in its region, and people."""

    office: Mapping[str, str]
    region_number: int
    number: int
    manager: Mapping[str, str]
    alternate: Mapping[str, str]

    @property
    def key(self) -> str:
        """What all choices for the project follow from."""
        return f"{self.office['region']}/{self.number}"

    @property
    def status(self) -> str:
        """Its place in the life of a project; one region shows a returned proposal."""
        status = _STATUSES[self.number % len(_STATUSES)]
        return "returned" if (status, self.region_number) == ("draft", 4) else status

    @property
    def extended(self) -> bool:
        """Whether someone asked for more time: one active project of each of the first eight regions."""
        return self.number == 4 and self.region_number < 8


def project(seat: Seat, code: str, theme: Theme, budget: Decimal) -> Record:
    """A project as a record; its budget is what its grants are worth in USD."""
    start, end = period(seat)
    return {
        "kind": "project",
        "action": "upsert",
        "project_code": code,
        "title": f"{theme.title}, {_place(seat.office)}",
        "office": seat.office["office"],
        "start": start.isoformat(),
        "end": end.isoformat(),
        "manager": dict(seat.manager),
        "alternate_manager": dict(seat.alternate),
        "budget": {"amount": str(budget), "currency": "USD"},
        "areas": _shares(f"areas/{seat.key}", theme.areas),
        "activities": _shares(f"activities/{seat.key}", theme.activities),
        "objectives": theme.aim,
        "sdg_targets": list(theme.sdg_targets),
        "gender_marker": draw.number(f"gender/{seat.key}", 0, 4),
        "targets": _targets(seat.key, theme),
        "milestones": _milestones(seat.key, start, end),
        "status": seat.status,
    }


def theme_of(seat: Seat) -> Theme:
    """The theme of a project: neighbours in a region differ, and so do regions."""
    return THEMES[(seat.number + 3 * seat.region_number) % len(THEMES)]


def code_of(seat: Seat, number_in_office: int) -> str:
    """Project code such as ``KEN-2015-02``."""
    return f"{seat.office['office']}-{period(seat)[0].year}-{number_in_office:02}"


def period(seat: Seat) -> tuple[date, date]:
    """First and last day of a project, fitting its status at HOME."""
    if seat.extended:
        return date(2015, 7, 1), date(2016, 12, 31) if seat.region_number < 6 else date(2017, 1, 31)
    if seat.status == "completed":
        return _ending(seat.key, period_end(date(2016, 1, 1), draw.number(f"end/{seat.key}", 3, 9)))
    if seat.status == "closed":
        return _ending(seat.key, period_end(date(2015, 1, 1), draw.number(f"end/{seat.key}", 6, 12)))
    if seat.status == "active":
        return _under_way(seat)
    start = add_months(date(2017, 1, 1), draw.number(f"start/{seat.key}", 0, 4))
    return start, period_end(start, draw.pick(f"months/{seat.key}", (12, 18, 24)))


def _under_way(seat: Seat) -> tuple[date, date]:
    quarter = add_months(date(2014, 7, 1), 3 * draw.number(f"start/{seat.key}", 0, 8))
    shift = 0 if _first_donor(seat).rules == {"rules": "prm"} else draw.number(f"shift/{seat.key}", 0, 2)
    start = add_months(quarter, shift).replace(day=draw.pick(f"day/{seat.key}", (1, 1, 16)) if shift else 1)
    fitting = [months for months in (10, 12, 14, 18, 24, 30, 36) if period_end(start, months) >= date(2016, 8, 31)]
    return start, period_end(start, draw.pick(f"months/{seat.key}", fitting))


def _ending(key: str, end: date) -> tuple[date, date]:
    return add_months(end + timedelta(days=1), -draw.pick(f"months/{key}", (12, 14, 18, 24))), end


def _place(office: Mapping[str, str]) -> str:
    if office["type"] == "headquarters":
        return "several regions"
    name, _, before = office["name"].partition(", ")
    return f"{before} {name}".strip() if before and before not in {"the", "China"} else name


def _shares(key: str, codes: Sequence[str]) -> list[Record]:
    percents = sorted(draw.shares(key, len(codes)), reverse=True)
    return [{"code": code, "percent": percent} for code, percent in zip(codes, percents, strict=True)]


def _targets(key: str, theme: Theme) -> list[Record]:
    return [row for group in theme.groups for row in _targets_of(f"targets/{key}/{group}", group)]


def _targets_of(key: str, group: str) -> list[Record]:
    bands = ADULTS if group in OF_ADULTS_ONLY else BANDS
    size = draw.pick(f"{key}/size", (12, 40, 150, 600, 2500))
    rows = [
        _people(group, sex, band, draw.number(f"{key}/{sex}/{band}", max(size // 4, 3), size))
        for sex in ("female", "male")
        for band in bands
    ]
    if draw.number(f"{key}/other", 0, 4) == 0:
        rows.append(_people(group, "other", (18, 59), draw.number(f"{key}/others", 1, 6)))
    if draw.number(f"{key}/unknown", 0, 3) == 0:
        rows.append(_people(group, "unknown", (None, None), draw.number(f"{key}/unknowns", 4, size)))
    return rows


def _people(group: str, sex: str, band: tuple[int | None, int | None], count: int) -> Record:
    bounds = {name: age for name, age in zip(("age_min", "age_max"), band, strict=True) if age is not None}
    return {"group": group, "sex": sex, **bounds, "count": count}


def _milestones(key: str, start: date, end: date) -> list[Record]:
    names = ("Inception and agreements signed", "Mid-term review", "Results workshop")
    days = (end - start).days
    dues = (start + timedelta(days=60), start + timedelta(days=days // 2), end - timedelta(days=20))
    return [_milestone(key, name, due) for name, due in zip(names, dues, strict=True)]


def _milestone(key: str, name: str, due: date) -> Record:
    done = due + timedelta(days=draw.number(f"milestone/{key}/{name}", -15, 40))
    completed = {"completed": done.isoformat()} if done <= HOME else {}
    return {"name": name, "due": due.isoformat(), **completed}


def grants(seat: Seat, code: str, dated_number: int | None) -> list[Record]:
    """The project's grants: one by rules, and one with due dates written out where ``dated_number`` is given."""
    start, end = period(seat)
    by_rules = _first_donor(seat)
    made = [_grant(seat, code, 1, by_rules, by_rules.rules)]
    if dated_number is not None:
        donor = DATED_DONORS[dated_number % len(DATED_DONORS)]
        made.append(_grant(seat, code, 2, donor, _due_dates(start, end, _OFFSETS[dated_number % len(_OFFSETS)])))
    return made


def takes_dated_grant(seat: Seat) -> bool:
    """Whether a second donor takes part: in every other active project that began before June 2016."""
    start, end = period(seat)
    return (
        seat.status == "active"
        and not seat.extended
        and seat.number % 2 == 0
        and (start <= date(2016, 5, 1) and end >= HOME)
    )


def _first_donor(seat: Seat) -> Donor:
    return RULE_DONORS[(seat.number + 5 * seat.region_number) % len(RULE_DONORS)]


def _grant(seat: Seat, code: str, number: int, donor: Donor, rules: Any) -> Record:
    start, end = period(seat)
    signed = start - timedelta(days=draw.number(f"signed/{code}/{number}", 5, 45))
    return {
        "kind": "grant",
        "action": "upsert",
        "grant_id": f"{code}-G{number}",
        "donor_id": donor.donor_id,
        "project_code": code,
        "amount": str(draw.number(f"amount/{code}/{number}", 60, 2400) * 1000),
        "currency": donor.currency,
        "status": _grant_status(seat, code, number),
        "signed": min(signed, HOME - timedelta(days=draw.number(f"recent/{code}", 1, 20))).isoformat(),
        "start": start.isoformat(),
        "end": end.isoformat(),
        "reporting_rules": rules if isinstance(rules, list) else dict(rules),
    }


def _grant_status(seat: Seat, code: str, number: int) -> str:
    if seat.status in _ALREADY_AGREED:
        return draw.pick(f"received/{code}/{number}", ("received", "received", "committed"))
    return "committed" if seat.status == "endorsed" else "pledged"


def _due_dates(start: date, end: date, offset: int) -> list[Record]:
    due = HOME + timedelta(days=offset)
    reported_to = due - timedelta(days=30)
    final_due = max(end, due) + timedelta(days=60)
    return [
        _due("interim", start, min(reported_to, end), due),
        _due("final", start, end, final_due),
    ]


def _due(report_type: str, first: date, last: date, due: date) -> Record:
    dates = {"period_start": first.isoformat(), "period_end": last.isoformat(), "due": due.isoformat()}
    return {"type": report_type, **dates}


def worth(grant: Record, rates: Mapping[tuple[str, str], Decimal]) -> Decimal:
    """A grant in USD at the illustrative rate of the month it was signed in."""
    amount = Decimal(grant["amount"])
    if grant["currency"] == "USD":
        return amount
    return (amount / rates[grant["currency"], grant["signed"][:7]]).quantize(_CENTS)
