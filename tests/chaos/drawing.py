"""Fault plans drawn from a seed: what befalls an instance when, and for how long. The same seed, the same plan."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from chaos.invariants import MAILS_AT_ONCE

SECONDS: Final = 5.0  # within which faults begin
_MOST: Final = 5
_SERVICES: Final = ("ingest", "report", "notify")
_WEBS: Final = tuple(f"{service}-web" for service in _SERVICES)
_WORKERS: Final = tuple(f"{service}-worker" for service in _SERVICES)
_SERVERS: Final = ("valkey", "postgres", "caddy", "mail")
PROCESSES: Final = (*_WEBS, *_WORKERS, *_SERVERS, "beat")
_MAILING: Final = ("notify-worker", "postgres", "mail")  # whoever sends mails, notes it, or takes them
_RESTARTS: Final = ("everything_killed", "supervisor_killed")
# the machine dies once; nobody starts an instance, or sets a clock back, where nothing can be written
_APART: Final = (frozenset({*_RESTARTS, "no_disk_left"}), frozenset({"no_disk_left", "a_day_later_and_back"}))


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens ``at`` so many seconds after the plan's beginning, to whom, lasting ``seconds``."""

    at: float
    what: str
    whom: str = ""
    seconds: float = 0.0

    @property
    def ends(self) -> float:
        return self.at + self.seconds

    @property
    def in_doubt(self) -> int:
        """Of how many mails nobody can say, because of it, whether they arrived."""
        if self.what in _RESTARTS:
            return MAILS_AT_ONCE
        if self.whom not in _MAILING and self.what != "no_disk_left":
            return 0
        return MAILS_AT_ONCE * (1 + int(self.seconds))  # each second another try to hand it over may end in doubt

    def __str__(self) -> str:
        lasting = f" for {self.seconds:.1f} s" if self.seconds else ""
        return f"{self.at:.1f} s {self.what}{' ' + self.whom if self.whom else ''}{lasting}"


@dataclass(frozen=True, slots=True)
class Plan:
    """One seed's faults in the order of their beginnings, and the clients that submit meanwhile."""

    seed: int
    clients: int
    between: float
    faults: tuple[Fault, ...]

    @property
    def in_doubt(self) -> int:
        return sum(fault.in_doubt for fault in self.faults)

    @property
    def days_ahead(self) -> int:
        """How many days the clock was put forward and back again: what was due then may have been told already."""
        return sum(fault.what == "a_day_later_and_back" for fault in self.faults)

    def __str__(self) -> str:
        told = "; ".join(str(fault) for fault in self.faults)
        return f"plan {self.seed}: {self.clients} clients, {self.between:.2f} s between; {told}"


def draw(seed: int) -> Plan:
    """The plan of a seed: one to five faults, overlapping as it happens; the machine dies, or is full, once at most."""
    chance = random.Random(seed)  # noqa: S311 - a plan, no secret
    clients, between = chance.randint(2, 6), chance.uniform(0.2, 0.6)
    faults: list[Fault] = []
    for _ in range(chance.randint(1, _MOST)):
        [kind] = chance.choices(list(_KINDS), [weight for weight, _ in _KINDS.values()])
        fault = _KINDS[kind][1](chance, kind)
        if not any({kind, other.what} <= apart for other in faults for apart in _APART):
            faults.append(fault)
    return Plan(seed, clients, between, tuple(sorted(faults, key=lambda fault: fault.at)))


def _moment(chance: random.Random) -> float:
    return chance.uniform(0.2, SECONDS)


def _at_once(*whom: str) -> Callable[[random.Random, str], Fault]:
    return lambda chance, kind: Fault(_moment(chance), kind, chance.choice(whom))


def _lasting(least: float, most: float, *whom: str) -> Callable[[random.Random, str], Fault]:
    return lambda chance, kind: Fault(_moment(chance), kind, chance.choice(whom), chance.uniform(least, most))


def _mixed(chance: random.Random, kind: str) -> Fault:
    return Fault(_moment(chance), kind, str(chance.getrandbits(32)), chance.uniform(0.5, 2))


# how often each is drawn, and how; what lasts longer than a lease lets others take the work over
_KINDS: Final[dict[str, tuple[int, Callable[[random.Random, str], Fault]]]] = {
    "killed": (8, _at_once(*PROCESSES)),
    "killed_with_children": (4, _at_once(*_WEBS, *_WORKERS)),
    "restarted": (2, _at_once("postgres", "valkey")),
    "frozen": (6, _lasting(0.5, 4, *PROCESSES)),
    "unsupervised": (1, _lasting(1, 4, "")),
    "queues_lost": (3, _at_once("")),
    "slow_broker": (2, _lasting(1.5, 4, "")),
    "two_schedulers": (2, _lasting(2, 5, "")),
    "tasks_again": (3, _mixed),
    "a_day_later": (3, _at_once("")),
    "a_day_later_and_back": (2, _lasting(0.5, 4, "")),
    "held_up": (6, _lasting(1, 4, "publishing", "writing", "regeneration", "commits", "commits")),
    "disk_full": (3, _lasting(0.5, 4, "")),
    "no_disk_left": (2, _lasting(0.5, 4, "")),
    "supervisor_killed": (1, _at_once("")),
    "everything_killed": (2, _at_once("", "queues lost too")),
}
