"""Which news of the endorsement workflow are told, from ``workflow_news.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib.resources import files
from typing import Final

WAITS: Final = "submitted"
"""The status in which a project waits for its reviewer."""


@dataclass(frozen=True, slots=True)
class NewsRules:
    """What is told of projects on their way to endorsement, and how long it is news."""

    answers: frozenset[str]
    remind_every: timedelta
    news_for: timedelta


@cache
def shipped_rules() -> NewsRules:
    """The rules that come with Muster."""
    return parse_rules((files("muster_notify") / "workflow_news.toml").read_text(encoding="utf-8"))


def parse_rules(text: str) -> NewsRules:
    """Read rules from TOML; the format is explained at the top of ``workflow_news.toml``.

    Raises:
        ValueError: a number of days is below 1.
    """
    written = tomllib.loads(text)
    days = {name: written[name] for name in ("remind_every_days", "news_for_days")}
    for name, number in days.items():
        if number < 1:
            raise ValueError(f"{name} is {number}: give at least 1 day")
    return NewsRules(
        frozenset(written["answers"]),
        timedelta(days=days["remind_every_days"]),
        timedelta(days=days["news_for_days"]),
    )
