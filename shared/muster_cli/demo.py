"""``muster demo``: the main job from beginning to end on the sample data, at the time where it is at home."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from muster_cli import instance, sample
from muster_cli.local import NOT_REACHABLE, REJECTED, WRONG_USE, Client, check, fail, settings
from muster_cli.submission_sender import COUNTS, Outcome, submit_files
from muster_cli.up import background
from muster_shared.auth import Caller, issue, sign_in_link
from muster_shared.clock import Clock, iso_z, parse_span
from muster_shared.embedded.ports import free_port
from muster_shared.embedded.server import StartError
from muster_shared.settings import PREFIX, Settings, load

HOME = datetime(2016, 11, 30, 8, tzinfo=UTC)
MARKER = "demo.json"
WORKBOOKS: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("funding-requirements-2016.xlsx", "funding-requirements", {"year": "2016"}),
    ("partnerships-mc-inf-253.xlsx", "partnerships", {"source": "MC/INF/253"}),
    ("field-activities-2002.xlsx", "field-activities", {"year": "2002"}),
    ("beneficiaries-2016.xlsx", "beneficiaries", {"year": "2016"}),
    ("indicators-united-kingdom.xlsx", "indicators", {"place": "United Kingdom", "year": "all"}),
    ("donor-example-aid-agency.xlsx", "donor", {"donor_id": "example-aid-agency", "until": "2016-11-30"}),
    ("project-analysis-2015.xlsx", "project-analysis", {"year": "2015"}),
    ("reporting-compliance-2016-11-30.xlsx", "reporting-compliance", {"until": "2016-11-30"}),
    ("projects.xlsx", "projects", {}),
)
_SETTLE_SECONDS = 180.0
_USUAL_PORT = 8000
_LINKS_OPEN = timedelta(hours=12)
_SAMPLE_USERS = (
    Caller("focal.point@example.org", "focal_point", offices=("KEN",)),
    Caller("head.of.office@example.org", "head_of_office", offices=("KEN",)),
    Caller("reviewer@example.org", "reviewer", regions=("east_horn_of_africa",)),
    Caller("analyst@example.org", "analyst"),
    Caller("admin@example.org", "admin"),
)


@click.command()
@click.option("--serve", is_flag=True, help="Keep serving until Ctrl-C, on the data of earlier runs.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=Path("out"), show_default=True)
def demo(*, serve: bool, out: Path) -> None:
    """Submit the sample data, wait for reports and reminders, and write both to a folder."""
    began = time.monotonic()
    known = _prepared(settings(), keep=serve)
    say = click.echo
    say(f"Muster demo in {known.data_dir}, at {iso_z(Clock.of(known).now())}")
    try:
        with background(known) as running:
            say(f"Running at {running.address} after {time.monotonic() - began:.0f} s")
            written = _do_main_job(load(_environ(known)), out, say)
            say(f"Done in {time.monotonic() - began:.0f} s.")
            if serve:
                _serve(load(_environ(known)), say)
    except StartError as error:
        fail(NOT_REACHABLE, str(error))
    except KeyboardInterrupt:
        fail(130, "interrupted; everything was stopped")
    sys.exit(written)


def _prepared(told: Settings, *, keep: bool) -> Settings:
    """Settings of a demo: its clock, its own folder; an instance that is no demo is left alone."""
    folder = told.data_dir
    if instance.status(folder).running:
        fail(WRONG_USE, f"Muster already runs in {folder}: stop it, or set MUSTER_DATA_DIR to another folder")
    if folder.exists() and any(folder.iterdir()) and not (folder / MARKER).exists():
        fail(WRONG_USE, f"{folder} holds something that is not a demo: set MUSTER_DATA_DIR to another folder")
    if not keep and folder.exists():
        _set_aside(folder)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / MARKER).write_text(json.dumps({"made_by": "muster demo"}))
    return replace(told, clock=told.clock or HOME, port=_port(told, keep=keep))


def _port(told: Settings, *, keep: bool) -> int:
    """The port that was asked for; else the usual one to serve at, where it is free, and any for a passing demo."""
    if os.environ.get(f"{PREFIX}PORT"):
        return told.port
    return free_port(told.host, wanted=_USUAL_PORT) if keep else 0


def _set_aside(folder: Path) -> None:
    """A demo begins with an empty folder; what the one before left is kept once more beside it."""
    before = folder.with_name(f"{folder.name}.before")
    if before.exists():
        shutil.rmtree(before)
    folder.rename(before)


def _environ(known: Settings) -> dict[str, str]:
    given = {name: value for name, value in os.environ.items() if name.startswith(PREFIX)}
    given.pop(f"{PREFIX}PORT", None)  # the instance file knows the port that was found
    clock = known.clock.isoformat() if known.clock else ""
    return {**given, f"{PREFIX}DATA_DIR": str(known.data_dir), f"{PREFIX}CLOCK": clock}


def _do_main_job(known: Settings, out: Path, say: Any) -> int:
    outcomes = _submit(known, say)
    client = Client(known, "admin")
    _wait_until_settled(client, say)
    _write_workbooks(Client(known, "analyst"), out, say)
    _write_mails(known, out, say)
    _tell_reminders(client, say)
    _tell_reconciliation(out / WORKBOOKS[0][0], say)
    return REJECTED if any(outcome.status != "accepted" for outcome in outcomes) else 0


def _submit(known: Settings, say: Any) -> list[Outcome]:
    bearer = issue(known, Caller(name="demo@example.org", role="admin"), lifetime=parse_span("1h"))
    with _bar("submitting") as progress:
        outcomes = submit_files(sample.files(), base_url=known.base_url(), token=bearer, progress=progress)
    refused = [outcome for outcome in outcomes if outcome.status != "accepted"]
    totals = {name: sum(outcome.counts[name] for outcome in outcomes) for name in COUNTS}
    counted = ", ".join(f"{count} {name}" for name, count in totals.items() if count)
    say(f"{len(outcomes) - len(refused)} of {len(outcomes)} submissions accepted: records {counted}")
    for outcome in refused:
        say(f"  {outcome.file.name} {outcome.office}: {outcome.detail} {list(outcome.errors)[:3]}")
    return outcomes


@contextmanager
def _bar(name: str) -> Iterator[Any]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(name, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _wait_until_settled(client: Client, say: Any) -> None:
    """Until report and notify have applied the whole change log and done what follows from it."""
    deadline = time.monotonic() + _SETTLE_SECONDS
    with Console(stderr=True).status("regenerating reports, recording and sending reminders"):
        while True:
            standing = {name: _standing(client, name) for name in ("ingest", "report", "notify")}
            if settled(standing):
                return
            if time.monotonic() > deadline:
                say(f"Not settled after {_SETTLE_SECONDS:.0f} s: {standing}")
                fail(NOT_REACHABLE, "the services did not come to rest; see the logs")
            time.sleep(0.2)


def settled(standing: dict[str, dict[str, Any]]) -> bool:
    """Whether nothing is left to be done, from what the services' ``/readyz`` says of their standing."""
    ingest, report, notify = standing["ingest"], standing["report"], standing["notify"]
    if not ingest or not report or not notify or ingest["unpublished"] or ingest["processing"]:
        return False
    applied = report["position"] == notify["position"] == notify["judged"] == ingest["position"]
    return applied and not report["stale"] and not notify["sendable"]


