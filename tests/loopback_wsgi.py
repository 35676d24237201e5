"""What the small server of the standard library lacks to serve Muster in tests."""

from __future__ import annotations

import io
from typing import Any


def ending(application: Any) -> Any:
    """Bodies end where they say: wsgiref would wait for more on a connection that stays open."""

    def answer(environ: dict[str, Any], start_response: Any) -> Any:
        length = int(environ.get("CONTENT_LENGTH") or 0)
        return application(environ | {"wsgi.input": io.BytesIO(environ["wsgi.input"].read(length))}, start_response)

    return answer
