"""What a person follows, as the page of preferences lists it and stops it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode


def shown(followed: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Each report with its parameters in words, the address of its page and what the form sends to stop it."""
    return [
        {
            "report": one["report"],
            "in_words": ", ".join(f"{name} {value}" for name, value in sorted(one["params"].items())),
            "params": urlencode(sorted(one["params"].items())),
            "href": f"/report/reports/{quote(one['report'])}?{urlencode(sorted(one['params'].items()))}",
            "since": one["since"],
        }
        for one in followed
    ]


def followed_of(form: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """The report and the parameters that a form names."""
    return form.get("report", ""), dict(parse_qsl(form.get("params", ""), keep_blank_values=True))
