"""So many requests a minute for each token, fewer for each address without one; nobody is locked out without Redis."""

from __future__ import annotations

import itertools
import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from muster_ingest.app import create_app as create_ingest
from muster_notify.app import create_app as create_notify
from muster_report.app import create_app as create_report
from muster_shared.context import Context
from muster_shared.embedded.valkey import Valkey
from muster_shared.pages import assets
from muster_shared.settings import Settings

BY_TOKEN, BY_ADDRESS = 5, 3
LIST = "/report/v1/reports"
_hosts = itertools.count(1)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, rate_per_minute=BY_TOKEN, rate_unknown_per_minute=BY_ADDRESS)


@pytest.fixture
def elsewhere() -> Callable[[], str]:
    """An address that no test has asked from yet; the counts of all tests stand in one Redis."""
    return lambda: f"198.51.100.{next(_hosts)}"


@pytest.fixture
def ask(open_context: Callable[[str], Context], elsewhere: Callable[[], str]) -> Callable[..., TestResponse]:
    client, here = create_report(open_context("report")).test_client(), elsewhere()

    def get(path: str, token: str = "", *, at: str = here, **headers: str) -> TestResponse:
        signed = {"Authorization": f"Bearer {token}"} if token else {}
        return client.get(path, headers={**headers, **signed}, environ_base={"REMOTE_ADDR": at})

    return get


def statuses(count: int, answer: Callable[[], TestResponse]) -> list[int]:
    return [answer().status_code for _ in range(count)]


def test_a_token_is_answered_so_often_a_minute_and_then_told_when_to_come_back(
    ask: Callable[..., TestResponse], token: Callable[..., str]
) -> None:
    mine = token("analyst")
    assert statuses(BY_TOKEN, lambda: ask(LIST, mine)) == [200] * BY_TOKEN
    refused = ask(LIST, mine)
    assert (refused.status_code, refused.content_type) == (429, "application/problem+json")
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert refused.get_json()["type"] == "urn:muster:problem:too_many_requests"
    assert "more than 5 requests a minute" in refused.get_json()["detail"]
    assert ask(LIST, token("analyst")).status_code == 200


def test_a_browser_is_told_so_on_a_page(ask: Callable[..., TestResponse], token: Callable[..., str]) -> None:
    mine = token("analyst")
    statuses(BY_TOKEN, lambda: ask(LIST, mine))
    refused = ask(LIST, mine, Accept="text/html")
    assert (refused.status_code, refused.mimetype) == (429, "text/html")
    assert "requests a minute" in refused.text
    assert int(refused.headers["Retry-After"]) >= 1


def test_the_services_count_together(
    ask: Callable[..., TestResponse], open_context: Callable[[str], Context], token: Callable[..., str]
) -> None:
    mine = token("analyst")
    statuses(BY_TOKEN, lambda: ask(LIST, mine))
    notify = create_notify(open_context("notify")).test_client()
    answer = notify.get("/notify/v1/obligations", headers={"Authorization": f"Bearer {mine}"})
    assert answer.status_code == 429


def test_services_health_and_style_sheets_are_not_counted(
    ask: Callable[..., TestResponse], token: Callable[..., str]
) -> None:
    service, many = token("service", name="notify"), 2 * BY_TOKEN
    assert statuses(many, lambda: ask(LIST, service)) == [200] * many
    assert statuses(many, lambda: ask("/report/healthz")) == [200] * many
    assert statuses(many, lambda: ask("/report/readyz")) == [200] * many
    sheet = assets.address("muster.css")
    assert statuses(many, lambda: ask(sheet)) == [200] * many


def test_without_a_valid_token_an_address_is_answered_less_often_and_who_has_one_is_not_held_up_by_it(
    ask: Callable[..., TestResponse], token: Callable[..., str], elsewhere: Callable[[], str]
) -> None:
    assert statuses(BY_ADDRESS, lambda: ask(LIST)) == [401] * BY_ADDRESS
    assert ask(LIST, "forged").status_code == 429
    assert ask("/report/no/such/thing").status_code == 429
    assert ask(LIST, **{"X-Forwarded-For": elsewhere()}).status_code == 429
    assert ask(LIST, at=elsewhere()).status_code == 401
    assert ask(LIST, token("analyst")).status_code == 200


def test_a_subscriber_of_ipv6_has_one_address_however_many_are_theirs(ask: Callable[..., TestResponse]) -> None:
    net = f"2001:db8:0:{next(_hosts):x}"
    assert [ask(LIST, at=f"{net}::{n}").status_code for n in range(BY_ADDRESS + 1)] == [401] * BY_ADDRESS + [429]
    assert ask(LIST, at=f"2001:db8:1:{next(_hosts):x}::1").status_code == 401


