"""All of it on one Docker host: Compose takes the file, and what it makes of it is what Muster needs."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from muster_shared.settings import SERVICES, load
from shipped_files import DEPLOY, PORT, Object, bare, commands, composed, service_of

SHIPPED = DEPLOY / "compose"
OF_OTHERS = {"postgres", "valkey"}
WITH_MIGRATED_TABLES = [f"{service}{process}" for service in SERVICES for process in ("", "-worker")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy with new secrets, as somebody has it who follows the page."""
    copied = tmp_path_factory.mktemp("host") / "compose"
    shutil.copytree(SHIPPED, copied, ignore=shutil.ignore_patterns("secrets", ".env", "backups"))
    subprocess.run([copied / "new-secrets.sh", "smtp://mail.example.org:25"], check=True, capture_output=True)
    (copied / "secrets" / "s3.env").write_text("AWS_REGION=eu-central-1\n")
    return copied


@pytest.fixture(scope="module")
def project(folder: Path) -> Object:
    return composed(folder, "compose.yaml")


def ours(project: Object) -> Iterator[tuple[str, Object]]:
    yield from ((name, service) for name, service in project["services"].items() if name not in OF_OTHERS)


def test_every_process_is_there_and_starts_as_muster_up_starts_it(project: Object) -> None:
    for name, command in commands().items():
        process = project["services"][name.removesuffix("-web").replace("beat", "scheduler")]
        said = process.get("command")  # none: that of the image, which tests of images look at
        assert said is None or bare(said) == command, name
        assert (said is None) == (name.endswith("-web") or name == "beat"), name
        assert process["build"]["target"] == (service_of(name) or "scheduler")


def test_tables_are_made_before_what_uses_them_starts(project: Object) -> None:
    for name in WITH_MIGRATED_TABLES:
        waits_for = project["services"][name]["depends_on"]
        assert waits_for[f"{service_of(name)}-migrate"]["condition"] == "service_completed_successfully", name
    for service in SERVICES:
        servers = project["services"][f"{service}-migrate"]["depends_on"]
        assert {one["condition"] for one in servers.values()} == {"service_healthy"}


def test_no_container_may_do_more_than_its_work(project: Object) -> None:
    for name, service in project["services"].items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert "cap_add" not in service, name
        assert "privileged" not in service, name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service.get("user", "10001:10001").split(":")[0] != "0", name
        assert service["tmpfs"][0].startswith("/tmp"), name  # noqa: S108 - a folder of the container
        limits = service["deploy"]["resources"]["limits"]
        assert {"cpus", "memory", "pids"} <= set(limits), name


def test_what_runs_on_starts_again_and_says_how_it_is(project: Object) -> None:
    for name, service in project["services"].items():
        if name.endswith("-migrate") or name == "tools":
            continue
        assert service["restart"] == "unless-stopped", name
        told_otherwise = name in {*SERVICES, "scheduler"}  # in the image, or nothing can be seen
        assert told_otherwise or service["healthcheck"]["test"], name


def test_only_the_origin_is_reached_from_outside(project: Object) -> None:
    assert [name for name, service in project["services"].items() if "ports" in service] == ["origin"]
    inward = {name for name, network in project["networks"].items() if network.get("internal")}
    assert inward == {"front", "back"}
    for name, service in project["services"].items():
        if name in {*OF_OTHERS, "scheduler"} or name.endswith("-migrate"):
            assert set(service["networks"]) == {"back"}, name
    assert "back" not in project["services"]["origin"]["networks"]


def test_the_origin_leads_to_the_port_that_each_service_serves_at(project: Object) -> None:
    told = project["services"]["origin"]["environment"]
    for service in SERVICES:
        assert told[f"{service.upper()}_UPSTREAM"] == f"{service}:{PORT}"
        assert set(project["services"][service]["networks"]) & set(project["services"]["origin"]["networks"])


