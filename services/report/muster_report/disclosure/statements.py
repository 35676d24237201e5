"""What an issue told of counts of people, as bytes that are kept: base cells, counts, figures and their marks.

JSON, compressed, by set of people; a figure names its base cells by their numbers. The same releases give the same
text (not the same bytes with another zlib, so the text is what is compared).
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from typing import Any

from muster_report.disclosure.figures import Figure, Release, Shown, Statistics


def written(releases: Mapping[str, Release]) -> bytes:
    """What an issue told of each set of people, to be kept."""
    document = {name: _document(release) for name, release in sorted(releases.items())}
    return zlib.compress(json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode())


def read(content: bytes) -> dict[str, Release]:
    """The same again."""
    return {name: _release(document) for name, document in json.loads(zlib.decompress(content)).items()}


def _document(release: Release) -> dict[str, Any]:
    cells = sorted(release.statistics.counts)
    numbers = {cell: number for number, cell in enumerate(cells)}
    figures = sorted(release.statistics.figures, key=lambda figure: figure.key)
    return {
        "cells": [[*cell, release.statistics.counts[cell]] for cell in cells],
        "figures": [[f.key, release.shown[f.key].value, sorted(numbers[cell] for cell in f.base)] for f in figures],
    }


def _release(document: Mapping[str, Any]) -> Release:
    cells = [tuple(map(str, cell[:-1])) for cell in document["cells"]]
    counts = {cell: int(row[-1]) for cell, row in zip(cells, document["cells"], strict=True)}
    figures = tuple(Figure(tuple(key), frozenset(cells[n] for n in base)) for key, _, base in document["figures"])
    shown = {tuple(key): Shown(mark) for key, mark, _ in document["figures"]}
    return Release(Statistics(counts, figures), shown)
