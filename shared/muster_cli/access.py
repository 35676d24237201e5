"""``muster token`` and ``muster tokens``: API tokens for the instance of the data folder."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import timedelta
from http.client import CREATED

import click
import requests
from urllib3.util import Retry

from muster_cli.instance import status
from muster_cli.local import WRONG_USE, Client, check, fail, instance_settings, settings
from muster_cli.signed_session import signed_session
from muster_shared.auth import Caller, check_scope, issue
from muster_shared.names import ROLES
from muster_shared.settings import INSTANCE_FILE, Settings


@click.command()
@click.option("--role", required=True, type=click.Choice(ROLES), help="What its bearer may do.")
@click.option("--office", "offices", multiple=True, help="An office it is for, for example KEN; may be given often.")
@click.option("--region", "regions", multiple=True, help="A region it is for; may be given often.")
@click.option("--donor", help="The donor it is for.")
@click.option("--name", help="E-mail address of its bearer, which revisions and logs show.")
@click.option("--days", type=click.IntRange(1, 3650), default=30, show_default=True, help="Days until it expires.")
def token(
    *, role: str, offices: tuple[str, ...], regions: tuple[str, ...], donor: str | None, name: str | None, days: int
) -> None:
    """Print a token, usable at once.

    A running instance lists it from then on, and can take it back; see 'muster tokens'.
    """
    bearer = name or "-".join((role, *offices, *regions, *([donor] if donor else [])))
    caller = Caller(name=bearer, role=role, offices=offices, regions=regions, donor=donor)
    known = settings()
    if not known.secret_key and not (known.data_dir / INSTANCE_FILE).exists():
        click.echo(f"muster: {known.data_dir} holds no instance yet; the token opens the one started there", err=True)
    try:
        check_scope(caller)
        click.echo(_listed(known, caller, days) or issue(known, caller, lifetime=timedelta(days=days)))
    except ValueError as error:
        fail(WRONG_USE, str(error))


def _listed(known: Settings, caller: Caller, days: int) -> str | None:
    """A token that the running instance handed out and lists; None where none answers, or for a service's own."""
    if caller.role == "service" or not status(known.data_dir).running:
        return None
    asked = {**asdict(caller), "title": "muster token", "days": days}
    admin = issue(known, Caller("muster-admin", "admin"), lifetime=timedelta(minutes=5))
    try:
        with signed_session(known.base_url(), admin, Retry(0)) as http:
            answer = http.post(f"{known.base_url()}/ingest/v1/tokens", json=asked, timeout=(2, 10))
    except requests.RequestException:
        return None
    return str(answer.json()["token"]) if answer.status_code == CREATED else None


@click.group()
def tokens() -> None:
    """Look after the tokens that were handed out."""


@tokens.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
def list_tokens(*, as_json: bool) -> None:
    """Every token with its id, newest first; never its text."""
    items = Client(instance_settings(), "admin").json("GET", "/ingest/v1/tokens")["items"]
    if as_json:
        click.echo(json.dumps(items, ensure_ascii=False))
    for row in items if not as_json else ():
        until = f"taken back {row['revoked_at']}" if row["revoked_at"] else f"until {row['expires_at'][:10]}"
        click.echo(f"{row['token_id']}  {row['role']:<16} {row['name']}  ({row['title']}, {until})")


@tokens.command()
@click.argument("token_id")
def revoke(*, token_id: str) -> None:
    """Take a token back: within a second it opens nothing any more."""
    check(Client(instance_settings(), "admin").ask("DELETE", f"/ingest/v1/tokens/{token_id}"))
    click.echo(f"{token_id} is taken back")
