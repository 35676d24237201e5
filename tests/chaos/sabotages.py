"""Single lines which, written otherwise, would lose or double something; and the tests that must turn red then."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
_CLAIMS: Final = "tests/report_service/test_regeneration_is_claimed.py"
_MAILS: Final = "tests/notify/test_mails_are_delivered.py"


@dataclass(frozen=True, slots=True)
class Sabotage:
    """A ``line`` of a ``file``, without its indentation, what is written ``instead``, and the ``test`` to catch it."""

    what: str
    file: str
    line: str
    instead: str
    test: str

    @property
    def module(self) -> str:
        """The module that the file is."""
        parts = Path(self.file).with_suffix("").parts
        package = next(number for number, part in enumerate(parts) if part.startswith("muster_"))
        return ".".join(parts[package:])

    def fits(self, root: Path) -> bool:
        """Whether the line stands in its file exactly once, and its test is there."""
        file, _, name = self.test.partition("::")
        lines = [line.strip() for line in (root / self.file).read_text(encoding="utf-8").splitlines()]
        return lines.count(self.line) == 1 and f"def {name}(" in (root / file).read_text(encoding="utf-8")

    def apply(self, root: Path) -> None:
        """Write the other line into the file, with the indentation of the one."""
        path = root / self.file
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        written = [line.replace(self.line, self.instead) if line.strip() == self.line else line for line in lines]
        path.write_text("".join(written), encoding="utf-8")


SABOTAGES: Final = (
    Sabotage(
        "positions taken at insert time",
        "services/ingest/muster_ingest/publish.py",
        "SELECT change_id, (SELECT last FROM change_log) + row_number() OVER (ORDER BY change_id) AS position",
        "SELECT change_id, change_id AS position",
        "tests/ingest/test_positions.py"
        "::test_a_reader_misses_nothing_and_sees_nothing_twice_when_some_are_slow_to_commit",
    ),
    Sabotage(
        "publish before commit",
        "services/ingest/muster_ingest/usecases.py",
        "answer = take_in()",
        "announce(context); return take_in()",
        "tests/ingest/test_positions.py"
        "::test_a_reader_misses_nothing_and_sees_nothing_twice_when_some_are_slow_to_commit",
    ),
    Sabotage(
        "idempotency key not looked up",
        "services/ingest/muster_ingest/judging.py",
        "used = session.get(IdempotencyKey, (arrival.caller.name, arrival.key))",
        "used = None",
        "tests/ingest/test_submissions.py::test_a_repeated_key_gets_the_first_receipt",
    ),
    Sabotage(
        "idempotency key not kept with the submission",
        "services/ingest/muster_ingest/judging.py",
        "if not run(session, _CLAIM, row):",
        "if not row:",
        "tests/ingest/test_submissions.py::test_a_repeated_key_gets_the_first_receipt",
    ),
    Sabotage(
        "a workbook held by a dead worker is never taken up",
        "services/ingest/muster_ingest/uploads.py",
        ".where(or_(WorkbookJob.leased_until.is_(None), WorkbookJob.leased_until < real_now()))",
        ".where(WorkbookJob.attempt == 0)",
        "tests/ingest/test_workbooks_in_the_background.py::test_what_a_dead_worker_held_is_done_by_the_next_one",
    ),
    Sabotage(
        "cursor outside the transaction of what it counts",
        "services/report/muster_report/follow.py",
        "apply(session, items)",
        "with context.sessions.begin() as other: apply(other, items)",
        "tests/report_service/test_facts_move_with_the_cursor.py"
        "::test_a_follower_that_dies_in_the_middle_leaves_nothing_and_the_next_one_applies_all",
    ),
    Sabotage(
        "claim of a report without its condition",
        "services/report/muster_report/regenerating.py",
        ".where(wanted, ReportState.wanted > ReportState.built, free, ReportState.due_at <= now)",
        ".where(wanted, ReportState.wanted > ReportState.built, ReportState.due_at <= now)",
        f"{_CLAIMS}::test_what_is_claimed_is_not_claimed_again_before_its_lease_ends",
    ),
    Sabotage(
        "no lease: a claim that ends with its process only",
        "services/report/muster_report/regenerating.py",
        "free = or_(ReportState.lease_until.is_(None), ReportState.lease_until < now)",
        "free = ReportState.lease_until.is_(None)",
        f"{_CLAIMS}::test_what_is_claimed_is_not_claimed_again_before_its_lease_ends",
    ),
    Sabotage(
        "a lease that is not renewed",
        "services/report/muster_report/regenerating.py",
        "session.execute(held.values(lease_until=longer))",
        "held.values(lease_until=longer)",
        "tests/report_service/test_bursts_and_leases.py"
        "::test_a_report_that_takes_longer_than_its_lease_is_not_begun_twice",
    ),
    Sabotage(
        "an attempt that was taken over still writes its issue",
        "services/report/muster_report/regenerating.py",
        ".where(_state_of(claim), ReportState.attempt == claim.attempt)",
        ".where(_state_of(claim))",
        f"{_CLAIMS}::test_an_attempt_whose_lease_was_taken_over_changes_nothing_when_it_ends",
    ),
    Sabotage(
        "a change that comes while a report is made is forgotten",
        "services/report/muster_report/regenerating.py",
        "built=claim.wish,",
        "built=ReportState.wanted,",
        f"{_CLAIMS}::test_a_change_that_comes_while_a_report_is_being_made_is_made_next",
    ),
    Sabotage(
        "no look again before a mail is handed over",
        "services/notify/muster_notify/delivering.py",
        "if not notes.doubtful.may_go():",
        "if notes.doubtful.may_go() is None:",
        "tests/notify/test_one_mail_a_day.py::test_the_last_look_is_just_before_the_mail_goes_out",
    ),
    Sabotage(
        "a mail in doubt is sent again without end",
        "services/notify/muster_notify/mails.py",
        "if mail.doubts >= MOST_DOUBTS:",
        "if mail.doubts >= MOST_ATTEMPTS:",
        f"{_MAILS}::test_a_server_that_falls_silent_gets_the_same_mail_once_more_and_no_third_time",
    ),
    Sabotage(
        "claim of a mail without its condition",
        "services/notify/muster_notify/mails.py",
        "chosen = select(Mail).where(one_of(Mail.mail_id, days), waits(real_now)).order_by(Mail.mail_id)",
        "chosen = select(Mail).where(one_of(Mail.mail_id, days)).order_by(Mail.mail_id)",
        "tests/notify/test_mails_seen_too_late.py"
        "::test_what_another_worker_sent_since_it_was_seen_is_not_claimed_again",
    ),
    Sabotage(
        "acks_late off",
        "shared/muster_shared/tasks.py",
        "task_acks_late=True,",
        "task_acks_late=False,",
        "tests/chaos/test_a_task_outlives_its_worker.py::test_a_task_whose_worker_was_killed_is_still_the_brokers",
    ),
    Sabotage(
        "an object written in place, not beside and renamed",
        "shared/muster_shared/objects.py",
        "obstore.put(self._store, self._path(sha256), content)",
        "(file := Path(unquote(urlsplit(self._url).path)) / self._path(sha256)).parent.mkdir(parents=True,"
        " exist_ok=True); file.write_bytes(content)",
        "tests/chaos/test_nothing_is_half_written.py::test_what_did_not_fit_on_the_disk_is_not_there_in_part",
    ),
    Sabotage(
        "an object that does not wait for the disk",
        "shared/muster_shared/objects.py",
        "os.fsync(descriptor)",
        "pass",
        "tests/shared/test_object_store.py::test_what_is_kept_outlives_the_machine",
    ),
    Sabotage(
        "a database that does not wait for the disk",
        "shared/muster_shared/embedded/postgres.py",
        '"log_checkpoints": "off",',
        '"log_checkpoints": "off", "fsync": "off",',
        "tests/local/test_embedded_postgres.py::test_it_is_set_up_to_lose_nothing_and_to_listen_on_loopback_only",
    ),
)
