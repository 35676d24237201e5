"""Who reaches whom within the release: worked out from the policies, as a cluster that keeps to them would."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from muster_shared.settings import SERVICES
from shipped_files import PORT, Object, of_kind, pods, rendered, values

WORKERS = {f"{service}-worker" for service in SERVICES}
WORKING = {*SERVICES, *WORKERS}
MIGRATIONS = {f"{service}-migrations" for service in SERVICES}


@pytest.fixture(scope="module")
def objects() -> list[Object]:
    return rendered(values("production"))


@pytest.fixture(scope="module")
def policies(objects: list[Object]) -> list[Object]:
    return [policy["spec"] for policy in of_kind(objects, "NetworkPolicy").values()]


@pytest.fixture(scope="module")
def labels(objects: list[Object]) -> dict[str, dict[str, str]]:
    return {name: pod["metadata"]["labels"] for name, pod in pods(objects).items()}


def chosen(selector: Object, labels: dict[str, str]) -> bool:
    within = [one for one in selector.get("matchExpressions", ()) if one["operator"] == "In"]
    assert len(within) == len(selector.get("matchExpressions", ()))
    named = all(labels.get(one["key"]) in one["values"] for one in within)
    return named and selector.get("matchLabels", {}).items() <= labels.items()


def rules(policies: list[Object], way: str, labels: dict[str, str]) -> Iterator[Object]:
    for policy in policies:
        if way.title() in policy["policyTypes"] and chosen(policy["podSelector"], labels):
            yield from policy.get(way, ())


def goes(rules: Iterator[Object], towards: str, port: int, other: dict[str, str]) -> bool:
    """Whether one of the rules lets a connection at a port through, as far as the pod at its other end goes."""
    return any(
        port in {one["port"] for one in rule["ports"]}
        and any("podSelector" in peer and chosen(peer["podSelector"], other) for peer in rule.get(towards, ()))
        for rule in rules
    )


def test_a_pod_is_reached_only_by_those_that_have_something_to_ask_it(
    policies: list[Object], labels: dict[str, dict[str, str]]
) -> None:
    reached = {
        (one, other)
        for one in labels
        for other in labels
        if goes(rules(policies, "egress", labels[one]), "to", PORT, labels[other])
        and goes(rules(policies, "ingress", labels[other]), "from", PORT, labels[one])
    }
    followers = {"report", "report-worker", "notify", "notify-worker"}
    to_the_log = {(one, "ingest") for one in followers}
    assert reached == {("origin", service) for service in SERVICES} | to_the_log | {("tools", "origin")}


def test_every_pod_is_closed_both_ways_unless_something_opens_it(
    policies: list[Object], labels: dict[str, dict[str, str]]
) -> None:
    for name, own in labels.items():
        closing = [policy for policy in policies if chosen(policy["podSelector"], own)]
        assert {way for policy in closing for way in policy["policyTypes"]} == {"Ingress", "Egress"}, name


@pytest.mark.parametrize(
    ("port", "who"),
    [
        (5432, {*WORKING, *MIGRATIONS, "backup", "tools"}),
        (6379, {*WORKING, "scheduler", "tools"}),
        (26379, {*WORKING, "scheduler", "tools"}),
        (443, {*WORKING, "backup", "tools"}),
        (25, {"notify-worker", "tools"}),
        (4318, WORKING),
    ],
)
def test_a_server_is_reached_by_those_that_work_with_it(
    port: int, who: set[str], policies: list[Object], labels: dict[str, dict[str, str]]
) -> None:
    found = {
        name
        for name in labels
        if any(port in {one["port"] for one in rule["ports"]} for rule in rules(policies, "egress", labels[name]))
    }
    assert found == who


def test_every_pod_may_ask_for_names(policies: list[Object], labels: dict[str, dict[str, str]]) -> None:
    for name, own in labels.items():
        ports = [one for rule in rules(policies, "egress", own) for one in rule["ports"]]
        asked = {(one["port"], one.get("protocol")) for one in ports}
        assert {(53, "UDP"), (53, "TCP")} <= asked, name


def test_only_the_ingress_controller_and_prometheus_come_from_other_namespaces(
    policies: list[Object], labels: dict[str, dict[str, str]]
) -> None:
    def strangers(name: str) -> set[str]:
        peers = [peer for rule in rules(policies, "ingress", labels[name]) for peer in rule.get("from", ())]
        found = [peer["namespaceSelector"]["matchLabels"] for peer in peers if "namespaceSelector" in peer]
        return {one["kubernetes.io/metadata.name"] for one in found}

    assert {name: strangers(name) for name in labels if strangers(name)} == {
        "origin": {"ingress-nginx"},
        **{service: {"monitoring"} for service in SERVICES},
    }
