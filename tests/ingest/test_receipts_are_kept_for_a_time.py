"""After so many days the change log tells what a receipt lists, and whoever asks is told the same."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import text

import factories
from muster_ingest import keeping_receipts
from muster_shared.clock import parse_span


def shorten(ingest: Any, days: int) -> int:
    settings = replace(ingest.context.settings, keep_receipts_days=days)
    return keeping_receipts.shorten_old(replace(ingest.context, settings=settings))


def stored(ingest: Any, receipt: str) -> dict[str, Any]:
    with ingest.context.sessions() as session:
        query = text("SELECT document FROM submission WHERE receipt = :receipt")
        return dict(session.scalars(query, {"receipt": receipt}).one())


def test_a_receipt_says_the_same_after_its_lists_are_gone(at_home: Any) -> None:
    at_home.context.settings.data_dir.mkdir(exist_ok=True)
    at_home.context.clock.begin()
    at_home.accept(factories.requirement(), factories.requirement(area="migrant_assistance"))
    withdrawn = {"kind": "funding_requirement", "action": "withdraw", "year": 2016, "office": "KEN"}
    changed = factories.requirement(amount="5", note="for two camps")
    second = at_home.accept(changed, withdrawn | {"area": "migrant_assistance"})
    keyed = at_home.post(factories.envelope(factories.requirement(amount="6")), key="k").get_json()
    refused = at_home.post(factories.envelope(factories.requirement(amount="much"))).get_json()
    sent = [one["submission_id"] for one in at_home.items("/submissions")]
    before = [at_home.get(f"/submissions/{submission_id}").get_json() for submission_id in sent]

    at_home.context.clock.advance(parse_span("11d"))
    assert (shorten(at_home, 0), shorten(at_home, 12)) == (0, 0)
    at_home.context.clock.advance(parse_span("25h"))
    assert shorten(at_home, 12) == 3
    assert "changes" not in stored(at_home, second["receipt"])
    assert stored(at_home, keyed["receipt"])["changes"] == keyed["changes"], "its key repeats it"
    assert stored(at_home, refused["receipt"])["errors"] == refused["errors"]
    assert [at_home.get(f"/submissions/{submission_id}").get_json() for submission_id in sent] == before
    told = at_home.get(f"/submissions/{second['submission_id']}").get_json()
    assert told["changes"] == second["changes"] != []
    assert shorten(at_home, 12) == 0, "once a day"
