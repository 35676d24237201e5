"""Names that cross a boundary: tasks, queues, roles. One place, so that a misspelt one fails at import."""

from __future__ import annotations

from typing import Final

QUEUES: Final = ("ingest", "report", "notify")

INGEST_SWEEP: Final = "ingest.sweep"
INGEST_WORKBOOK: Final = "ingest.workbook"
REPORT_FOLLOW: Final = "report.follow"
REPORT_REGENERATE: Final = "report.regenerate"
REPORT_ISSUES_HEARD: Final = "report.issues_heard"
REPORT_TROUBLES_HEARD: Final = "report.troubles_heard"
NOTIFY_FOLLOW: Final = "notify.follow"
NOTIFY_SWEEP: Final = "notify.sweep"
NOTIFY_DELIVER: Final = "notify.deliver"
NOTIFY_ISSUED: Final = "notify.report_issued"
NOTIFY_SIGN_IN_LINK: Final = "notify.sign_in_link"
NOTIFY_TROUBLES: Final = "notify.troubles"

REPORT_FAILS: Final = "report_fails"  # kinds of trouble that report tells notify of
SET_ASIDE: Final = "set_aside"

ROLES: Final = (
    "focal_point",
    "project_manager",
    "head_of_office",
    "reviewer",
    "analyst",
    "donor",
    "admin",
    "service",
)

DEFAULT_COPY: Final = "internal"


def queue_of(task: str) -> str:
    """The queue a task goes to: the service its name begins with."""
    return task.split(".", 1)[0]
