"""Routes whose addresses are worked out when one is first asked for: most applications of tests never do.

Werkzeug compiles two functions for each route when an application is made, which is most of what making it takes;
the tests make thousands of applications.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from werkzeug.routing import Rule


class LazyRule(Rule):
    """A route as ever, but for the moment at which its builders are compiled."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:  # noqa: FBT001 - Werkzeug's own
        compiled = cache(lambda: super(LazyRule, self)._compile_builder(append_unknown))

        def build(_rule: Rule, **values: Any) -> tuple[str, str]:
            return compiled().__get__(self, None)(**values)  # type: ignore[no-any-return]

        return build
