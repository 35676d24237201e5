"""Records of every kind that reports read, in any combination: small numbers, odd amounts, several currencies."""

from __future__ import annotations

from typing import Any, Final

from hypothesis import strategies as st

import factories

Record = dict[str, Any]
PROJECTS: Final = {"KE-001": "KEN", "KE-002": "KEN", "UG-001": "UGA"}
AREAS: Final = ("migration_health", "migrant_assistance", "emergency_operations_post_crisis")
ACTIVITIES: Final = ("training", "research", "publication")
ASKED: Final[dict[str, dict[str, str]]] = {
    "funding-requirements": {"year": "2016"},
    "partnerships": {"source": "A"},
    "field-activities": {"year": "2016"},
    "beneficiaries": {"year": "2016"},
    "indicators": {"place": "kenya", "year": "all"},
    "donor": {"donor_id": "example-fund", "until": "2016-11-30"},
    "project-analysis": {"year": "2016"},
    "reporting-compliance": {"until": "2016-11-30"},
    "projects": {},
}
FIRST: Final = (
    *(factories.office(code, iso3=None if code == "HQ" else code) for code in ("HQ", "KEN", "UGA")),
    *(factories.donor(code) for code in ("example-fund", "other-fund")),
    *(factories.partner(code) for code in ("hayat", "warbe")),
    *(factories.project(code, office=office, start="2016-01-01", status="active") for code, office in PROJECTS.items()),
    *(factories.grant(f"{code}-G1", code) for code in PROJECTS),
    factories.requirement("KEN"),
    factories.partnership("p-1", source="A"),
    {
        "kind": "field_activity",
        "activity_id": "fa-1",
        "offices": ["KEN"],
        "title": "Activity 1",
        "level": "activity",
        "start": "2016",
        "source": "test",
    },
    {
        "kind": "indicator_value",
        "indicator": "returns",
        "place": "Kenya",
        "period": "2016",
        "value": "12",
        "unit": "people",
        "source": "test",
    },
)
"""What a portfolio begins with, so that whatever is drawn refers to something and every report is there."""

_offices = st.sampled_from(("KEN", "UGA"))
_projects = st.sampled_from(tuple(PROJECTS))
_amounts = st.sampled_from(("0", "1", "0.5", "2.5", "33.33", "99.99", "1000", "1000000.01"))
_currencies = st.sampled_from(("USD", "USD", "EUR", "KES"))
_money = st.builds(lambda amount, currency: {"amount": amount, "currency": currency}, _amounts, _currencies)
_months = st.integers(1, 9)
_counts = st.one_of(st.integers(0, 6), st.integers(5, 900))


def _shares(codes: tuple[str, ...]) -> st.SearchStrategy[list[Record]]:
    splits = st.sampled_from(((100,), (60, 40), (33, 33, 34), ("33.33", "66.67"), ("12.5", "50", "37.5")))
    return st.builds(
        lambda split, order: [{"code": code, "percent": percent} for code, percent in zip(order, split, strict=False)],
        splits,
        st.permutations(codes),
    )


