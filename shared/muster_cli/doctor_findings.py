"""What ``muster doctor`` says of one thing it looked at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

FINE, WATCH, WRONG = "fine", "watch", "wrong"
MENDING: Final = "docs/how-to/mend-what-doctor-finds.md"


@dataclass(frozen=True, slots=True)
class Finding:
    """``check`` names what was looked at, ``says`` how it is, ``mend`` what to do where it is not ``fine``."""

    check: str
    status: str
    says: str
    mend: str = ""


def fine(check: str, says: str) -> Finding:
    """All is well."""
    return Finding(check, FINE, says)


def watch(check: str, says: str, mend: str) -> Finding:
    """It works, and somebody should know."""
    return Finding(check, WATCH, says, mend)


def wrong(check: str, says: str, mend: str) -> Finding:
    """It does not work, or soon will not."""
    return Finding(check, WRONG, says, mend)


def is_well(findings: Iterable[Finding]) -> bool:
    """Whether nothing is wrong."""
    return all(finding.status != WRONG for finding in findings)


def lines(findings: Iterable[Finding]) -> Iterator[str]:
    """For people: what is wrong first, what is fine last."""
    order = (WRONG, WATCH, FINE)
    for one in sorted(findings, key=lambda finding: order.index(finding.status)):
        yield f"  {one.status:<5} {one.check}: {one.says}"
        if one.mend:
            yield f"        {one.mend}"
