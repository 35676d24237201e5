"""The Helm chart: what it renders is what Kubernetes takes, and what Muster needs; what is wrong is refused."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import fields
from functools import cache
from typing import Any

import jsonschema
import kubernetes_validate
import pytest
from helm_python import HelmError
from helm_python.chart import lint
from kubernetes_validate import utils as kubernetes_schemas

from custom_resources import SCHEMAS
from muster_shared.settings import PREFIX, SECRETS, SERVICES, Settings
from shipped_files import CHART, PORT, Object, bare, check_values, commands, of_kind, pods, rendered, service_of, values

NEWEST, OLDEST = "1.37", "1.30"  # of Kubernetes: the chart asks for the older one or a later one


@pytest.fixture(scope="module")
def minimal() -> list[Object]:
    return rendered(values("minimal"))


@pytest.fixture(scope="module")
def production() -> list[Object]:
    return rendered(values("production"))


@pytest.fixture(params=["minimal", "production"])
def objects(request: pytest.FixtureRequest) -> list[Object]:
    return list(request.getfixturevalue(request.param))


@pytest.fixture(scope="module", autouse=True)
def _schemas_are_read_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kubernetes_schemas, "schema_contents", cache(kubernetes_schemas.schema_contents))
        yield


def changed(name: str, **changes: Any) -> Object:
    """Values of a file with something else; `web__replicas` is a value within a value."""
    found = copy.deepcopy(values(name))
    for path, value in changes.items():
        *within, last = path.split("__")
        place = found
        for key in within:
            place = place.setdefault(key, {})
        place[last] = value
    return found


def validate(found: Object, version: str) -> None:
    if found["apiVersion"] in SCHEMAS:
        jsonschema.validate(found, SCHEMAS[found["apiVersion"]])
    else:
        kubernetes_validate.validate(found, version, strict=True)


def test_helm_finds_nothing_wrong() -> None:
    report = lint(CHART, values("production"), strict=True, kube_version=f"v{OLDEST}.0")
    assert report["errors"] == []
    assert max(message["severity"] for message in report["messages"]) == 1  # it recommends an icon


def test_kubernetes_takes_every_object_the_oldest_and_the_newest(
    minimal: list[Object], production: list[Object]
) -> None:
    for found in minimal:
        validate(found, OLDEST)
    for found in production:
        validate(found, NEWEST)
    assert {found["kind"] for found in production} == {
        *("Deployment", "Service", "Ingress", "Job", "CronJob", "PodDisruptionBudget", "NetworkPolicy"),
        *("HorizontalPodAutoscaler", "ScaledObject", "ServiceMonitor"),
    }


def test_an_object_with_a_key_that_kubernetes_does_not_know_would_be_found(production: list[Object]) -> None:
    for kind in ("Deployment", "ScaledObject", "ServiceMonitor"):
        harmed = copy.deepcopy(next(iter(of_kind(production, kind).values())))
        harmed["spec"]["replicaz"] = 2
        with pytest.raises((kubernetes_validate.ValidationError, jsonschema.ValidationError)):
            validate(harmed, NEWEST)


@pytest.mark.parametrize(
    "wrong",
    [
        {"publicUrl": ""},
        {"publicUrl": "https://muster.example.org/path"},
        {"objectStore__url": "file:///objects"},
        {"ingest__web__replicaz": 3},
        {"ingest__web__replicas": 0},
        {"ingress__host": ""},
        {"settings": {"MUSTER_SECRET_KEY": "x" * 40}},
        {"environment": {"AWS_SECRET_ACCESS_KEY": "x"}},
        {"report__worker": {"autoscaling": {"enabled": True}}},
        {"backup__enabled": True},
        {"monitoring__enabled": True},
        {"oidc": {"issuer": "https://login.example.org"}},
        {"image__digests": {"ingest": "latest"}},
        {"networkPolicy__to": {"postgres": {"ports": ["5432"]}}},
    ],
    ids=str,
)
def test_values_that_would_not_work_are_refused(wrong: Mapping[str, Any]) -> None:
    with pytest.raises(HelmError):
        check_values(changed("minimal", **wrong))


def test_every_setting_may_be_said_in_values_but_no_secret() -> None:
    names = {setting.name: PREFIX + setting.name.upper() for setting in fields(Settings)}
    check_values(changed("minimal", settings={names[name]: "1" for name in names.keys() - set(SECRETS)}))
    for name in SECRETS:
        with pytest.raises(HelmError):
            check_values(changed("minimal", settings={names[name]: "1"}))


def test_every_process_is_there_and_starts_as_muster_up_starts_it(objects: list[Object]) -> None:
    made = pods(objects)
    for name, command in commands().items():
        found = {f"{service}-migrate": f"{service}-migrations" for service in SERVICES}.get(name, name)
        pod = made[found.removesuffix("-web").replace("beat", "scheduler")]
        [container] = pod["spec"]["containers"]
        assert bare(container["args"]) == command, name
        assert container["image"] == f"registry.example.org/muster/{service_of(name) or 'scheduler'}:0.1.0"


def test_no_pod_may_do_more_than_its_work(objects: list[Object]) -> None:
    for name, pod in pods(objects).items():
        spec = pod["spec"]
        assert spec["automountServiceAccountToken"] is False, name
        assert spec["securityContext"]["runAsNonRoot"] is True, name
        assert spec["securityContext"]["runAsUser"] == 10001, name
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        for container in spec["containers"]:
            may = container["securityContext"]
            assert may["readOnlyRootFilesystem"] is True, name
            assert may["allowPrivilegeEscalation"] is False, name
            assert may["capabilities"] == {"drop": ["ALL"]}, name
            assert {"requests", "limits"} <= set(container["resources"]), name
            assert "/tmp" in {mount["mountPath"] for mount in container["volumeMounts"]}, name  # noqa: S108


def test_probes_ask_where_the_services_answer(objects: list[Object], health_paths: Mapping[str, str]) -> None:
    for service in SERVICES:
        [container] = pods(objects)[service]["spec"]["containers"]
        assert container["ports"] == [{"name": "http", "containerPort": PORT}]
        for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
            assert container[probe]["httpGet"] == {"path": health_paths[service], "port": "http"}
    for name, pod in pods(objects).items():
        if name.endswith("-worker"):
            assert pod["spec"]["containers"][0]["livenessProbe"]["exec"]["command"], name


def test_secrets_come_as_files_from_a_secret_that_is_there_already(objects: list[Object]) -> None:
    assert of_kind(objects, "Secret") == {}
    for name, pod in pods(objects).items():
        if name == "origin":
            continue
        [container] = pod["spec"]["containers"]
        told = {one["name"]: one["value"] for one in container["env"]}
        files = {told[key].rpartition("/")[2] for key in told if key.endswith("_FILE")}
        mounted = {item["key"] for item in pod["spec"]["volumes"][0]["secret"]["items"]}
        assert files == mounted, name
        databases = {file.removesuffix("-database-url") for file in files if file.endswith("-database-url")}
        assert databases == (set(SERVICES) if name in {"backup", "tools"} else {service_of(name)} - {""}), name


def test_tables_are_made_before_anything_of_a_version_runs(objects: list[Object]) -> None:
    for service in SERVICES:
        job = of_kind(objects, "Job")[f"{service}-migrations"]
        assert job["metadata"]["annotations"]["helm.sh/hook"] == "pre-install,pre-upgrade"
        [container] = job["spec"]["template"]["spec"]["containers"]
        assert "envFrom" not in container  # nothing of the chart is there yet when it is installed
        assert job["spec"]["template"]["spec"]["serviceAccountName"] in {"default", "muster"}


def test_every_deployment_may_be_emptied_one_pod_at_a_time_and_is_spread(objects: list[Object]) -> None:
    budgets, deployments = of_kind(objects, "PodDisruptionBudget"), of_kind(objects, "Deployment")
    del deployments["tools"]  # nobody misses it while it moves
    assert set(budgets) == set(deployments)
    for name, deployment in deployments.items():
        chosen = deployment["spec"]["selector"]["matchLabels"]
        assert budgets[name]["spec"]["selector"]["matchLabels"] == chosen, name
        assert chosen.items() <= deployment["spec"]["template"]["metadata"]["labels"].items(), name
        spread = deployment["spec"]["template"]["spec"]["topologySpreadConstraints"]
        assert {one["topologyKey"] for one in spread} == {"kubernetes.io/hostname", "topology.kubernetes.io/zone"}


def test_what_is_scaled_has_no_number_of_its_own(production: list[Object], minimal: list[Object]) -> None:
    scalers = {**of_kind(production, "HorizontalPodAutoscaler"), **of_kind(production, "ScaledObject")}
    assert set(scalers) == {f"{service}{process}" for service in SERVICES for process in ("", "-worker")}
    for name, scaler in scalers.items():
        assert scaler["spec"]["scaleTargetRef"]["name"] == f"muster-{name}"
        assert "replicas" not in of_kind(production, "Deployment")[name]["spec"], name
        assert of_kind(minimal, "Deployment")[name]["spec"]["replicas"] == 2, name


def test_without_caddy_the_ingress_leads_to_each_service_by_its_path() -> None:
    [ingress] = of_kind(rendered(changed("minimal", origin={"enabled": False})), "Ingress").values()
    [rule] = ingress["spec"]["rules"]
    led = {path["path"]: path["backend"]["service"]["name"] for path in rule["http"]["paths"]}
    assert led == {f"/{service}": f"muster-{service}" for service in SERVICES} | {"/static": "muster-ingest"}


def test_the_origin_leads_to_the_services_and_counts_as_one_more_proxy(minimal: list[Object]) -> None:
    [caddy] = pods(minimal)["origin"]["spec"]["containers"]
    told = {one["name"]: one["value"] for one in caddy["env"]}
    assert [told[f"{service.upper()}_UPSTREAM"] for service in SERVICES] == [f"muster-{one}:{PORT}" for one in SERVICES]
    alone = rendered(changed("minimal", origin={"enabled": False}))
    assert (proxies(minimal), proxies(alone)) == ("2", "1")


def proxies(objects: list[Object]) -> str:
    [container] = pods(objects)["ingest"]["spec"]["containers"]
    return next(str(one["value"]) for one in container["env"] if one["name"] == "MUSTER_PROXIES")


def test_a_digest_goes_before_a_tag() -> None:
    digest = f"sha256:{'0' * 64}"
    found = pods(rendered(changed("minimal", image__digests={"ingest": digest}, image__tag="0.2.0")))
    images = {name: pod["spec"]["containers"][0]["image"].rpartition("/")[2] for name, pod in found.items()}
    assert (images["ingest"], images["report"]) == (f"ingest@{digest}", "report:0.2.0")
