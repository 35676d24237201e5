"""The IATI export passes what the standard publishes: its schema, its code lists, its rule set."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree  # type: ignore[import-untyped]  # publishes no types

from muster_shared.codelists import areas, regions
from report.export_facts import HOME, exported, facts_of, sample_records
from report.iati_standard import broken_rules


@cache
def portfolio() -> bytes:
    return exported(facts_of(sample_records()))


def test_the_sample_portfolio_passes() -> None:
    assert broken_rules(portfolio(), HOME) == []
    assert len(etree.fromstring(portfolio())) > 90


@pytest.mark.parametrize("as_of", [datetime(2015, 12, 31, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC)])
def test_it_passes_on_any_day(as_of: datetime) -> None:
    assert broken_rules(exported(facts_of(sample_records()), as_of), as_of) == []


def _spoilt(path: str, **attributes: str) -> bytes:
    root = deepcopy(etree.fromstring(portfolio()))
    del root[6:]
    for name, value in attributes.items():
        root.find(path).set(name.replace("_", "-"), value)
    return bytes(etree.tostring(root))


@pytest.mark.parametrize(
    ("path", "attributes", "told"),
    [
        ("iati-activity/activity-date", {"iso_date": "soon"}, "not a valid value"),
        ("iati-activity/activity-status", {"code": "9"}, "ActivityStatus"),
        ("iati-activity/transaction/transaction-type", {"code": "99"}, "TransactionType"),
        ("iati-activity/transaction/transaction-date", {"iso_date": "2016-12-01"}, "date_order"),
        ("iati-activity/activity-date[@type='2']", {"iso_date": "2016-12-01"}, "date_order"),
        ("iati-activity/reporting-org", {"ref": "A/B"}, "regex_matches"),
        ("iati-activity/recipient-country", {"percentage": "99"}, "sum"),
        ("iati-activity/sector", {"percentage": "1.5"}, "sectors of vocabulary 1"),
        ("iati-activity/sector", {"code": "15191"}, "Sector"),
        ("iati-activity/budget/period-end", {"iso_date": "2025-12-31"}, "more than a year"),
    ],
)
def test_what_is_wrong_is_found(path: str, attributes: dict[str, str], told: str) -> None:
    assert told in "; ".join(broken_rules(_spoilt(path, **attributes), HOME))


DAYS = st.dates(date(2012, 1, 1), date(2020, 12, 31)).map(date.isoformat)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)
AMOUNTS = st.integers(0, 10**13).map(lambda cents: str(Decimal(cents) / 100))
CURRENCIES = st.sampled_from(["USD", "EUR", "KES", "JPY"])
CODES = ("P-1", "P-10", "P-2")
PEOPLE = st.lists(
    st.fixed_dictionaries(
        {
            "group": st.sampled_from(["returnees", "host & <community>"]),
            "sex": st.sampled_from(["female", "male", "other", "unknown", None]),
            "age_min": st.sampled_from([None, 0, 5, 18, 60]),
            "age_max": st.sampled_from([None, 4, 17, 59, 80]),
            "count": st.integers(0, 40),
        }
    ),
    max_size=6,
)
IDENTIFIERS = st.sampled_from([None, "NO-BRC-1", "A/B", "A B", "a|b?"])
OFFICES = st.fixed_dictionaries(
    {
        "kind": st.just("office"),
        "office": st.sampled_from(["KEN", "RO-x", "HQ"]),
        "name": TEXTS,
        "type": st.sampled_from(["country", "regional", "headquarters"]),
        "region": st.sampled_from(list(regions())),
        "iso3": st.sampled_from([None, "KEN", "XKX", "CHE"]),
    }
)
DONORS = st.fixed_dictionaries(
    {
        "kind": st.just("donor"),
        "donor_id": st.sampled_from(["d-1", "d-2"]),
        "name": TEXTS,
        "type": st.one_of(st.none(), TEXTS, st.just("Government")),
        "iati_id": IDENTIFIERS,
    }
)
PARTNERS = st.fixed_dictionaries(
    {
        "kind": st.just("partner"),
        "partner_id": st.sampled_from(["p-1", "p-2"]),
        "name": TEXTS,
        "type": st.sampled_from([None, "ngo_local", "association"]),
        "iati_id": IDENTIFIERS,
        "merged_into": st.sampled_from([None, "p-1", "p-2"]),
    }
)
PARTNERSHIPS = st.fixed_dictionaries(
    {
        "kind": st.just("partnership"),
        "partnership_id": TEXTS,
        "partner_id": st.sampled_from(["p-1", "p-2", "unknown"]),
        "role": st.sampled_from(["collaborator", "donor", "service_recipient"]),
        "project_code": st.sampled_from([None, *CODES]),
    }
)
SHARES = st.lists(st.sampled_from(list(areas())), min_size=1, max_size=4, unique=True).flatmap(
    lambda codes: st.lists(st.integers(1, 1_000_000), min_size=len(codes), max_size=len(codes)).map(
        lambda weights: [
            {"code": c, "percent": round(100 * w / sum(weights), 4)} for c, w in zip(codes, weights, strict=True)
        ]
    )
)


def _share(code: str, weight: int, of: int) -> dict[str, Any]:
    return {"code": code, "percent": round(100 * weight / of, 4)}


def _period(first: str, last: str) -> st.SearchStrategy[dict[str, str]]:
    return st.lists(DAYS, min_size=2, max_size=2).map(lambda days: dict(zip((first, last), sorted(days), strict=True)))


def _with(period: st.SearchStrategy[dict[str, str]], fields: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.builds(lambda dates, others: {**others, **dates}, period, st.fixed_dictionaries(fields))


MONEY = st.fixed_dictionaries({"amount": AMOUNTS, "currency": CURRENCIES})
PROJECTS = _with(
    _period("start", "end"),
    {
        "kind": st.just("project"),
        "project_code": st.sampled_from(CODES),
        "title": TEXTS,
        "office": st.sampled_from(["KEN", "RO-x", "HQ"]),
        "budget": MONEY,
        "areas": SHARES,
        "objectives": st.one_of(st.none(), TEXTS),
        "gender_marker": st.sampled_from([None, 0, 1, 2, 3, 4]),
        "targets": PEOPLE,
        "status": st.sampled_from([None, "draft", "endorsed", "active", "completed", "closed", "cancelled"]),
    },
)
GRANTS = _with(
    _period("start", "end"),
    {
        "kind": st.just("grant"),
        "grant_id": st.sampled_from(["G-1", "G-2", "G-3"]),
        "donor_id": st.sampled_from(["d-1", "d-2", "unknown"]),
        "project_code": st.sampled_from(CODES),
        "amount": AMOUNTS,
        "currency": CURRENCIES,
        "status": st.sampled_from(["pledged", "committed", "received"]),
        "signed": DAYS,
    },
)
REPORTS = _with(
    _period("period_start", "period_end"),
    {
        "kind": st.just("progress_report"),
        "project_code": st.sampled_from(CODES),
        "grant_id": st.sampled_from([None, "G-1", "G-2"]),
        "type": st.sampled_from(["interim", "final", "financial"]),
        "submitted_on": DAYS,
        "expenditure": MONEY,
        "reached": PEOPLE,
        "donor_status": st.sampled_from([None, "sent", "returned"]),
    },
)
EXTENSIONS = st.fixed_dictionaries(
    {
        "kind": st.just("extension"),
        "project_code": st.sampled_from(CODES),
        "requested_on": DAYS,
        "new_end": DAYS,
        "decision": st.sampled_from([None, "approved", "refused"]),
        "decided_on": st.one_of(st.none(), DAYS),
    }
)
ACTIVE = PROJECTS.map(lambda project: {**project, "project_code": "P-0", "status": "active"})
RECORDS = st.builds(
    lambda active, others: [active, *others],
    ACTIVE,
    st.lists(st.one_of(PROJECTS, GRANTS, REPORTS, EXTENSIONS, PARTNERSHIPS, OFFICES, DONORS, PARTNERS), max_size=14),
)


@given(records=RECORDS, day=st.dates(date(2012, 1, 1), date(2021, 1, 1)))
@settings(max_examples=100)
def test_any_portfolio_passes(records: list[dict[str, Any]], day: date) -> None:
    as_of = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    assert broken_rules(exported(facts_of(records), as_of), as_of) == []
