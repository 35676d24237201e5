"""What an upload's form says: the file, and what the query does not say already."""

from __future__ import annotations

from typing import Any

from flask import Request
from werkzeug.exceptions import RequestEntityTooLarge

from muster_ingest.kinds import KINDS
from muster_ingest.uploads import Upload
from muster_shared.problems import Problem

_FIELDS = ("office", "kind", "note", "dry_run")


def upload(request: Request, query: dict[str, Any], *, key: str | None) -> Upload:
    """The file of a multipart request; what the query leaves open may stand in the form.

    Raises:
        Problem: 415 for another type of body, 400 where the file is missing, doubled or empty, 422 for a bad field.
    """
    if request.mimetype != "multipart/form-data":
        raise Problem(415, "unsupported_type", "send the workbook as multipart/form-data, in the field 'file'")
    files = request.files.getlist("file")
    if len(files) != 1 or len(request.files) != 1:
        raise Problem(400, "no_file", "send one file, in the field 'file'")
    said = {name: query.get(name) or request.form.get(name) for name in _FIELDS}
    _check(request, said)
    content = files[0].read()
    if request.content_length is None and len(content) >= (request.max_content_length or 0):
        raise RequestEntityTooLarge
    dry_run = said["dry_run"] is True or str(said["dry_run"]).lower() in {"true", "1", "yes", "on"}
    name = files[0].filename or ""
    return Upload(content, name, said["office"], said["kind"], said["note"], dry_run, key)


def _check(request: Request, said: dict[str, Any]) -> None:
    unknown = [name for name in request.form if name not in _FIELDS]
    if unknown:
        raise Problem(422, "unknown_field", f"'{unknown[0][:80]}' is not a field of an upload: {', '.join(_FIELDS)}")
    if said["kind"] and said["kind"] not in KINDS:
        raise Problem(422, "unknown_kind", f"'{said['kind'][:80]}' is not a kind of record: one of {', '.join(KINDS)}")
