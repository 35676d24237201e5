"""A mail of kind report: a followed report has a new issue, and what changed in it."""

from __future__ import annotations

import re
from decimal import Decimal
from email.message import EmailMessage
from typing import Final

from muster_notify.letters.head import Texts, assembled, plain
from muster_notify.letters.language import Language, language_of
from muster_notify.letters.letter import Letter
from muster_notify.letters.news import ChangedCell, IssueNews
from muster_notify.letters.writing import written

MOST_LINES: Final = 5
_LONG_NUMBER: Final = re.compile(r"-?\d{5,}(\.\d+)?")  # an amount as a text; four digits may be a year


def compose_issue(letter: Letter, news: IssueNews) -> EmailMessage:
    """The mail, plain text and HTML; the same letter and news give the same bytes.

    Raises:
        UnwritableAddress: no mail can be addressed to the recipient.
    """
    language = language_of(letter.language)
    subject = language.say("New issue: {title}", title=_titled(news))
    text, html = written(
        "issue",
        letter,
        subject=subject,
        title=_titled(news),
        made_at=language.moment(news.made_at, letter.time_zone),
        number=news.changed_cells,
        lines=[changed(language, cell) for cell in news.lines[:MOST_LINES]],
        left=max(news.changed_cells - len(news.lines[:MOST_LINES]), 0),
        url=news.url or f"{letter.base_url}/report/v1/issues/{news.issue_id}.xlsx",
    )
    return assembled(letter, Texts(subject, text, html))


def changed(language: Language, cell: ChangedCell) -> str:
    """One changed cell in a line: Overview, Emergency, Asia: 1,000 → 2,000."""
    where = ", ".join(plain(part) for part in (cell.sheet, cell.row, cell.column) if part)
    old, new = (_value(language, value) for value in (cell.old, cell.new))
    return language.say("{where}: {old} → {new}", where=where, old=old, new=new)


def _titled(news: IssueNews) -> str:
    params = ", ".join(value for _, value in sorted(news.params.items()))
    return plain(f"{news.title} ({params})" if params else news.title)


def _value(language: Language, value: int | float | str | None) -> str:
    if value is None or value == "":
        return language.say("(empty)")
    if isinstance(value, int | float):
        return language.number(value)
    return language.number(Decimal(value)) if _LONG_NUMBER.fullmatch(value) else plain(value)
