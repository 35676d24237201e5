"""A service's interface as an OpenAPI document."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_smorest import Api

from muster_shared.blueprint import Blueprint


def described(blueprint: Blueprint, title: str) -> dict[str, Any]:
    """The document of a service's routes; working it out takes as long as the rest of an application's start."""
    app = Flask("muster_shared", static_folder=None)
    app.config.update(API_TITLE=title, API_VERSION="v1", OPENAPI_VERSION="3.1.0")
    api = Api(app)
    api.spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    api.spec.options["security"] = [{"token": []}]
    api.register_blueprint(blueprint)
    document: dict[str, Any] = api.spec.to_dict()
    return document
