"""The letters of notify, by the names that delivery uses; they are written in ``letters/``. Pure."""

from __future__ import annotations

from muster_notify.letters.answers import compose_answer
from muster_notify.letters.chat_text import chat_text
from muster_notify.letters.digest import by_project, compose, composing, subject
from muster_notify.letters.head import UnwritableAddress
from muster_notify.letters.issues import compose_issue
from muster_notify.letters.letter import Colleague, Letter, Line
from muster_notify.letters.news import Answer, IssueNews, ReviewNews
from muster_notify.letters.reviews import compose_review

__all__ = [
    "Answer",
    "Colleague",
    "IssueNews",
    "Letter",
    "Line",
    "ReviewNews",
    "UnwritableAddress",
    "by_project",
    "chat_text",
    "compose",
    "compose_answer",
    "compose_issue",
    "compose_review",
    "composing",
    "subject",
]
