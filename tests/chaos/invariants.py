"""What must hold after every fault, each statement found out from the outside and held against the ledger."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import requests
from openpyxl import load_workbook

import factories
from chaos.differences import same
from chaos.ledger import AREAS, OFFICES, REGION_SHEET, Ledger
from chaos.reached import PAGE, Reached
from chaos.running import eventually
from muster_cli.demo import settled
from muster_cli.parts import environment

MAILS_AT_ONCE = 2  # notify's worker has two threads, each with one mail in hand at most
_MORNINGS = 8  # more than any weekend with holidays at both ends
_PAUSE = 0.2  # to be asked how it stands is work for an instance
_SERVICES = ("ingest", "report", "notify")
_GIVEN_UP = "the mail server did not answer to the mail twice"
_PROJECT = re.compile(r"^([A-Z]{3}-\d{5})  ", re.MULTILINE)


def everything_holds(running: Reached, ledger: Ledger, *, in_doubt: int = 0) -> float:
    """Wait until the instance is at rest, then compare all it shows with the ledger; the seconds until rest.

    ``in_doubt``: how many mails were in the mail server's hands when their sender died, at most: those may have
    arrived twice since the last time, or were given up where that befell one of them twice.
    """
    rest = at_rest(running)
    ledger.judged_on(running.now().date())
    everybody_got_their_digest(running, ledger)
    everything_is_as_acknowledged(running, ledger, in_doubt=in_doubt)
    return rest


def everything_is_as_acknowledged(
    running: Reached, ledger: Ledger, *, in_doubt: int = 0, some_wait: bool = False
) -> None:
    """Compare what an instance at rest shows with the ledger; ``some_wait``: for a digest of another day."""
    submissions_are_there_once(running, ledger)
    log_is_dense(running, ledger)
    records_are_the_last_acknowledged(running, ledger)
    facts_are_the_log(running)
    nothing_is_set_aside(running)
    report_is_complete(running, ledger)
    reminders_are_there_once(running, ledger, some_wait=some_wait)
    mails_went_out_once(running, ledger, in_doubt=in_doubt)


def at_rest(running: Reached, seconds: float = 90) -> float:
    """Until nothing is left to do, by what the services themselves say; the seconds it took."""
    return eventually(lambda: settled(standing(running)), "the instance at rest", seconds, pause=_PAUSE)


def everybody_got_their_digest(running: Reached, ledger: Ledger) -> None:
    """Who had their mail of the day waits for the next morning: let mornings come until nobody waits.

    Only such people wait, and nobody waits for long.
    """
    for _ in range(_MORNINGS):
        held = {row["recipient"] for row in running.items("/notify/v1/reminders", status="held")}
        if not held:
            return
        written_to = {mail["To"].addresses[0].addr_spec for mail in mails_of(running)}
        assert held <= written_to, held - written_to
        running.clock.advance(timedelta(days=1))
        at_rest(running)
        ledger.judged_on(running.now().date())
    raise AssertionError(f"held for {_MORNINGS} mornings: {held}")


def standing(running: Reached) -> dict[str, dict[str, Any]]:
    """What ``/readyz`` of each service says of its standing; nothing of one that is away."""
    return {service: _standing(running, service) for service in _SERVICES}


def _standing(running: Reached, service: str) -> dict[str, Any]:
    try:
        answer = running.ask(f"/{service}/readyz")
    except requests.RequestException:
        return {}
    return dict(answer.json()["standing"]) if answer.ok else {}


def submissions_are_there_once(running: Reached, ledger: Ledger) -> None:
    """Each receipt in a client's hands is one submission, and there are no others."""
    shown = list(running.items("/ingest/v1/submissions"))
    assert {item["status"] for item in shown} == {"accepted"}
    held = Counter((entry.submission_id, entry.receipt) for entry in ledger.acknowledged)
    same("submissions", Counter((item["submission_id"], item["receipt"]) for item in shown), held)
    assert set(held.values()) == {1}, "two submissions got one receipt"
    _receipts_have_no_gap([item["receipt"] for item in shown])


def _receipts_have_no_gap(receipts: list[str]) -> None:
    numbers: dict[str, list[int]] = defaultdict(list)
    for receipt in receipts:
        office, _, number = receipt.rpartition("-")
        numbers[office].append(int(number))
    assert all(sorted(given) == list(range(1, len(given) + 1)) for given in numbers.values())


def log_is_dense(running: Reached, ledger: Ledger) -> None:
    """Positions count from 1 without gap or double, and every record of every submission is one change."""
    changes = changes_of(running)
    same("positions", [change["position"] for change in changes], range(1, ledger.changes() + 1))
    assert max(Counter((change["kind"], change["key"], change["revision"]) for change in changes).values()) == 1


def changes_of(running: Reached) -> list[dict[str, Any]]:
    """The change log from its beginning, as a reader with a cursor pulls it."""
    changes: list[dict[str, Any]] = []
    while True:
        after = changes[-1]["position"] if changes else 0
        page = running.ask("/ingest/v1/changes", after=after, limit=PAGE).json()["items"]
        if not page:
            return changes
        changes += page


