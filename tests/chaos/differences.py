"""Two accounts of the same thing, held against each other; what differs is said, not only that it does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from typing import Any, Final

_SHOWN: Final = 12


def same(
    what: str, found: Mapping[Any, Any] | Iterable[Hashable], wanted: Mapping[Any, Any] | Iterable[Hashable]
) -> None:
    """Compare by key, or by how often each item is there.

    Raises:
        AssertionError: they differ; it says what is missing, what is too much and what is otherwise.
    """
    one, other = _counted(found), _counted(wanted)
    told = {
        "missing": {key: value for key, value in other.items() if key not in one},
        "too much": {key: value for key, value in one.items() if key not in other},
        "otherwise (found, wanted)": {
            key: (value, other[key]) for key, value in one.items() if key in other and value != other[key]
        },
    }
    differing = {name: items for name, items in told.items() if items}
    assert not differing, f"{what} differ: " + "; ".join(_told(name, items) for name, items in differing.items())


def _counted(items: Mapping[Any, Any] | Iterable[Hashable]) -> Mapping[Any, Any]:
    return items if isinstance(items, Mapping) else Counter(items)


def _told(name: str, items: Mapping[Any, Any]) -> str:
    shown = ", ".join(f"{key}: {value}" for key, value in list(items.items())[:_SHOWN])
    return f"{len(items)} {name}: {shown}"
