"""The pages of reports for people; each area adds its views to ``pages``."""

from __future__ import annotations

from flask import Blueprint

pages = Blueprint("pages", __name__, url_prefix="/report", template_folder="templates")
