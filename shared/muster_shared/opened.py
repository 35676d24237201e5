"""Which views need no token."""

from __future__ import annotations

from typing import Any, Final

OPEN: Final = "muster_open"


def opened(view: Any) -> Any:
    """Mark a view as one that needs no token."""
    setattr(view, OPEN, True)
    return view