def records_are_the_last_acknowledged(running: Reached, ledger: Ledger) -> None:
    """Each record holds its last amount, and its revision counts the submissions that were acknowledged of it."""
    records = running.items("/ingest/v1/records/funding_requirement")
    found = {record["key"]: (Decimal(record["fields"]["amount"]), record["revision"]) for record in records}
    revisions = ledger.revisions()
    same("records", found, {key: (amount, revisions[key]) for key, amount in ledger.amounts().items()})


def facts_are_the_log(running: Reached) -> None:
    """Report's facts, read from its own database, are the log's changes one for one."""
    log = [(change["position"], change["kind"], change["key"], change["revision"]) for change in changes_of(running)]
    with running.database("report") as connection:
        facts = connection.execute("SELECT position, kind, key, revision FROM fact ORDER BY position").fetchall()
    same("facts", facts, log)


def nothing_is_set_aside(running: Reached) -> None:
    """No change is taken for one that cannot be applied because of what befell its reader."""
    for service in ("report", "notify"):
        with running.database(service) as connection:
            assert connection.execute("SELECT position, kind, key, reason FROM set_aside").fetchall() == []


def report_is_complete(running: Reached, ledger: Ledger) -> None:
    """The workbook that a user gets holds the last acknowledged amount of every office and area, and no other."""
    if not ledger.amounts():
        return
    answer = running.ask("/report/v1/reports/funding-requirements/latest.xlsx", year="2016")
    assert answer.status_code == 200, answer.text
    same("printed amounts", _printed(answer.content), ledger.amounts())


def _printed(workbook: bytes) -> dict[str, Decimal]:
    rows = load_workbook(io.BytesIO(workbook), read_only=True)[REGION_SHEET].iter_rows(values_only=True)
    heading = next(row for row in rows if row[0] == "Line")
    offices = {factories.office(code)["name"]: code for code in OFFICES}
    areas = {heading.index(name): code for code, name in AREAS.items() if name in heading}
    return {
        f"2016/{offices[str(row[0])]}/{area}": Decimal(str(row[column]))
        for row in rows
        if row[0] in offices
        for column, area in areas.items()
        if row[column] is not None
    }


def reminders_are_there_once(running: Reached, ledger: Ledger, *, some_wait: bool = False) -> None:
    """Whoever had to be told was told, once, and nobody else was; a mail that was twice in doubt is given up."""
    projects = _projects_of_obligations(running)
    shown = list(running.items("/notify/v1/reminders"))
    settled = [row for row in shown if row["status"] != "skipped"]
    fine = {"sent", "held"} if some_wait else {"sent"}
    assert [row for row in settled if row["status"] not in fine and not _is_given_up(row)] == []
    told = Counter((projects[row["obligation_ids"][0]], row["rung"], row["recipient"]) for row in settled)
    same("reminders", told, ledger.reminders())
    assert len({row["reminder_id"] for row in shown}) == len(shown)


def _projects_of_obligations(running: Reached) -> dict[str, str]:
    return {row["obligation_id"]: row["project_code"] for row in running.items("/notify/v1/obligations")}


def _is_given_up(row: dict[str, Any]) -> bool:
    return row["status"] == "failed" and str(row["reason"]).startswith(_GIVEN_UP)


def mails_went_out_once(running: Reached, ledger: Ledger, *, in_doubt: int) -> None:
    """Every reminder that was sent is told in one mail, which came once, or twice at most; no mail tells another."""
    mails = list(mails_of(running))
    arrived = Counter(mail["Message-ID"] for mail in mails)
    doubled = {message_id: times for message_id, times in arrived.items() if times > 1}
    assert all(times == 2 for times in doubled.values()), doubled
    given_up = [row for row in running.items("/notify/v1/reminders", status="failed") if _is_given_up(row)]
    doubtful = doubled.keys() | {row["message_id"] for row in given_up}
    assert len(doubtful - ledger.was_in_doubt) <= in_doubt, doubtful
    ledger.was_in_doubt |= doubtful
    sent, projects = list(running.items("/notify/v1/reminders", status="sent")), _projects_of_obligations(running)
    there = [*sent, *(row for row in given_up if row["message_id"] in arrived)]
    once = {mail["Message-ID"]: mail for mail in mails}
    told = Counter((mail["To"].addresses[0].addr_spec, code) for mail in once.values() for code in _projects_in(mail))
    same("told in mails", told, Counter((row["recipient"], projects[row["obligation_ids"][0]]) for row in there))
    same("mails", once.keys(), {row["message_id"] for row in there})


def mails_of(running: Reached) -> Iterator[EmailMessage]:
    """Every mail the mail server took, in the order it came."""
    for path in mail_files(running):
        yield message_from_bytes(path.read_bytes(), policy=default)


def mail_files(running: Reached) -> list[Path]:
    """The files of those mails."""
    return sorted(running.mail_folder.glob("*.eml"))


def _projects_in(mail: EmailMessage) -> list[str]:
    text = mail.get_body(("plain",))
    assert text is not None
    return _PROJECT.findall(text.get_content())


def rebuilds_to_the_same(running: Reached) -> int:
    """``muster rebuild`` derives everything anew and makes every issue again, byte for byte; how many issues."""
    command = (sys.executable, "-c", "from muster_cli.main import main; main()", "rebuild", "--json")
    done = subprocess.run(command, env=environment(running.known), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(done.stdout)
    assert all(result["differing"] == [] for result in found.values()), found
    return int(found["report"]["issues"])
