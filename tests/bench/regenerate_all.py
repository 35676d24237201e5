"""``python -m bench.regenerate_all``: waits for a line, then makes every report that is due."""

from __future__ import annotations

import sys

from muster_report.regenerating import regenerate_due
from muster_shared.context import Context
from muster_shared.settings import load


def main() -> None:
    """``ready``, then the number of reports made."""
    context = Context.open("report", load())
    context.engine.connect().close()
    _say("ready")
    sys.stdin.readline()
    _say(str(regenerate_due(context)))


def _say(what: str) -> None:
    sys.stdout.write(what + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
