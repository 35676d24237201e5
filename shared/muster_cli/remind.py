"""``muster remind``: how many reminders would go to whom, and letting mails go after a restore."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

import click

from muster_cli.local import NOT_REACHABLE, WRONG_USE, Client, fail, instance_settings
from muster_cli.parts import environment
from muster_shared.settings import Settings

_MOST_SHOWN = 20


@click.command()
@click.option("--dry-run", is_flag=True, help="Send nothing; show how many would go to whom.")
@click.option("--let-go", is_flag=True, help="After a restore: let the mails go that are held since.")
@click.option(
    "--told-until",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"]),
    help="With --let-go: what the lost instance had sent by then (UTC) is not sent again.",
)
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
def remind(*, dry_run: bool, let_go: bool, told_until: datetime | None, as_json: bool) -> None:
    """Show how many reminders would be recorded now: by rung, by office, by person.

    Reminders go out by themselves; a running instance looks for due ones every few seconds. After a restore they are
    held until --let-go.
    """
    if let_go:
        _let_go(instance_settings(), told_until, as_json=as_json)
        return
    if not dry_run:
        fail(WRONG_USE, "reminders go out by themselves: add --dry-run to see how many would go to whom now")
    found = Client(instance_settings(), "admin").json("GET", "/notify/v1/reminders/dry-run")
    click.echo(json.dumps(found, ensure_ascii=False, indent=2) if as_json else _told(found))


def _let_go(known: Settings, told_until: datetime | None, *, as_json: bool) -> None:
    until = ["--told-until", told_until.replace(tzinfo=UTC).isoformat()] if told_until else []
    command = (sys.executable, "-m", "muster_notify.after_restore", *until)
    done = subprocess.run(command, env=environment(known), capture_output=True, text=True, check=False)
    if done.returncode:
        fail(NOT_REACHABLE, (done.stderr.strip().splitlines() or ["no output"])[-1])
    found = json.loads(done.stdout)
    if as_json:
        click.echo(done.stdout.strip())
    elif not found["held"]:
        click.echo("Nothing was held.")
    else:
        skipped = _counted(found["skipped_reminders"])
        click.echo(f"Mails go out. {skipped} and {found['skipped_mails']} mails count as sent before the restore.")


def _told(found: dict[str, Any]) -> str:
    lines = [f"{_counted(found['reminders'])} would be recorded at {found['at']}"]
    lines[0] += f" ({found['recorded_today']} today already; usual {found['usual']} a day, limit {found['limit']})"
    if found["held_back"]:
        lines.append("They are held back until an administrator releases them: POST /notify/v1/storm/release")
    lines += _table("By rung, in days from the due date", [(f"{r['rung']:+d}", r["reminders"]) for r in found["rungs"]])
    lines += _table("By office", [(r["office"], r["reminders"]) for r in found["offices"]])
    lines += _table("By person", [(r["recipient"], r["reminders"]) for r in found["people"]])
    return "\n".join(lines)


def _counted(number: int) -> str:
    return "1 reminder" if number == 1 else f"{number} reminders"


def _table(title: str, rows: list[tuple[str, int]]) -> list[str]:
    if not rows:
        return []
    more = [f"  and {len(rows) - _MOST_SHOWN} more: see --json"] if len(rows) > _MOST_SHOWN else []
    return [title, *(f"  {number:6d}  {name}" for name, number in rows[:_MOST_SHOWN]), *more]
