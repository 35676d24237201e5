"""A person is erased from all three services; what they did stays, and nobody else is touched."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

import factories
from muster_ingest import compaction
from muster_ingest.identity import erasing_work
from muster_notify import usecases as notifying
from muster_report import erasing_issues, regenerating, usecases
from muster_report.follow import follow
from muster_report.params import internal
from muster_report.rebuild import rebuild
from muster_shared import naming
from muster_shared.auth import Caller
from muster_shared.changelog import ChangeLog, LogUnreachable
from muster_shared.erasing import Erasure

ADDRESS, NAME = "amina.otieno@example.org", "Amina Otieno"
AMINA = Erasure("", ADDRESS, (NAME,), "")
OTHER = {"name": "Amina Njoroge", "email": "amina.otieno@example.org.ke"}
PAUL = {"name": "Paul Mwangi", "email": "paul.mwangi@example.org"}
AMINA_AS_SHE_IS = {"name": NAME, "email": ADDRESS}
WHERE = f"/ingest/v1/users/{ADDRESS}/erasure"
ANALYST = Caller("analyst@example.org", "analyst")


class Followed:
    """A house whose report and notify follow ingest's log over HTTP, as their workers do."""

    def __init__(self, house: Any) -> None:
        self.house = house
        self.report, self.notify = (
            house.clients[name].application.extensions["muster"] for name in ("report", "notify")
        )
        self.logs = {name: ChangeLog(context.settings, name) for name, context in self.followers.items()}

    @property
    def followers(self) -> dict[str, Any]:
        return {"report": self.report, "notify": self.notify}

    @property
    def contexts(self) -> dict[str, Any]:
        return {"ingest": self.house.ingest, **self.followers}

    def settle(self) -> None:
        """What the workers do in a few seconds."""
        for _ in range(3):
            while erasing_work.work(self.house.ingest):
                pass
            follow(self.report, self.logs["report"])
            notifying.sweep(self.notify, self.logs["notify"])
            erasing_issues.look_through(self.report)
            regenerating.regenerate_one(self.report, "projects", internal({}))
        erasing_work.work(self.house.ingest)

    def submit(self, *records: dict[str, Any], **envelope: Any) -> dict[str, Any]:
        answer = self.house.admin("POST", "/ingest/v1/submissions", factories.envelope(*records, code="HQ") | envelope)
        assert answer.status_code == 201, answer.text
        return dict(answer.get_json())

    def get(self, path: str, role: str = "admin") -> Any:
        return self.house.ask("GET", path, self.house.token(role)).get_json()

    def latest(self, key: str = "projects") -> Any:
        answer = self.house.ask("GET", f"/report/v1/reports/{key}/latest.xlsx", self.house.token("analyst"))
        assert answer.status_code == 200, answer.text
        return answer

    def issues(self) -> list[dict[str, Any]]:
        return list(self.get("/report/v1/reports/projects/issues")["items"])

    def erase(self) -> dict[str, Any]:
        asked = self.house.admin("POST", WHERE)
        assert asked.status_code == 202, asked.text
        self.settle()
        return dict(self.house.admin("GET", WHERE).get_json())


@pytest.fixture
def followed(house: Any) -> Followed:
    """Amina managed two projects, one with another Amina; what she did left traces everywhere. They are Paul's now."""
    made = Followed(house)
    amina = house.token("project_manager", name="Amina.Otieno@example.org", offices=["KEN"])
    house.admin("POST", "/ingest/v1/users", {"email": ADDRESS, "name": NAME, "role": "project_manager"})
    made.submit(
        *(factories.office(code) for code in ("HQ", "KEN")),
        factories.donor(),
        factories.project(objectives=f"A first line.\n{NAME} visits."),
        factories.project("KE-002", alternate_manager=OTHER),
        factories.project("KE-003", manager=OTHER, alternate_manager=PAUL),
        factories.grant(),
    )
    house.ask("PUT", "/notify/v1/preferences", amina, {"language": "fr"})
    house.ask("POST", "/notify/v1/calendars", amina, {})
    house.ask("GET", "/ingest/v1/users", amina)  # refused, and noted
    made.settle()
    made.latest()
    made.submit(factories.project(manager=PAUL, objectives="none"), factories.project("KE-002", manager=PAUL))
    made.settle()
    return made


