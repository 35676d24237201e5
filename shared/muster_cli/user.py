"""``muster user handover FROM TO``: all of one person's projects go to another, in one step."""

from __future__ import annotations

import json
from typing import Any

import click

from muster_cli.local import Client, instance_settings


@click.group()
def user() -> None:
    """Look after the people of an instance."""


@user.command()
@click.argument("giver", metavar="FROM")
@click.argument("taker", metavar="TO")
@click.option("--name", required=True, help="The name of who gets the projects.")
@click.option("--note", help="A word to go with the submission.")
@click.option("--dry-run", is_flag=True, help="Change nothing; show which projects would go over.")
@click.option("--json", "as_json", is_flag=True, help="Print the receipt as JSON.")
def handover(*, giver: str, taker: str, name: str, note: str | None, dry_run: bool, as_json: bool) -> None:
    """Hand every project of FROM over to TO, both e-mail addresses: as manager and as alternate manager.

    Everything else of the projects stays as it is, and reminders go to TO from now on.
    """
    asked = {"from": giver, "to": {"name": name, "email": taker}, "note": note}
    client = Client(instance_settings(), "admin")
    receipt = client.json("POST", "/ingest/v1/handovers", params={"dry_run": str(dry_run).lower()}, json=asked)
    click.echo(json.dumps(receipt, ensure_ascii=False, indent=2) if as_json else _told(receipt, giver, taker))


def _told(receipt: dict[str, Any], giver: str, taker: str) -> str:
    codes = ", ".join(change["key"] for change in receipt["changes"][:20])
    count = receipt["changed"]
    more = f" and {count - 20} more" if count > 20 else ""
    projects = "1 project" if count == 1 else f"{count} projects"
    done = "would go" if receipt.get("dry_run") else "went"
    quoted = f" ({receipt['receipt']})" if receipt["receipt"] else ""
    return "\n".join([f"{projects} {done} from {giver} to {taker}{quoted}: {codes}{more}", *receipt["remarks"]])
