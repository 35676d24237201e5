"""``muster backup`` and ``muster restore``: everything an instance holds in one file, and back."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import click
import psycopg

from muster_cli import restoring
from muster_cli.backing_up import NotMigrated, Step, back_up
from muster_cli.backup_archive import Archive, Manifest, NotABackup, opened
from muster_cli.instance import AlreadyRunningError
from muster_cli.local import NOT_REACHABLE, REJECTED, WRONG_USE, fail, instance_settings, settings
from muster_cli.restoring import Choices, NotRestored
from muster_shared.clock import real_now
from muster_shared.embedded.privileges import UnreachableError
from muster_shared.embedded.server import StartError
from muster_shared.settings import Settings, SettingsError

_SHOWN: Final = 60


@click.command()
@click.argument("dest", type=click.Path(path_type=Path))
@click.option("--with-secrets", is_flag=True, help="Put the keys that sign tokens into it as well.")
@click.option("--json", "as_json", is_flag=True, help="Print what was written as JSON.")
def backup(*, dest: Path, with_secrets: bool, as_json: bool) -> None:
    """Write everything this instance holds into one file, while it runs: a file, or a folder for one named by the time.

    Exit code 1: it was written, but the object store lacked something that the databases refer to.
    """
    known, now = instance_settings(), real_now()
    path = dest / f"muster-{now:%Y%m%dT%H%M%SZ}.tar" if dest.is_dir() else dest
    if path.exists():
        fail(WRONG_USE, f"{path} exists already: name another file, or a folder")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _shown("backing up") as step:
            manifest = back_up(known, path, real_now=now, secrets=with_secrets, step=step)
    except NotMigrated as error:
        fail(WRONG_USE, f"the database of {error} has no tables yet: start 'muster up' there first")
    except psycopg.OperationalError as error:
        fail(NOT_REACHABLE, f"a database does not answer ({_line(error)}): is 'muster up' running?")
    except (SettingsError, OSError) as error:
        fail(WRONG_USE, f"{path} cannot be written: {_line(error)}")
    _tell_backup(path, manifest, as_json=as_json)
    sys.exit(REJECTED if manifest.missing else 0)


@click.command()
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--verify-only", is_flag=True, help="Only hold the backup against its manifest.")
@click.option("--let-reminders-go", is_flag=True, help="Mails go out at once: nothing was sent after the backup.")
@click.option("--keep-tokens", is_flag=True, help="Tokens and sessions go on to open: none was taken back since.")
@click.option("--json", "as_json", is_flag=True, help="Print what was restored as JSON.")
def restore(*, source: Path, verify_only: bool, let_reminders_go: bool, keep_tokens: bool, as_json: bool) -> None:
    """Restore a backup into an empty data folder, or into empty databases where MUSTER_*_DATABASE_URL name some.

    Nothing is touched before the whole backup is verified. Start 'muster up' afterwards. Exit code 1: it is no backup,
    or not a sound one.
    """
    known = settings()
    try:
        with opened(source) as archive:
            with _shown("verifying") as step:
                for name in archive.verify():
                    step(name)
            if not verify_only:
                restoring.check(known, archive)
                with _shown("restoring") as step:
                    restoring.restore(known, archive, Choices(let_reminders_go, keep_tokens), step)
    except NotABackup as error:
        fail(REJECTED, f"{source}: {error}")
    except (NotRestored, AlreadyRunningError, UnreachableError, OSError) as error:
        fail(WRONG_USE, _line(error))
    except (psycopg.OperationalError, StartError) as error:
        fail(NOT_REACHABLE, f"a database does not answer: {_line(error)}")
    _tell_restored(known, archive, as_json=as_json, verify_only=verify_only, held=not let_reminders_go)


def _tell_backup(path: Path, manifest: Manifest, *, as_json: bool) -> None:
    told = {"file": str(path), "size": path.stat().st_size, **_summary(manifest)}
    if as_json:
        click.echo(json.dumps(told))
        return
    click.echo(f"{path}: {told['size']:,} bytes, {told['rows']:,} rows, {told['objects']:,} objects")
    click.echo(f"  the change log up to position {told['positions']['ingest']:,}")
    if not manifest.secrets:
        click.echo("  without the key that signs tokens; --with-secrets puts it in")
    for sha256 in manifest.missing:
        click.echo(f"missing in the object store: {sha256}", err=True)


def _tell_restored(known: Settings, archive: Archive, *, as_json: bool, verify_only: bool, held: bool) -> None:
    manifest = archive.manifest
    told = {"verified": True, "restored": not verify_only, "folder": str(known.data_dir), **_summary(manifest)}
    if as_json:
        click.echo(json.dumps(told))
        return
    click.echo(
        f"made {manifest.made_at} by Muster {manifest.muster}: {told['rows']:,} rows, {told['objects']:,} objects"
    )
    if verify_only:
        click.echo("Every file is what was backed up.")
        return
    click.echo(f"Restored to position {told['positions']['ingest']:,}. Now: muster up, then muster rebuild.")
    if held:
        click.echo("Mails are held: what was sent after the backup would go out again. See muster remind --let-go.")
    if not manifest.secrets:
        click.echo("The backup holds no key that signs tokens: MUSTER_SECRET_KEY is used, or a new one made.")
    if manifest.missing:
        click.echo(f"The backup lacks {len(manifest.missing)} objects that were missing when it was made.", err=True)


def _summary(manifest: Manifest) -> dict[str, Any]:
    return {
        "muster": manifest.muster,
        "made_at": manifest.made_at,
        "positions": {name: copy.position for name, copy in manifest.databases.items()},
        "rows": sum(table["rows"] for copy in manifest.databases.values() for table in copy.tables.values()),
        "objects": len(manifest.objects),
        "missing": list(manifest.missing),
        "secrets": manifest.secrets,
    }


@contextmanager
def _shown(doing: str) -> Iterator[Step]:
    """Show on a terminal what is being done, in one line that goes away."""
    on_terminal = sys.stderr.isatty()

    def step(what: str) -> None:
        if on_terminal:
            click.echo(f"\r{doing}: {what[:_SHOWN]:<{_SHOWN}}", err=True, nl=False)

    try:
        yield step
    finally:
        if on_terminal:
            click.echo("\r" + " " * (len(doing) + 2 + _SHOWN) + "\r", err=True, nl=False)


def _line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
