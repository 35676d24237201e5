"""The workbook of an issue made again from what it was made of: the same bytes, as a rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial

from sqlalchemy.orm import Session

from muster_report import looks
from muster_report.made_file import MadeFile
from muster_report.making import Made, make
from muster_report.making_apart import made
from muster_report.models import Issue
from muster_report.reports import catalogue
from muster_shared.context import Context
from muster_shared.objects import Objects
from muster_shared.problems import Problem

Making = Callable[..., Made]


def again(session: Session, objects: Objects, issue: Issue, making: Making = make) -> Made:
    """What the report, parameters, position, base, protection and look of an issue make today, in this transaction.

    With another ``making`` than ``make`` it may be elsewhere, where only what is committed is seen.
    """
    base = session.get(Issue, issue.base_issue_id) if issue.base_issue_id else None
    report, look = catalogue()[issue.report], looks.of_issue(session, objects, issue)
    return making(session, report, issue.params, issue.position, base=base, against=issue.protected_against, look=look)


def pieces(context: Context, issue: Issue) -> Iterator[bytes]:
    """The workbook of an issue, piece by piece; one that is not kept any more is made again, to the byte.

    Raises:
        Problem: 410, it was thinned and would come out otherwise today.
    """
    if issue.thinned_at is None:
        with suppress(FileNotFoundError):  # thinned since the row was read
            return context.objects.pieces(issue.sha256)
    return _same_bytes(context, issue).pieces()


def _same_bytes(context: Context, issue: Issue) -> MadeFile:
    if issue.of_lost_log:
        raise _gone("the changes that it was made of are no longer in the change log")
    with context.sessions() as session:
        content = again(session, context.objects, issue, partial(made, context)).content
    if content.sha256 != issue.sha256:
        raise _gone("its bytes would be others today. Its figures are still to be had as .html, .csv or .json")
    return content


def _gone(why: str) -> Problem:
    rule = "this workbook was thinned by rule: of old issues the released ones and the last of each month are kept"
    return Problem(410, "thinned", f"{rule}. It cannot be made again: {why}")
