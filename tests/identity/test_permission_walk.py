"""Every route by every role, inside and outside of its scope, answers as the table of permissions says."""

from __future__ import annotations

import io
from base64 import b64encode
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from werkzeug.test import TestResponse

import factories
from muster_ingest import visibility
from muster_ingest.permissions import PERMISSIONS as OF_INGEST
from muster_notify import alarms
from muster_notify import usecases as notifying
from muster_notify.models import Alarm, FailingAddress, OfficeChannel, Reminder
from muster_report import released as released_issues
from muster_report import usecases as reporting_usecases
from muster_report.follow import follow
from muster_report.permissions import PERMISSIONS as OF_REPORT
from muster_shared import own_routes, permissions, set_aside
from muster_shared.auth import Caller
from muster_shared.clock import real_now
from muster_shared.names import ROLES
from muster_shared.permissions import ALL, OWN_PROJECTS, UnknownRoute
from muster_shared.set_aside import Named
from owing import owed, project_owing
from permission_probes import PROBES, Probe, of_every_service
from pictures import png
from reporting import IngestLog
from safe_answers import faults

AMINA = "amina.otieno@example.org"
SOMEBODY = "other@example.org"
REFUSED, HIDDEN = {403, 404}, {401, 403, 404}
SCOPES: Mapping[str, dict[str, Any]] = {
    "focal_point": {"offices": ["KEN"]},
    "head_of_office": {"offices": ["KEN"]},
    "project_manager": {"offices": ["KEN"], "name": AMINA},
    "reviewer": {"regions": ["east_horn_of_africa"]},
    "donor": {"donor": "example-fund"},
}


