"""Fields of old revisions stand packed, and everything that is told of them is what it was."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

import factories
from muster_ingest import compaction
from muster_shared.clock import parse_span

AREAS = ("migration_health", "migrant_assistance")
WHERE = "/records/funding_requirement/2016/KEN/migration_health/revisions"
FIRST_AMOUNT = 1_000_000
TIMES = compaction.TOGETHER + 3


@pytest.fixture
def written(at_home: Any) -> Any:
    """Two requirements, each corrected more often than a pack holds."""
    at_home.context.settings.data_dir.mkdir(exist_ok=True)
    at_home.context.clock.begin()
    for number in range(TIMES):
        at_home.accept(*(factories.requirement(area=area, amount=str(FIRST_AMOUNT + number)) for area in AREAS))
    return at_home


def rows(ingest: Any, query: str) -> Any:
    with ingest.context.sessions() as session:
        return session.execute(text(query)).all()


def packed(ingest: Any) -> int:
    [(count,)] = rows(ingest, "SELECT count(*) FROM revision WHERE fields IS NULL")
    return int(count)


def compact(ingest: Any, days: int) -> int:
    settings = replace(ingest.context.settings, compact_log_days=days)
    return compaction.compact(replace(ingest.context, settings=settings))


def told(ingest: Any) -> list[Any]:
    """Everything that tells of revisions."""
    sent = [one["submission_id"] for one in ingest.items("/submissions")]
    paths = ("/changes?limit=1000", WHERE, *(f"/submissions/{submission_id}/changes" for submission_id in sent))
    return [ingest.get(path).get_json() for path in paths]


def test_what_is_told_of_old_revisions_stays_as_it_was(written: Any) -> None:
    before = told(written)
    assert compaction.pack_before(written.context, written.context.clock.now()) == 0, "none is older than this moment"
    written.context.clock.advance(parse_span("1d"))
    count = compaction.pack_before(written.context, written.context.clock.now())
    assert count == packed(written) == compaction.TOGETHER * 2, "full packs only"
    assert told(written) == before
    assert [one["fields"]["amount"] for one in before[1]["items"]][-1] == str(FIRST_AMOUNT)
    current = "SELECT count(*) FROM revision JOIN record USING (kind, key, revision) WHERE revision.fields IS NULL"
    assert rows(written, current) == [(0,)], "what a record is now is not looked up in a pack"


def test_a_submission_is_undone_to_what_is_packed(written: Any) -> None:
    written.context.clock.advance(parse_span("1d"))
    last = written.items("/submissions")[0]["submission_id"]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(compaction, "TOGETHER", 1)
        compaction.pack_before(written.context, written.context.clock.now())
    headers = {"Authorization": f"Bearer {written.admin}"}
    answer = written.client.post(f"/ingest/v1/submissions/{last}/revert", headers=headers)
    assert answer.status_code == 201, answer.text
    again = [one["fields"]["amount"] for one in written.items(WHERE)]
    assert again[0] == again[2] == str(FIRST_AMOUNT + TIMES - 2) != again[1]


def test_it_begins_a_day_after_an_upgrade_and_goes_on_once_a_day(written: Any) -> None:
    written.context.clock.advance(parse_span("11d"))
    assert (compact(written, 10), packed(written)) == (0, 0), "a process of the version before may read the log still"
    written.context.clock.advance(parse_span("25h"))
    assert compact(written, 0) == 0
    assert compact(written, 20) == 0
    written.context.clock.advance(parse_span("25h"))
    assert compact(written, 10) == compaction.TOGETHER * 2
    assert (compact(written, 10), packed(written)) == (0, compaction.TOGETHER * 2)


def test_two_who_compact_at_once_pack_each_revision_once(written: Any) -> None:
    before, now = told(written), written.context.clock.now() + parse_span("1d")
    with ThreadPoolExecutor(2) as pool:
        counts = list(pool.map(lambda _: compaction.pack_before(written.context, now), range(2)))
    assert sum(counts) == packed(written) >= compaction.TOGETHER
    keys = "SELECT key::bigint FROM revision_pack, jsonb_object_keys(content) AS key ORDER BY 1"
    in_packs = [change_id for (change_id,) in rows(written, keys)]
    assert in_packs == [
        change for (change,) in rows(written, "SELECT change_id FROM revision WHERE fields IS NULL ORDER BY 1")
    ]
    assert told(written) == before