def traces(followed: Followed, service: str) -> list[str]:
    """Every row of a service's database that names her."""
    tables = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
    sought, found = {"sought": [f"%{ADDRESS}%", f"%{NAME}%"]}, []
    with followed.contexts[service].sessions() as session:
        for table in session.scalars(text(tables)).all():
            query = f'SELECT row::text FROM "{table}" AS row WHERE row::text ILIKE ANY (:sought)'  # noqa: S608
            found += [f"{table}: {row}" for row in session.scalars(text(query), sought) if names_her(row)]
    return found


def names_her(told: str) -> bool:
    return naming.names(told.encode(), AMINA)


def test_a_person_is_erased_from_packed_revisions(followed: Followed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compaction, "TOGETHER", 2)
    ingest = followed.house.ingest
    assert compaction.pack_before(ingest, ingest.clock.now() + timedelta(days=1)) == 2
    assert any(trace.startswith("revision_pack") for trace in traces(followed, "ingest"))
    epoch = followed.get("/ingest/v1/changes")["epoch"]
    told = followed.erase()
    assert (told["status"], told["touched"]["ingest"]["revision_pack"]) == ("done", 1)
    assert not any(traces(followed, service) for service in followed.contexts)
    history = followed.get("/ingest/v1/records/project/KE-001/revisions")["items"]
    assert [one["fields"]["manager"]["email"] for one in history] == [PAUL["email"], told["pseudonym"]]
    assert followed.get("/ingest/v1/changes")["epoch"] != epoch
    assert rebuild(followed.report, followed.logs["report"]).differing == ()


def restricted(followed: Followed, path: str, role: str) -> int:
    return int(followed.house.ask("GET", path, followed.house.token(role)).status_code)


def test_a_person_is_erased_everywhere_and_history_stays(followed: Followed, caplog: pytest.LogCaptureFixture) -> None:
    assert all(traces(followed, service) for service in followed.contexts)
    foretold = followed.house.admin("POST", f"{WHERE}?dry_run=true").get_json()
    assert (foretold["names"], foretold["touched"]["ingest"]["revision"]) == ([NAME], 2)
    assert followed.house.admin("GET", WHERE).status_code == 404
    counted = followed.house.admin("POST", "/notify/v1/erasures/count", {"address": ADDRESS}).get_json()
    assert counted["touched"]["preference"] == 1
    house, before = followed.house, {name: followed.get(f"/{name}/v1/audit") for name in followed.contexts}
    amina = house.token("project_manager", name=ADDRESS, offices=["KEN"])
    first, last = followed.issues()[-1], followed.issues()[0]
    usecases.release(followed.report, ANALYST, UUID(first["issue_id"]))
    released = followed.report.objects.get(first["sha256"])
    assert naming.names(released, AMINA), "the released workbook names her, or nothing is shown here"
    others = followed.get("/ingest/v1/records/project/KE-003/revisions")
    caplog.set_level(logging.INFO)
    caplog.clear()
    told = followed.erase()
    assert (told["status"], told["waits_for"]) == ("done", [])
    assert not any(traces(followed, service) for service in followed.contexts)
    assert not any(names_her(f"{line.getMessage()} {vars(line)}") for line in caplog.records)

    history = followed.get("/ingest/v1/records/project/KE-001/revisions")["items"]
    assert [one["fields"]["manager"]["email"] for one in history] == [PAUL["email"], told["pseudonym"]]
    assert history[1]["fields"]["objectives"].endswith(" visits.")
    assert followed.get("/ingest/v1/records/project/KE-003/revisions") == others
    for name, trail in before.items():
        verified = followed.get(f"/{name}/v1/audit/verification")
        assert (verified["broken_at"], verified["forgotten"]) == (None, 0), name
        assert verified["erased"] > 0 if name != "report" else True
        after = followed.get(f"/{name}/v1/audit")["items"]
        same = ("number", "hash", "at", "action", "outcome")
        assert [[one[key] for key in same] for one in after][: len(trail["items"])] == [
            [one[key] for key in same] for one in trail["items"]
        ]

    assert followed.report.objects.get(first["sha256"]) == released, "what left the house stays as it left"
    path = f"/report/v1/issues/{first['issue_id']}.xlsx"
    assert [restricted(followed, path, role) for role in ("analyst", "admin")] == [403, 200]
    assert not naming.names(followed.latest().data, AMINA)
    assert followed.issues()[0]["number"] >= last["number"]
    assert rebuild(followed.report, followed.logs["report"]).differing == ()
    sent = [one["submission_id"] for one in followed.get("/ingest/v1/submissions")["items"]]
    originals = [f"/ingest/v1/submissions/{submission_id}/original" for submission_id in sent]
    assert [restricted(followed, path, "analyst") for path in originals] == [200, 403]
    assert [restricted(followed, path, "admin") for path in originals] == [200, 200]
    stored = [path for path in house.ingest.settings.data_dir.glob("objects/**/*") if path.is_file()]
    naming_her = {path.name for path in stored if naming.names(path.read_bytes(), AMINA)}
    assert naming_her == {first["sha256"], followed.get("/ingest/v1/submissions")["items"][1]["sha256"]}
    assert house.ask("GET", "/ingest/v1/me", amina).status_code == 401
    assert house.admin("GET", WHERE).get_json() == told
    again = house.admin("POST", WHERE)
    assert (again.status_code, again.get_json()) == (200, told)


