"""What an upload's form says: the file, and what the query does not say already."""

from __future__ import annotations

from typing import Any, Literal

from flask import Request
from marshmallow import RAISE, ValidationError
from werkzeug.exceptions import RequestEntityTooLarge

from muster_ingest.schemas import WorkbookQuery
from muster_ingest.uploads import Upload
from muster_shared.problems import DataError, Problem

Unknown = Literal["exclude", "include", "raise"]


def upload(request: Request, query: dict[str, Any], *, key: str | None, unknown: Unknown = RAISE) -> Upload:
    """The file of a multipart request; what the query leaves open may stand in the form.

    ``unknown``: what becomes of further fields, which the form of a page has.

    Raises:
        Problem: 415 for another type of body, 400 where the file is missing or doubled, 422 for a bad field.
    """
    if request.mimetype != "multipart/form-data":
        raise Problem(415, "unsupported_type", "send the workbook as multipart/form-data, in the field 'file'")
    files = request.files.getlist("file")
    if len(files) != 1 or len(request.files) != 1:
        raise Problem(400, "no_file", "send one file, in the field 'file'")
    form = _form(request, unknown)
    said = {name: value or form[name] for name, value in query.items()}
    content = files[0].read()
    if request.content_length is None and len(content) >= (request.max_content_length or 0):
        raise RequestEntityTooLarge
    return Upload(content, files[0].filename or "", key=key, **said)


def _form(request: Request, unknown: Unknown) -> dict[str, Any]:
    """The fields of the form, held to the same rules as those of the query; an empty one is not said."""
    try:
        sent = {name or "": text for name, text in request.form.items() if text}
        loaded: dict[str, Any] = WorkbookQuery(unknown=unknown).load(sent)
    except ValidationError as error:
        errors = [
            DataError("bad_parameter", f"{name[:80]}: {' '.join(messages)}", name[:80])
            for name, messages in error.messages_dict.items()
        ]
        raise Problem(422, "bad_parameter", "a field of the form is not as it should be", errors=errors) from error
    return loaded
