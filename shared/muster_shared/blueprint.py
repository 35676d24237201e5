"""A service's routes: flask-smorest, refusing query parameters that it does not know."""

from __future__ import annotations

from typing import Any

import flask_smorest
from webargs.flaskparser import FlaskParser


class _StrictParser(FlaskParser):
    """Leaves unknown parameters to the schema, which refuses them (webargs itself drops them from queries)."""

    DEFAULT_UNKNOWN_BY_LOCATION: dict[str, Any] = dict.fromkeys(FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION)


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc] # flask-smorest publishes no types
    """Routes whose arguments are strict."""

    ARGUMENTS_PARSER = _StrictParser()
