"""``muster audit``: is the audit trail whole?"""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from muster_cli.local import REJECTED, WRONG_USE, Client, fail, instance_settings
from muster_shared.settings import SERVICES


@click.group()
def audit() -> None:
    """Look after the audit trail."""


@audit.command()
@click.option(
    "--head", "heads", multiple=True, metavar="SERVICE=HASH", help="A hash printed earlier, to be there still."
)
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def verify(*, heads: tuple[str, ...], as_json: bool) -> None:
    """Work out every hash of every service's trail again; 1 where something was changed or taken out.

    Keep the hashes it prints elsewhere: given back with --head, they show whether the end of a trail was cut off.
    """
    known = dict(_head(head) for head in heads)
    client = Client(instance_settings(), "admin")
    found = {service: _verified(client, service, known.get(service)) for service in SERVICES}
    if as_json:
        click.echo(json.dumps(found))
    for service, trail in found.items() if not as_json else ():
        click.echo(f"{service}: {_told(trail)}")
    sys.exit(REJECTED if any(trail["broken_at"] for trail in found.values()) else 0)


def _verified(client: Client, service: str, head: str | None) -> dict[str, Any]:
    params = {"head": head} if head else None
    return dict(client.json("GET", f"/{service}/v1/audit/verification", params=params))


def _told(trail: dict[str, Any]) -> str:
    if trail["broken_at"]:
        return f"broken at entry {trail['broken_at']}: it was changed, or what stood there was taken out"
    fewer = [f"{trail[name]} {name}" for name in ("erased", "forgotten") if trail.get(name)]
    return f"{trail['entries']} entries, whole{''.join(f', {one}' for one in fewer)}; head {trail['head']}"


def _head(text: str) -> tuple[str, str]:
    service, equals, value = text.partition("=")
    if not equals or service not in SERVICES:
        fail(WRONG_USE, f"'{text}' is not a head: write it like ingest=0f3a..., as verify prints it")
    return service, value
