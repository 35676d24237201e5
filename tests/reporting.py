"""A real ingest and a real report on databases of their own, in one process: the change log without a socket."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

from redis import Redis
from sqlalchemy import select, text
from werkzeug.test import TestResponse

import factories
from muster_ingest import queries as ingest_queries
from muster_ingest.app import create_app as create_ingest
from muster_ingest.models import Record
from muster_report import mending, regenerating, usecases
from muster_report.app import create_app as create_report
from muster_report.follow import follow
from muster_report.models import FactRow, ReportState
from muster_report.params import internal, params_key
from muster_report.rebuild import Rebuilt, rebuild
from muster_shared.auth import Caller
from muster_shared.changelog import BATCH, ChangeLog, LogUnreachable, Page, read_page
from muster_shared.clock import parse_span
from muster_shared.context import Context

ANALYST = Caller(name="analyst@example.org", role="analyst")
FUNDING, PARTNERSHIPS = "funding-requirements", "partnerships"


class IngestLog(ChangeLog):
    """The change log as ingest's own query answers it, through JSON and back.

    ``upto`` shows a log that ends there; ``away_after`` lets ingest die after so many pages; ``spoil`` is given each
    change before it is read.
    """

    def __init__(self, ingest: Context, *, page: int = BATCH) -> None:
        self.ingest, self.page = ingest, page
        self.upto: int | None = None
        self.away_after: int | None = None
        self.spoil: Callable[[dict[str, Any]], object] = lambda _change: None

    def after(self, position: int, *, limit: int = BATCH) -> Page:
        self._count_down()
        with self.ingest.sessions() as session:
            document = ingest_queries.changes(session, after=position, limit=min(limit, self.page))
        document["items"] = [item for item in document["items"] if item["position"] <= (self.upto or document["last"])]
        document = json.loads(json.dumps(document))
        for change in document["items"]:
            self.spoil(change)
        return read_page(document)

    def _count_down(self) -> None:
        if self.away_after is not None:
            if self.away_after == 0:
                raise LogUnreachable("ConnectionError")
            self.away_after -= 1


class Report:
    """One instance of report that follows an ingest."""

    def __init__(self, context: Context, log: IngestLog, token: Callable[..., str]) -> None:
        self.context, self.log, self.token = context, log, token
        self.client = create_report(context).test_client()

    def follow(self) -> int:
        return follow(self.context, self.log)

    def regenerate(self) -> int:
        return regenerating.regenerate_due(self.context)

    def mend(self) -> int:
        """Try again what was set aside and is due."""
        return mending.retry_due(self.context, self.log)

    def settle(self) -> None:
        """Follow the log to its end and regenerate all that is stale."""
        self.follow()
        self.regenerate()

    def get(self, path: str, role: str = "analyst", etag: str = "", **query: str) -> TestResponse:
        headers = {"Authorization": f"Bearer {self._token(role)}"} | ({"If-None-Match": etag} if etag else {})
        return self.client.get(f"/report/v1{path}", query_string=query or None, headers=headers)

    def post(self, path: str, role: str = "analyst", **options: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self._token(role)}"}
        return self.client.post(f"/report/v1{path}", headers=headers, **options)

    def _token(self, role: str) -> str:
        scopes: dict[str, dict[str, Any]] = {"donor": {"donor": "example-fund"}, "focal_point": {"offices": ["KEN"]}}
        return self.token(role, **scopes.get(role, {}))

    def latest(self, report: str, **params: str) -> bytes:
        answer = self.get(f"/reports/{report}/latest.xlsx", **params)
        assert answer.status_code == 200, answer.text
        return bytes(answer.data)

    def issues(self, report: str, **params: str) -> list[dict[str, Any]]:
        answer = self.get(f"/reports/{report}/issues", **params)
        assert answer.status_code == 200, answer.text
        return list(answer.get_json()["items"])

    def file_of(self, issue: dict[str, Any]) -> bytes:
        answer = self.get(f"/issues/{issue['issue_id']}.xlsx")
        assert answer.status_code == 200, answer.text
        return bytes(answer.data)

    def release(self, issue: dict[str, Any]) -> None:
        usecases.release(self.context, ANALYST, UUID(issue["issue_id"]))

    def run(self, report: str, **params: str) -> str:
        """Ask for a regeneration; returns where to watch it."""
        answer = self.post(f"/reports/{report}/runs", json=params)
        assert answer.status_code == 202, answer.text
        return answer.headers["Location"].removeprefix("/report/v1")

    def watch(self, place: str) -> dict[str, Any]:
        return dict(self.get(place).get_json())

    def state(self, report: str, **params: str) -> ReportState:
        key = params_key({**internal(params), **params})
        with self.context.sessions() as session:
            found = session.get(ReportState, (report, key))
        assert found is not None, f"no state stands for {report} {key}"
        return found

    def states(self) -> list[ReportState]:
        with self.context.sessions() as session:
            return list(session.scalars(select(ReportState).order_by(ReportState.report, ReportState.params_key)))

    def stale(self) -> list[tuple[str, str]]:
        """Report and its own parameter, of all that wait for a regeneration."""
        return [(s.report, _own_value(s)) for s in self.states() if s.wanted > s.built]

    def count_as_made(self) -> None:
        """Take the wishes away without making a workbook."""
        with self.context.sessions.begin() as session:
            session.execute(text("UPDATE report_state SET built = wanted, stale_since = NULL"))

    def let_days_pass(self) -> None:
        """What waits for its time is due now, and leases have ended."""
        with self.context.sessions.begin() as session:
            session.execute(text("UPDATE report_state SET due_at = due_at - interval '2 days'"))
            session.execute(text("UPDATE report_state SET lease_until = lease_until - interval '2 days'"))
            session.execute(text("UPDATE set_aside SET try_at = try_at - interval '2 days'"))

    def is_woken(self, task: str) -> bool:
        """Whether a task waits in the broker."""
        with Redis.from_url(self.context.settings.broker_url()) as redis:
            return bool(redis.exists(f"muster:waits:{task}"))

    def known(self, report: str) -> list[dict[str, Any]]:
        """What the catalogue says of a report."""
        items = self.get("/reports").get_json()["items"]
        return list(next(item["known"] for item in items if item["key"] == report))

    def facts(self) -> list[tuple[Any, ...]]:
        """Every fact, whole, in the order of positions."""
        columns = FactRow.__table__.c
        with self.context.sessions() as session:
            return [tuple(row) for row in session.execute(select(*columns).order_by(columns.position))]

    def current(self) -> dict[tuple[str, str], Any]:
        """Kind and key to fields, of every record that holds."""
        holding = FactRow.until.is_(None) & (FactRow.action == "upsert")
        with self.context.sessions() as session:
            rows = session.execute(select(FactRow.kind, FactRow.key, FactRow.fields).where(holding)).all()
        assert len({(kind, key) for kind, key, _ in rows}) == len(rows), "a record holds in two revisions"
        return {(kind, key): fields for kind, key, fields in rows}

    def rebuild(self) -> Rebuilt:
        return rebuild(self.context, self.log)

    def empty(self) -> None:
        """As on its first day."""
        with self.context.sessions.begin() as session:
            session.execute(text("DELETE FROM release; DELETE FROM untold_issue; DELETE FROM run; DELETE FROM issue"))
            session.execute(text("DELETE FROM report_state; DELETE FROM fact; DELETE FROM schedule; DELETE FROM look"))
            session.execute(text("DELETE FROM unnamed_object; DELETE FROM keeping"))
            session.execute(text("DELETE FROM set_aside; DELETE FROM trouble"))
            session.execute(text("UPDATE cursor SET epoch = NULL, position = 0"))


class Ingest:
    """Ingest as an administrator at headquarters meets it."""

    def __init__(self, context: Context, token: Callable[..., str]) -> None:
        self.context = context
        self.client = create_ingest(context).test_client()
        self.headers = {"Authorization": f"Bearer {token('admin')}"}

    def submit(self, *records: dict[str, Any], code: str = "HQ") -> dict[str, Any]:
        body = factories.envelope(*records, code=code)
        answer = self.client.post("/ingest/v1/submissions", json=body, headers=self.headers)
        assert answer.status_code == 201, answer.text
        return dict(answer.get_json())

    def submit_if_right(self, *records: dict[str, Any]) -> None:
        """What is refused, such as the withdrawal of what is not there, changes nothing."""
        body = factories.envelope(*records, code="HQ")
        answer = self.client.post("/ingest/v1/submissions", json=body, headers=self.headers)
        assert answer.status_code in {201, 422}, answer.text

    def refuse(self, document: Any) -> dict[str, Any]:
        answer = self.client.post("/ingest/v1/submissions", json=document, headers=self.headers)
        assert answer.status_code == 422, answer.text
        return dict(answer.get_json())

    def withdraw(self, kind: str, **key: Any) -> dict[str, Any]:
        return self.submit({"kind": kind, "action": "withdraw", **key})

    def current(self) -> dict[tuple[str, str], Any]:
        """Kind and key to fields, of every record that is not withdrawn."""
        query = select(Record.kind, Record.key, Record.fields).where(~Record.withdrawn)
        with self.context.sessions() as session:
            return {(kind, key): fields for kind, key, fields in session.execute(query)}

    def last(self) -> int:
        """The newest position of the log."""
        return ingest_queries.standing(self.context)["position"]

    def restore(self, *, upto: int | None = None) -> None:
        """As after a restore from a backup: another epoch; with ``upto``, what came later is lost."""
        with self.context.sessions.begin() as session:
            session.execute(text("UPDATE change_log SET epoch = gen_random_uuid()::text"))
            if upto is not None:
                session.execute(text("DELETE FROM revision WHERE position > :upto"), {"upto": upto})
                session.execute(text("UPDATE change_log SET last = :upto"), {"upto": upto})
                session.execute(_WITHOUT_REVISION)
                session.execute(_RECORDS_AS_REVISED)

    def empty(self) -> None:
        """As on its first day."""
        with self.context.sessions.begin() as session:
            session.execute(text("DELETE FROM revision; DELETE FROM record; DELETE FROM office_counter"))
            session.execute(text("DELETE FROM submission; UPDATE change_log SET last = 0"))


_WITHOUT_REVISION = text(
    "DELETE FROM record WHERE NOT EXISTS (SELECT FROM revision r WHERE r.kind = record.kind AND r.key = record.key)"
)
_RECORDS_AS_REVISED = text(
    """
    UPDATE record SET revision = newest.revision, fields = newest.fields, withdrawn = newest.action = 'withdraw'
    FROM (SELECT DISTINCT ON (kind, key) * FROM revision ORDER BY kind, key, revision DESC) AS newest
    WHERE record.kind = newest.kind AND record.key = newest.key
    """
)


class Reporting:
    """An ingest, a report that follows it, and the business clock of both, standing at home."""

    def __init__(self, ingest: Ingest, report: Report) -> None:
        self.ingest, self.report = ingest, report
        self.submit, self.withdraw, self.settle = ingest.submit, ingest.withdraw, report.settle

    def advance(self, span: str) -> None:
        self.report.context.clock.advance(parse_span(span))


def reporting(ingest: Context, report: Context, token: Callable[..., str]) -> Reporting:
    """Both services on databases that are emptied first, the clock standing at home."""
    ingest.settings.data_dir.mkdir(exist_ok=True)
    ingest.clock.begin()
    made = Reporting(Ingest(ingest, token), Report(report, IngestLog(ingest), token))
    made.ingest.empty()
    made.report.empty()
    return made


def with_settings(context: Context, **changes: Any) -> Context:
    """The same service, told otherwise."""
    return replace(context, settings=replace(context.settings, **changes))


def _own_value(state: ReportState) -> str:
    return next(str(value) for name, value in state.params.items() if name != "copy")
