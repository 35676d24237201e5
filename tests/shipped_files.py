"""What `deploy/` ships, read the way its tools read it: the Dockerfile, Compose's own reading, the rendered chart."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped] # it publishes no types
from helm_python.chart import Chart

from muster_cli import parts
from muster_shared.settings import SERVICES, Settings

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
CHART = DEPLOY / "helm" / "muster"
VALUES = DEPLOY / "helm" / "values"
PORT = 8000
_LOCAL_PORTS = {"ingest": 51001, "report": 51002, "notify": 51003}

Object = dict[str, Any]


@cache
def commands() -> dict[str, list[str]]:
    """The command of every process as `muster up` starts it, with the address that it has in a container."""
    planned = parts.services(Settings(data_dir=Path("/instance")), _LOCAL_PORTS)
    launches = [*planned.migrations, *(launch for stage in planned.stages for launch in stage)]
    return {launch.name: [_in_a_container(word) for word in bare(launch.argv)] for launch in launches}


def bare(command: Sequence[str]) -> list[str]:
    """A command without the interpreter that runs its module."""
    words = list(command)
    return words[2:] if words[1:2] == ["-m"] else words


def _in_a_container(word: str) -> str:
    known = {"127.0.0.1": "0.0.0.0", **{str(port): str(PORT) for port in _LOCAL_PORTS.values()}}  # noqa: S104
    return known.get(word, "/tmp/beat.db" if word.endswith("/beat.db") else word)  # noqa: S108 - a folder of the container


@cache
def stages() -> dict[str, list[tuple[str, str]]]:
    """The instructions of each stage of the Dockerfile, its `FROM` first."""
    text = re.sub(r"^#.*\n", "", (DEPLOY / "images" / "Dockerfile").read_text(encoding="utf-8"), flags=re.M)
    found: dict[str, list[tuple[str, str]]] = {}
    name = ""
    for line in re.sub(r"\s*\\\n\s*", " ", text).splitlines():
        word, _, rest = line.strip().partition(" ")
        if word == "FROM":
            name = rest.rpartition(" ")[2]
        found.setdefault(name, []).extend([(word, rest)] if word else [])
    return found


def instructions(stage: str, word: str) -> Iterator[str]:
    """What an instruction says in a stage and in those that it is built on."""
    base = stages()[stage][0][1].split(" ")[0]
    if base in stages():
        yield from instructions(base, word)
    yield from (rest for found, rest in stages()[stage] if found == word)


def composed(folder: Path, *files: str, profiles: Sequence[str] = ("tools",), **environment: str) -> Object:
    """The project as Compose reads it from files of a folder.

    Raises:
        subprocess.CalledProcessError: Compose refuses it; what it says is in `stderr`.
    """
    spec = find_spec("compose")
    assert spec is not None
    assert spec.origin is not None
    named = [word for file in files for word in ("--file", file)]
    chosen = [word for profile in profiles for word in ("--profile", profile)]
    command = [str(Path(spec.origin).with_name("docker-compose")), "--env-file", "env.example", *named, *chosen]
    done = subprocess.run(
        [*command, "config", "--format", "json"],
        cwd=folder,
        env={"HOME": str(folder), "PATH": "/usr/bin:/bin", **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(json.loads(done.stdout))


def values(name: str) -> Object:
    """One of the files of values."""
    return dict(yaml.safe_load((VALUES / f"{name}.yaml").read_text(encoding="utf-8")))


def check_values(given: Mapping[str, Any]) -> None:
    """Hold values against the schema of the chart.

    Raises:
        helm_python.HelmError: the schema refuses them.
    """
    with Chart.load(CHART) as chart:
        chart.validate_schema(dict(given))


def rendered(given: Mapping[str, Any]) -> list[Object]:
    """Every object of the chart, of a release `muster` in the namespace `muster`.

    Raises:
        helm_python.HelmError: the schema refuses the values.
    """
    with Chart.load(CHART) as chart:
        chart.validate_schema(dict(given))
        texts = chart.render(dict(given), name="muster", namespace="muster")
    manifests = (text for path, text in texts.items() if path.endswith(".yaml"))
    return [found for text in manifests for found in yaml.load_all(text, yaml.CSafeLoader) if found]


def of_kind(objects: Sequence[Object], kind: str) -> dict[str, Object]:
    """The objects of a kind by their names, without the release's."""
    chosen = [found for found in objects if found["kind"] == kind]
    return {found["metadata"]["name"].removeprefix("muster-"): found for found in chosen}


def pods(objects: Sequence[Object]) -> dict[str, Object]:
    """The specification of every pod by the name of what makes it."""
    found = {
        name: one["spec"]["template"] for kind in ("Deployment", "Job") for name, one in of_kind(objects, kind).items()
    }
    crons = of_kind(objects, "CronJob").items()
    return found | {name: one["spec"]["jobTemplate"]["spec"]["template"] for name, one in crons}


def service_of(process: str) -> str:
    """The service that a process belongs to; empty for those that belong to all."""
    return next((service for service in SERVICES if process.startswith(service)), "")