def test_attempts_to_sign_in_are_counted_by_address(
    ask: Callable[..., TestResponse], open_context: Callable[[str], Context], elsewhere: Callable[[], str]
) -> None:
    assert statuses(BY_ADDRESS + 1, lambda: ask("/report/sign-in?link=forged")) == [401] * BY_ADDRESS + [429]
    ingest = create_ingest(open_context("ingest"))
    here = {"REMOTE_ADDR": elsewhere()}
    client = ingest.test_client()
    mails = statuses(2, lambda: client.post("/ingest/sign-in/mail", data={"email": "-"}, environ_base=here))
    links = statuses(2, lambda: client.get("/ingest/sign-in/mail/guessed", environ_base=here))
    ingest.extensions["muster_readers"].close()
    assert mails + links == [422, 422, 410, 429]


def test_the_address_of_a_feed_opens_any_number_of_times_and_guesses_are_counted(
    open_context: Callable[[str], Context], token: Callable[..., str], elsewhere: Callable[[], str]
) -> None:
    client, here = create_notify(open_context("notify")).test_client(), {"REMOTE_ADDR": elsewhere()}
    signed = {"Authorization": f"Bearer {token('analyst')}"}
    feed = client.post("/notify/v1/calendars", json={}, headers=signed).get_json()["url"]
    path = feed[feed.index("/notify/") :]
    many = 2 * BY_ADDRESS
    assert statuses(many, lambda: client.get(path, environ_base=here)) == [200] * many
    guesses = statuses(BY_ADDRESS + 1, lambda: client.get("/notify/v1/calendars/guessed.ics", environ_base=here))
    assert guesses == [404] * BY_ADDRESS + [429]


class OwnRedis:
    """A Redis that can be held, so that it takes connections and never answers."""

    def __init__(self, folder: Path) -> None:
        self.server = Valkey(folder)
        self.pid = self.server.start().pid
        self.server.wait_ready()

    def hold(self) -> None:
        os.kill(self.pid, signal.SIGSTOP)

    def let_go(self) -> None:
        os.kill(self.pid, signal.SIGCONT)


class TestWithoutRedis:
    @pytest.fixture
    def own(self, tmp_path: Path) -> Iterator[OwnRedis]:
        redis = OwnRedis(tmp_path / "own")
        yield redis
        redis.server.stop()

    @pytest.fixture
    def settings(self, settings: Settings, own: OwnRedis) -> Settings:
        return replace(settings, redis_url=own.server.url())

    def test_each_process_counts_by_itself_and_nobody_waits(
        self, ask: Callable[..., TestResponse], token: Callable[..., str], own: OwnRedis
    ) -> None:
        mine = token("analyst")
        assert statuses(BY_TOKEN + 1, lambda: ask(LIST, mine))[-1] == 429
        own.server.stop()
        began = time.monotonic()
        assert statuses(BY_TOKEN + 1, lambda: ask(LIST, mine)) == [200] * BY_TOKEN + [429]
        assert statuses(BY_ADDRESS + 1, lambda: ask(LIST)) == [401] * BY_ADDRESS + [429]
        assert time.monotonic() - began < 10  # for ten requests on a busy machine

    def test_one_that_hangs_costs_a_moment_and_counts_again_when_it_is_back(
        self,
        ask: Callable[..., TestResponse],
        token: Callable[..., str],
        own: OwnRedis,
        eventually: Callable[..., None],
    ) -> None:
        mine, other = token("analyst"), token("analyst")
        statuses(BY_TOKEN, lambda: ask(LIST, mine))
        own.hold()
        try:
            waits = [_seconds(lambda: ask(LIST, other)) for _ in range(BY_TOKEN)]
        finally:
            own.let_go()
        assert sum(waits) < 4
        eventually(lambda: ask(LIST, mine).status_code == 429)

    def test_waking_a_worker_costs_no_more_than_a_moment(
        self, open_context: Callable[[str], Context], own: OwnRedis
    ) -> None:
        wake = open_context("report").wake
        assert wake("report.follow")
        own.hold()
        try:
            began = time.monotonic()
            assert not wake.send("notify.sign_in_mail", "a@example.org", "text")
            assert not wake("report.regenerate")
            assert time.monotonic() - began < 3
        finally:
            own.let_go()


def _seconds(asked: Callable[[], TestResponse]) -> float:
    began = time.monotonic()
    assert asked().status_code == 200
    return time.monotonic() - began


@pytest.fixture
def eventually() -> Callable[..., None]:
    def wait(condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + 15
        while not condition():
            assert time.monotonic() < deadline
            time.sleep(0.1)

    return wait
