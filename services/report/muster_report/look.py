"""How a copy that leaves the house looks: a name, two colours that can be read, perhaps a logo. Plain values."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import Final

from muster_report.png import Picture

READABLE: Final = 4.5  # contrast of text, after WCAG 2.2, 1.4.3
WHITE, INK = "#FFFFFF", "#262626"
_COLOUR: Final = re.compile(r"#[0-9A-Fa-f]{6}")


@dataclass(frozen=True, slots=True)
class Look:
    """A look: ``accent`` is the colour of headers and titles, ``tint`` the pale one under totals, both ``#RRGGBB``."""

    name: str
    accent: str
    tint: str
    logo: Picture | None = None

    @property
    def sha256(self) -> str:
        """One text for all that shows."""
        logo = hashlib.sha256(self.logo.content).hexdigest() if self.logo else None
        told = json.dumps([self.name, self.accent, self.tint, logo], ensure_ascii=True)
        return hashlib.sha256(told.encode()).hexdigest()


def colour(text: str) -> str:
    """A colour in its one spelling.

    Raises:
        ValueError: it is not one, and what would be.
    """
    if not _COLOUR.fullmatch(text):
        raise ValueError(f"'{text[:20]}' is not a colour: write it like #1F4E79")
    return text.upper()


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, 1 (none) to 21 (black on white), by the formula of WCAG 2.2."""
    brighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def unreadable(accent: str, tint: str) -> str:
    """What could not be read in these colours, and how to mend it; empty where all can."""
    if contrast(accent, WHITE) < READABLE:
        return f"white text on {accent} cannot be read ({_told(accent, WHITE)}): take a darker accent"
    if contrast(accent, tint) < READABLE or contrast(INK, tint) < READABLE:
        return f"text on {tint} cannot be read ({_told(accent, tint)}): take a paler tint"
    return ""


def _told(one: str, other: str) -> str:
    return f"contrast {contrast(one, other):.1f}, needed {READABLE}"


def _luminance(text: str) -> float:
    red, green, blue = (_linear(part / 255) for part in _parts(text))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def _parts(text: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(text[1:]))