def test_an_erasure_outlives_a_service_that_is_down_and_finds_what_came_in_meanwhile(
    followed: Followed, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = followed.issues()[-1]
    assert naming.names(followed.report.objects.get(first["sha256"]), AMINA)
    with monkeypatch.context() as away:
        away.setattr(followed.logs["report"], "tell_erased", _away)
        told = followed.erase()
        assert (told["status"], told["waits_for"]) == ("open", ["report"])
        assert traces(followed, "report") == [], "what it does not need any more is forgotten at once"
    again = followed.issues()[-1]
    assert (again["issue_id"], again["number"]) == (first["issue_id"], first["number"])
    assert not naming.names(followed.report.objects.get(again["sha256"]), AMINA), "nobody released it: it is made anew"
    with pytest.raises(FileNotFoundError):
        followed.report.objects.get(first["sha256"])
    followed.submit(factories.project("KE-004"))
    followed.settle()
    followed.settle()
    told = followed.house.admin("GET", WHERE).get_json()
    assert (told["status"], told["waits_for"]) == ("done", [])
    assert not any(traces(followed, service) for service in followed.contexts)


def test_who_answers_for_a_project_is_erased_by_force_only_and_nobody_writes_to_the_pseudonym(house: Any) -> None:
    followed = Followed(house)
    ken = factories.office("KEN", head=AMINA_AS_SHE_IS)
    followed.submit(factories.office("HQ"), ken, factories.donor(), factories.project(), factories.grant())
    refused = followed.house.admin("POST", WHERE)
    assert refused.status_code == 409
    assert [error["value"] for error in refused.get_json()["errors"]] == ["KE-001", "KEN"]
    assert followed.house.admin("POST", f"{WHERE}?force=true").status_code == 202
    followed.settle()
    assert followed.house.admin("GET", WHERE).get_json()["status"] == "done"
    with followed.notify.sessions() as session:
        roles = session.execute(text("SELECT role, email FROM role_holder WHERE project_code = 'KE-001'")).all()
        held = session.scalars(text("SELECT recipient FROM reminder WHERE status IN ('held', 'sending')")).all()
    assert roles == [("alternate", PAUL["email"])]
    assert set(held) <= {PAUL["email"]}


def test_nobody_is_erased_who_is_not_known_and_only_by_an_administrator(house: Any) -> None:
    assert house.admin("POST", "/ingest/v1/users/nobody@example.org/erasure").status_code == 404
    for role in ("analyst", "service"):
        assert house.ask("POST", WHERE, house.token(role)).status_code == 403
    assert house.ask("GET", "/ingest/v1/erasures", house.token("admin")).status_code == 403
    assert house.ask("GET", "/ingest/v1/erasures", house.token("service", name="ingest")).status_code == 409


def _away(*_: Any) -> None:
    raise LogUnreachable("ConnectionError")
