"""What Prometheus reads: from rows, at each scrape, and never an error where a part is away."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from redis import Redis
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError

import factories
from conftest import HOME
from muster_notify import gathering, usecases
from muster_notify.measures import measures
from muster_notify.models import Mail
from muster_report.follow import follow
from muster_report.regenerating import regenerate_due
from muster_shared import slow_statements
from muster_shared.changelog import ChangeLog
from muster_shared.clock import parse_span, real_now
from muster_shared.context import Context
from muster_shared.db import Patience, engine_for, sessions_for
from muster_shared.names import INGEST_SWEEP, NOTIFY_SWEEP
from muster_shared.tasks import FINISHED
from told_metrics import Services, Told, scraped

NOWHERE = "127.0.0.1:9"


def change(context: Context, statement: str, **given: Any) -> None:
    with context.sessions.begin() as session:
        session.execute(text(statement), given)


def test_the_lag_of_a_reader_is_counted_and_aged_until_it_follows(services: Services) -> None:
    services.submit(factories.office("KEN"), factories.requirement())
    services.contexts["ingest"].clock.advance(parse_span("1h"))
    assert services.told("ingest")["muster_log_position"] == 2
    behind = _told_of_the_log(services)
    assert (behind["muster_cursor_lag_positions"], behind["muster_cursor_lag_seconds"]) == (2, 3600)
    report = services.contexts["report"]
    follow(report, ChangeLog(report.settings, "report"))
    level = _told_of_the_log(services)
    assert (level["muster_cursor_lag_positions"], level["muster_cursor_lag_seconds"]) == (0, 0)
    assert (level["muster_cursor_position"], level["muster_log_reached"]) == (2, 1)


def _told_of_the_log(services: Services) -> Told:
    """What report tells once ingest answers it: a scrape waits for that but a moment."""
    for _ in range(20):
        told = services.told("report")
        if told["muster_log_reached"]:
            return told
    raise AssertionError("ingest did not answer")


def test_a_reader_of_a_log_that_is_away_says_so_and_knows_no_lag(open_context: Callable[[str], Context]) -> None:
    notify = open_context("notify")
    alone = replace(notify, settings=replace(notify.settings, ingest_url=f"http://{NOWHERE}"))
    told = {family.name: family.samples[0].value for family in measures(alone) if family.samples}
    assert (told["muster_log_reached"], told["muster_cursor_position"]) == (0, 0)
    assert "muster_cursor_lag_seconds" not in told


def test_a_report_is_late_from_its_oldest_change_until_it_is_made(services: Services) -> None:
    services.submit(factories.office("KEN"), factories.requirement())
    report = services.contexts["report"]
    follow(report, ChangeLog(report.settings, "report"))
    change(report, "UPDATE report_state SET stale_since = :since", since=real_now() - timedelta(hours=1))
    late = services.told("report")
    assert 3600 <= late.labelled("muster_report_stale_seconds", "report")["funding-requirements"] < 3700
    assert late.labelled("muster_report_stale_seconds", "report")["donor"] == 0
    assert late.labelled("muster_waiting", "what")["reports"] > 0
    assert regenerate_due(report) > 0
    made = services.told("report")
    assert set(made.labelled("muster_report_stale_seconds", "report").values()) == {0}
    assert made.labelled("muster_waiting", "what")["reports"] == 0
    assert made.labelled("muster_waiting", "what")["untold_issues"] > 0


def test_a_report_that_fails_is_counted_and_ages_with_the_change_it_lacks(services: Services) -> None:
    services.submit(factories.office("KEN"), factories.requirement())
    report = services.contexts["report"]
    follow(report, ChangeLog(report.settings, "report"))
    change(report, "UPDATE report_state SET failures = 1, stale_since = NULL")
    report.clock.advance(parse_span("2h"))
    told = services.told("report")
    assert told.labelled("muster_report_failing", "report")["funding-requirements"] == 1
    assert told.labelled("muster_report_stale_seconds", "report")["funding-requirements"] == 7200


def test_what_ingest_has_not_done_yet_is_counted_with_the_age_of_the_oldest(services: Services) -> None:
    services.submit(factories.office("KEN"), factories.requirement())
    ingest = services.contexts["ingest"]
    change(ingest, "UPDATE revision SET position = NULL WHERE position = 2")
    change(ingest, "UPDATE submission SET status = 'processing'")
    ingest.clock.advance(parse_span("5m"))
    told = services.told("ingest")
    assert told.labelled("muster_waiting", "what") == {"positions": 1, "workbooks": 1, "erasures": 0}
    oldest = told.labelled("muster_waiting_oldest_seconds", "what")
    assert oldest == {"positions": 300, "workbooks": 300, "erasures": 0}


def test_mails_are_counted_and_those_offered_in_vain_apart(services: Services) -> None:
    notify = services.contexts["notify"]
    moment = gathering.Moment(HOME - timedelta(hours=3), real_now(), "example.org")
    reader: dict[str, Any] = {"recipient": "a@example.org", "recipient_name": "A", "office": "KEN", "kind": "answer"}
    with notify.sessions.begin() as session:
        for reason in (None, "the mail server answered 451"):
            row = gathering.new_mail(uuid4(), moment, **reader, content={"about": "handover"})
            session.execute(insert(Mail).values(row | {"reason": reason}))
    told = services.told("notify")
    assert told.labelled("muster_mails", "status") == {"held": 2, "sending": 0, "sent": 0, "failed": 0, "skipped": 0}
    waiting = told.labelled("muster_waiting", "what")
    assert (waiting["mails"], waiting["mails_not_taken"]) == (2, 1)
    assert told.labelled("muster_waiting_oldest_seconds", "what")["mails_not_taken"] == 3 * 3600


def test_the_last_judgement_ages_by_the_clock_of_the_business(services: Services) -> None:
    notify = services.contexts["notify"]
    assert "muster_judged_age_seconds" not in services.told("notify").names()
    assert usecases.sweep(notify, ChangeLog(notify.settings, "notify"))
    notify.clock.advance(parse_span("30m"))
    assert services.told("notify")["muster_judged_age_seconds"] == 1800


def test_tasks_that_wait_and_tasks_that_were_done_are_told_by_the_broker(services: Services) -> None:
    notify = services.contexts["notify"]
    broker = Redis.from_url(notify.settings.broker_url())
    broker.delete("notify", FINISHED)
    notify.wake.send(NOTIFY_SWEEP)
    notify.wake.finished(NOTIFY_SWEEP)
    notify.wake.finished(INGEST_SWEEP)
    told = services.told("notify")
    assert told.labelled("muster_queue_tasks", "queue") == {"notify": 1}
    [(task, seconds)] = told.labelled("muster_task_finished_age_seconds", "task").items()
    assert task == NOTIFY_SWEEP
    assert 0 <= seconds < 60
    broker.delete("notify", FINISHED)
    broker.close()


def test_without_the_broker_its_metrics_are_missing_and_the_rest_is_told(
    open_context: Callable[[str], Context], token: Callable[..., str]
) -> None:
    ingest = open_context("ingest")
    told = scraped(replace(ingest, settings=replace(ingest.settings, redis_url=f"redis://{NOWHERE}")), token)
    assert told.labelled("muster_part_up", "part") == {"database": 1, "broker": 0, "objects": 1}
    assert told["muster_scrape_whole"] == 0
    assert "muster_queue_tasks" not in told.names()
    assert told["muster_log_position"] == 0


def test_without_the_database_the_scrape_still_answers(
    open_context: Callable[[str], Context], token: Callable[..., str]
) -> None:
    report = open_context("report")
    engine = engine_for(f"postgresql+psycopg://nobody@{NOWHERE}/nothing")
    told = scraped(replace(report, engine=engine, sessions=sessions_for(engine)), token)
    assert told.labelled("muster_part_up", "part") == {"database": 0, "broker": 1, "objects": 1}
    assert not told.names() & {"muster_database_bytes", "muster_cursor_position", "muster_report_failing"}


def test_slow_statements_are_counted_and_logged_without_what_they_were_given(
    open_context: Callable[[str], Context],
    token: Callable[..., str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    report = open_context("report")
    engine = engine_for(report.settings.database_url("report"), Patience(statement=0.3, slow=0.1))
    with caplog.at_level(logging.WARNING), engine.connect() as connection:
        connection.execute(text("SELECT pg_sleep(0.01)"))
        connection.execute(text("SELECT pg_sleep(:seconds), :given ::text"), {"seconds": 0.15, "given": "a secret"})
        with pytest.raises(DBAPIError):
            connection.execute(text("SELECT pg_sleep(9)"))
    assert slow_statements.noted(engine) == 2
    told = scraped(replace(report, engine=engine, sessions=sessions_for(engine)), token)
    assert told["muster_database_slow_statements_total"] == 2
    slow = [record for record in caplog.records if record.message == "slow statement"]
    assert [record.__dict__["statement"][:22] for record in slow] == ["SELECT pg_sleep(%(seco", "SELECT pg_sleep(9)"]
    assert "a secret" not in "".join(str(record.__dict__) for record in slow)
    engine.dispose()
