from __future__ import annotations

import importlib

import pytest

from muster_shared.context import Context
from muster_shared.settings import SERVICES, Settings

_NOWHERE = "postgresql+psycopg://nobody@127.0.0.1:1/nothing"


@pytest.fixture(scope="session")
def health_paths(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Where each service says that it answers, taken from its routes."""
    settings = Settings(
        data_dir=tmp_path_factory.mktemp("instance"),
        ingest_database_url=_NOWHERE,
        report_database_url=_NOWHERE,
        notify_database_url=_NOWHERE,
        redis_url="redis://127.0.0.1:1/0",
    )
    return {service: _health(service, settings) for service in SERVICES}


def _health(service: str, settings: Settings) -> str:
    app = importlib.import_module(f"muster_{service}.app").create_app(Context.open(service, settings))
    [path] = [rule.rule for rule in app.url_map.iter_rules() if rule.rule.endswith("/healthz")]
    assert app.test_client().get(path).status_code == 200
    return str(path)
