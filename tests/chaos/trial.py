"""An instance on which fault plans are carried out, one after the other, and what its clients know of it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Final

from kombu.exceptions import OperationalError

from chaos import queues, storage
from chaos.clients import Client, Load
from chaos.drawing import Fault, Plan
from chaos.faults import HAPPENINGS
from chaos.invariants import at_rest, changes_of, everything_is_as_acknowledged, rebuilds_to_the_same
from chaos.ledger import Ledger
from chaos.rebuilt import newest_issues_are_rebuilt
from chaos.running import Running
from chaos.watching import Watcher
from muster_shared.embedded.processes import tail
from muster_shared.names import NOTIFY_SWEEP
from muster_shared.settings import Settings

RECOVERY_SECONDS: Final = 60.0  # from the end of the last fault until nothing is left to do, without a hand
_HOME: Final = datetime(2016, 11, 30, 8, tzinfo=UTC)
_REPORTS: Final[Mapping[str, dict[str, str]]] = {
    "projects": {},
    "donor": {"donor_id": "example-fund", "until": "2016-12-31"},
    "reporting-compliance": {"until": "2016-12-31"},
}
_DAY: Final = timedelta(days=1)
_MORNINGS: Final = 8  # more than any weekend with holidays at both ends
_LOOKED_AT: Final = 200  # the last lines of a log, of which so many are told, so long
_TAIL_LINES: Final = 15
_LONGEST_LINE: Final = 1500


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a plan came to: ``recovery`` and ``seconds`` are seconds, the others counts of this plan alone.

    ``in_doubt`` counts mails that came twice or were given up, ``workbooks`` those that were fetched meanwhile,
    ``unfinished`` the files that writes which did not end left in the object store so far.
    """

    acknowledged: int
    turned_away: int
    in_doubt: int
    workbooks: int
    issues: int
    unfinished: int
    recovery: float
    seconds: float


class Trial:
    """One instance; its data folder, and the object store in it, on small disks where that is permitted."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.objects = folder / "data" / "objects"
        self._disks = (folder / "data", self.objects)
        self.ledger = Ledger()
        self.running = Running(_settings(folder / "data"))
        self.begun = False

    def begin(self) -> None:
        """Start it with some offices and a first project, and ask for reports, so that they are made from now on."""
        for disk in self._disks:
            storage.mount(disk)
        self.running.start()
        client, ledger = Client(self.running, self.ledger), self.ledger
        client.send(ledger.beginnings())
        client.send(ledger.requirement("KEN", "migration_health", project_since=self.running.now().date()))
        at_rest(self.running)
        self._want_reports()
        self.begun = True

    def end(self, *, keep: bool = False) -> None:
        """Stop it; ``keep`` what is on its disks."""
        self.running.stop()
        for disk in reversed(self._disks):
            storage.unmount(disk, keep=keep)

    def carry_out(self, plan: Plan) -> Outcome:
        """Let the plan happen on a new morning, while clients submit, then wait for peace and look at everything.

        Raises:
            AssertionError: an invariant does not hold, or it did not recover in time.
        """
        began, ledger = time.monotonic(), self.ledger
        before = (len(ledger.acknowledged), ledger.turned_away, len(ledger.was_in_doubt))
        with Watcher(self.running, after=ledger.changes()) as watcher:
            recovery = self._trouble(plan)
            for _ in range(plan.days_ahead):
                self._next_morning()
        everything_is_as_acknowledged(self.running, ledger, in_doubt=plan.in_doubt, some_wait=True)
        watcher.saw(changes_of(self.running))
        return Outcome(
            acknowledged=len(ledger.acknowledged) - before[0],
            turned_away=ledger.turned_away - before[1],
            in_doubt=len(ledger.was_in_doubt) - before[2],
            workbooks=watcher.workbooks,
            issues=newest_issues_are_rebuilt(self.running),
            unfinished=storage.objects_are_whole(self.objects),
            recovery=recovery,
            seconds=time.monotonic() - began,
        )

    def close(self) -> int:
        """Let mornings come until nobody waits any more, and make every issue again; how many issues.

        Raises:
            AssertionError: something is missing even now, or an issue differs.
        """
        for _ in range(_MORNINGS):
            if not any(self.running.items("/notify/v1/reminders", status="held")):
                break
            self._next_morning()
        everything_is_as_acknowledged(self.running, self.ledger)
        return rebuilds_to_the_same(self.running)

    def tails(self) -> Mapping[str, str]:
        """The ends of its logs, by the name of the process, without what goes as it should."""
        logs = sorted((self.folder / "data" / "logs").glob("*.log"))
        return {path.stem: told for path in logs if (told := _troubles(path))}

    def _want_reports(self) -> None:
        """Who asks for a report once has it made again at every change."""
        for report, params in _REPORTS.items():
            answer = self.running.ask(f"/report/v1/reports/{report}/latest.xlsx", **params)
            assert answer.status_code == HTTPStatus.OK, answer.text

    def _trouble(self, plan: Plan) -> float:
        """The seconds from the end of the last fault until rest; clients get receipts again before they stop."""
        running, since = self.running, self.running.now().date()
        running.clock.advance(_DAY)
        with Load(running, self.ledger, clients=plan.clients, since=since, between=plan.between) as load:
            befall(running, plan)
            over = time.monotonic()
            load.wait_for(plan.clients, RECOVERY_SECONDS)
        at_rest(running, max(RECOVERY_SECONDS - (time.monotonic() - over), 0))
        self.ledger.judged_on(running.now().date())
        return time.monotonic() - over

    def _next_morning(self) -> None:
        self.running.clock.advance(_DAY)
        with suppress(OperationalError):  # it only hurries what the scheduler asks for every few seconds
            queues.wake_all(self.running.known.broker_url(), (NOTIFY_SWEEP,))
        at_rest(self.running)
        self.ledger.judged_on(self.running.now().date())


def befall(running: Running, plan: Plan) -> None:
    """Let every fault begin and end in its time; all have ended afterwards, whatever happens."""
    began, lasting = time.monotonic(), dict[Fault, ExitStack]()
    with ExitStack() as peace:
        for moment, fault in _timeline(plan):
            time.sleep(max(0.0, began + moment - time.monotonic()))
            if fault in lasting:
                lasting.pop(fault).close()
            else:
                lasting[fault] = peace.enter_context(ExitStack())
                lasting[fault].enter_context(HAPPENINGS[fault.what](running, fault.whom))


def _timeline(plan: Plan) -> Iterator[tuple[float, Fault]]:
    """Each fault twice: at its beginning and at its end."""
    moments = [(moment, fault) for fault in plan.faults for moment in (fault.at, fault.ends)]
    yield from sorted(moments, key=lambda each: each[0])


def _troubles(log: Path) -> str:
    lines = [line for line in tail(log, lines=_LOOKED_AT).splitlines() if '"level": "INFO"' not in line]
    return "\n".join(line[:_LONGEST_LINE] for line in lines[-_TAIL_LINES:])


def _settings(data_dir: Path) -> Settings:
    return Settings(
        data_dir=data_dir,
        port=0,
        clock=_HOME,
        quiet_seconds=0.2,
        quiet_cap_seconds=1,
        lease_seconds=5,
        rate_per_minute=0,  # its clients ask far more often than people do
        rate_unknown_per_minute=0,
    )
