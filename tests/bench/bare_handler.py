"""The yardstick of ingest: one route, one durable INSERT of what came in, a connection for each thread."""

from __future__ import annotations

import os
import threading
from uuid import uuid4

import psycopg
from flask import Flask, Response, request

app = Flask(__name__)
_held = threading.local()


@app.get("/bare")
def there() -> str:
    """Answers once it is served."""
    return "there"


@app.post("/bare")
def keep() -> Response:
    """Commit the body as it came, then say so."""
    name = uuid4()
    _connection().execute(
        "INSERT INTO bare (name, body) VALUES (%s, %s)", (name, request.get_data().decode()), prepare=True
    )
    return Response(f'{{"kept": "{name}"}}', 201, content_type="application/json")


def _connection() -> psycopg.Connection:
    if not hasattr(_held, "connection"):
        _held.connection = psycopg.connect(os.environ["BARE_DATABASE"], autocommit=True)
    connection: psycopg.Connection = _held.connection
    return connection
