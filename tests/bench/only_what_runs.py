"""Imported first, it hides what comes with the tests alone: where Muster only runs, openpyxl loads neither."""

from __future__ import annotations

import sys
from importlib.abc import MetaPathFinder
from typing import Any


class _OnlyForTests(MetaPathFinder):
    def find_spec(self, fullname: str, *_rest: Any) -> None:
        if fullname in {"numpy", "PIL"}:
            raise ModuleNotFoundError(name=fullname)


sys.meta_path.insert(0, _OnlyForTests())
