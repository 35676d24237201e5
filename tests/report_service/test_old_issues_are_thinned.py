"""Of old issues the rows stay and most workbooks go; each can be had again, and no bytes go that an issue names."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

import factories
from muster_cli.backing_up import REFERRED_TO
from muster_report import erasing_issues, thinning
from muster_report.params import internal
from muster_report.regenerating import regenerate_one
from muster_shared.context import Context
from muster_shared.objects import Objects
from reporting import FUNDING, Reporting

YEAR = {"year": "2016"}
PAGE = f"/report/reports/{FUNDING}?year=2016&copy=internal"
_ISSUE = text(
    """
    INSERT INTO issue (issue_id, report, params_key, params, number, sha256, size, position, made_at, changed_cells,
                       released_at, of_lost_log, restricted_at, base_issue_id)
    VALUES (:issue_id, :report, '{}', '{}', :number, :sha256, 1, 1, :made_at, 0,
            :released_at, :lost, :restricted_at, :base)
    """
)
_ERASURE = text(
    """
    INSERT INTO erasure (erasure_id, mark, address, names, touched, rewritten_at, told_at)
    VALUES (gen_random_uuid(), '7f3a', 'ann@example.org', '{}', '{}', now(), now())
    """
)


@pytest.fixture
def report(empty: Reporting) -> Context:
    """A report service on its first day, 30 November 2016."""
    return empty.report.context


def issue(report: Context, day: str, *, of: str = "a", **told: Any) -> UUID:
    """An issue made on a day, the next of its report."""
    made_at = datetime.fromisoformat(day).replace(tzinfo=UTC)
    marks = {"released_at": None, "restricted_at": None, "lost": False, "base": None, **told}
    issue_id = uuid4()
    with report.sessions.begin() as session:
        number = (session.scalar(text("SELECT max(number) FROM issue WHERE report = :of"), {"of": of}) or 0) + 1
        row = {"issue_id": issue_id, "report": of, "number": number, "made_at": made_at, "sha256": f"{of}{number}"}
        session.execute(_ISSUE, {**row, **marks})
    return issue_id


def thin(report: Context, days: int = 30) -> int:
    return thinning.thin(replace(report, settings=replace(report.settings, keep_issues_days=days)))


def thinned(report: Context, of: str = "a") -> Sequence[int]:
    query = text("SELECT number FROM issue WHERE report = :of AND thinned_at IS NOT NULL ORDER BY number")
    with report.sessions() as session:
        return session.scalars(query, {"of": of}).all()


def test_all_of_the_last_days_are_kept_and_before_them_the_last_of_each_month(report: Context) -> None:
    for day in ("2016-09-01", "2016-09-30", "2016-10-02", "2016-10-15", "2016-11-01", "2016-11-02"):
        issue(report, day)
    assert thin(report) == 2
    assert thinned(report) == [1, 3], "2 and 4 are the last of their months, 5 and 6 are of the last 30 days"


def test_a_month_is_one_of_universal_time_and_of_one_report(report: Context) -> None:
    for day in ("2016-08-31T23:59:59", "2016-09-01T00:00:00", "2016-09-02"):
        issue(report, day)
    issue(report, "2016-09-03", of="b")
    assert (thin(report), thinned(report)) == (1, [2])


def test_the_current_issue_is_kept_however_old_and_so_is_what_left_the_house_or_is_counted_from(
    report: Context,
) -> None:
    at = datetime(2016, 1, 1, tzinfo=UTC)
    base = issue(report, "2016-01-01")
    issue(report, "2016-01-02", released_at=at)
    issue(report, "2016-01-03", restricted_at=at)
    issue(report, "2016-01-04")
    issue(report, "2016-01-05", base=base)
    assert (thin(report), thinned(report)) == (1, [4])


def test_of_a_lost_log_the_workbook_is_all_that_is_left(report: Context) -> None:
    issue(report, "2016-01-01", lost=True)
    issue(report, "2016-01-02")
    issue(report, "2016-01-03", lost=True)
    issue(report, "2016-02-01")
    assert thin(report) == 0


def test_it_is_done_once_a_day_and_not_at_all_where_everything_is_kept(report: Context) -> None:
    issue(report, "2016-01-01")
    issue(report, "2016-01-02")
    assert (thin(report, days=0), thin(report), thinned(report)) == (0, 1, [1])
    issue(report, "2016-01-03")
    assert thin(report) == 0, "done today"


@pytest.fixture
def muster_in_january(muster: Reporting) -> Reporting:
    """Funding of 2016 in three issues: two of December, and one of today, 29 January."""
    muster.advance("5d")
    for amount, span in (("1", "1d"), ("2", "54d"), ("3", "0d")):
        muster.submit(factories.requirement("KEN", amount=amount))
        muster.report.follow()
        regenerate_one(muster.report.context, FUNDING, internal(YEAR))
        muster.report.count_as_made()
        muster.advance(span)
    return muster


def test_a_thinned_issue_is_still_there_and_its_workbook_is_made_again_to_the_byte(
    muster_in_january: Reporting,
) -> None:
    report = muster_in_january.report
    old = report.issues(FUNDING, **YEAR)[-1]
    before, page = report.file_of(old), report.get(f"/issues/{old['issue_id']}.json").data
    assert (thin(report.context), thinning.delete_unnamed(report.context)) == (1, 1)
    with pytest.raises(FileNotFoundError):
        report.context.objects.get(old["sha256"])

    issues = report.issues(FUNDING, **YEAR)
    assert [one["thinned_at"] for one in issues] == [None, None, "2017-01-29T08:00:00Z"]
    assert report.file_of(old) == before
    assert report.get(f"/issues/{old['issue_id']}.json").data == page
    assert report.get(f"/issues/{old['issue_id']}/compare/{issues[0]['issue_id']}").get_json()["items"]
    where = {"sheet": "East and Horn of Africa", "cell": "B5", "issue": old["issue_id"], **YEAR}
    assert report.get(f"/reports/{FUNDING}/explain", **where).get_json()["value"] == "1"
    rebuilt = report.rebuild()
    assert (rebuilt.issues, rebuilt.differing) == (2, ())
    with report.context.sessions() as session:
        named = set(session.scalars(text(REFERRED_TO["report"][0])))
    assert named == {one["sha256"] for one in issues if not one["thinned_at"]}, "a backup looks for no more"


def test_what_would_come_out_otherwise_today_is_gone_and_says_so(muster_in_january: Reporting) -> None:
    report = muster_in_january.report
    thin(report.context)
    old = report.issues(FUNDING, **YEAR)[-1]
    with report.context.sessions.begin() as session:
        session.execute(text("UPDATE issue SET sha256 = 'of an older Muster' WHERE number = 1"))
    answer = report.get(f"/issues/{old['issue_id']}.xlsx")
    assert (answer.status_code, answer.get_json()["type"]) == (410, "urn:muster:problem:thinned")
    assert "thinned by rule" in answer.get_json()["detail"]
    with report.context.sessions.begin() as session:
        session.execute(text("UPDATE issue SET of_lost_log = true WHERE number = 1"))
    assert "no longer in the change log" in report.get(f"/issues/{old['issue_id']}.xlsx").get_json()["detail"]


def test_a_thinned_issue_is_not_released_and_its_pages_say_why(muster_in_january: Reporting) -> None:
    report = muster_in_january.report
    thin(report.context)
    old = report.issues(FUNDING, **YEAR)[-1]
    answer = report.post(f"/issues/{old['issue_id']}/release")
    assert (answer.status_code, answer.get_json()["type"]) == (409, "urn:muster:problem:thinned")
    assert not report.get(f"/issues/{old['issue_id']}/checklist").get_json()["releasable"]
    headers = {"Authorization": f"Bearer {report.token('admin')}", "Accept": "text/html"}
    pages = {PAGE: "thinned</span>", f"/report/issues/{old['issue_id']}": "It was thinned by rule", "/report/admin": ""}
    for path, said in pages.items():
        page = report.client.get(path, headers=headers)
        assert (page.status_code, said in page.text) == (200, True), path
    assert "old issues thinned" in page.text


def test_an_erasure_does_not_look_for_names_in_a_workbook_that_is_not_kept(report: Context) -> None:
    issue(report, "2016-01-01")
    issue(report, "2016-01-02")
    thin(report)
    with report.sessions.begin() as session:
        session.execute(text("DELETE FROM issue WHERE number = 2"))
        session.execute(_ERASURE)
    assert erasing_issues.look_through(report) == 0


def test_bytes_stay_while_an_issue_that_is_kept_names_them(report: Context) -> None:
    issue(report, "2016-01-01")
    issue(report, "2016-01-02")
    name = report.objects.put(b"the workbook of both")
    with report.sessions.begin() as session:
        session.execute(text("UPDATE issue SET sha256 = :name"), {"name": name})
    assert (thin(report), thinning.delete_unnamed(report)) == (1, 1)
    assert report.objects.get(name) == b"the workbook of both"


def test_bytes_that_could_not_be_deleted_are_deleted_later(report: Context) -> None:
    class Away(Objects):
        def delete(self, sha256: str) -> None:  # noqa: ARG002 - no matter which
            raise OSError("the store is away")

    issue(report, "2016-01-01")
    issue(report, "2016-01-02")
    name = report.objects.put(b"old")
    with report.sessions.begin() as session:
        session.execute(text("UPDATE issue SET sha256 = :name WHERE number = 1"), {"name": name})
    thin(report)
    with pytest.raises(OSError, match="away"):
        thinning.delete_unnamed(replace(report, objects=Away("file:///nowhere")))
    assert (thinning.delete_unnamed(report), thinning.delete_unnamed(report)) == (1, 0)
    with pytest.raises(FileNotFoundError):
        report.objects.get(name)


def test_bytes_that_are_put_again_while_they_are_to_be_deleted_stay(report: Context) -> None:
    issue(report, "2016-01-01")
    issue(report, "2016-01-02")
    name = report.objects.put(b"come back")
    with report.sessions.begin() as session:
        session.execute(text("UPDATE issue SET sha256 = :name WHERE number = 1"), {"name": name})
    thin(report)
    with ThreadPoolExecutor(1) as another:
        with report.sessions.begin() as session:
            thinning.hold(session, name)
            report.objects.put(b"come back")
            deleting = another.submit(thinning.delete_unnamed, report)
            with pytest.raises(TimeoutError):
                deleting.result(timeout=0.3)
            session.execute(text("UPDATE issue SET sha256 = :name WHERE number = 2"), {"name": name})
        assert deleting.result(timeout=10) == 1
    assert report.objects.get(name) == b"come back"


def test_a_regeneration_holds_its_bytes_until_its_issue_names_them(
    muster: Reporting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Were they only put, whoever deletes meanwhile would not wait."""
    report = muster.report.context
    muster.report.follow()
    free = []

    def finish(context: Context, _claim: Any, made: Any) -> None:
        with context.sessions() as session:
            alone = text("SELECT pg_try_advisory_xact_lock(hashtextextended(:name, 0))")
            free.append(session.scalar(alone, {"name": made.content.sha256}))

    monkeypatch.setattr("muster_report.regenerating._finish", finish)
    regenerate_one(report, FUNDING, internal(YEAR))
    assert free == [False]
