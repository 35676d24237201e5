"""``python -m bench.bulk_written ROWS``: our writer in a process that does nothing else; prints its cost as JSON."""

from __future__ import annotations

import json
import os
import sys

from bench.measuring import own_cpu, peak_of
from bench.same_cells import our_writer


def main() -> None:
    """Put the cells out; tell CPU seconds and the peak in MB."""
    told = {"cpu": own_cpu(lambda: our_writer(int(sys.argv[1]))), "peak": peak_of(os.getpid())}
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main()
