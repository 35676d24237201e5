"""In a process that has this folder in its path: hides what comes with the tests alone, as where Muster only runs.

There openpyxl loads neither.
"""

from __future__ import annotations

import sys
from importlib.abc import MetaPathFinder
from typing import Any


class _OnlyForTests(MetaPathFinder):
    def find_spec(self, fullname: str, *_rest: Any) -> None:
        if fullname in {"numpy", "PIL"}:
            raise ModuleNotFoundError(name=fullname)


sys.meta_path.insert(0, _OnlyForTests())
