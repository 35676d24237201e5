"""The pages of ingest; each area has a file of its own that adds to them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request
from marshmallow import EXCLUDE, Schema, ValidationError

from muster_ingest.wrong_words import said_refused, said_wrong

pages = Blueprint("pages", __name__, url_prefix="/ingest", template_folder="templates")
pages.add_app_template_global(said_wrong)
pages.add_app_template_global(said_refused)


def filters_of(query: type[Schema], *, limit: int) -> dict[str, Any]:
    """The filters in the address of a list, as its schema reads them; one that is none is as good as not given."""
    sent = {name: text for name, text in request.args.items() if text}
    schema = query(unknown=EXCLUDE)
    try:
        loaded = schema.load(sent)
    except ValidationError as error:
        loaded = schema.load({name: text for name, text in sent.items() if name not in error.messages_dict})
    return {**loaded, "limit": limit}
