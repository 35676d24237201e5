"""Clients submit through the one origin while machines under it are lost, cut off and brought back."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import closing
from typing import Final

import pytest
from sqlalchemy import make_url

from chaos.clients import Client, Load
from chaos.invariants import (
    MAILS_AT_ONCE,
    at_rest,
    changes_of,
    everything_holds,
    rebuilds_to_the_same,
)
from chaos.rebuilt import newest_issues_are_rebuilt
from chaos.running import eventually
from chaos.watching import Watcher
from hosts.course import MEASURED, Course, TimedLedger
from hosts.site import Site
from muster_shared.sentinels import Sentinels
from muster_shared.settings import SERVICES
from muster_shared.tasks import make_celery

pytestmark = [pytest.mark.chaos, pytest.mark.at_length, pytest.mark.timeout(600)]
RECOVERY_SECONDS: Final = 60.0  # from a loss, or the promotion after it, until clients get receipts again
_WORKERS: Final = 2  # of notify, one on each application host
_CUT_SECONDS: Final = 15.0  # longer than leases last, and than anything waits for a word from the other side
_REPORTS: Final[Mapping[str, dict[str, str]]] = {
    "funding-requirements": {"year": "2016"},
    "projects": {},
    "reporting-compliance": {"until": "2016-12-31"},
}


class Story:
    """A site, its clients' ledger, and what happens to it."""

    def __init__(self, site: Site) -> None:
        self.site, self.ledger, self.course = site, TimedLedger(), Course()
        self.in_doubt = 0  # mails that a lost or cut-off sender may have left so

    def begin(self) -> None:
        """The offices, a first project, and readers who want reports from now on."""
        client = Client(self.site, self.ledger)
        client.send(self.ledger.beginnings())
        client.send(self.ledger.requirement("KEN", "migration_health", project_since=self.site.now().date()))
        at_rest(self.site)
        for report, params in _REPORTS.items():
            answer = self.site.ask(f"/report/v1/reports/{report}/latest.xlsx", **params)
            assert answer.ok, answer.text
        self.course = Course()

    def an_application_host_is_lost_and_comes_back(self, load: Load) -> None:
        app = self.site.apps[0]
        self.course.mark("app1 off")
        app.switch_off()
        self.in_doubt += MAILS_AT_ONCE
        load.wait_for(20, RECOVERY_SECONDS)
        self.course.mark("app1 on")
        self.site.power_on(app)
        self.site.wait_for(app)
        self.course.mark("app1 ready")
        load.wait_for(20, RECOVERY_SECONDS)

    def an_application_host_is_cut_off_and_heals(self, load: Load) -> None:
        app = self.site.apps[1]
        self.course.mark("app2 cut off")
        with app.cut_off():
            began = time.monotonic()
            load.wait_for(20, RECOVERY_SECONDS)
            time.sleep(max(0.0, _CUT_SECONDS - (time.monotonic() - began)))
        self.in_doubt += MAILS_AT_ONCE
        self.course.mark("app2 healed")
        self.site.wait_for(app)
        load.wait_for(20, RECOVERY_SECONDS)

    def the_broker_is_lost_and_another_takes_its_place(self, load: Load) -> None:
        lost, other = self.site.broker.servers
        self.course.mark("Redis off")
        lost.switch_off()
        eventually(lambda: self.site.broker.primary() == other.address, "the Sentinels agree", RECOVERY_SECONDS)
        self.course.mark("Sentinels agree")
        load.wait_for(40, RECOVERY_SECONDS)
        self.course.mark("Redis on")
        lost.switch_on()
        self.site.broker.start_server(lost)
        eventually(lambda: self.site.broker.follows(lost), "the old primary follows", RECOVERY_SECONDS)
        load.wait_for(10, RECOVERY_SECONDS)

    def the_database_is_lost_and_the_standby_promoted(self, load: Load) -> None:
        servers, turned_away = self.site.database_servers, self.ledger.turned_away
        self.course.mark("primary off")
        servers.primary.switch_off()
        eventually(lambda: self.ledger.turned_away > turned_away, "clients notice", RECOVERY_SECONDS)
        servers.promote()
        self.in_doubt += _WORKERS * MAILS_AT_ONCE
        self.course.mark("standby promoted")
        load.wait_for(30, RECOVERY_SECONDS)

    def the_old_primary_follows_the_new_one(self, load: Load) -> None:
        servers = self.site.database_servers
        self.course.mark("old primary rewound")
        servers.standby.switch_on()
        servers.take_back()
        self.course.mark("in step")
        load.wait_for(20, RECOVERY_SECONDS)

    def end(self) -> None:
        """Everything is as the clients hold it in their hands, and whatever ran is there and at work."""
        self.course.take(self.ledger)
        assert self.course.longest_silence() < RECOVERY_SECONDS
        everything_holds(self.site, self.ledger, in_doubt=self.in_doubt)
        assert newest_issues_are_rebuilt(self.site) == len(_REPORTS)
        assert self.site.ended() == {}
        wanted = {f"{service}@{app.name}" for service in SERVICES for app in self.site.apps}
        eventually(lambda: workers_of(self.site) == wanted, "every worker answers")
        assert self.site.logs_that_tell(secrets_of(self.site)) == []


def workers_of(site: Site) -> set[str]:
    """The workers that answer: one that waits for a lost broker lives, and does nothing."""
    with closing(make_celery("test", site.known.broker_url())) as celery:
        return {name for answer in celery.control.ping(timeout=2) or () for name in answer}


def secrets_of(site: Site) -> set[str]:
    """The passwords of its servers."""
    known = site.known
    return {str(Sentinels.of(known.broker_url()).password), str(make_url(known.database_url("ingest")).password)}


def test_an_application_host_and_the_database_are_lost(site: Site) -> None:
    story = Story(site)
    story.begin()
    with Load(site, story.ledger, clients=6) as load:
        load.wait_for(20)
        story.an_application_host_is_lost_and_comes_back(load)
        story.the_database_is_lost_and_the_standby_promoted(load)
    story.end()


def test_every_kind_of_host_is_lost_cut_off_and_brought_back(site: Site) -> None:
    story = Story(site)
    story.begin()
    with (
        Watcher(site, after=story.ledger.changes()) as watcher,
        Load(site, story.ledger, clients=8, between=0.02) as load,
    ):
        load.wait_for(200)
        story.an_application_host_is_lost_and_comes_back(load)
        story.an_application_host_is_cut_off_and_heals(load)
        story.the_broker_is_lost_and_another_takes_its_place(load)
        story.the_database_is_lost_and_the_standby_promoted(load)
        story.the_old_primary_follows_the_new_one(load)
        load.wait_for(200)
    story.end()
    watcher.saw(changes_of(site))
    assert rebuilds_to_the_same(site)
    story.course.write(MEASURED)
