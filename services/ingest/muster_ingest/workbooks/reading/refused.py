"""The one way in which a file as a whole is turned away, with its stable code and plain words."""

from __future__ import annotations

WRONG_TYPE = 415  # is something else than a workbook or a CSV file we read
UNREADABLE = 400  # is not readable as what it claims to be
OVER_LIMIT = 422  # is readable, but larger or costlier than allowed
BUSY = 503  # no reader was free in time


class Refused(Exception):
    """The file as a whole is refused.

    ``status`` is the HTTP status (415, 400, 422 or 503), ``code`` is stable, ``message`` says what the file is,
    what is wrong and what to do instead; ``sheet`` and ``cell`` say where, as far as it can be said.
    """

    def __init__(
        self, status: int, code: str, message: str, *, sheet: str | None = None, cell: str | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.sheet = sheet
        self.cell = cell

    def __reduce__(self) -> tuple[object, ...]:
        return _again, (self.status, self.code, self.message, self.sheet, self.cell)


def _again(status: int, code: str, message: str, sheet: str | None, cell: str | None) -> Refused:
    return Refused(status, code, message, sheet=sheet, cell=cell)


def damaged(what: str, *, sheet: str | None = None, cell: str | None = None) -> Refused:
    """A workbook that breaks the rules of its own format."""
    message = f"this workbook is damaged: {what}; open it in Excel, let it repair the file, and save it as .xlsx again"
    return Refused(UNREADABLE, "damaged", message, sheet=sheet, cell=cell)
