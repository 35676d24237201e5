"""How large an issue is in each of its forms. Only the workbook is kept; the others are made to be measured, once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Final

from muster_report import formats
from muster_report.models import Issue
from muster_shared.context import Context

_MOST: Final = 200
_LARGE: Final = 150_000  # bytes of a workbook whose other forms take too long to make only to be measured
_known: OrderedDict[str, Mapping[str, int]] = OrderedDict()


def of(context: Context, issue: Issue) -> Mapping[str, int]:
    """Bytes of the workbook and, unless it is large or of a log that was lost, of the other forms."""
    if issue.of_lost_log or issue.size > _LARGE:
        return {"xlsx": issue.size}
    if issue.sha256 not in _known:
        others = {form: formats.of_issue(context, issue, form).size for form in formats.FORMATS}
        _known[issue.sha256] = {"xlsx": issue.size, **others}
        while len(_known) > _MOST:
            _known.popitem(last=False)
    return _known[issue.sha256]
