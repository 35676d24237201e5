"""What was owed up to a day, how it stood on that day, and at which office: read from the records, as notify does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from muster_report.facts import Fact, Facts
from muster_report.figures import Part
from muster_report.reports.reporting_compliance_extensions import Asked, asked_extensions
from muster_report.reports.reporting_compliance_places import Place, place_of, region_names
from muster_report.words import say
from muster_shared.coverage import Delivery, covers, delivery, standing_on
from muster_shared.schedules import Obligation, obligations
from muster_shared.working_days import working_days_of

Owed = tuple[Obligation, ...]
Owing = Callable[[Fact, Fact, Sequence[Fact], Fact | None], Owed | None]
"""What a grant of a project owes, given the project's extensions and its office."""


@dataclass(frozen=True, slots=True)
class Due:
    """A report that was due by ``until``, and how it stood on that day.

    ``reports`` are the progress reports that cover it, the one that counts first; ``days_late`` is how long after
    its due date it came in, or has not come in yet. ``received``: it had come in, and the donor had not returned it.
    ``counted`` is its part in a figure that counts it: the report that came in, else the grant that owes it.
    """

    obligation: Obligation
    project: Fact
    grant: Fact
    place: Place
    reports: tuple[Fact, ...]
    came: Delivery
    days_late: int
    received: bool
    counted: Part

    @property
    def on_time(self) -> bool:
        """Whether it had come in by its due date."""
        return self.received and self.days_late == 0

    @property
    def late(self) -> bool:
        """Whether it had come in, after its due date."""
        return self.received and self.days_late > 0

    @property
    def overdue(self) -> bool:
        """Whether it was still owed and its due date had passed."""
        return not self.received and self.days_late > 0

    @property
    def due_that_day(self) -> bool:
        """Whether it was due on the very day and had not come in."""
        return not self.received and self.days_late == 0


@dataclass(frozen=True, slots=True)
class Compliance:
    """Everything due by ``until``.

    ``holding`` are the codes of offices with a grant begun by then, ``regions`` the names of all regions with
    ``NO_REGION`` last, ``unreadable`` grants whose rules do not say what they owe.
    """

    until: date
    lang: str
    copy: str
    due: tuple[Due, ...]
    places: tuple[Place, ...]
    holding: frozenset[str]
    regions: Mapping[str, str]
    extensions: tuple[Asked, ...]
    unreadable: tuple[Fact, ...]
    donors: Mapping[str, Fact]
    used: tuple[Fact, ...]

    def say(self, key: str, **values: object) -> str:
        """The report's words under a key."""
        return say(f"reporting_compliance.{key}", self.lang, **values)


def owed_by(project: Fact, grant: Fact, extensions: Sequence[Fact], office: Fact | None) -> Owed | None:
    """What one grant owes; None where its rules cannot be read, which notify leaves aside too."""
    days = working_days_of(office.fields if office else {})
    try:
        return obligations(project.fields, [grant.fields], [fact.fields for fact in extensions], working_days=days)
    except (ArithmeticError, LookupError, TypeError, ValueError):
        return None


def read_compliance(facts: Facts, until: date, lang: str, copy: str, owing: Owing = owed_by) -> Compliance:
    """What the records say of everything due by a day."""
    grants = [fact for fact in facts.kind("grant").values() if _begun(fact.fields, until) and _project(facts, fact)]
    holding = frozenset(_office(facts, fact) for fact in grants)
    places = {code: place_of(facts, code, lang) for code in sorted(holding)}
    extensions = asked_extensions(facts, until)
    due, unreadable = _due(facts, grants, places, until, owing)
    overdue_to = {one.grant.fields["donor_id"] for one in due if one.overdue}
    donors = {key: fact for key, fact in facts.kind("donor").items() if key in overdue_to}
    places |= {asked.office: place_of(facts, asked.office, lang) for asked in extensions if asked.office not in places}
    offices = (place.fact for place in places.values() if place.fact)
    return Compliance(
        until=until,
        lang=lang,
        copy=copy,
        due=due,
        places=tuple(places.values()),
        holding=holding,
        regions=region_names(lang, say("reporting_compliance.no_region", lang)),
        extensions=extensions,
        unreadable=unreadable,
        donors=donors,
        used=(*_used(facts, grants, due, extensions), *offices, *donors.values()),
    )


