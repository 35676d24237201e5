"""The command ``muster submit FILE...``: workbooks, CSV files and envelopes to ingest, with the errors in place."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import click

from muster_cli.records_csv import KEY_COLUMNS, RecordsError, Undecided
from muster_cli.submission_files import is_workbook
from muster_cli.submission_sender import COUNTS, Interrupted, Outcome, submit_files
from muster_cli.workbook_annotated import Misplaced, annotated_into
from muster_cli.workbook_progress import bars
from muster_cli.workbook_tables import MOST_ROWS, harmless, heading, print_changes, print_errors
from muster_shared import settings as environment
from muster_shared.auth import Caller, issue
from muster_shared.settings import INSTANCE_FILE, SECRET_FILE, Settings, SettingsError

__all__ = ["Outcome", "exit_code", "submit", "submit_files"]

DONE: Final = 0
REJECTED: Final = 1
WRONG_USE: Final = 2
UNREACHABLE: Final = 3
INTERRUPTED: Final = 130  # as shells tell of Ctrl-C


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
@click.option("--office", help="Send workbooks and all records of CSV files in this office's name, for example KEN.")
@click.option(
    "--kind", type=click.Choice(list(KEY_COLUMNS)), help="What the CSV files hold, where their name hides it."
)
@click.option("--note", help="A word to go with the submission.")
@click.option("--dry-run", is_flag=True, help="Change nothing; show what would change, each file judged by itself.")
@click.option(
    "--annotated",
    metavar="OUT.xlsx",
    type=click.Path(path_type=Path),
    help="Write a rejected workbook with each error pinned in its cell; for several workbooks name a folder.",
)
@click.option("-v", "--verbose", is_flag=True, help="Show every change, field by field.")
@click.option("--url", help="Address of Muster; otherwise the instance of MUSTER_DATA_DIR.")
@click.option("--token", help="From 'muster token'; otherwise one made for the instance of MUSTER_DATA_DIR.")
@click.option("--json", "as_json", is_flag=True, help="Print the outcomes, every change and every error, as JSON.")
def submit(
    *,
    files: tuple[Path, ...],
    office: str | None,
    kind: str | None,
    note: str | None,
    dry_run: bool,
    annotated: Path | None,
    verbose: bool,
    url: str | None,
    token: str | None,
    as_json: bool,
) -> None:
    """Submit workbooks (.xlsx), CSV files and JSON envelopes.

    A workbook is one submission; of CSV files, each office's records are one. Each is accepted or rejected as a whole.
    CSV files are sent first (records that others refer to before those), then workbooks, then JSON files, the latter
    two as given: name first what others refer to.

    Exit codes: 0 done, 1 the data was rejected, 2 wrong use, 3 a service is not reachable, 130 stopped by Ctrl-C.
    """
    base_url, bearer = _destination(url, token)
    try:
        annotate = annotated_into(annotated, files) if annotated else None
        with bars() as (progress, watch):
            outcomes = submit_files(
                files,
                base_url=base_url,
                token=bearer,
                office=office,
                kind=kind,
                note=note,
                dry_run=dry_run,
                all_changes=as_json or verbose,
                progress=progress,
                watch=watch,
                annotate=annotate,
            )
    except Misplaced as error:
        click.echo(f"{harmless(str(error))}. Nothing was sent.", err=True)
        sys.exit(WRONG_USE)
    except RecordsError as error:
        click.echo(f"{harmless(str(error))}. Nothing was sent.", err=True)
        sys.exit(WRONG_USE if isinstance(error, Undecided) else REJECTED)
    except Interrupted as stop:
        _print(stop.outcomes, as_json=as_json, verbose=verbose)
        sys.exit(INTERRUPTED)
    _print(outcomes, as_json=as_json, verbose=verbose)
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


def _print(outcomes: Sequence[Outcome], *, as_json: bool, verbose: bool) -> None:
    """As JSON, or as text: what was taken on standard output, what was not on standard error."""
    if as_json:
        document = {"items": [outcome.document() for outcome in outcomes]}
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))
        return
    _print_taken(outcomes, verbose=verbose)
    for outcome in outcomes:
        _print_remarks(outcome)
        if outcome.status in {"rejected", "processing"} or (
            outcome.status == "failed" and outcome.detail != "not sent"
        ):
            _print_refused(outcome)


def _print_taken(outcomes: Sequence[Outcome], *, verbose: bool) -> None:
    for file in dict.fromkeys(outcome.file for outcome in outcomes):
        of_file = [outcome for outcome in outcomes if outcome.file == file]
        click.echo(f"{harmless(file.name)}: {_summary(of_file)}")
        for outcome in of_file:
            if outcome.status == "accepted" and (outcome.dry_run or verbose):
                print_changes(outcome, every=verbose)


def _summary(of_file: Sequence[Outcome]) -> str:
    accepted = [outcome for outcome in of_file if outcome.status == "accepted"]
    totals = {name: sum(outcome.counts[name] for outcome in accepted) for name in COUNTS}
    counted = ", ".join(f"{total} {name}" for name, total in totals.items() if total) or "nothing new"
    missing = "" if len(accepted) == len(of_file) else f", {len(of_file) - len(accepted)} not accepted"
    tried = any(outcome.dry_run for outcome in accepted)
    receipts = [str(outcome.receipt) for outcome in accepted if outcome.receipt]
    quoted = f" ({harmless(receipts[0])})" if len(receipts) == 1 else ""
    would = "would be accepted" if tried else "accepted"
    return f"{len(accepted)} {would}{missing}; {counted}{quoted}{' (nothing was changed)' if tried else ''}"


def _print_remarks(outcome: Outcome) -> None:
    for remark in outcome.remarks:
        click.echo(f"{harmless(outcome.file.name)}: {harmless(remark)}", err=True)
    if outcome.annotated:
        click.echo(f"{harmless(outcome.file.name)}: annotated in {harmless(str(outcome.annotated))}", err=True)


def _print_refused(outcome: Outcome) -> None:
    if is_workbook(outcome.file):
        print_errors(outcome)
        return
    status = f"HTTP {outcome.http_status}: " if outcome.http_status else ""
    click.echo(heading(replace(outcome, detail=f"{status}{outcome.detail}")), err=True)
    for error in outcome.errors[:MOST_ROWS]:
        message = harmless(error.get("message", error.get("code", "")))
        click.echo(f"  {_place(outcome.file, error)}: {message}", err=True)
    if len(outcome.errors) > MOST_ROWS:
        click.echo(f"  and {len(outcome.errors) - MOST_ROWS} more, see --json", err=True)


def _place(file: Path, error: Mapping[str, Any]) -> str:
    named = f", {harmless(error['field'])}" if error.get("field") else ""
    name = harmless(file.name)
    if "line" in error:
        return f"{name}:{error['line']}{named}"
    record = error.get("record")
    return (f"{name}, record {record + 1}" if isinstance(record, int) else name) + named
