"""The columns of a sheet by their letters: A is 1, XFD is 16,384."""

from __future__ import annotations

from itertools import chain, product
from string import ascii_uppercase

from muster_ingest.workbooks.reading.limits import DEEPEST_COLUMN

_ALL = chain.from_iterable(product(ascii_uppercase, repeat=length) for length in (1, 2, 3))
COLUMNS: tuple[str, ...] = tuple("".join(letters) for _, letters in zip(range(DEEPEST_COLUMN), _ALL, strict=False))
NUMBERS: dict[str, int] = {letters: number for number, letters in enumerate(COLUMNS, start=1)}
