from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from muster_cli import sample
from muster_cli.records_csv import records
from muster_cli.sample import make_offices, make_portfolio
from muster_cli.submission_files import sendings
from muster_ingest.kinds import KINDS
from muster_ingest.kinds.kind import Fields
from muster_shared.codelists import areas, regions
from muster_shared.coverage import standing
from muster_shared.schedules import Obligation, obligations

HOME = date(2016, 11, 30)
Record = dict[str, Any]


@pytest.fixture(scope="module")
def portfolio() -> dict[str, list[Record]]:
    by_kind: dict[str, list[Record]] = defaultdict(list)
    for path in sample.portfolio():
        for envelope in json.loads(path.read_text(encoding="utf-8")):
            for record in envelope["records"]:
                by_kind[record["kind"]].append(record)
    return by_kind


class Standing:
    """The records loaded so far, as the kinds' checks ask for them."""

    def __init__(self) -> None:
        self.loaded: dict[tuple[str, str], Fields] = {}

    def fields(self, kind: str, key: str) -> Fields | None:
        return self.loaded.get((kind, key))

    def grants_of(self, project_code: str) -> tuple[str, ...]:
        grants = ((key, fields) for (kind, key), fields in self.loaded.items() if kind == "grant")
        return tuple(key for key, fields in grants if fields["project_code"] == project_code)


def complaints(envelope: Record, world: Standing) -> Iterable[object]:
    """What ingest's kinds say against an envelope; its records join the world."""
    loaded = []
    for record in envelope["records"]:
        kind = KINDS[record["kind"]]
        fields = kind.schema.load({name: value for name, value in record.items() if name not in {"kind", "action"}})
        key = (kind.name, kind.key_of(fields))
        if key in world.loaded:
            yield f"{key} is there twice"
        world.loaded[key] = fields
        loaded.append((kind, fields))
    for kind, fields in loaded:
        yield from kind.check(fields)
        yield from (ref for ref in kind.references(fields) if world.fields(ref.kind, ref.key) is None)
        yield from kind.check_against(fields, world)
        owners = kind.owners(fields, world)
        if owners and owners[0] != envelope["office"]:
            yield f"{fields} is not {envelope['office']}'s"


def test_every_sample_record_is_what_ingest_takes_and_names_only_what_came_before() -> None:
    world = Standing()
    said = [complaint for sending in sendings(sample.files()) for complaint in complaints(dict(sending.body), world)]
    assert said == []
    assert len(world.loaded) == 2600


def test_making_the_portfolio_again_writes_the_same_files() -> None:
    committed = {path.name: path.read_bytes().decode() for path in sample.portfolio()}
    assert make_portfolio.documents() == committed


def test_making_the_people_of_offices_again_writes_the_same_file() -> None:
    committed = make_offices.OFFICES.read_text(encoding="utf-8")
    assert make_offices.with_people(committed) == committed


def test_the_files_together_stay_small() -> None:
    assert sum(path.stat().st_size for path in sample.portfolio()) < 1_500_000


def test_there_are_projects_in_every_region(portfolio: dict[str, list[Record]]) -> None:
    path = next(path for path in sample.published() if path.name == "offices.csv")
    region_of = {office["office"]: office["region"] for office in records(path)}
    assert len(portfolio["project"]) >= 120
    assert {region_of[project["office"]] for project in portfolio["project"]} == set(regions())


def test_percentages_sum_to_100(portfolio: dict[str, list[Record]]) -> None:
    for project in portfolio["project"]:
        for name in ("areas", "activities"):
            assert sum(share["percent"] for share in project[name]) == 100


def test_all_areas_but_the_multiregional_one_are_worked_in(portfolio: dict[str, list[Record]]) -> None:
    used = {share["code"] for project in portfolio["project"] for share in project["areas"]}
    assert used == set(areas()) - {"multiregional"}


def test_all_five_rule_sets_frequencies_and_written_out_dates_are_there(portfolio: dict[str, list[Record]]) -> None:
    rules = [grant["reporting_rules"] for grant in portfolio["grant"]]
    named = {(rule["rules"], rule.get("frequency")) for rule in rules if isinstance(rule, dict)}
    assert named == {
        ("development-fund", None),
        ("echo", None),
        ("prm", None),
        ("us-federal", "quarterly"),
        ("us-federal", "semi-annual"),
        ("us-federal", "annual"),
        ("un-default", None),
        ("un-default", "quarterly"),
    }
    assert sum(isinstance(rule, list) for rule in rules) > 20


def test_all_sexes_bands_markers_and_statuses_are_there(portfolio: dict[str, list[Record]]) -> None:
    targets = [target for project in portfolio["project"] for target in project["targets"]]
    assert {target["sex"] for target in targets} == {"female", "male", "other", "unknown"}
    assert {(target.get("age_min"), target.get("age_max")) for target in targets} == {
        (0, 4),
        (5, 11),
        (12, 17),
        (18, 59),
        (60, None),
        (None, None),
    }
    assert {project["gender_marker"] for project in portfolio["project"]} == {0, 1, 2, 3, 4}
    assert {project["status"] for project in portfolio["project"]} == {
        "draft",
        "submitted",
        "returned",
        "endorsed",
        "active",
        "completed",
        "closed",
    }


