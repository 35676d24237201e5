"""``muster token``: an API token for the instance of the data folder."""

from __future__ import annotations

from datetime import timedelta

import click

from muster_cli.local import WRONG_USE, fail, settings
from muster_shared.auth import Caller, issue
from muster_shared.names import ROLES
from muster_shared.settings import INSTANCE_FILE


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
    """Print a token, usable at once."""
    bearer = name or "-".join((role, *offices, *regions, *([donor] if donor else [])))
    caller = Caller(name=bearer, role=role, offices=offices, regions=regions, donor=donor)
    known = settings()
    if not known.secret_key and not (known.data_dir / INSTANCE_FILE).exists():
        click.echo(f"muster: {known.data_dir} holds no instance yet; the token opens the one started there", err=True)
    try:
        click.echo(issue(known, caller, lifetime=timedelta(days=days)))
    except ValueError as error:
        fail(WRONG_USE, str(error))
