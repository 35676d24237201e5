"""Requests of every kind from the OpenAPI documents: no 5xx, no answer outside of what the document states."""

from __future__ import annotations

import os
from typing import Any

import pytest

import factories
from fuzzed_services import operations, wrong_answers
from muster_notify import usecases as notifying
from muster_report.follow import follow
from reporting import IngestLog

EXAMPLES = int(os.environ.get("FUZZ_HTTP_EXAMPLES", "2"))


@pytest.fixture
def stocked(house: Any) -> Any:
    """An office with a project, a grant and what is owed for it."""
    records = (*(factories.office(code) for code in ("HQ", "KEN")), factories.donor(), factories.requirement("KEN"))
    for sent in (records, (factories.project(), factories.grant(), factories.progress_report())):
        assert house.admin("POST", "/ingest/v1/submissions", factories.envelope(*sent, code="HQ")).status_code == 201
    log = IngestLog(house.ingest)
    follow(house.clients["report"].application.extensions["muster"], log)
    notifying.follow(house.clients["notify"].application.extensions["muster"], log)
    return house


@pytest.mark.timeout(120 if EXAMPLES < 100 else 3600)
@pytest.mark.parametrize("service", ["ingest", "report", "notify"])
def test_every_request_is_answered_as_the_document_states(stocked: Any, service: str) -> None:
    application = stocked.clients[service].application
    wrong: list[str] = []
    tried = 0
    for name, operation in operations(application, service, stocked.token("admin")):
        wrong += [f"{name}: {told}" for told in wrong_answers(operation, stocked.token("admin"), EXAMPLES)]
        tried += 1
    assert tried >= 15
    assert not wrong, "\n\n".join(wrong)
