"""The pages of ingest; each area has a file of its own that adds to them."""

from __future__ import annotations

from flask import Blueprint

pages = Blueprint("pages", __name__, url_prefix="/ingest", template_folder="templates")
