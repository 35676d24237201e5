"""What ingest does with JSON submissions, and what every submission ends in: readers of the log are woken."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from uuid import uuid4

from muster_ingest import judging, publish, receipts
from muster_ingest.envelope import open_envelope
from muster_ingest.judging import Judging, Repeated
from muster_ingest.reading import read_json, unstorable
from muster_ingest.receipts import Answer, Arrival
from muster_shared import tracing_rows
from muster_shared.auth import Caller
from muster_shared.context import Context
from muster_shared.names import NOTIFY_FOLLOW, REPORT_FOLLOW
from muster_shared.problems import Problem, forbidden


def arrival(
    context: Context,
    caller: Caller,
    body: bytes,
    *,
    content_type: str,
    key: str | None = None,
    file_name: str | None = None,
    dry_run: bool = False,
) -> Arrival:
    """A body that came in just now."""
    sha256 = hashlib.sha256(body).hexdigest()
    now = context.clock.now()
    return Arrival(caller, sha256, len(body), content_type, key, now, uuid4(), file_name, dry_run)


def submit(
    context: Context, caller: Caller, body: bytes, *, content_type: str, key: str | None, dry_run: bool = False
) -> Answer:
    """Take a submission in: accepted or rejected as a whole, and kept either way.

    A dry run changes nothing and says what would change; with errors it is kept like any other.

    Raises:
        Problem: 403 for an office that is not the caller's, 409 for a key used with another body (nothing is kept).
    """
    came = arrival(context, caller, body, content_type=content_type, key=key, dry_run=dry_run)
    return once(context, came, lambda: _take_in(context, came, body))


def once(context: Context, came: Arrival, take_in: Callable[[], Answer]) -> Answer:
    """Take in what came, or repeat the first answer to its key; readers are woken where something was accepted."""
    answer = judging.earlier(context, came)
    if answer:
        return answer
    try:
        answer = take_in()
    except Repeated:
        return judging.earlier(context, came) or once(context, came, take_in)
    if answer.status == 201:
        announce(context)
    return answer


def announce(context: Context) -> None:
    """Publish what was committed and wake the readers of the log; a sweep does both where this fails."""
    last = publish.publish(context.sessions)
    if last is not None:
        tracing_rows.note_positions(context.wake, last)
        context.wake.each(REPORT_FOLLOW, NOTIFY_FOLLOW)


def _take_in(context: Context, came: Arrival, body: bytes) -> Answer:
    try:
        document = read_json(body)
    except Problem as problem:
        context.objects.put(body)
        return judging.reject(context, came, only_office(came.caller), problem)
    wrong = list(unstorable(document))
    envelope = open_envelope(document)
    if envelope.office:
        check_office(came.caller, envelope.office)
    context.objects.put(body)
    if wrong:
        places = {error.pointer for error in wrong}
        envelope.errors = wrong + [error for error in envelope.errors if error.pointer not in places]
        envelope.found = len(envelope.errors)
        return judging.reject(context, came, only_office(came.caller), receipts.rejection(envelope))
    return Judging(context, came, envelope).judge()


def check_office(caller: Caller, office: str) -> None:
    """Raises a ``Problem`` 403 for an office in whose name the caller may not submit."""
    if not caller.may_write_for(office):
        raise forbidden(f"your token does not let you submit for office '{office[:40]}'")


def only_office(caller: Caller) -> str | None:
    """The caller's office, where there is just one."""
    return caller.offices[0] if len(caller.offices) == 1 else None
