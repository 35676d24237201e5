"""What a site went through: when each receipt came, and when machines went and came."""

from __future__ import annotations

import json
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

from chaos.ledger import Acknowledged, Ledger

MEASURED: Final = Path(__file__).parents[2] / "out" / "hosts.json"


class TimedLedger(Ledger):
    """A ledger that also knows when each receipt came, in monotonic seconds."""

    def __init__(self) -> None:
        super().__init__()
        self.moments: list[float] = []

    def note(self, entry: Acknowledged) -> None:
        super().note(entry)
        self.moments.append(time.monotonic())


@dataclass(slots=True)
class Course:
    """Seconds since its beginning: of each receipt, and of what happened, with a word for it."""

    began: float = field(default_factory=time.monotonic)
    receipts: list[float] = field(default_factory=list)
    marks: list[tuple[float, str]] = field(default_factory=list)

    def mark(self, what: str) -> None:
        """This happens now."""
        self.marks.append((time.monotonic() - self.began, what))

    def take(self, ledger: TimedLedger) -> None:
        """The receipts that came since it began."""
        self.receipts = [moment - self.began for moment in ledger.moments if moment >= self.began]

    def per_second(self) -> list[tuple[float, float]]:
        """How many receipts came in each second, seconds without any among them."""
        counted = Counter(int(moment) for moment in self.receipts)
        return [(float(second), float(counted[second])) for second in range(max(counted, default=0) + 1)]

    def longest_silence(self) -> float:
        """The most seconds between one receipt and the next."""
        return max((later - sooner for sooner, later in zip(self.receipts, self.receipts[1:], strict=False)), default=0)

    def write(self, path: Path) -> None:
        """Keep it, for a picture."""
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps({"receipts": self.receipts, "marks": self.marks}))

    @classmethod
    def read(cls, path: Path) -> Self:
        """What ``write`` kept."""
        told = json.loads(path.read_text())
        return cls(0.0, told["receipts"], [(moment, what) for moment, what in told["marks"]])