class Walker:
    """Two offices in two regions with two donors, everything done once in each, and requests from every role."""

    def __init__(self, house: Any) -> None:
        self.house = house
        self.unsafe: set[str] = set()
        self.names: dict[str, str] = {"me_out": SOMEBODY, "donor_in": "example-fund", "donor_out": "other-fund"}
        self._fill_ingest()
        self._fill_notify()
        self._fill_report()
        self._fill_own()

    def wrong(self, service: str, only: str = "") -> list[str]:
        """What is answered otherwise than the table says; of routes whose name holds ``only``."""
        application = self.house.clients[service].application
        table = application.extensions["muster_permissions"]
        probes = {**of_every_service(service), **PROBES[service]}
        found: list[str] = []
        for name in dict.fromkeys(name for name, _ in permissions.routes(application) if only in name):
            entry = table[name]
            if entry == permissions.WITHOUT_TOKEN:
                continue
            found += self._wrong(name, entry, probes[name])
        return found

    def _wrong(self, name: str, entry: Mapping[str, str], probe: Probe) -> Iterator[str]:
        if self.ask(name, probe.inside, probe.body, None).status_code != 401:
            yield f"{name} opens without a token"
        for role in ROLES:
            for told in self._wrong_for(name, role, entry.get(role), probe):
                yield f"{name} by {role} ({entry.get(role)}): {told}"

    def _wrong_for(self, name: str, role: str, scope: str | None, probe: Probe) -> Iterator[str]:
        if probe.before:
            probe.before(self)
        inside = self.ask(name, probe.inside, probe.body, role, scope)
        if scope is None:
            if inside.status_code != 403:
                yield f"is not refused but answered {inside.status_code}"
            return
        if inside.status_code in HIDDEN or inside.status_code >= 500:
            yield f"is answered {inside.status_code} inside its scope: {inside.text[:200]}"
        if probe.holds:
            yield from self._wrongly_held(role, scope, probe.holds, inside)
        if probe.outside:
            body = probe.body_outside or probe.body
            outside = self.ask(name, probe.outside, body, role, scope)
            if scope == ALL and (outside.status_code in HIDDEN or outside.status_code >= 500):
                yield f"is answered {outside.status_code} though its scope is all: {outside.text[:200]}"
            if scope != ALL and outside.status_code not in REFUSED:
                yield f"is answered {outside.status_code} outside its scope"

    def _wrongly_held(self, role: str, scope: str, holds: tuple[str, str], answer: TestResponse) -> Iterator[str]:
        ours, theirs = (self._filled(text, role) for text in holds)
        if ours not in answer.text:
            yield f"does not hold {ours}"
        if (theirs in answer.text) != (scope == ALL):
            yield f"{'does not hold' if scope == ALL else 'holds'} {theirs} of the others"

    def ask(self, name: str, path: str, body: Any, role: str | None, scope: str | None = None) -> TestResponse:
        service, method = name.split("/")[1], name.split(" ", maxsplit=1)[0]
        sent: dict[str, Any] = {"data": body} if isinstance(body, bytes) else {"json": body} if body is not None else {}
        if isinstance(body, bytes) and body.startswith(b"--B"):
            sent["content_type"] = "multipart/form-data; boundary=B"
        headers = {"Authorization": f"Bearer {self._token(role, scope)}"} if role else {}
        where = self._filled(path, role or "admin")
        client: FlaskClient = self.house.clients[service]
        answer = client.open(where, method=method, headers=headers, buffered=True, **sent)
        self.unsafe.update(f"{name} {answer.status_code}: {told}" for told in faults(answer))
        return answer

    def _token(self, role: str, scope: str | None = None) -> str:
        more = dict(SCOPES.get(role, {}))
        if scope in {OWN_PROJECTS, "own projects"}:
            more.pop("offices")
        if scope == "HQ and own offices":
            more["offices"] = ["KEN"]
        if scope == "the region of the own regional office":
            more["offices"] = ["RO-east_horn_of_africa"]
        return str(self.house.token(role, **more))

    def _filled(self, text: str, role: str) -> str:
        own = {f"{name}_in": self.names.get(f"{name}_of_{role}", "") for name in ("token", "feed")}
        return text.format(**{"me_in": self._me(role)} | own | self.names)

    @staticmethod
    def _me(role: str) -> str:
        return AMINA if role == "project_manager" else f"{role}@example.org"

    def _admin(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.house.admin(method, path, body)
        assert answer.status_code < 300, answer.text
        return answer.get_json()

    def _submit(self, *records: dict[str, Any], code: str) -> str:
        envelope = factories.envelope(*records, code=code)
        return str(self._admin("POST", "/ingest/v1/submissions", envelope)["submission_id"])

    def _fill_ingest(self) -> None:
        self._submit(
            factories.office("HQ"),
            factories.office("RO-east_horn_of_africa", type="regional"),
            factories.office("KEN"),
            factories.office("COL", region="south_america"),
            factories.donor(),
            factories.donor("other-fund", name="Other Fund (illustrative)"),
            factories.requirement("KEN"),
            code="HQ",
        )
        diego = {"name": "Diego", "email": "diego@example.org"}
        for side, office, code, title, changes in (
            ("in", "KEN", "KE", "Kenya", {}),
            ("out", "COL", "CO", "Colombia", {"manager": diego, "alternate_manager": diego}),
        ):
            both = {"office": office, "title": f"Shelter in {title}", **changes}
            project, grant = project_owing(owed(-3), code=f"{code}-001", **both)
            grant["donor_id"] = self.names[f"donor_{side}"]
            asked = {"project_code": f"{code}-001", "requested_on": "2016-11-01", "new_end": "2017-03-31"}
            extension = {"kind": "extension", "reason": "floods", **asked}
            waiting = factories.project(f"{code}-002", status="submitted", **both)
            self.names |= {f"project_{side}": f"{code}-001"}
            self.names[f"submission_{side}"] = self._submit(project, grant, extension, waiting, code="HQ")
            self.names[f"submission_{side}"] = self._submit({**grant, "amount": "410000"}, code=office)
            self.names[f"workbook_{side}"] = self._uploaded(office, f"{code}-001")
            path = f"/ingest/v1/projects/{code}-001/documents/budget.pdf?type=budget"
            answer = self.ask("PUT /ingest/", path, b"%PDF-1.4\n%%EOF\n", "admin")
            assert answer.status_code == 201, answer.text

    def _uploaded(self, office: str, code: str) -> str:
        """The template of an office's projects, with another objective for one of them."""
        path = f"/ingest/v1/templates/project.xlsx?office={office}"
        book = load_workbook(io.BytesIO(self.ask("GET /ingest/", path, None, "admin").data))
        sheet = next(sheet for sheet in book if "project_code" in [cell.value for cell in sheet[2]])
        columns = {cell.value: place for place, cell in enumerate(sheet[2])}
        row = next(row for row in sheet.iter_rows(min_row=3) if row[columns["project_code"]].value == code)
        row[columns["objectives"]].value = "A roof for each family"
        changed = io.BytesIO()
        book.save(changed)
        form = {"file": (io.BytesIO(changed.getvalue()), "projects.xlsx"), "office": office}
        headers = {"Authorization": f"Bearer {self.house.token('admin')}"}
        answer = self.house.clients["ingest"].post("/ingest/v1/workbooks", data=form, headers=headers)
        assert answer.status_code == 201, answer.text
        return str(answer.get_json()["submission_id"])

    def _fill_notify(self) -> None:
        notify = self.house.clients["notify"].application.extensions["muster"]
        log = IngestLog(self.house.ingest)
        notifying.follow(notify, log)
        assert notifying.sweep(notify, log)
        for owed_one in self._admin("GET", "/notify/v1/obligations")["items"]:
            side = "in" if owed_one["project_code"] == "KE-001" else "out"
            self.names[f"obligation_{side}"] = owed_one["obligation_id"]
        with notify.sessions.begin() as session:
            for side, office in (("in", "KEN"), ("out", "COL")):
                of_one = select(Reminder.reminder_id).where(
                    Reminder.obligation_id == UUID(self.names[f"obligation_{side}"])
                )
                self.names[f"reminder_{side}"] = str(session.scalars(of_one.limit(1)).one())
                alarm = Alarm(alarm_id=uuid4(), kind=alarms.ADDRESS_FAILS, office=office, subject=office, detail="")
                alarm.raised_at = notify.clock.now()
                session.add(alarm)
                self.names[f"alarm_{side}"] = str(alarm.alarm_id)
        self.notify = notify

    def _fill_report(self) -> None:
        report = self.house.clients["report"].application.extensions["muster"]
        follow(report, IngestLog(self.house.ingest))
        analyst = Caller("analyst@example.org", "analyst")
        self.set_look("default")
        for side in ("in", "out"):
            path = f"/report/v1/reports/donor/issues?donor_id={self.names[f'donor_{side}']}&until=2016-11-30&copy=donor"
            latest = self.ask("GET /report/", path.replace("issues", "latest.xlsx"), None, "analyst")
            assert latest.status_code == 200, latest.text
            if side == "in":
                (issue,) = self._admin("GET", path)["items"]
                reporting_usecases.release(report, analyst, UUID(issue["issue_id"]))
            self.names[f"issue_{side}"] = self._admin("GET", path)["items"][0]["issue_id"]
        run = self.ask("POST /report/", "/report/v1/reports/funding-requirements/runs?year=2016", None, "analyst")
        self.names["run"] = run.get_json()["run_id"]

    def _fill_own(self) -> None:
        """A token and a calendar feed of each role's caller, and of somebody else."""
        for role in ROLES:
            made = self.ask("POST /ingest/", "/ingest/v1/tokens", {"title": "own"}, role)
            self.names[f"token_of_{role}"] = made.get_json()["token_id"]
        theirs = {"Authorization": f"Bearer {self.house.token('analyst', name=SOMEBODY)}"}
        made = self.house.clients["ingest"].post("/ingest/v1/tokens", json={"title": "t"}, headers=theirs)
        self.names["token_out"] = made.get_json()["token_id"]
        self.make_feeds()

    def make_feeds(self) -> None:
        for role in ROLES:
            feed = self.ask("POST /notify/", "/notify/v1/calendars", {}, role)
            self.names[f"feed_of_{role}"] = feed.get_json().get("feed_id", "00000000-0000-0000-0000-000000000000")
        theirs = {"Authorization": f"Bearer {self.house.token('analyst', name=SOMEBODY)}"}
        feed = self.house.clients["notify"].post("/notify/v1/calendars", json={}, headers=theirs)
        self.names["feed_out"] = feed.get_json()["feed_id"]

    def set_look(self, scope: str = "office:KEN") -> None:
        look = {"name": "Fund", "accent": "#14532D", "tint": "#DCFCE7", "logo": b64encode(png(32, 16)).decode()}
        self._admin("PUT", f"/report/v1/looks/{scope}", look)

    def set_schedule(self) -> None:
        self._admin("PUT", "/report/v1/schedules/funding-requirements?year=2016", {"kind": "nightly"})

    def set_changes_aside(self) -> None:
        for service in ("report", "notify"):
            with self.house.clients[service].application.extensions["muster"].sessions.begin() as session:
                set_aside.note(session, Named(1, "project", "KE-001"), "KeyError", now=real_now())

    def set_channels(self) -> None:
        said = {"chat_url": "json://chat.example.org", "updated_at": self.notify.clock.now(), "updated_by": "test"}
        with self.notify.sessions.begin() as session:
            for office in ("KEN", "COL"):
                session.execute(insert(OfficeChannel).values(office=office, **said).on_conflict_do_nothing())

    def let_all_follow(self) -> None:
        followed = {"report": "funding-requirements", "params": {"year": "2016"}}
        for role in set(ROLES) - {"donor", "service"}:
            assert self.ask("PUT /notify/", "/notify/v1/follows", followed, role).status_code == 200

    def let_mail_fail(self) -> None:
        failing = {"email": "gone@example.org", "reason": "came back", "since": self.notify.clock.now()}
        with self.notify.sessions.begin() as session:
            session.execute(insert(FailingAddress).values(failing).on_conflict_do_nothing())


@pytest.fixture
def walker(house: Any) -> Walker:
    return Walker(house)


@pytest.mark.timeout(300)
def test_every_route_by_every_role_answers_as_the_table_says(walker: Walker) -> None:
    wrong = [told for service in PROBES for told in walker.wrong(service)]
    assert not wrong, "\n".join(wrong)
    assert not walker.unsafe, "\n".join(sorted(walker.unsafe))


def test_every_route_is_probed_and_every_entry_is_of_a_route(house: Any) -> None:
    for service, client in house.clients.items():
        application = client.application
        table = application.extensions["muster_permissions"]
        named = {name for name, _ in permissions.routes(application)}
        probed = {name for name in table if table[name] != permissions.WITHOUT_TOKEN}
        assert set(table) == named, service
        assert probed == {*PROBES[service], *of_every_service(service)}, service


def test_a_route_without_an_entry_stops_the_start(house: Any) -> None:
    application = house.clients["ingest"].application
    for left_out in OF_INGEST:
        rest = {name: entry for name, entry in OF_INGEST.items() if name != left_out}
        with pytest.raises(UnknownRoute, match="stands in no table of permissions"):
            permissions.complete(application, "ingest", rest)
    permissions.complete(application, "ingest", OF_INGEST)


def test_a_route_opened_by_mistake_stops_the_start(house: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    application = house.clients["report"].application
    view = application.view_functions["report.Reports"]
    monkeypatch.setattr(view, own_routes.OPEN, True, raising=False)
    with pytest.raises(UnknownRoute, match=r"GET /report/v1/reports is open and stands in the table"):
        permissions.complete(application, "report", OF_REPORT)


def _all_offices(_session: Any, _caller: Any) -> None:
    return None


def test_the_walk_sees_each_check_that_is_taken_away(walker: Walker, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(visibility, "offices_seen", _all_offices)
        assert any("holds {}".format("Shelter in Colombia") in told for told in walker.wrong("ingest", "/records"))
    with monkeypatch.context() as patched:
        patched.setattr(released_issues, "is_donor", lambda _caller: False)
        assert any("by donor" in told for told in walker.wrong("report", "/v1/issues/<uuid:issue_id>"))
    with monkeypatch.context() as patched:
        patched.setattr(permissions, "refuse", lambda *_: None)
        assert any("is not refused" in told for told in walker.wrong("report", "/explain"))
    assert walker.wrong("ingest", "/records") == []
