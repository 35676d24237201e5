"""``muster user erase EMAIL``: a pseudonym takes a person's place, in every service."""

from __future__ import annotations

import json
import sys
import time
from http.client import CONFLICT
from typing import Any, Final
from urllib.parse import quote

import click

from muster_cli.local import REJECTED, Client, check, instance_settings
from muster_cli.user import user

_SERVICES: Final = ("ingest", "report", "notify")
_PATIENCE_SECONDS: Final = 60.0
_BETWEEN_SECONDS: Final = 1.0


@user.command()
@click.argument("email")
@click.option("--dry-run", is_flag=True, help="Change nothing; show what names them.")
@click.option("--yes", is_flag=True, help="Do not ask whether it is meant.")
@click.option("--force", is_flag=True, help="Also where they answer for a project or an office still.")
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON; asks nothing.")
def erase(*, email: str, dry_run: bool, yes: bool, force: bool, as_json: bool) -> None:
    """Put a pseudonym in the place of EMAIL, everywhere; this cannot be undone.

    What they did stays, under the pseudonym. What was sent in, and what was released, stays as it is for
    administrators only. Asked again, it says how far it is.
    """
    client = Client(instance_settings(), "admin")
    if dry_run or not (yes or as_json):
        found = _foretold(client, email)
        click.echo(json.dumps(found, ensure_ascii=False) if as_json else _found(found, email))
    if dry_run:
        return
    if not (yes or as_json):
        click.confirm(f"Erase {email} from every service?", abort=True)
    told = _wait(client, email, _asked(client, email, force=force))
    click.echo(json.dumps(told, ensure_ascii=False) if as_json else _done(told, email))


def _path(email: str) -> str:
    return f"/ingest/v1/users/{quote(email)}/erasure"


def _foretold(client: Client, email: str) -> dict[str, Any]:
    found = dict(client.json("POST", _path(email), params={"dry_run": "true"}))
    asked = {"address": email, "names": found["names"]}
    for service in _SERVICES[1:]:
        found["touched"] |= {service: client.json("POST", f"/{service}/v1/erasures/count", json=asked)["touched"]}
    return found


def _asked(client: Client, email: str, *, force: bool) -> dict[str, Any]:
    answer = client.ask("POST", _path(email), params={"force": str(force).lower()})
    if answer.status_code == CONFLICT:
        for error in answer.json().get("errors", ()):
            click.echo(error["message"], err=True)
        click.echo("muster: nothing was erased; --force erases them all the same", err=True)
        sys.exit(REJECTED)
    check(answer)
    return dict(answer.json())


def _wait(client: Client, email: str, told: dict[str, Any]) -> dict[str, Any]:
    """How it stands once all services are done, or after a minute: what is left goes on without anybody waiting."""
    until = time.monotonic() + _PATIENCE_SECONDS
    while told["status"] != "done" and time.monotonic() < until:
        time.sleep(_BETWEEN_SECONDS)
        told = dict(client.json("GET", _path(email)))
    return told


def _found(found: dict[str, Any], email: str) -> str:
    names = ", ".join(found["names"])
    lines = [f"{email} would get a pseudonym{f', and so would the name {names}' if names else ''}:"]
    lines += _counts(found["touched"])
    return "\n".join([*lines, *(one["message"] for one in found["responsible"])])


def _done(told: dict[str, Any], email: str) -> str:
    lines = [f"{email} is {told['pseudonym']} from now on:", *_counts(told["touched"])]
    if told["restricted"]:
        lines.append(f"{told['restricted']} submissions name them; what was sent is for administrators only now")
    if told["status"] != "done":
        waits_for = " and ".join(told["waits_for"])
        lines.append(f"{waits_for} still at it: that goes on by itself; ask again with this command")
    return "\n".join(lines)


def _counts(touched: dict[str, dict[str, int]]) -> list[str]:
    return [f"  {service}: {_listed(tables) or 'nothing'}" for service, tables in touched.items()]


def _listed(tables: dict[str, int]) -> str:
    return ", ".join(f"{count} of {table}" for table, count in sorted(tables.items()))