def _standing(client: Client, service: str) -> dict[str, Any]:
    answer = client.ask("GET", f"/{service}/readyz")
    return dict(answer.json().get("standing", {})) if answer.ok else {}


def _write_workbooks(client: Client, out: Path, say: Any) -> None:
    out.mkdir(parents=True, exist_ok=True)
    for name, key, params in WORKBOOKS:
        answer = client.ask("GET", f"/report/v1/reports/{key}/latest.xlsx", params=params)
        check(answer)
        (out / name).write_bytes(answer.content)
        say(f"  {out / name}  SHA-256 {answer.headers['ETag'].strip(chr(34))[:16]}…")


def _write_mails(known: Settings, out: Path, say: Any) -> None:
    folder = out / "mail"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    caught = sorted((known.data_dir / instance.MAIL_FOLDER).glob("*.eml"))
    for mail in caught:
        shutil.copy(mail, folder)
    say(f"  {folder}/  {len(caught)} mails")


def _tell_reminders(client: Client, say: Any) -> None:
    counts: dict[str, int] = {}
    after: str | None = None
    while True:
        page = client.json("GET", "/notify/v1/reminders", params={"limit": 500, **({"after": after} if after else {})})
        for row in page["items"]:
            counts[row["status"]] = counts.get(row["status"], 0) + 1
        after = page["next"]
        if after is None:
            break
    told = ", ".join(f"{count} {status}" for status, count in sorted(counts.items())) or "none"
    say(f"Reminders: {told} (held ones wait for nine in the morning where they go)")


def _tell_reconciliation(workbook: Path, say: Any) -> None:
    """What the printed totals and the computed ones differ in, read from the workbook just written."""
    from openpyxl import load_workbook  # noqa: PLC0415 - only the demo reads a workbook

    book = load_workbook(workbook, read_only=True)
    rows = [row for row in book["Reconciliation"].iter_rows(values_only=True) if row and isinstance(row[5:6][0], int)]
    differing = [row for row in rows if row[5]]
    say(f"Reconciliation: {len(rows)} published totals, {len(differing)} differ from what the submissions sum to:")
    for table, region, area, printed, computed, difference, *_ in differing:
        say(f"  {table}, {region}, {area}: printed {printed:,}, computed {computed:,}, difference {difference:+,}")


def _serve(known: Settings, say: Any) -> None:
    say(f"Serving at {known.base_url()} until Ctrl-C. Sign in as")
    for caller in _SAMPLE_USERS:
        scope = ", ".join((*caller.offices, *caller.regions))
        say(f"  {caller.role.replace('_', ' ')}{f' of {scope}' if scope else ''}")
        say(f"    {sign_in_link(known, caller, lifetime=_LINKS_OPEN)}")
    say("An API token: muster token --role focal_point --office KEN")
    signal.sigwait({signal.SIGINT, signal.SIGTERM})
