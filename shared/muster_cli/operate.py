"""Commands for whoever runs an instance: ``up``, ``report``, ``rebuild``, ``clock``, ``doctor``."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, Final

import click
import requests

from muster_cli import instance
from muster_cli import up as background
from muster_cli.doctor_checks import examine, is_in_pieces
from muster_cli.doctor_findings import MENDING, Finding, is_well, lines
from muster_cli.local import NOT_REACHABLE, REJECTED, WRONG_USE, Client, check, fail, instance_settings, settings
from muster_cli.parts import environment
from muster_shared.clock import Clock, iso_z, parse_span
from muster_shared.settings import PREFIX, SECRETS, SERVICES, Settings

_FORMS: Final = {".html": "html", ".json": "json", ".zip": "csv"}
_OTHER_PROGRAMS: Final = frozenset({".csv", ".doc", ".docx", ".ods", ".pdf", ".xls", ".xlsb", ".xlsm"})


@click.command()
def up() -> None:
    """Run Muster in the data folder until Ctrl-C; databases, broker and mail are embedded where none is set."""
    sys.exit(background.up(settings()))


@click.command()
@click.argument("key")
@click.option("-p", "--param", "pairs", multiple=True, metavar="NAME=VALUE", help="A parameter of the report.")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="The workbook; or a page .html, a document .json, or CSV files in a .zip.",
)
@click.option("--json", "as_json", is_flag=True, help="Print what was written as JSON.")
def report(*, key: str, pairs: tuple[str, ...], output: Path, as_json: bool) -> None:
    """Write the current issue of a report, for example: muster report funding-requirements -p year=2016 -o f.xlsx."""
    given = dict(_pair(pair) for pair in pairs)
    path = f"/report/v1/reports/{key}/latest.{_form(output)}"
    answer = Client(instance_settings(), "analyst").ask("GET", path, params=given)
    check(answer)
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_bytes(answer.content)
    written = {"file": str(output), "bytes": len(answer.content), "sha256": answer.headers["ETag"].strip('"')}
    click.echo(json.dumps(written) if as_json else f"{output}: {written['bytes']} bytes, SHA-256 {written['sha256']}")


def _form(output: Path) -> str:
    """The format that a file's name asks for; a workbook where it does not say."""
    suffix = output.suffix.lower()
    if suffix in _OTHER_PROGRAMS:
        fail(WRONG_USE, f"no report is written as {suffix}: end the name in .xlsx, .html, .json, or .zip for CSV files")
    return _FORMS.get(suffix, "xlsx")


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        fail(WRONG_USE, f"'{text}' is not a parameter: write it like year=2016")
    return name, value


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def rebuild(*, as_json: bool) -> None:
    """Derive everything anew from the change log and make every recorded issue again: the bytes must be the same."""
    known = instance_settings()
    results = {service: _rebuild(known, service) for service in ("report", "notify")}
    if as_json:
        click.echo(json.dumps(results))
    else:
        for service, result in results.items():
            click.echo(
                f"{service}: " + ", ".join(f"{value} {name}" for name, value in result.items() if name != "differing")
            )
    differing = [name for result in results.values() for name in result.get("differing", ())]
    for name in differing:
        click.echo(f"differs: {name}", err=True)
    sys.exit(REJECTED if differing else 0)


def _rebuild(known: Settings, service: str) -> dict[str, Any]:
    command = (sys.executable, "-m", f"muster_{service}.rebuild")
    done = subprocess.run(command, env=environment(known), capture_output=True, text=True, check=False)
    try:
        return dict(json.loads(done.stdout.splitlines()[-1]))
    except (IndexError, ValueError):
        reason = (done.stderr.strip().splitlines() or ["no output"])[-1]
        fail(NOT_REACHABLE, f"rebuild of {service} failed: {reason}")


@click.group()
def clock() -> None:
    """Show or move the clock of an instance whose MUSTER_CLOCK is set."""


@clock.command()
def show() -> None:
    """Print the time the instance lives at."""
    click.echo(iso_z(Clock.of(settings()).now()))


@clock.command()
@click.argument("span")
def advance(span: str) -> None:
    """Move a standing clock forward, for example by 3d or 12h."""
    try:
        click.echo(iso_z(Clock.of(settings()).advance(parse_span(span))))
    except ValueError as error:
        fail(WRONG_USE, str(error))


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def doctor(*, as_json: bool) -> None:
    """Show the settings and the processes, look for everything that goes wrong, and say how to mend it.

    Exit code 0: nothing is wrong; 3: something is, or no instance runs.
    """
    known = settings()
    findings = list(examine(known))
    found = {"settings": _shown(known), "instance": _instance(known), "services": _services(known)}
    told = {**found, "findings": [asdict(finding) for finding in findings]}
    click.echo(json.dumps(told, indent=2) if as_json else _told(found, findings))
    sys.exit(0 if is_well(findings) and found["instance"]["running"] else NOT_REACHABLE)


def _shown(known: Settings) -> dict[str, dict[str, str]]:
    return {
        PREFIX + field.name.upper(): {
            "value": _hidden(field.name, getattr(known, field.name)),
            "meaning": field.metadata["description"],
        }
        for field in fields(Settings)
    }


def _hidden(name: str, value: Any) -> str:
    return "(set, not shown)" if name in SECRETS and value else str(value) if value not in {None, ""} else "(unset)"


def _instance(known: Settings) -> dict[str, Any]:
    status, in_pieces = instance.status(known.data_dir), is_in_pieces()
    return {
        "folder": str(known.data_dir),
        "running": in_pieces or status.running,
        "address": known.base_url() if in_pieces else status.address,
        "processes": dict(status.processes),
    }


def _services(known: Settings) -> dict[str, Any]:
    if not (is_in_pieces() or instance.status(known.data_dir).running):
        return {}
    client = Client(known, "admin")
    return {service: _health(client, service) for service in SERVICES}


def _health(client: Client, service: str) -> dict[str, Any]:
    try:
        answer = client.request("GET", f"/{service}/readyz")
    except requests.RequestException as error:
        return {"status": f"does not answer ({type(error).__name__})"}
    try:
        return dict(answer.json())
    except ValueError:
        return {"status": f"answers {answer.status_code}"}


def _told(found: dict[str, Any], findings: Sequence[Finding]) -> str:
    told = ["Settings"]
    told += [f"  {name} = {row['value']}\n      {row['meaning']}" for name, row in found["settings"].items()]
    held = found["instance"]
    told.append(
        f"Instance in {held['folder']}: {'running at ' + held['address'] if held['running'] else 'not running'}"
    )
    told += [f"  {name}: process {pid}" for name, pid in sorted(held["processes"].items())]
    for service, health in found["services"].items():
        told.append(f"{service}: {health['status']} {json.dumps(health.get('standing', {}))}")
    return "\n".join([*told, f"Findings; {MENDING} says more", *lines(findings)])
