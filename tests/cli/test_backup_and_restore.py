"""A backup of three databases and their objects, restored into empty ones: the same bytes, and nothing sent twice."""

from __future__ import annotations

import json
import shutil
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import text

import factories
from conftest import HOME, SECRET
from muster_cli import backing_up, database_copies, restoring
from muster_cli.backup_archive import NotABackup, opened
from muster_cli.main import muster
from muster_cli.restoring import Choices, NotRestored
from muster_ingest import compaction
from muster_ingest.identity import taking_back
from muster_notify import after_restore, delivering
from muster_notify import usecases as notifying
from muster_shared.context import Context
from muster_shared.embedded.postgres import Postgres
from muster_shared.embedded.valkey import Valkey
from muster_shared.settings import SERVICES, Settings
from reporting import FUNDING, Ingest, IngestLog, Report
from whole_instance import FIRST_DAY, Whole, close, opened_on

SOON = datetime(2016, 12, 1, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def whole(
    postgres_server: Postgres,
    valkey_server: Valkey,
    template: Callable[[str], str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Whole]:
    """Three offices with funding, a change of it a day later, a project of which a report is overdue, and a person."""

    def database(service: str) -> str:
        name = f"whole_{service}"
        with postgres_server.connect() as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template(service)}" STRATEGY file_copy'.encode())
        return postgres_server.url(name)

    made = Whole.begun(tmp_path_factory.mktemp("whole"), valkey_server.url(), database)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(compaction, "TOGETHER", 1)
        assert compaction.pack_before(made.contexts["ingest"], SOON + timedelta(days=1)) == 1
    yield made
    close(made.contexts)


@pytest.fixture(scope="module")
def kept(whole: Whole, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of it."""
    path = tmp_path_factory.mktemp("kept") / "kept.tar"
    assert whole.back_up(path).missing == ()
    return path


@pytest.fixture(scope="module")
def empty_settings(whole: Whole, postgres_server: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """An empty data folder and three empty databases without tables."""
    names = {service: f"restored_{service}" for service in SERVICES}
    postgres_server.create_databases(names.values())
    urls: dict[str, Any] = {f"{service}_database_url": postgres_server.url(name) for service, name in names.items()}
    return replace(whole.settings, data_dir=tmp_path_factory.mktemp("restored") / "data", **urls)


@pytest.fixture(scope="module")
def again(empty_settings: Settings, kept: Path) -> Iterator[dict[str, Context]]:
    """The backup restored, nothing done with it yet."""
    with opened(kept) as archive:
        assert list(archive.verify()) == list(archive.manifest.files)
        restoring.check(empty_settings, archive)
        restoring.restore(empty_settings, archive, Choices(), lambda _what: None)
    contexts = opened_on(empty_settings)
    yield contexts
    close(contexts)


ISSUES = "SELECT issue_id, report, params_key, number, sha256, position FROM issue ORDER BY issue_id"
LOG = "SELECT position, kind, key, revision, fields::text FROM revision ORDER BY position"
PACKS = "SELECT pack_id, content::text FROM revision_pack"
REMINDERS = "SELECT reminder_id, rung, recipient, status, mail_id FROM reminder ORDER BY reminder_id"


def rows(context: Context, query: str) -> list[tuple[Any, ...]]:
    with context.sessions() as session:
        return [tuple(row) for row in session.execute(text(query))]


def test_a_restored_instance_holds_the_same(whole: Whole, again: dict[str, Context]) -> None:
    assert rows(again["ingest"], LOG) == whole.rows("ingest", LOG) != []
    assert rows(again["ingest"], PACKS) == whole.rows("ingest", PACKS) != []
    assert len(rows(again["report"], ISSUES)) == 2
    assert rows(again["report"], ISSUES) == whole.rows("report", ISSUES)
    assert rows(again["notify"], REMINDERS) == whole.rows("notify", REMINDERS) != []


def test_the_log_has_another_epoch_at_the_same_position(whole: Whole, again: dict[str, Context], kept: Path) -> None:
    with opened(kept) as archive:
        made = archive.manifest
    [(epoch, last)] = rows(again["ingest"], "SELECT epoch, last FROM change_log")
    assert epoch != made.epoch
    assert last == made.databases["ingest"].position == whole.reporting.ingest.last()
    assert rows(again["ingest"], "SELECT action FROM audit_entry WHERE action = 'restored'") == [("restored",)]


def test_mails_are_held_and_no_rung_is_recorded_again(again: dict[str, Context]) -> None:
    notify, before = again["notify"], rows(again["notify"], REMINDERS)
    assert rows(notify, "SELECT kind, subject FROM alarm") == [("restored", "2016-12-01T08:00:00Z")]
    notifying.sweep(notify, IngestLog(again["ingest"]))
    assert rows(notify, REMINDERS) == before
    assert delivering.deliver(notify) == 0
    assert rows(notify, "SELECT count(*) FROM mail") == [(0,)], "mails were made while they are held"


def test_who_was_let_in_signs_in_again(again: dict[str, Context]) -> None:
    with again["ingest"].sessions() as session:
        revoked = taking_back.revoked(session, -1)
    assert revoked is not None
    assert list(revoked.people) == ["grace@example.org"]


def test_every_report_comes_out_to_the_same_bytes_also_as_of_a_past_moment(
    whole: Whole, again: dict[str, Context]
) -> None:
    report = Report(again["report"], IngestLog(again["ingest"]), whole.token)
    report.follow()
    rebuilt = report.rebuild()
    assert (rebuilt.issues, rebuilt.differing) == (2, ())
    for asked in ({}, {"as_of": FIRST_DAY}):
        assert report.latest(FUNDING, year="2016", **asked) == whole.report.latest(FUNDING, year="2016", **asked)
    assert rows(again["report"], ISSUES) == whole.rows("report", ISSUES), "restoring made other issues"


def test_mails_that_the_lost_instance_had_sent_are_not_sent_when_they_are_let_go(again: dict[str, Context]) -> None:
    with again["notify"].sessions.begin() as session:
        assert after_restore.holds(session)
        done = after_restore.let_go(session, told_until=SOON, now=SOON)
        assert not after_restore.holds(session)
    assert done["skipped_reminders"] > 0
    held = "SELECT DISTINCT status, reason FROM reminder WHERE recipient LIKE '%@%' AND status <> 'sent'"
    assert (after_restore.TOLD_BEFORE,) in [row[1:] for row in rows(again["notify"], held)]
    assert rows(again["notify"], "SELECT count(*) FROM reminder WHERE status = 'held'") == [(0,)]


def test_what_is_restored_goes_on_after_its_last_position(whole: Whole, again: dict[str, Context]) -> None:
    receipt = Ingest(again["ingest"], whole.token).submit(factories.requirement("KEN", amount="4"))
    assert receipt["receipt"] == "HQ-000003"
    last = whole.reporting.ingest.last() + 1
    assert rows(again["ingest"], "SELECT max(position), count(*) FROM revision") == [(last, last)]


def test_every_object_that_anything_refers_to_is_kept(whole: Whole, tmp_path: Path) -> None:
    made = whole.back_up(tmp_path / "kept.tar")
    store = whole.settings.data_dir / "objects"
    assert sorted(made.objects) == sorted(path.name for path in store.rglob("*") if path.is_file()) != []


def test_every_column_that_names_an_object_is_copied_or_known_to_name_none(whole: Whole) -> None:
    """Facts repeat what submissions say, keys say what was sent, a look's own is not of bytes in the store, and what
    is unnamed is about to be deleted."""
    others = {"fact.sha256", "idempotency_key.sha256", "look.sha256", "unnamed_object.sha256"}
    query = "SELECT table_name || '.' || column_name FROM information_schema.columns WHERE column_name = ANY (:names) "
    query += "AND table_schema = 'public'"
    for service, context in whole.contexts.items():
        with context.sessions() as session:
            found = set(session.scalars(text(query), {"names": ["sha256", "logo", "object"]}))
        told = {".".join(query.split()[3:0:-2]) for query in backing_up.REFERRED_TO[service]}
        assert found - others == told, service


def test_an_object_that_is_lost_or_spoiled_is_named(whole: Whole, tmp_path: Path) -> None:
    store = tmp_path / "objects"
    shutil.copytree(whole.settings.data_dir / "objects", store)
    lost, spoiled = sorted(path for path in store.rglob("*") if path.is_file())[:2]
    lost.unlink()
    spoiled.write_bytes(b"something else")
    told = replace(whole.settings, object_store_url=store.as_uri())
    made = backing_up.back_up(told, tmp_path / "kept.tar", real_now=HOME, secrets=False, step=lambda _what: None)
    assert made.missing == (lost.name, spoiled.name)
    assert lost.name not in made.objects


def test_what_was_changed_or_cut_off_is_refused(kept: Path, tmp_path: Path) -> None:
    path, content = tmp_path / "spoiled.tar", kept.read_bytes()
    with opened(kept) as archive:
        name = archive.manifest.object_files[0]
    with tarfile.open(kept) as members:
        member = members.getmember(name)
    spoiled = bytearray(content)
    spoiled[member.offset_data] ^= 1
    path.write_bytes(spoiled)
    with opened(path) as archive, pytest.raises(NotABackup, match="is not what was backed up"):
        list(archive.verify())
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(NotABackup), opened(path):
        pass


def test_it_restores_into_nothing_that_holds_something(whole: Whole, kept: Path, tmp_path: Path) -> None:
    with opened(kept) as archive:
        with pytest.raises(NotRestored, match="the database of ingest holds rows in"):
            restoring.check(replace(whole.settings, data_dir=tmp_path / "other"), archive)
        (tmp_path / "instance.json").write_text("{}")
        with pytest.raises(NotRestored, match=r"holds instance\.json"):
            restoring.check(replace(whole.settings, data_dir=tmp_path), archive)


def test_a_backup_of_a_newer_muster_is_refused(whole: Whole, kept: Path) -> None:
    with opened(kept) as archive:
        newer = replace(archive.manifest.databases["report"], migration="9999")
        archive.manifest = replace(archive.manifest, databases={**archive.manifest.databases, "report": newer})
        with pytest.raises(NotRestored, match="report is at migration 9999"):
            restoring.check(whole.settings, archive)


def test_the_commands_say_what_they_did(whole: Whole, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUSTER_DATA_DIR", str(whole.settings.data_dir))
    monkeypatch.setenv("MUSTER_SECRET_KEY", SECRET)
    for service in SERVICES:
        monkeypatch.setenv(f"MUSTER_{service.upper()}_DATABASE_URL", whole.settings.database_url(service))
    run, path = CliRunner().invoke, tmp_path / "kept.tar"
    done = run(muster, ["backup", str(path), "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.output)["positions"]["ingest"] == whole.reporting.ingest.last()
    assert path.stat().st_mode & 0o777 == 0o600
    assert run(muster, ["backup", str(path)]).exit_code == 2
    verified = run(muster, ["restore", str(path), "--verify-only"])
    assert (verified.exit_code, "Every file is what was backed up." in verified.output) == (0, True)
    refused = run(muster, ["restore", str(path)])
    assert (refused.exit_code, "restore into an empty" in refused.output) == (2, True)
    path.write_bytes(path.read_bytes()[:5000])
    assert run(muster, ["restore", str(path)]).exit_code == 1


def test_secrets_are_in_it_only_where_they_are_wished(whole: Whole, tmp_path: Path) -> None:
    key = whole.settings.signing_key().encode()
    assert not whole.back_up(tmp_path / "without.tar").secrets
    assert key not in (tmp_path / "without.tar").read_bytes()
    assert whole.back_up(tmp_path / "with.tar", secrets=True).secrets
    assert key in (tmp_path / "with.tar").read_bytes()


def test_a_person_erased_between_two_snapshots_has_them_taken_again(
    whole: Whole, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = []
    real = database_copies.snapshot

    def snapshot(url: str) -> Any:
        tries.append(url)
        if len(tries) == 2:  # report's snapshot is taken, ingest's is not
            with whole.contexts["ingest"].sessions.begin() as session:
                session.execute(text(_ERASED))
        return real(url)

    monkeypatch.setattr(backing_up, "snapshot", snapshot)
    whole.back_up(tmp_path / "kept.tar")
    assert len(tries) == 2 * len(SERVICES)


_ERASED = """
    INSERT INTO erasure (erasure_id, mark, salt, digest, void_before, asked_at, asked_by, touched, done_at)
    VALUES (gen_random_uuid(), 'erased-1', 's', 'd', 0, now(), 'test', '{"report": {}}', now())
"""
