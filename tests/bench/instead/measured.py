"""What a script of a user costs: run with the interpreter of the bench's own environment, which knows no Muster."""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Callable


def tell(work: Callable[[], object]) -> None:
    """Do the work; print its CPU seconds and the process's peak memory in MB as JSON."""
    before = resource.getrusage(resource.RUSAGE_SELF)
    work()
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    sys.stdout.write(json.dumps({"cpu": cpu, "peak": after.ru_maxrss / 1024}) + "\n")
