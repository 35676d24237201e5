"""How often Python looks for circles of objects that nothing else holds."""

from __future__ import annotations

import gc


def collect_less_often() -> None:
    """Large submissions make many objects and no circles; by default much of their time goes into looking for some."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)
