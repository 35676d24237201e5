"""``muster user add``, ``list``, ``change``, ``sign-out``: the people who may sign in to an instance."""

from __future__ import annotations

import json
from typing import Any

import click

from muster_cli.local import Client, check, instance_settings
from muster_cli.user import user
from muster_shared.names import ROLES

_ROLES = [role for role in ROLES if role != "service"]
_LANGUAGES = ["en", "fr", "es"]


@user.command()
@click.argument("email")
@click.option("--name", required=True, help="Their name.")
@click.option("--role", required=True, type=click.Choice(_ROLES), help="What they may do.")
@click.option("--office", "offices", multiple=True, help="An office they are of; may be given often.")
@click.option("--region", "regions", multiple=True, help="A region they are of; may be given often.")
@click.option("--donor", help="The donor they are of.")
@click.option("--language", type=click.Choice(_LANGUAGES), default="en", show_default=True, help="Theirs.")
@click.option("--time-zone", default="UTC", show_default=True, help="Theirs, for example Africa/Nairobi.")
def add(*, offices: tuple[str, ...], regions: tuple[str, ...], **given: Any) -> None:
    """Let somebody sign in."""
    asked = {**given, "offices": list(offices), "regions": list(regions)}
    told = Client(instance_settings(), "admin").json("POST", "/ingest/v1/users", json=asked)
    click.echo(f"{told['email']} may sign in as {told['role'].replace('_', ' ')}")


@user.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
def list_people(*, as_json: bool) -> None:
    """Everybody who may sign in, or might once."""
    items = Client(instance_settings(), "admin").json("GET", "/ingest/v1/users")["items"]
    if as_json:
        click.echo(json.dumps(items, ensure_ascii=False))
    for row in items if not as_json else ():
        scope = ", ".join([*row["offices"], *row["regions"], *([row["donor"]] if row["donor"] else [])])
        closed = "" if row["active"] else "  closed"
        click.echo(f"{row['email']}  {row['name']}  {row['role']}{f' ({scope})' if scope else ''}{closed}")


@user.command()
@click.argument("email")
@click.option("--name", help="Another name.")
@click.option("--role", type=click.Choice(_ROLES), help="Another role.")
@click.option("--office", "offices", multiple=True, help="Other offices; may be given often.")
@click.option("--region", "regions", multiple=True, help="Other regions; may be given often.")
@click.option("--donor", help="Another donor.")
@click.option("--language", type=click.Choice(_LANGUAGES), help="Another language.")
@click.option("--time-zone", help="Another time zone.")
@click.option("--closed/--open", "closed", default=None, help="May not sign in any more, or may again.")
def change(
    *, email: str, offices: tuple[str, ...], regions: tuple[str, ...], closed: bool | None, **given: Any
) -> None:
    """Change what somebody is; with another role or scope, or closed, they are signed out everywhere."""
    asked = {name: value for name, value in given.items() if value is not None}
    asked |= {name: list(value) for name, value in (("offices", offices), ("regions", regions)) if value}
    asked |= {} if closed is None else {"active": not closed}
    told = Client(instance_settings(), "admin").json("PATCH", f"/ingest/v1/users/{email}", json=asked)
    click.echo(f"{told['email']}: {told['role'].replace('_', ' ')}{'' if told['active'] else ', closed'}")


@user.command("sign-out")
@click.argument("email")
def sign_out(*, email: str) -> None:
    """Sign somebody out everywhere: within a second no session and no token of theirs opens anything."""
    check(Client(instance_settings(), "admin").ask("POST", f"/ingest/v1/users/{email}/sign-out"))
    click.echo(f"{email} is signed out everywhere")
