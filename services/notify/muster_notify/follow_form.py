"""What a person follows, as the page of preferences lists it and stops it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from muster_notify import reports_in_words
from muster_shared.language import Language


def shown(followed: Sequence[Mapping[str, Any]], language: Language) -> list[dict[str, str]]:
    """Each report with its parameters in words, the address of its page and what the form sends to stop it."""
    return [
        {
            "report": one["report"],
            "title": reports_in_words.title(language, one["report"]),
            "in_words": reports_in_words.described(language, one["params"]),
            "params": urlencode(sorted(one["params"].items())),
            "href": address_of(one["report"], one["params"]),
            "since": one["since"],
        }
        for one in followed
    ]


def address_of(report: str, params: Mapping[str, str]) -> str:
    """The page of a report; there ``lang`` is the language of the page, and ``language`` that of the report."""
    named = {"language" if name == "lang" else name: text for name, text in params.items()}
    return f"/report/reports/{quote(report, safe='')}?{urlencode(sorted(named.items()))}"


def followed_of(form: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """The report and the parameters that a form names."""
    return form.get("report", ""), dict(parse_qsl(form.get("params", ""), keep_blank_values=True))
