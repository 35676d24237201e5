"""The command ``muster submit FILE...``: CSV files and JSON envelopes to ingest, with the errors where they are."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from muster_cli.records_csv import KEY_COLUMNS, RecordsError, Undecided
from muster_cli.submission_sender import COUNTS, Outcome, submit_files
from muster_shared import settings as environment
from muster_shared.auth import Caller, issue
from muster_shared.settings import INSTANCE_FILE, SECRET_FILE, Settings, SettingsError

__all__ = ["Outcome", "exit_code", "submit", "submit_files"]

DONE: Final = 0
REJECTED: Final = 1
WRONG_USE: Final = 2
UNREACHABLE: Final = 3


def exit_code(outcomes: Sequence[Outcome]) -> int:
    """0 done, 1 the data was rejected, 2 the token or the address is wrong, 3 a service is not reachable."""
    failed = next((outcome for outcome in outcomes if outcome.status == "failed"), None)
    if failed is not None:
        answered_no = failed.http_status is not None and failed.http_status < 500 and failed.http_status != 429
        return WRONG_USE if answered_no else UNREACHABLE
    return REJECTED if any(outcome.status == "rejected" for outcome in outcomes) else DONE


@click.command()
@click.argument(
    "files", metavar="FILE...", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--office", help="Send all records of CSV files in this office's name, for example KEN.")
@click.option(
    "--kind", type=click.Choice(list(KEY_COLUMNS)), help="What the CSV files hold, where their name hides it."
)
@click.option("--note", help="A word to go with the submission.")
@click.option("--url", help="Address of Muster; otherwise the instance of MUSTER_DATA_DIR.")
@click.option("--token", help="From 'muster token'; otherwise one made for the instance of MUSTER_DATA_DIR.")
@click.option("--json", "as_json", is_flag=True, help="Print the outcomes as JSON.")
def submit(
    *,
    files: tuple[Path, ...],
    office: str | None,
    kind: str | None,
    note: str | None,
    url: str | None,
    token: str | None,
    as_json: bool,
) -> None:
    """Submit CSV files and JSON envelopes.

    Each office's records go as one submission, accepted or rejected as a whole.
    """
    base_url, bearer = _destination(url, token)
    try:
        with _bar() as progress:
            outcomes = submit_files(
                files, base_url=base_url, token=bearer, office=office, kind=kind, note=note, progress=progress
            )
    except RecordsError as error:
        click.echo(f"{error}. Nothing was sent.", err=True)
        sys.exit(WRONG_USE if isinstance(error, Undecided) else REJECTED)
    _print_json(outcomes) if as_json else _print_text(outcomes)
    sys.exit(exit_code(outcomes))


def _destination(url: str | None, token: str | None) -> tuple[str, str]:
    if url and token:
        return url, token
    try:
        local = environment.load()
    except SettingsError as error:
        raise click.UsageError(str(error)) from error
    if url and url.rstrip("/") != local.base_url():
        raise click.UsageError(f"a token made here is worth nothing at {url}: give one with --token")
    return url or local.base_url(), token or _local_token(local)


def _local_token(local: Settings) -> str:
    """An administrator's token of one hour; a data folder without an instance gets no key made for it."""
    if not local.secret_key and not any((local.data_dir / name).exists() for name in (INSTANCE_FILE, SECRET_FILE)):
        raise click.UsageError(
            f"{local.data_dir} holds no instance: run 'muster up' there first, or give --url and --token"
        )
    return issue(local, Caller(name="muster-submit", role="admin"), lifetime=timedelta(hours=1))


@contextmanager
def _bar() -> Iterator[Any]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("submissions", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _print_json(outcomes: Sequence[Outcome]) -> None:
    click.echo(json.dumps({"items": [outcome.document() for outcome in outcomes]}, ensure_ascii=False, indent=2))


def _print_text(outcomes: Sequence[Outcome]) -> None:
    for file in dict.fromkeys(outcome.file for outcome in outcomes):
        of_file = [outcome for outcome in outcomes if outcome.file == file]
        click.echo(f"{file.name}: {_summary(of_file)}")
    for outcome in outcomes:
        if outcome.status == "rejected" or (outcome.status == "failed" and outcome.detail != "not sent"):
            _print_refused(outcome)


def _summary(of_file: Sequence[Outcome]) -> str:
    accepted = [outcome for outcome in of_file if outcome.status == "accepted"]
    totals = {name: sum(outcome.counts[name] for outcome in accepted) for name in COUNTS}
    counted = ", ".join(f"{total} {name}" for name, total in totals.items() if total) or "nothing new"
    missing = "" if len(accepted) == len(of_file) else f", {len(of_file) - len(accepted)} not accepted"
    receipts = [str(outcome.receipt) for outcome in accepted]
    quoted = f" ({receipts[0]})" if len(receipts) == 1 else ""
    return f"{len(accepted)} accepted{missing}; {counted}{quoted}"


def _print_refused(outcome: Outcome) -> None:
    status = f"HTTP {outcome.http_status}: " if outcome.http_status else ""
    click.echo(
        f"{outcome.file.name}, {outcome.office or 'no office'}: {outcome.status}: {status}{outcome.detail}", err=True
    )
    for error in outcome.errors:
        click.echo(f"  {_place(outcome.file, error)}: {error.get('message', error.get('code', ''))}", err=True)


def _place(file: Path, error: Mapping[str, Any]) -> str:
    named = f", {error['field']}" if error.get("field") else ""
    if "line" in error:
        return f"{file.name}:{error['line']}{named}"
    record = error.get("record")
    return (f"{file.name}, record {record + 1}" if isinstance(record, int) else file.name) + named