def _begun(grant: Mapping[str, Any], until: date) -> bool:
    return begins(grant) <= until.isoformat()


def begins(grant: Mapping[str, Any]) -> str:
    """The first day (ISO) on which a grant can owe anything."""
    rules = grant.get("reporting_rules")
    written = [str(entry["due"]) for entry in rules if entry.get("due")] if isinstance(rules, list) else []
    return min([str(grant["start"]), *written])


def _project(facts: Facts, grant: Fact) -> Fact | None:
    return facts.kind("project").get(grant.fields["project_code"])


def _office(facts: Facts, grant: Fact) -> str:
    return str(facts.kind("project")[grant.fields["project_code"]].fields["office"])


def _due(
    facts: Facts, grants: Sequence[Fact], places: Mapping[str, Place], until: date, owing: Owing
) -> tuple[tuple[Due, ...], tuple[Fact, ...]]:
    reports = _by_project(fact for fact in facts.kind("progress_report").values() if _handed_in(fact, until))
    asked = _by_project(fact for fact in facts.kind("extension").values() if _requested(fact, until))
    due: list[Due] = []
    unreadable: list[Fact] = []
    for grant in grants:
        code = grant.fields["project_code"]
        project, place = facts.kind("project")[code], places[_office(facts, grant)]
        owed = owing(project, grant, asked.get(code, ()), facts.kind("office").get(project.fields["office"]))
        if owed is None:
            unreadable.append(grant)
            continue
        mine = reports.get(code, ())
        due += [
            _standing(one, project=project, grant=grant, place=place, reports=mine, until=until)
            for one in owed
            if one.due <= until
        ]
    return tuple(sorted(due, key=lambda one: one.obligation)), tuple(unreadable)


def _standing(
    owed: Obligation, *, project: Fact, grant: Fact, place: Place, reports: Sequence[Fact], until: date
) -> Due:
    covering = sorted((fact for fact in reports if covers(owed, fact.fields)), key=_kept_first)
    came = delivery(owed, [fact.fields for fact in covering])
    days = standing_on(owed.due, came, until).days_late
    told = _told(owed, came, is_returned=bool(covering))
    counted = Part(covering[0], "submitted_on", 1, told) if covering else Part(grant, "reporting_rules", 1, told)
    return Due(owed, project, grant, place, tuple(covering), came, days, not came.is_open, counted)


def _told(owed: Obligation, came: Delivery, *, is_returned: bool) -> str:
    said = f"{owed.type} {owed.period_start} to {owed.period_end} of {owed.grant_id}, due {owed.due}"
    if not came.is_open:
        return f"{said}, received {came.submitted_on}"
    return f"{said}, {'returned by the donor' if is_returned else 'not received'}"


def _kept_first(report: Fact) -> tuple[bool, str, str]:
    return report.fields.get("donor_status") == "returned", report.fields["submitted_on"], report.key


def _handed_in(report: Fact, until: date) -> bool:
    return str(report.fields["submitted_on"]) <= until.isoformat()


def _requested(extension: Fact, until: date) -> bool:
    return str(extension.fields["requested_on"]) <= until.isoformat()


def _by_project(facts: Iterable[Fact]) -> dict[str, tuple[Fact, ...]]:
    ordered = sorted(facts, key=_project_code)
    return {code: tuple(group) for code, group in groupby(ordered, key=_project_code)}


def _project_code(fact: Fact) -> str:
    return str(fact.fields["project_code"])


def _used(facts: Facts, grants: Sequence[Fact], due: Sequence[Due], extensions: Sequence[Asked]) -> Iterator[Fact]:
    """Projects, grants, progress reports and extensions behind the figures, each once."""
    of_extensions = [grant for one in extensions for grant in one.grants]
    codes = {fact.fields["project_code"] for fact in grants} | {one.project.key for one in extensions}
    yield from (fact for code, fact in facts.kind("project").items() if code in codes)
    yield from {fact.key: fact for fact in (*grants, *of_extensions)}.values()
    yield from {fact.key: fact for one in due for fact in one.reports}.values()
    yield from (one.fact for one in extensions)
