"""What the services tell Prometheus, in one process; report and notify reach ingest over a socket."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask
from prometheus_client.parser import text_string_to_metric_families

import factories
from muster_ingest.app import create_app as create_ingest
from muster_notify.app import create_app as create_notify
from muster_report.app import create_app as create_report
from muster_shared.context import Context

APPS: Mapping[str, Callable[[Context], Flask]] = {
    "ingest": create_ingest,
    "report": create_report,
    "notify": create_notify,
}


class Told:
    """What a service told Prometheus once."""

    def __init__(self, text: str) -> None:
        self.samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]

    def names(self) -> set[str]:
        return {sample.name for sample in self.samples}

    def labelled(self, name: str, label: str) -> dict[str, float]:
        """A metric by the values of one of its labels."""
        return {sample.labels[label]: sample.value for sample in self.samples if sample.name == name}

    def __getitem__(self, name: str) -> float:
        """A metric without labels."""
        [value] = [sample.value for sample in self.samples if sample.name == name and not sample.labels]
        return value


class Services:
    """The three services on databases of their own; report and notify reach ingest over a socket."""

    def __init__(self, contexts: Mapping[str, Context], token: Callable[..., str]) -> None:
        self.contexts, self.token = contexts, token
        self.clients = {name: APPS[name](context).test_client() for name, context in contexts.items()}

    def submit(self, *records: dict[str, Any], code: str = "KEN") -> None:
        headers = {"Authorization": f"Bearer {self.token('admin')}"}
        sent = factories.envelope(*records, code=code)
        answer = self.clients["ingest"].post("/ingest/v1/submissions", json=sent, headers=headers)
        assert answer.status_code == 201, answer.text

    def told(self, service: str) -> Told:
        return scraped(self.contexts[service], self.token, self.clients[service])


def scraped(context: Context, token: Callable[..., str], client: Any = None) -> Told:
    """What a service tells Prometheus now."""
    client = client or APPS[context.service](context).test_client()
    headers = {"Authorization": f"Bearer {token('analyst')}"}
    answer = client.get(f"/{context.service}/metrics", headers=headers)
    assert answer.status_code == 200, answer.text
    return Told(answer.text)