_people = st.lists(
    st.builds(
        lambda group, sex, ages, count: {"group": group, "sex": sex, "count": count, **ages},
        st.sampled_from(("returnees", "migrants", "*")),
        st.sampled_from(("female", "male", "other", "unknown")),
        st.sampled_from(({}, {"age_min": 0, "age_max": 4}, {"age_min": 18, "age_max": 59}, {"age_min": 60})),
        _counts,
    ),
    max_size=5,
    unique_by=lambda one: (one["group"], one["sex"], one.get("age_min")),
)
_project = st.builds(
    lambda code, month, **fields: factories.project(
        code, office=PROJECTS[code], start=f"2016-{month:02}-01", status="active", **fields
    ),
    _projects,
    _months,
    title=st.sampled_from(("Shelter", "=1+1", "Santé & droits")),
    budget=_money,
    areas=_shares(AREAS),
    activities=_shares(ACTIVITIES),
    gender_marker=st.none() | st.integers(0, 4),
    targets=_people.filter(bool),
    milestones=st.lists(
        st.fixed_dictionaries({"name": st.sampled_from(("a", "b")), "due": st.just("2016-05-01")}),
        max_size=2,
        unique_by=lambda one: str(one["name"]),
    ),
)
_grant = st.builds(
    lambda code, number, donor, **fields: factories.grant(f"{code}-G{number}", code, donor_id=donor, **fields),
    _projects,
    st.integers(1, 2),
    st.sampled_from(("example-fund", "example-fund", "other-fund")),
    amount=_amounts,
    currency=_currencies,
    signed=st.sampled_from(("2014-12-15", "2015-06-30", "2016-02-01")),
    reporting_rules=st.sampled_from(({"rules": "development-fund"}, {"rules": "prm"}, {"rules": "un-default"})),
)
_progress = st.builds(
    lambda code, month, **fields: factories.progress_report(
        code,
        grant_id=f"{code}-G1",
        period_start=f"2016-{month:02}-01",
        period_end=f"2016-{month:02}-28",
        submitted_on=f"2016-{month + 1:02}-15",
        **fields,
    ),
    _projects,
    _months,
    type=st.sampled_from(("interim", "final", "financial")),
    expenditure=_money,
    reached=_people,
    donor_status=st.sampled_from((None, "sent", "returned")),
)
_extension = st.builds(
    lambda code, day, decision: {
        "kind": "extension",
        "project_code": code,
        "requested_on": f"2016-04-{day:02}",
        "new_end": "2017-06-30",
        "reason": "delays",
        **({"decision": decision, "decided_by": "X", "decided_on": "2016-05-01"} if decision else {}),
    },
    _projects,
    st.integers(1, 3),
    st.sampled_from((None, "approved", "refused")),
)
_rate = st.builds(
    lambda currency, month, rate: {
        "kind": "exchange_rate",
        "currency": currency,
        "month": f"2016-{month:02}",
        "usd_rate": rate,
        "source": "test",
    },
    st.sampled_from(("EUR", "KES")),
    _months,
    st.sampled_from(("0.9", "3", "101.37")),
)
_requirement = st.builds(
    lambda office, area, amount: factories.requirement(office, area, amount=amount),
    _offices,
    st.sampled_from(AREAS),
    st.none() | _amounts,
)
_printed = st.builds(
    lambda area, printed: {
        "kind": "published_total",
        "report": "funding-requirements",
        "year": 2016,
        "table": "overview",
        "region": "all",
        "area": area,
        "printed": printed,
        "currency": "USD",
    },
    st.sampled_from((*AREAS, "all")),
    _amounts,
)
_partnership = st.builds(
    lambda number, partner, office, countries, people: factories.partnership(
        f"p-{number}", partner_id=partner, office=office, countries=countries, people_reached=people, source="A"
    ),
    st.integers(1, 4),
    st.sampled_from(("hayat", "warbe")),
    _offices,
    st.sampled_from(([], ["KEN"], ["KEN", "UGA"])),
    st.none() | _counts,
)
_merger = st.sampled_from((None, "warbe")).map(lambda into: factories.partner("hayat", merged_into=into))
_office = st.builds(
    lambda code, region: factories.office(code, iso3=code, region=region),
    _offices,
    st.sampled_from(("east_horn_of_africa", "southern_africa")),
)
_activity = st.builds(
    lambda number, offices, types, people: {
        "kind": "field_activity",
        "activity_id": f"fa-{number}",
        "offices": offices,
        "types": types,
        "title": f"Activity {number}",
        "level": "activity",
        "start": "2016",
        "people": people,
        "source": "test",
    },
    st.integers(1, 3),
    st.sampled_from((["KEN"], ["UGA"], ["KEN", "UGA"])),
    st.sampled_from(([], ["training"], ["training", "research"])),
    st.lists(
        st.builds(
            lambda group, target, reached: {"group": group, "target": target, "reached": reached},
            st.sampled_from(("women", "men")),
            st.none() | _counts,
            st.none() | _counts,
        ),
        max_size=2,
        unique_by=lambda one: str(one["group"]),
    ),
)
_indicator = st.builds(
    lambda indicator, period, value: {
        "kind": "indicator_value",
        "indicator": indicator,
        "place": "Kenya",
        "period": period,
        "value": value,
        "unit": "people",
        "source": "test",
    },
    st.sampled_from(("returns", "visits")),
    st.sampled_from(("2014", "2015", "2016", "Q1 2016")),
    st.sampled_from(("0", "12", "40.5")),
)

RECORDS: st.SearchStrategy[Record] = st.one_of(
    *[_project, _grant, _progress, _progress] * 2,
    *(_extension, _rate, _rate, _requirement, _printed, _partnership, _merger, _office, _activity, _indicator),
)
