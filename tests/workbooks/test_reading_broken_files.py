from __future__ import annotations

from collections import Counter
from pathlib import Path

from fuzz_workbooks import case, outcome, seeds_of_growth
from muster_ingest.workbooks.reading.readers import Readers

CASES = 900


def test_workbooks_broken_at_random_are_read_or_refused_and_nothing_else(readers: Readers, tmp_path: Path) -> None:
    grown, ends, findings = seeds_of_growth(), Counter[str](), {}
    for seed in range(CASES):
        end, wrong = outcome(case(seed, grown), tmp_path / "case", readers)
        ends[end] += 1
        if wrong:
            findings[seed] = wrong

    assert findings == {}
    assert ends["read"] > CASES / 20
    assert ends["damaged"] > CASES / 20
