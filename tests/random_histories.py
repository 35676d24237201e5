"""Histories of submissions, regenerations and releases in any order, for tests that hold whatever the history."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

import factories
from reporting import FUNDING, PARTNERSHIPS, Report, Reporting

Step = Callable[["History"], None]
_OFFICES, _YEARS, _SOURCES = ("KEN", "UGA"), (2016, 2017), ("A", "B")
_REGIONS = ("east_horn_of_africa", "southern_africa", "multi_regional")


@dataclass(frozen=True)
class Released:
    """That an issue was released, in words that mean the same to another instance."""

    report: str
    params: tuple[tuple[str, str], ...]
    position: int


class History:
    """What happens to an ingest and the report that follows it."""

    def __init__(self, muster: Reporting) -> None:
        self.muster, self.report = muster, muster.report
        self.releases: set[Released] = set()
        muster.ingest.empty()
        muster.report.empty()
        muster.submit(
            *(factories.office(code) for code in ("HQ", *_OFFICES)),
            *(factories.partner(code) for code in ("hayat", "warbe")),
            factories.requirement("KEN"),
            factories.partnership("p-1", source="A"),
        )

    def send(self, *records: dict[str, Any]) -> None:
        self.muster.ingest.submit_if_right(*records)

    def follow(self, page: int) -> None:
        self.report.log.page = page
        self.report.follow()

    def restore(self, lost: int) -> None:
        self.muster.ingest.restore(upto=max(5, self.muster.ingest.last() - lost))

    def wish(self, report: str, params: dict[str, str]) -> None:
        """For a regeneration of a copy, which is not made now."""
        answer = self.report.post(f"/reports/{report}/runs", json=params)
        assert answer.status_code in {202, 404}, answer.text

    def make(self, report: str, params: dict[str, str]) -> None:
        """The newest issue there can be."""
        self.report.follow()
        self.wish(report, params)
        self.report.regenerate()

    def make_and_release(self, report: str, params: dict[str, str]) -> None:
        """The newest issue there can be, which may leave the house at once."""
        self.make(report, params)
        self.release(report, params, 0)

    def release(self, report: str, params: dict[str, str], back: int) -> None:
        """The newest issue, or one that many before it; where there is none, nothing."""
        issues = self.report.issues(report, **params)[back:]
        if issues:
            self.report.release(issues[0])
            released = tuple(sorted(issues[0]["params"].items()))
            self.releases.add(Released(report, released, issues[0]["position"]))


def replay_releases(report: Report, releases: set[Released]) -> None:
    """Release the same issues in another instance, which makes nothing else."""
    for released in sorted(releases, key=lambda r: (r.position, r.report, r.params)):
        report.log.upto = released.position
        report.follow()
        report.run(released.report, **dict(released.params))
        report.regenerate()
        issue = report.issues(released.report, **dict(released.params))[0]
        assert issue["position"] == released.position
        report.release(issue)
    report.log.upto = None


def does(name: str, *arguments: Any) -> Step:
    """A step of that name."""

    def step(history: History) -> None:
        getattr(history, name)(*arguments)

    step.__qualname__ = f"{name}{arguments}"
    return step


def _sends(record: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[Step]:
    return record.map(lambda fields: does("send", fields))


_offices, _years, _sources = st.sampled_from(_OFFICES), st.sampled_from(_YEARS), st.sampled_from(_SOURCES)
_partners, _partnerships = st.sampled_from(("hayat", "warbe")), st.sampled_from(("p-1", "p-2"))
_requirement = st.builds(
    lambda office, year, **fields: factories.requirement(office, year=year, **fields),
    _offices,
    _years,
    amount=st.sampled_from(("1", "2.5", "1000000", None)),
    currency=st.sampled_from(("USD", "USD", "EUR")),
    note=st.sampled_from((None, "as agreed", "=1+1")),
)
_no_requirement = st.builds(
    lambda office, year: {**factories.requirement(office, year=year), "action": "withdraw"}, _offices, _years
).map(lambda r: {name: r[name] for name in ("kind", "action", "year", "office", "area")})
_partnership = st.builds(
    lambda code, source, partner, office, people: factories.partnership(
        code, source=source, partner_id=partner, office=office, people_reached=people
    ),
    _partnerships,
    _sources,
    _partners,
    _offices,
    st.sampled_from((None, 3, 50)),
)
_no_partnership = _partnerships.map(lambda code: {"kind": "partnership", "action": "withdraw", "partnership_id": code})
_office = st.builds(
    lambda code, name, region: factories.office(code, name=name, region=region),
    _offices,
    st.sampled_from(("Kenya", "Uganda", "Renamed")),
    st.sampled_from(_REGIONS),
)
_merge = st.sampled_from((None, "warbe")).map(lambda into: factories.partner("hayat", merged_into=into))
_printed = st.builds(
    lambda year, printed: {
        "kind": "published_total",
        "report": FUNDING,
        "year": year,
        "table": "overview",
        "region": "all",
        "area": "all",
        "printed": printed,
        "currency": "USD",
    },
    _years,
    st.sampled_from(("0", "1000001")),
)
_copies = st.sampled_from(("internal", "internal", "donor"))
_asked = st.one_of(
    st.tuples(st.just(FUNDING), st.builds(lambda year, copy: {"year": str(year), "copy": copy}, _years, _copies)),
    st.tuples(
        st.just(PARTNERSHIPS), st.builds(lambda source, copy: {"source": source, "copy": copy}, _sources, _copies)
    ),
)

SUBMISSIONS: st.SearchStrategy[Step] = st.one_of(
    *(_sends(record) for record in (_requirement, _partnership, _no_requirement, _no_partnership)),
    *(_sends(record) for record in (_office, _merge, _printed)),
)
FOLLOWS: st.SearchStrategy[Step] = st.sampled_from((1, 2, 1000)).map(lambda page: does("follow", page))
RESTORES: st.SearchStrategy[Step] = st.integers(0, 4).map(lambda lost: does("restore", lost))
MAKES: st.SearchStrategy[Step] = _asked.map(lambda asked: does("make", *asked))
WISHES: st.SearchStrategy[Step] = _asked.map(lambda asked: does("wish", *asked))
SETTLES: st.SearchStrategy[Step] = st.just(lambda history: history.muster.settle())
HOURS: st.SearchStrategy[Step] = st.just(lambda history: history.muster.advance("1h"))
RELEASES: st.SearchStrategy[Step] = st.one_of(
    _asked.map(lambda asked: does("make_and_release", *asked)),
    st.builds(lambda asked, back: does("release", *asked, back), _asked, st.integers(0, 1)),
)