def test_small_cells_are_there_to_be_suppressed(portfolio: dict[str, list[Record]]) -> None:
    reached = [row["count"] for report in portfolio["progress_report"] for row in report.get("reached", [])]
    assert {1, 2, 3, 4} <= set(reached)
    assert 0 not in reached


def test_extensions_are_approved_refused_and_pending(portfolio: dict[str, list[Record]]) -> None:
    decisions = Counter(extension.get("decision") for extension in portfolio["extension"])
    assert decisions == {"approved": 6, "refused": 1, None: 1}


def test_nothing_was_handed_in_signed_or_done_after_home(portfolio: dict[str, list[Record]]) -> None:
    days = [report["submitted_on"] for report in portfolio["progress_report"]]
    days += [grant["signed"] for grant in portfolio["grant"]]
    days += [
        extension[name]
        for extension in portfolio["extension"]
        for name in ("requested_on", "decided_on")
        if name in extension
    ]
    days += [
        done["completed"] for project in portfolio["project"] for done in project["milestones"] if "completed" in done
    ]
    assert max(days) <= HOME.isoformat()
    assert max(rate["month"] for rate in portfolio["exchange_rate"]) == "2016-11"


def test_every_person_is_made_up_at_example_org(portfolio: dict[str, list[Record]]) -> None:
    people = [project[role] for project in portfolio["project"] for role in ("manager", "alternate_manager")]
    assert all(person["email"].endswith("@example.org") for person in people)
    managed = Counter(project["manager"]["email"] for project in portfolio["project"])
    assert 55 <= len(managed) <= 70
    assert max(managed.values()) >= 3


def owed_by(portfolio: dict[str, list[Record]]) -> list[tuple[Obligation, list[Record]]]:
    pairs = []
    for project in portfolio["project"]:
        own = {
            kind: [record for record in portfolio[kind] if record["project_code"] == project["project_code"]]
            for kind in ("grant", "extension", "progress_report")
        }
        pairs += [(owed, own["progress_report"]) for owed in obligations(project, own["grant"], own["extension"])]
    return pairs


def test_every_progress_report_answers_an_obligation_to_the_day(portfolio: dict[str, list[Record]]) -> None:
    owed = {(o.grant_id, o.type, o.period_start.isoformat(), o.period_end.isoformat()) for o, _ in owed_by(portfolio)}
    told = [
        (report["grant_id"], report["type"], report["period_start"], report["period_end"])
        for report in portfolio["progress_report"]
    ]
    assert len(told) == len(set(told))
    assert set(told) <= owed


def test_lateness_spreads_from_1_to_120_days_and_the_readme_tells_the_counts(
    portfolio: dict[str, list[Record]],
) -> None:
    stands = [standing(owed, reports, HOME) for owed, reports in owed_by(portfolio)]
    late = [stand.days_late for stand in stands if stand.status in {"overdue", "returned"}]
    assert {1, 7, 14, 30, 120} <= set(late)
    assert (min(late), max(late)) == (1, 120)
    handed_in = [stand for stand in stands if stand.status in {"submitted", "closed"}]
    readme = (make_portfolio.FOLDER / "README.md").read_text(encoding="utf-8")
    for said, count in {
        "projects, in ten regions": len(portfolio["project"]),
        "grants": len(portfolio["grant"]),
        "donors": len(portfolio["donor"]),
        "progress reports": len(portfolio["progress_report"]),
        "exchange rates": len(portfolio["exchange_rate"]),
        "handed in on time": sum(stand.days_late == 0 for stand in handed_in),
        "handed in late": sum(stand.days_late > 0 for stand in handed_in),
        "overdue, by 1 to 120 days": len(late),
        "due within 14 days": sum(stand.status == "due_soon" for stand in stands),
        "due later": sum(stand.status == "upcoming" for stand in stands),
    }.items():
        assert f"| {said} | {count} |" in readme
    returned = sum(stand.status == "returned" for stand in stands)
    assert f"Of the overdue ones, {returned} were handed in and returned" in readme


def test_a_final_report_is_never_below_the_interim_reports_it_holds(portfolio: dict[str, list[Record]]) -> None:
    interim: dict[str, Decimal] = defaultdict(Decimal)
    for report in portfolio["progress_report"]:
        if report["type"] == "interim":
            interim[report["grant_id"]] += Decimal(report["expenditure"]["amount"])
    finals = [report for report in portfolio["progress_report"] if report["type"] == "final"]
    assert finals
    for final in finals:
        assert Decimal(final["expenditure"]["amount"]) >= interim[final["grant_id"]]
