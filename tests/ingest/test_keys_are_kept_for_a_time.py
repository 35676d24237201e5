"""After so many days an idempotency key is forgotten, and nothing of the submission that it made."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import factories
from muster_ingest import keeping_keys
from muster_shared.clock import parse_span


def forget(ingest: Any, days: int) -> int:
    context = ingest.context
    return keeping_keys.forget_old(replace(context, settings=replace(context.settings, keep_idempotency_days=days)))


def test_a_key_gives_the_first_receipt_again_until_it_is_forgotten(at_home: Any) -> None:
    at_home.context.settings.data_dir.mkdir(exist_ok=True)
    at_home.context.clock.begin()
    body = factories.envelope(factories.requirement())
    first = at_home.post(body, key="k").get_json()
    at_home.context.clock.advance(parse_span("9d"))
    assert (forget(at_home, 0), forget(at_home, 10)) == (0, 0)
    assert at_home.post(body, key="k").get_json() == first
    at_home.context.clock.advance(parse_span("2d"))
    assert forget(at_home, 10) == 1
    assert at_home.get(f"/submissions/{first['submission_id']}").get_json()["receipt"] == first["receipt"]
    again = at_home.post(body, key="k")
    assert (again.status_code, again.get_json()["receipt"]) == (201, "KEN-000002")
    assert forget(at_home, 10) == 0, "once a day"
