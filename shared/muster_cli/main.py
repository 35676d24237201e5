"""The ``muster`` command."""

from __future__ import annotations

import sys

import click

from muster_cli import user_erase as _user_erase  # noqa: F401 - importing these adds commands to 'user'
from muster_cli import user_people as _user_people  # noqa: F401
from muster_cli.access import token, tokens
from muster_cli.audit import audit
from muster_cli.backup import backup, restore
from muster_cli.demo import demo
from muster_cli.operate import clock, doctor, rebuild, report, up
from muster_cli.remind import remind
from muster_cli.submit import submit
from muster_cli.template import template
from muster_cli.user import user


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def muster() -> None:
    """Gather submissions of field offices, regenerate their reports, chase what is overdue.

    Settings come from MUSTER_* environment variables; 'muster doctor' explains them.
    Exit codes: 0 done, 1 the data was rejected, 2 wrong use, 3 a service is not reachable.
    """


for command in (
    up,
    demo,
    submit,
    template,
    report,
    rebuild,
    remind,
    token,
    tokens,
    audit,
    clock,
    doctor,
    user,
    backup,
    restore,
):
    muster.add_command(command)


def main() -> None:
    """Entry point of the ``muster`` script."""
    sys.exit(muster())
