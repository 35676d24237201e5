"""A sweep over a million obligations beside one scan of them and a bare INSERT ... SELECT of the same reminders."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine, text

from bench.measuring import Compared
from muster_notify import sweeping
from muster_shared.context import Context
from muster_shared.db import migrate
from muster_shared.embedded.postgres import Postgres
from muster_shared.settings import Settings

HOME = datetime(2016, 11, 30, 8, tzinfo=UTC)
OBLIGATIONS, DUE, ROUNDS = 1_000_000, 20_000, 5
_ROLES = ("owner", "alternate", "head", "reviewer", "headquarters")
_EVERY = OBLIGATIONS // DUE

# of those with a rung due, a quarter each has reached -30, -7, +1 and +30, with the rungs before it told
_FILL = """
INSERT INTO record SELECT 'office', 'O' || n, NULL, 'O' || n, '{}' FROM generate_series(0, 159) n;
INSERT INTO role_holder
SELECT 'P' || n, role, role || n % CASE role WHEN 'headquarters' THEN 1 WHEN 'reviewer' THEN 9 ELSE :owners END
    || '@example.org', initcap(role), 'O' || n % 160
FROM generate_series(0, :projects - 1) n, unnest(CAST(:roles AS text[])) role;
INSERT INTO obligation (obligation_id, project_code, grant_id, type, mark, period_start, period_end, due, office,
    region, time_zone, owner, managers, state, cycle, next_rung_on, history, rules)
SELECT md5(n::text)::uuid, 'P' || n / 10, 'G' || n / 10, 'interim', n::text, d.due - 200, d.due - 20, d.due,
    'O' || n / 10 % 160, 'africa', (ARRAY['Africa/Nairobi', 'Asia/Kathmandu', 'America/Bogota'])[1 + n / 10 % 3],
    '{"name": "Owner", "email": "owner@example.org"}', ARRAY['owner@example.org'], 'awaited', 1, d.due + d.next,
    '[{"at": "2016-01-01T08:00:00Z", "event": "owed", "due": "2017-01-01"}]', 'un-default'
FROM generate_series(0, 10 * :projects - 1) n, LATERAL (
    SELECT CASE WHEN n % :every = 0 THEN date '2016-11-30' - (ARRAY[-30, -7, 1, 30])[1 + n / :every % 4]
        ELSE date '2017-01-05' + n % 1500 END AS due,
        CASE WHEN n % :every = 0 THEN (ARRAY[-30, -7, 1, 30])[1 + n / :every % 4] ELSE -30 END AS next
) d;
INSERT INTO reminder (reminder_id, obligation_id, rung, cycle, recipient, recipient_name, office, channel, status,
    created_at, sent_at)
SELECT md5(obligation_id::text || rung)::uuid, obligation_id, rung, 1, 'owner@example.org', 'Owner', office, 'mail',
    'sent', timestamptz '2016-10-01' + (rung + 30) * interval '1 day', timestamptz '2016-11-01'
FROM obligation, unnest(ARRAY[-30, -14, -7, -1, 1, 7, 14]) rung
WHERE next_rung_on <= date '2016-11-30' AND due + rung < date '2016-11-30';
"""

_UNDO = """
UPDATE obligation o SET next_rung_on = date '2016-11-30'
FROM (SELECT DISTINCT obligation_id FROM reminder WHERE created_at = :now) r WHERE o.obligation_id = r.obligation_id;
DELETE FROM reminder WHERE created_at = :now;
"""


def results() -> Iterator[Compared]:
    """On a database of its own."""
    with tempfile.TemporaryDirectory(prefix="muster-sweep-") as folder, Postgres(Path(folder) / "data") as server:
        server.create_databases(["sweep"])
        url = server.url("sweep")
        migrate("muster_notify", url)
        known = Settings(data_dir=Path(folder), clock=HOME, notify_database_url=url, redis_url="redis://127.0.0.1:1/0")
        context = Context.open("notify", replace(known, storm_floor=10 * DUE))
        yield swept(context)
        context.engine.dispose()


def swept(context: Context) -> Compared:
    fill(context.engine, OBLIGATIONS // 10, every=_EVERY)
    run(context.engine, "CREATE TABLE made (LIKE reminder)")
    compared = Compared(f"sweep {OBLIGATIONS:,} obligations, {DUE:,} due", "one scan, and INSERT ... SELECT", 3.0)
    for number in range(ROUNDS + 1):
        settle(context.engine)
        ours = seconds(lambda: sweeping.record_due(context))
        keep_made(context.engine)
        settle(context.engine)
        theirs = seconds(lambda: bare(context.engine))
        undo(context.engine)
        if number:  # the first one warms both
            compared.round(ours, theirs)
    return compared


def fill(engine: Engine, projects: int, *, every: int, owners: int = 3000) -> None:
    """Ten obligations of each project, one in ``every`` with a rung due; so many people own them."""
    told = {"projects": projects, "every": every, "owners": owners, "roles": list(_ROLES)}
    with engine.begin() as connection:
        for statement in _FILL.split(";\n"):
            if statement.strip():
                connection.execute(text(statement), told)


def bare(engine: Engine) -> None:
    run(engine, "SELECT count(*) FROM obligation WHERE state <> 'x' AND owner IS NOT NULL")
    run(engine, "INSERT INTO reminder SELECT * FROM made")


def keep_made(engine: Engine) -> None:
    """Keep the rows that the sweep made, and check that they are those of 20,000 obligations and no others."""
    run(engine, "TRUNCATE made")
    run(engine, "INSERT INTO made SELECT * FROM reminder WHERE created_at = :now")
    with engine.connect() as connection:
        counted = connection.execute(text("SELECT count(*), count(DISTINCT obligation_id) FROM made")).one()
    if tuple(counted) != (DUE // 4 * (1 + 1 + 2 + 5), DUE):
        raise AssertionError(f"the sweep made {counted[0]} reminders of {counted[1]} obligations")
    undo(engine)


def undo(engine: Engine) -> None:
    run(engine, _UNDO)


def settle(engine: Engine) -> None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in ("obligation", "reminder", "role_holder", "made"):
            connection.execute(text(f"VACUUM ANALYZE {table}"))
        connection.execute(text("CHECKPOINT"))


def run(engine: Engine, statements: str) -> None:
    with engine.begin() as connection:
        for statement in statements.split(";\n"):
            if statement.strip():
                connection.execute(text(statement), {"now": HOME} if ":now" in statement else {})


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
