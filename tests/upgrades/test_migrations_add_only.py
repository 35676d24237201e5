"""Old and new version run side by side while an upgrade goes on: a migration takes nothing from the one before.

What the version before reads stays: no table, no column and no type goes. What it writes is taken: no column has to be
given that it does not know, and no rule holds for its columns that did not hold before.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from muster_shared.db import migrate
from muster_shared.embedded.postgres import Postgres
from muster_shared.migrations_known import known
from muster_shared.settings import SERVICES

ALLOWED: dict[tuple[str, str], dict[str, str]] = {
    ("ingest", "0002"): {
        "revision: FOREIGN KEY (submission_id) REFERENCES submission(submission_id) DEFERRABLE INITIALLY DEFERRED": (
            "the same rule as before, held against later"
        ),
    },
    ("ingest", "0009"): {
        "revision: CHECK (((fields IS NOT NULL) OR (pack_id IS NOT NULL)))": "fields had to be given always",
    },
}

_LISTED = re.compile(r"'([^']*)'::text(?:, )?")
_COLUMNS = """
    SELECT table_name || '.' || column_name, data_type,
        is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO' AND is_generated = 'NEVER'
    FROM information_schema.columns WHERE table_schema = 'public'
"""
_RULES = """
    SELECT t.relname, t.relname || ': ' || pg_get_constraintdef(c.oid),
        ARRAY(SELECT t.relname || '.' || a.attname FROM pg_attribute a
              WHERE a.attrelid = t.oid AND a.attnum = ANY (c.conkey))
    FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
    WHERE c.connamespace = 'public'::regnamespace AND c.contype <> 'n'
    UNION ALL
    SELECT t.relname, pg_get_indexdef(i.indexrelid),
        ARRAY(SELECT t.relname || '.' || a.attname FROM pg_attribute a
              WHERE a.attrelid = t.oid AND a.attnum = ANY (i.indkey))
    FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid
    WHERE t.relnamespace = 'public'::regnamespace AND i.indisunique
"""


@dataclass(frozen=True)
class Schema:
    """Columns with their type and whether they have to be given; rules with the columns that they are about."""

    columns: dict[str, tuple[str, bool]]
    rules: dict[str, frozenset[str]]

    @property
    def tables(self) -> set[str]:
        return {column.partition(".")[0] for column in self.columns}


def schema(server: Postgres, database: str) -> Schema:
    with server.connect(database) as connection:
        columns = {name: (kind, needed) for name, kind, needed in connection.execute(_COLUMNS)}
        rules = {rule: frozenset(about) for _, rule, about in connection.execute(_RULES)}
    return Schema(columns, rules)


def taken_away(before: Schema, after: Schema) -> set[str]:
    """What the version before would miss, or could not write any more."""
    gone = {f"{name} is gone" for name in before.columns.keys() - after.columns.keys()}
    kept = before.columns.keys() & after.columns.keys()
    others = {f"{name} is another type" for name in kept if before.columns[name][0] != after.columns[name][0]}
    in_old_tables = {name for name in after.columns if name.partition(".")[0] in before.tables}
    needed = {name for name in in_old_tables if after.columns[name][1] and not before.columns.get(name, ("", False))[1]}
    new_rules = {rule for rule in after.rules.keys() - before.rules.keys() if after.rules[rule] & before.columns.keys()}
    narrower = {rule for rule in new_rules if not any(takes_all_of(rule, old) for old in before.rules)}
    return gone | others | {f"{name} has to be given" for name in needed} | narrower


def takes_all_of(rule: str, old: str) -> bool:
    """Whether a rule that lists values is another one with more of them."""
    return _LISTED.sub("", rule) == _LISTED.sub("", old) and {*_LISTED.findall(rule)} > {*_LISTED.findall(old)}


@pytest.mark.parametrize("service", SERVICES)
def test_each_migration_leaves_to_the_version_before_what_it_reads_and_writes(
    postgres_server: Postgres, service: str
) -> None:
    name, package = f"step_by_step_{service}", f"muster_{service}"
    postgres_server.create_databases([name])
    before = Schema({}, {})
    for revision in known(package):
        migrate(package, postgres_server.url(name), revision)
        after = schema(postgres_server, name)
        assert taken_away(before, after) == ALLOWED.get((service, revision), {}).keys(), f"{service} {revision}"
        before = after


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("ALTER TABLE office_counter DROP COLUMN last", "office_counter.last is gone"),
        ("ALTER TABLE office_counter RENAME COLUMN last TO newest", "office_counter.last is gone"),
        ("DROP TABLE office_counter", "office_counter.office is gone"),
        ("ALTER TABLE office_counter ALTER last TYPE integer", "office_counter.last is another type"),
        ("ALTER TABLE office_counter ADD COLUMN year bigint NOT NULL", "office_counter.year has to be given"),
        ("ALTER TABLE submission ALTER office SET NOT NULL", "submission.office has to be given"),
        ("ALTER TABLE office_counter ADD CHECK (last < 9)", "office_counter: CHECK ((last < 9))"),
        ("ALTER TABLE revision ADD CHECK (action IN ('upsert'))", "revision: CHECK ((action = 'upsert'::text))"),
        (
            "ALTER TABLE submission DROP CONSTRAINT submission_status_check,"
            " ADD CHECK (status IN ('accepted', 'rejected'))",
            "submission: CHECK ((status = ANY (ARRAY['accepted'::text, 'rejected'::text])))",
        ),
        ("CREATE UNIQUE INDEX one ON office_counter (last)", "CREATE UNIQUE INDEX one ON public.office_counter"),
    ],
)
def test_a_migration_that_takes_something_away_is_found(
    postgres_server: Postgres, template: Callable[[str], str], statement: str, found: str
) -> None:
    name = "sabotaged"
    with postgres_server.connect() as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}"'.encode())
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template("ingest")}"'.encode())
    before = schema(postgres_server, name)
    with postgres_server.connect(name) as connection:
        connection.execute(statement.encode())
    assert any(one.startswith(found) for one in taken_away(before, schema(postgres_server, name)))