def test_a_secret_is_only_ever_a_file_and_nobody_is_given_another_ones(project: Object, folder: Path) -> None:
    texts = [path.read_text().strip() for path in (folder / "secrets").iterdir() if path.name != "s3.env"]
    assert len(texts) == 8
    assert [text for text in texts if text in str(project)] == []
    for name, service in ours(project):
        given = {one["source"] for one in service.get("secrets", ())}
        asked = {path.removeprefix("/run/secrets/") for path in service.get("environment", {}).values()}
        assert given <= asked, name
        databases = {one.removesuffix("_database_url") for one in given if one.endswith("_database_url")}
        assert databases == (set(SERVICES) if name == "tools" else {service_of(name)} - {""}), name


def test_every_process_takes_its_settings(project: Object, folder: Path) -> None:
    for name, service in ours(project):
        told = {key: value for key, value in service.get("environment", {}).items() if key.startswith("MUSTER_")}
        here = {key: value.replace("/run/secrets", str(folder / "secrets")) for key, value in told.items()}
        known = load({**here, "MUSTER_DATA_DIR": str(folder / "none")})
        if service_of(name):
            assert f"@postgres:5432/muster_{service_of(name)}" in known.database_url(service_of(name))
        if name != "origin":
            assert known.broker_url().endswith("@valkey:6379/0"), name


def test_secrets_are_made_once_and_never_twice_the_same(folder: Path, tmp_path: Path) -> None:
    again = subprocess.run([folder / "new-secrets.sh", "smtp://x:25"], capture_output=True, text=True, check=False)
    assert (again.returncode, "nothing was changed" in again.stderr) == (2, True)
    shutil.copy(folder / "new-secrets.sh", tmp_path)
    subprocess.run([tmp_path / "new-secrets.sh", "smtp://x:25"], check=True, capture_output=True)
    for path in (tmp_path / "secrets").iterdir():
        assert path.read_text() != (folder / "secrets" / path.name).read_text(), path.name
    assert os.stat(tmp_path / "secrets").st_mode & 0o777 == 0o700  # noqa: PTH116 - its mode, not its path


def test_the_databases_that_are_made_are_those_that_are_asked_for(folder: Path, tmp_path: Path) -> None:
    psql, asked = tmp_path / "psql", tmp_path / "asked"
    psql.write_text(f'#!/bin/sh\necho "$@" >> {asked}\ncat > /dev/null\n')
    psql.chmod(0o755)
    script = (SHIPPED / "postgres" / "databases.sh").read_text().replace("/run/secrets", str(folder / "secrets"))
    subprocess.run(["sh", "-c", script], env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, check=True)
    for service, line in zip(SERVICES, asked.read_text().splitlines(), strict=True):
        url = (folder / "secrets" / f"{service}_database_url").read_text()
        name, password = line.partition("name=")[2].split(" --set password=")
        assert url == f"postgresql://{name}:{password}@postgres:5432/{name}"


def test_with_a_bucket_nothing_is_kept_in_a_folder_of_the_host(folder: Path) -> None:
    project = composed(folder, "compose.yaml", "compose.s3.yaml", MUSTER_OBJECT_STORE_URL="s3://muster")
    assert "objects" not in project["volumes"]
    for name, service in ours(project):
        if service_of(name) or name == "tools":
            assert service["environment"]["MUSTER_OBJECT_STORE_URL"] == "s3://muster", name
            assert name.endswith("-migrate") or "outward" in service["networks"], name


def test_compose_refuses_what_leaves_out_the_address_or_has_a_wrong_key(folder: Path) -> None:
    for harm in (("MUSTER_PUBLIC_URL=", "NONE="), ("restart:", "restrat:")):
        harmed = folder.with_name(harm[0].strip(":="))
        shutil.copytree(folder, harmed)
        for file in ("env.example", "compose.yaml"):
            path = harmed / file
            path.write_text(path.read_text().replace(*harm))
        with pytest.raises(subprocess.CalledProcessError):
            composed(harmed, "compose.yaml")
