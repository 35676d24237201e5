"""What can be wrong with Muster itself while it runs: services, workers, the scheduler, work that does not move."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from muster_cli.doctor_findings import Finding, fine, watch, wrong
from muster_shared.redis_clients import redis_at
from muster_shared.settings import SERVICES, Settings
from muster_shared.tasks import make_celery

Ask = Callable[[str], Any]
Ticks = Mapping[str, int]

_BETWEEN: Final = 6.0  # seconds between two looks; the scheduler ticks every two
_ANSWER: Final = 1.5


def services(settings: Settings, ask: Ask, *, between: float = _BETWEEN) -> Iterator[Finding]:
    """Look at the services twice, ``between`` seconds apart; ``ask`` gives the JSON at a path, or None."""
    first, before = _standing(ask), _ticks(settings)
    time.sleep(between)
    last, after = _standing(ask), _ticks(settings)
    yield from answering(last)
    yield from workers(after)
    yield from scheduler(before, after)
    yield from lag(first, last)
    yield from set_aside(last)
    yield from reports(last)
    yield from mails(ask)


def answering(standing: Mapping[str, Any]) -> Iterator[Finding]:
    """Whether each service answers, with all its parts; ``standing`` maps services to what ``/readyz`` says."""
    for service in SERVICES:
        told = standing.get(service)
        if not told:
            mend = f"see logs/{service}-web.log in the data folder; 'muster up' starts it again by itself"
            yield wrong(service, "does not answer", mend)
            continue
        down = [f"{name} ({part['reason']})" for name, part in told["parts"].items() if not part["ready"]]
        if down:
            yield wrong(service, f"goes without {', '.join(down)}", "see what is said of that part above")
        else:
            yield fine(service, "ready")


def workers(ticks: Mapping[str, Ticks] | None) -> Iterator[Finding]:
    """Whether every service has a worker; ``ticks`` maps workers to how often each task ran, None: no broker."""
    for service in SERVICES:
        own = [name for name in ticks or () if name.startswith(f"{service}@")]
        if own:
            yield fine(f"worker of {service}", ", ".join(sorted(own)))
        else:
            mend = f"start one: celery -A muster_{service}.worker:celery worker -Q {service}; logs/{service}-worker.log"
            yield wrong(f"worker of {service}", "none answers: what it does stands still", mend)


def scheduler(before: Mapping[str, Ticks] | None, after: Mapping[str, Ticks] | None) -> Iterator[Finding]:
    """Whether workers were given anything to do between two looks: the scheduler ticks every two seconds."""
    shared = (before or {}).keys() & (after or {}).keys()
    if not shared or before is None or after is None:
        return
    if any(sum(after[name].values()) > sum(before[name].values()) for name in shared):
        yield fine("scheduler", "ticks")
    else:
        mend = "start one: celery -A muster_shared.beat:celery beat; logs/beat.log. Several do no harm"
        yield wrong("scheduler", "does not tick: what no task announces is not found", mend)


def lag(first: Mapping[str, Any], last: Mapping[str, Any]) -> Iterator[Finding]:
    """Whether report and notify have applied by the last look what the log held at the first."""
    wanted = _number(first, "ingest", "position")
    for service in ("report", "notify"):
        if service not in last or wanted is None:
            continue
        reached = _number(last, service, "position") or 0
        if reached < wanted:
            mend = f"see logs/{service}-worker.log; a change that cannot be applied names its position there"
            yield wrong(f"log in {service}", f"applied to {reached} of {wanted}", mend)
        else:
            yield fine(f"log in {service}", f"applied to {reached}")
    waiting = _number(last, "ingest", "unpublished")
    if waiting and _number(first, "ingest", "unpublished"):
        yield wrong("change log", f"{waiting} changes wait for a position", "see logs/ingest-worker.log")


def set_aside(standing: Mapping[str, Any]) -> Iterator[Finding]:
    """Whether what follows the change log could apply all of it."""
    for service in ("report", "notify"):
        missing = _number(standing, service, "set_aside")
        if missing:
            mend = f"/{service}/admin#set-aside says which and why; correct the record, or install a newer version"
            yield wrong(f"changes in {service}", f"{missing} could not be applied and are set aside", mend)
        elif missing is not None:
            yield fine(f"changes in {service}", "none is set aside")


def reports(standing: Mapping[str, Any]) -> Iterator[Finding]:
    """Whether reports fail."""
    failing = _number(standing, "report", "failing")
    if failing:
        mend = "their last good issue stays; logs/report-worker.log says why, and they are tried again by themselves"
        yield wrong("reports", f"{failing} fail at being made", mend)
    elif failing is not None:
        yield fine("reports", "none fails")


def mails(ask: Ask) -> Iterator[Finding]:
    """Whether mails are held back, or addresses fail."""
    storm, alarms, failing = (ask(f"/notify/v1/{name}") or {} for name in ("storm", "alarms", "failing-addresses"))
    if storm.get("held_back"):
        mend = "see who with 'muster remind --dry-run', then release them: POST /notify/v1/storm/release"
        yield wrong("reminders", "far more than usual: they are held back", mend)
    if any(alarm["kind"] == "restored" for alarm in alarms.get("items", ())):
        yield watch("mails", "held since a restore", "muster remind --let-go, with --told-until DAY: see --help")
    if addresses := [row["email"] for row in failing.get("items", ())]:
        says = f"mail does not reach {', '.join(addresses[:3])}" + (" and others" if len(addresses) > 3 else "")
        yield watch("addresses", f"{says} ({len(addresses)})", "correct them in the records that name them")


def _standing(ask: Ask) -> dict[str, Any]:
    found = {service: ask(f"/{service}/readyz") for service in SERVICES}
    return {service: told for service, told in found.items() if told and "parts" in told}


def _number(standing: Mapping[str, Any], service: str, name: str) -> int | None:
    found: int | None = standing.get(service, {}).get("standing", {}).get(name)
    return found


def _ticks(settings: Settings) -> dict[str, Ticks] | None:
    """How often each worker ran each task; None where the broker is away."""
    celery = make_celery("doctor", settings.broker_url())
    try:
        with redis_at(settings.broker_url(), seconds=_ANSWER) as redis:
            redis.ping()  # Celery would try for long to reach one that is away
        told = celery.control.inspect(timeout=_ANSWER).stats() or {}
        return {name: one.get("total", {}) for name, one in told.items()}
    except (RedisError, OperationalError, OSError):
        return None
    finally:
        celery.close()
