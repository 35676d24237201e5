"""A made-up portfolio of any size, the same one each time: offices, donors, projects, grants, reports, rates.

Shapes are those of the records that ingest accepts; figures are drawn from the numbers of projects and not from a
source of chance, so that a portfolio of 10,000 projects begins with the one of 5,000.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from muster_shared.codelists import activity_types, areas, areas_of_collaboration, regions
from muster_shared.months import period_end
from muster_shared.schedules import obligations

Record = dict[str, Any]

FIRST_YEAR, YEARS, DONORS = 2010, 10, 60
LAST_DAY: Final = date(FIRST_YEAR + YEARS - 1, 12, 31)
SOURCE: Final = "made up"
_OFFICES_OF_A_REGION: Final = 16
_PROJECTS_OF_A_PARTNER: Final = 3
_CURRENCIES: Final = ("USD", "USD", "EUR", "CHF", "GBP", "SEK")
_BANDS: Final = ((0, 4), (5, 11), (12, 17), (18, 59), (60, None))
_RULES: Final = ({"rules": "development-fund"}, {"rules": "un-default"}, {"rules": "us-federal", "frequency": "annual"})
_KEYS: Final = {
    "office": ("office",),
    "donor": ("donor_id",),
    "project": ("project_code",),
    "grant": ("grant_id",),
    "progress_report": ("project_code", "grant_id", "type", "period_start", "period_end"),
    "extension": ("project_code", "requested_on"),
    "exchange_rate": ("currency", "month"),
    "funding_requirement": ("year", "office", "area"),
    "indicator_value": ("indicator", "place", "period"),
    "partner": ("partner_id",),
    "partnership": ("partnership_id",),
    "field_activity": ("activity_id",),
}


@dataclass(frozen=True, slots=True)
class Portfolio:
    """How many projects there are, and how many regions of the world have any."""

    projects: int
    regions: int = 9

    def records(self) -> Iterator[Record]:
        """Every record, what others name first."""
        yield from self.offices()
        yield from ({"kind": "donor", "donor_id": f"donor-{n:02}", "name": f"Donor {n:02}"} for n in range(DONORS))
        yield from _rates()
        yield from self._requirements()
        yield from _indicators()
        for number in range(self.projects):
            yield from self.project(number)

    def project(self, number: int) -> Iterator[Record]:
        """A project with its grants, its reports and, one in ten, its extension."""
        project = _project(number, self.office_of(number))
        yield project
        grants = [_grant(number, grant_number, project) for grant_number in range(1 + (number % 3 == 0))]
        yield from grants
        yield from _reports(number, project, grants)
        if number % 10 == 0:
            yield _extension(project)

    def owed(self, number: int) -> Iterator[Record]:
        """The reports of a project with people in them, due in the last two months, that come in on the last day."""
        project, *others = self.project(number)
        grants = {one["grant_id"]: one for one in others if one["kind"] == "grant"}
        came = {key_of(one) for one in others if one["kind"] == "progress_report"}
        for one in obligations(project, list(grants.values()), []):
            grant, days = grants[one.grant_id], (one.period_start, one.period_end, LAST_DAY)
            report = progress_report(grant, one.type, days, "1000.25", project["targets"])
            counts = one.type != "financial" and one.grant_id == next(iter(grants))
            if counts and LAST_DAY - timedelta(days=61) <= one.due <= LAST_DAY and key_of(report) not in came:
                yield report

    def office_of(self, number: int) -> str:
        """The office of a project: regions take turns, and in each its offices."""
        region, turn = number % self.regions, number // self.regions
        return _office(region, turn % _OFFICES_OF_A_REGION)

    def offices(self) -> Iterator[Record]:
        """Sixteen offices in each region."""
        for at, code in enumerate(list(regions())[: self.regions]):
            for number in range(_OFFICES_OF_A_REGION):
                name = _office(at, number)
                office = {"kind": "office", "office": name, "name": f"Office {name}", "type": "country", "region": code}
                yield office | {"time_zone": "UTC", "weekend": ["sat", "sun"], "iso3": name}

    def _requirements(self) -> Iterator[Record]:
        for year in range(FIRST_YEAR, FIRST_YEAR + YEARS):
            for number, code in enumerate(areas()):
                for region in range(self.regions):
                    amount = str(10_000 * (1 + (year + number + region) % 90))
                    asked = {"kind": "funding_requirement", "year": year, "office": _office(region, number)}
                    yield asked | {"area": code, "amount": amount, "currency": "USD"}

    def in_one_region(self) -> Portfolio:
        """As many projects as the first region of this portfolio has, and no others."""
        return replace(self, projects=-(-self.projects // self.regions), regions=1)


@dataclass(frozen=True, slots=True)
class PartneredPortfolio(Portfolio):
    """A portfolio with a partnership and a field activity for each project as well."""

    def records(self) -> Iterator[Record]:
        """Every record, what others name first."""
        for number in range(-(-self.projects // _PROJECTS_OF_A_PARTNER)):
            yield {"kind": "partner", "partner_id": f"partner-{number}", "name": f"Partner {number}", "type": "other"}
        yield from Portfolio.records(self)

    def project(self, number: int) -> Iterator[Record]:
        """A project with all that belongs to it."""
        yield from Portfolio.project(self, number)
        yield self._partnership(number)
        yield self._activity(number)

    def _partnership(self, number: int) -> Record:
        codes = list(areas_of_collaboration())
        return {
            "kind": "partnership",
            "partnership_id": f"partnership-{number:06}",
            "partner_id": f"partner-{number // _PROJECTS_OF_A_PARTNER}",
            "office": self.office_of(number),
            "countries": ["KEN"],
            "area": codes[number % len(codes)],
            "role": ("collaborator", "service_provider")[number % 2],
            "source": SOURCE,
        }

    def _activity(self, number: int) -> Record:
        kinds, year = list(activity_types()), FIRST_YEAR + number % YEARS
        return {
            "kind": "field_activity",
            "activity_id": f"activity-{number:06}",
            "offices": [self.office_of(number)],
            "title": f"Training of volunteers, round {number}",
            "level": "activity",
            "types": [kinds[number % len(kinds)]],
            "start": f"{date(year, 1 + number // YEARS % 12, 1):%Y-%m}",
            "end": str(year),
            "people": [{"group": "volunteers", "target": 40, "reached": number % 40}],
            "source": SOURCE,
        }


def key_of(record: Record) -> str:
    """The natural key of a record, as the change log gives it."""
    return "/".join(str(record[name]) for name in _KEYS[record["kind"]])


def _office(region: int, number: int) -> str:
    return f"{chr(65 + region)}{chr(65 + number // 4)}{chr(65 + number % 4)}"


def _project(number: int, office: str) -> Record:
    start = date(FIRST_YEAR + number % YEARS, 1 + number // YEARS % 12, 1)
    end = period_end(start, (12, 18, 24, 36)[number // 7 % 4])
    status = "closed" if end.year < LAST_DAY.year else ("active", "endorsed", "draft")[number % 31 // 15]
    code, other = list(areas())[number % len(areas())], list(areas())[(number + 3) % len(areas())]
    return {
        "kind": "project",
        "project_code": f"P-{number:06}",
        "title": f"Shelter and livelihoods for displaced families, phase {number}",
        "office": office,
        "start": start.isoformat(),
        "end": end.isoformat(),
        "manager": {"name": f"Amina Otieno {number % 150}", "email": f"amina{number % 150}@example.org"},
        "budget": {"amount": f"{200_000 + number * 37 % 4_000_000}.50", "currency": _currency(number)},
        "areas": [{"code": code, "percent": 60}, {"code": other, "percent": 40}],
        "activities": [{"code": "training", "percent": 70}, {"code": "direct_assistance", "percent": 30}],
        "objectives": f"Families of settlement {number} have a roof before the rains",
        "gender_marker": number % 5,
        "targets": _people(number, 400),
        "milestones": [{"name": "Kick-off", "due": start.isoformat()}, {"name": "Hand-over", "due": end.isoformat()}],
        "status": status,
    }


def _people(number: int, scale: int) -> list[Record]:
    group = ("returnees", "displaced persons", "host community members")[number % 3]
    counted = []
    for at, (sex, (low, high)) in enumerate((sex, band) for sex in ("female", "male") for band in _BANDS):
        count = 1 + (number * 31 + at * 17) % scale
        aged = {"age_min": low} | ({"age_max": high} if high else {})
        counted.append({"group": group, "sex": sex, **aged, "count": count})
    return counted


def _grant(number: int, grant_number: int, project: Record) -> Record:
    start = date.fromisoformat(project["start"])
    return {
        "kind": "grant",
        "grant_id": f"{project['project_code']}-G{grant_number}",
        "donor_id": f"donor-{(number * 7 + grant_number) % DONORS:02}",
        "project_code": project["project_code"],
        "amount": f"{100_000 + number * 53 % 2_000_000}",
        "currency": _currency(number + grant_number),
        "status": "received",
        "signed": (start - timedelta(days=20)).isoformat(),
        "start": project["start"],
        "end": project["end"],
        "reporting_rules": _RULES[number % len(_RULES)],
    }


def _reports(number: int, project: Record, grants: list[Record]) -> Iterator[Record]:
    """What the project owes by the last day, handed in but for one in seventeen; each seventh late."""
    by_id = {grant["grant_id"]: grant for grant in grants}
    for at, owed in enumerate(obligations(project, grants, [])):
        chance = (number * 5 + at * 3) % 119
        submitted = owed.due + timedelta(days=chance % 40 if chance % 7 == 0 else -(chance % 10))
        if chance % 17 == 0 or submitted > LAST_DAY:
            continue
        grant = by_id[owed.grant_id]
        counts = owed.type != "financial" and grant is grants[0]
        days = (owed.period_start, owed.period_end, submitted)
        scale = 400 if owed.type == "final" else 60
        yield progress_report(grant, owed.type, days, f"{1000 + chance}.25", _people(number, scale) if counts else [])


def progress_report(
    grant: Record, kind: str, days: tuple[date, date, date], spent: str, reached: list[Record]
) -> Record:
    """A report on a grant; ``days`` are the first and the last of its period and that of its hand-over."""
    begun, over, submitted = days
    return {
        "kind": "progress_report",
        "project_code": grant["project_code"],
        "grant_id": grant["grant_id"],
        "type": kind,
        "period_start": begun.isoformat(),
        "period_end": over.isoformat(),
        "submitted_on": submitted.isoformat(),
        "expenditure": {"amount": spent, "currency": grant["currency"]},
        "reached": reached,
        "summary": f"Activities of {begun:%B %Y} to {over:%B %Y} went ahead as agreed.",
        "donor_status": "accepted",
    }


def corrected(report: Record, more: int = 1) -> Record:
    """A progress report that tells of so many more people, and so much more money."""
    first, *others = report["reached"]
    spent = report["expenditure"]
    return {
        **report,
        "reached": [first | {"count": first["count"] + more}, *others],
        "expenditure": spent | {"amount": str(Decimal(spent["amount"]) + more)},
    }


def handed_in_later(report: Record) -> Record:
    """A progress report that turns out to have come in a day later."""
    came = date.fromisoformat(report["submitted_on"]) + timedelta(days=1)
    return {**report, "submitted_on": came.isoformat()}


def _extension(project: Record) -> Record:
    end = date.fromisoformat(project["end"])
    return {
        "kind": "extension",
        "project_code": project["project_code"],
        "requested_on": (end - timedelta(days=70)).isoformat(),
        "new_end": period_end(end + timedelta(days=1), 3).isoformat(),
        "reason": "The rains came early",
        "decision": "approved",
        "decided_by": "Head of office",
        "decided_on": (end - timedelta(days=60)).isoformat(),
    }


def _rates() -> Iterator[Record]:
    for month in range(12 * (YEARS + 4)):
        named = f"{FIRST_YEAR - 1 + month // 12}-{1 + month % 12:02}"
        for at, currency in enumerate(sorted({*_CURRENCIES} - {"USD"})):
            rate = f"{(at + 8) / 10 + month % 12 / 100:.4f}"
            yield {"kind": "exchange_rate", "currency": currency, "month": named, "usd_rate": rate, "source": SOURCE}


def _indicators() -> Iterator[Record]:
    for place in ("Kenya", "Uganda", "Peru", "Nepal", "Ghana"):
        for year in range(FIRST_YEAR, FIRST_YEAR + YEARS):
            value = {"kind": "indicator_value", "indicator": "Remittances", "place": place, "period": str(year)}
            yield value | {"value": str(1000 + year), "unit": "USD million", "source": SOURCE}


def _currency(number: int) -> str:
    return _CURRENCIES[number % len(_CURRENCIES)]


def bulk_projects(count: int) -> Iterator[Record]:
    """Many projects in every field of their own, with one area each, and their offices."""
    whole = Portfolio(count)
    yield from whole.offices()
    for number in range(count):
        person = {"name": f"Paul Mwangi {number % 150}", "email": f"paul{number % 150}@example.org"}
        lists = {"areas": [{"code": list(areas())[number % len(areas())], "percent": 100}], "activities": []}
        lean = {"alternate_manager": person, "sdg_targets": ["10.7", "11.1"], **lists, "targets": [], "milestones": []}
        yield _project(number, whole.office_of(number)) | lean
