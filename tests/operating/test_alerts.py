"""Alert rules, the dashboard and the page for operators name what is really told, and each alert has its section."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped] # it publishes no types

import factories
from muster_notify import usecases
from muster_report.follow import follow
from muster_shared.beat import make_beat
from muster_shared.changelog import ChangeLog
from muster_shared.names import queue_of
from told_metrics import Services, Told

ROOT = Path(__file__).parents[2]
RULES = yaml.safe_load((ROOT / "deploy" / "prometheus" / "muster-alerts.yml").read_text(encoding="utf-8"))
ALERTS: list[dict[str, Any]] = [rule for group in RULES["groups"] for rule in group["rules"]]
BOARD = json.loads((ROOT / "deploy" / "grafana" / "muster.json").read_text(encoding="utf-8"))
PAGE = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
_OF_THE_TARGET = {"service", "job", "instance"}  # labels that deploy/prometheus/prometheus.yml gives
_HAPPENS_LATER = {("muster_http_requests_total", "status")}  # an error of ours, in a test that makes none

every_alert = pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: str(alert["alert"]))


def expressions() -> Iterator[str]:
    yield from (alert["expr"] for alert in ALERTS)
    yield from (target["expr"] for panel in BOARD["panels"] for target in panel["targets"])


def selectors(expression: str) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Each metric of an expression with the labels it is chosen by: name, and label with regular expression."""
    for name, _, within in re.findall(r"\b((?:muster_\w+|up))\b(\{([^}]*)\})?", expression):
        yield name, [(label, value) for label, value in re.findall(r'(\w+)=~?"([^"]*)"', within)]


@pytest.fixture
def told(services: Services) -> dict[str, Told]:
    """What the services tell after a submission was followed, swept for and every tick was done."""
    services.submit(factories.office("KEN"), factories.requirement())
    report, notify = services.contexts["report"], services.contexts["notify"]
    follow(report, ChangeLog(report.settings, "report"))
    usecases.sweep(notify, ChangeLog(notify.settings, "notify"))
    for task in make_beat("redis://").conf.beat_schedule:
        services.contexts[queue_of(task)].wake.finished(task)
    for name in services.contexts:
        services.told(name)  # a request is counted once it is answered
    return {name: services.told(name) for name in services.contexts}


def test_every_metric_and_label_that_is_asked_for_is_told(told: dict[str, Told]) -> None:
    samples = [sample for one in told.values() for sample in one.samples]
    for expression in expressions():
        for name, labels in selectors(expression):
            found = [sample for sample in samples if sample.name == name]
            assert found or name == "up", f"nobody tells {name}: {expression}"
            for label, value in labels:
                known = {sample.labels[label] for sample in found if label in sample.labels}
                for wanted in value.split("|"):
                    is_told = any(re.fullmatch(wanted, one) for one in known)
                    assert is_told or label in _OF_THE_TARGET or (name, label) in _HAPPENS_LATER, f"{name} {wanted}"


def test_the_page_lists_every_metric_and_no_other(told: dict[str, Told]) -> None:
    table = PAGE.partition("| metric | of |")[2].partition("\n\n")[0]
    listed = set(re.findall(r"\bmuster_\w+", "".join(row.split("|")[1] for row in table.splitlines()[2:])))
    found = {re.sub(r"_(bucket|count|sum|created)$", "", name) for one in told.values() for name in one.names()}
    ours = {name for name in found if name.startswith("muster_")} - {"muster_http_requests"}
    assert listed == ours


@every_alert
def test_an_alert_says_how_bad_it_is_what_it_is_and_where_to_read_on(alert: dict[str, Any]) -> None:
    assert alert["labels"]["severity"] in {"critical", "warning"}
    assert alert["annotations"]["summary"]
    page, _, anchor = alert["annotations"]["runbook_url"].partition("#")
    assert page == "docs/operating.md"
    assert anchor in {heading.lower().replace(" ", "-") for heading in re.findall(r"^#+ (.+)$", PAGE, re.M)}


def test_every_section_about_an_alert_is_about_one_that_there_is() -> None:
    sections = re.findall(r"^### (Muster\w+)$", PAGE, re.M)
    assert sections == [alert["alert"] for alert in ALERTS]
    for section in PAGE.split("\n### ")[1:]:
        assert all(part in section for part in ("**Means**", "**Look**", "**Do**")) or "**Look** and **do**" in section


def test_expressions_are_whole() -> None:
    for expression in expressions():
        bare = re.sub(r'"[^"]*"', "", expression)
        assert '"' not in bare, expression
        for opening, closing in ("()", "{}", "[]"):
            assert bare.count(opening) == bare.count(closing), expression


def test_the_dashboard_has_panels_that_do_not_overlap_and_take_the_chosen_source() -> None:
    assert len({panel["id"] for panel in BOARD["panels"]}) == len(BOARD["panels"])
    fields = [
        (column, row)
        for panel in BOARD["panels"]
        for column in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for row in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    ]
    assert len(fields) == len(set(fields))
    assert {panel["datasource"]["uid"] for panel in BOARD["panels"]} == {"$source"}


def test_prometheus_is_told_where_each_service_has_its_metrics(services: Services, token: Callable[..., str]) -> None:
    told = yaml.safe_load((ROOT / "deploy" / "prometheus" / "prometheus.yml").read_text(encoding="utf-8"))
    assert [(ROOT / "deploy" / "prometheus" / name).exists() for name in told["rule_files"]] == [True]
    for job in told["scrape_configs"]:
        [group] = job["static_configs"]
        client = services.clients[group["labels"]["service"]]
        answer = client.get(job["metrics_path"], headers={"Authorization": f"Bearer {token('analyst')}"})
        assert answer.status_code == 200
        assert job["job_name"] == f"muster-{group['labels']['service']}"
