"""A record with a wrong field is still held against the rules; no rule stumbles over what is blank."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

import factories
from every_kind import RECORDS
from muster_ingest.drafts import Draft, Drafts, InDocument
from muster_ingest.kinds import KINDS
from muster_ingest.kinds.kind import blank
from workbook_making import fields_of


@pytest.mark.parametrize("kind", list(KINDS))
def test_no_check_stumbles_over_fields_that_are_blank(kind: str) -> None:
    known, nothing = fields_of(RECORDS[kind]), blank(KINDS[kind].schema)
    for names in itertools.chain.from_iterable(itertools.combinations(known, n) for n in (1, 2)):
        fields = {**known, **{name: nothing[name] for name in names}}
        issues = [issue for issue in KINDS[kind].check(fields) if not set(issue.path) & set(names)]
        assert all(issue.message for issue in issues)
        assert all(reference.key for reference in KINDS[kind].references(fields))


def test_a_wrong_field_does_not_hide_what_else_is_wrong(at_home: Any) -> None:
    errors = at_home.refuse(factories.partnership(role="frend", partner_id="nobody", start="2016", end="2015"))
    assert {error["pointer"] for error in errors} == {"/records/0/role", "/records/0/partner_id", "/records/0/end"}


def test_a_wrong_project_does_not_make_its_grant_wrong(at_home: Any) -> None:
    errors = at_home.refuse(factories.project(start="soon"), factories.grant(), factories.progress_report())
    assert [error["pointer"] for error in errors] == ["/records/0/start"]


def test_what_a_wrong_record_says_of_its_office_is_still_checked(at_home: Any) -> None:
    errors = at_home.refuse(factories.project(office="UGA", start="soon"))
    assert {error["code"] for error in errors} == {"not_a_date", "foreign_office"}


def test_drafts_beyond_those_held_come_back_as_they_were() -> None:
    drafts = Drafts(lambda packed: InDocument(packed[0]), held=3)
    fields = fields_of(RECORDS["project"])
    made = [
        Draft(
            KINDS["project"],
            "upsert",
            {**fields, "title": f"{n} \ud800é\n"},
            ("status",),
            n,
            InDocument(n),
            frozenset({"end"}),
        )
        for n in range(2500)
    ]
    for draft in made:
        drafts.append(draft)
    assert len(drafts) == 2500
    assert list(drafts) == made
    assert [drafts[n] for n in (2499, 0, 3, 1200)] == [made[n] for n in (2499, 0, 3, 1200)]
    assert [len(batch) for batch in drafts.batches()] == [3, 1000, 1000, 497]
    drafts.close()
