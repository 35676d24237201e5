"""A new figure: from the answer 201 to the new issue being downloadable, beside what making that workbook takes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import requests

import factories
from bench.measuring import Bounded, Compared
from chaos.running import Running, eventually
from muster_cli import sample
from muster_cli.demo import settled
from muster_cli.submit import submit_files
from muster_report import history
from muster_report.making import base_for, make
from muster_report.reports import catalogue
from muster_shared.context import Context

ROUNDS = 5
REPORT = "funding-requirements"
PARAMS = {"year": "2016"}
SERVICES = ("ingest", "report", "notify")


def results(running: Running) -> Iterator[Compared | Bounded]:
    """The sample data, then one amount changed again and again; the quiet time is taken off, as it is waited for."""
    submit_files(sample.files(), base_url=running.address, token=running.token())
    _settle(running)
    told = running.known
    compared = Compared("from 201 to the new issue, less the quiet time", "making that workbook", 3)
    for amount in range(1, ROUNDS + 1):
        waited = _waited(running, amount)
        _settle(running)
        compared.round(waited - told.quiet_seconds, _making(running))
    yield compared


def _settle(running: Running) -> None:
    eventually(lambda: settled({name: _standing(running, name) for name in SERVICES}), "at rest", 180)


def _standing(running: Running, service: str) -> dict[str, Any]:
    answer = running.ask(f"/{service}/readyz")
    return dict(answer.json().get("standing", {})) if answer.ok else {}


def _waited(running: Running, amount: int) -> float:
    """Seconds until an amount that is accepted stands in a workbook that is downloaded."""
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {running.token()}"
    address = f"{running.address}/report/v1/reports/{REPORT}/latest.xlsx"
    before = session.get(address, params=PARAMS, timeout=60).headers["ETag"]
    body = factories.envelope(factories.requirement(amount=str(amount)), code="KEN")
    answer = session.post(f"{running.address}/ingest/v1/submissions", json=body, timeout=60)
    began = time.monotonic()
    if answer.status_code != 201:
        raise AssertionError(answer.text)
    while session.get(address, params=PARAMS, headers={"If-None-Match": before}, timeout=60).status_code == 304:
        time.sleep(0.02)
    return time.monotonic() - began


def _making(running: Running) -> float:
    """Seconds that the newest issue takes to make from its facts, in a process that has made it before."""
    context = Context.open("report", running.known)
    try:
        _made(context)
        began = time.monotonic()
        _made(context)
        return time.monotonic() - began
    finally:
        context.engine.dispose()


def _made(context: Context) -> None:
    report = catalogue()[REPORT]
    params = report.read(PARAMS)
    with context.sessions() as session:
        position = history.applied_position(session)
        make(session, report, params, position, base_for(session, REPORT, params, position))
