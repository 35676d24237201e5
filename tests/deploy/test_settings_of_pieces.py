"""What the page says of pieces is what Compose and the chart start and tell them, and every setting is one."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import fields

import pytest

from muster_shared.settings import IN_FILE, PREFIX, SECRETS, SERVICES, Settings
from shipped_files import DEPLOY, Object, bare, commands, composed, instructions, pods, rendered, values

PAGE = (DEPLOY / "README.md").read_text(encoding="utf-8")
KNOWN = {PREFIX + field.name.upper() for field in fields(Settings)}
IN_FILES = {PREFIX + name.upper() + IN_FILE for name in SECRETS}
COLUMNS = (*SERVICES, "scheduler")
OF_THE_IMAGE = {"MUSTER_DATA_DIR"}


def needed(piece: str) -> set[str]:
    """The settings that the table asks for, without those of people who sign in by a provider."""
    rows = re.findall(r"^\| (`MUSTER_.+?|its database.+?) \|(.+)\|$", PAGE, re.M)
    assert len(rows) >= 10
    found: set[str] = set()
    for first, cells in rows:
        says = dict(zip(COLUMNS, (cell.strip() for cell in cells.split("|")), strict=True))[piece]
        names = set(re.findall(r"MUSTER_\w+", first))
        if says == "its own":
            found.add(f"MUSTER_{piece.upper()}_DATABASE_URL")
        elif says.startswith("yes") and not any("OIDC" in name for name in names):
            found |= names
    return found - OF_THE_IMAGE


def given(environment: Mapping[str, str]) -> set[str]:
    """The settings that an environment says, outright or by the file of a secret; all of them are known."""
    named = {name for name in environment if name.startswith(PREFIX)}
    assert named <= KNOWN | IN_FILES
    return {name.removesuffix(IN_FILE) if name in IN_FILES else name for name in named}


@pytest.fixture(scope="module")
def project() -> Object:
    return composed(DEPLOY / "compose", "compose.yaml")


@pytest.fixture(scope="module", params=["minimal", "production"])
def objects(request: pytest.FixtureRequest) -> list[Object]:
    return rendered(values(request.param))


@pytest.mark.parametrize("piece", COLUMNS)
def test_compose_tells_each_piece_what_it_needs(piece: str, project: Object) -> None:
    for name in {piece, f"{piece}-worker"} & set(project["services"]):
        assert needed(piece) <= given(project["services"][name]["environment"]), name


@pytest.mark.parametrize("piece", COLUMNS)
def test_the_chart_tells_each_piece_what_it_needs(piece: str, objects: list[Object]) -> None:
    made = pods(objects)
    for name in {piece, f"{piece}-worker"} & set(made):
        [container] = made[name]["spec"]["containers"]
        assert needed(piece) <= given({one["name"]: one["value"] for one in container["env"]}), name


def test_every_setting_that_deploy_names_is_one() -> None:
    shipped = [path for path in DEPLOY.rglob("*") if path.is_file() and path.suffix not in {".json", ".md", ".pyc"}]
    assert len(shipped) > 20
    for path in shipped:
        if "secrets" not in path.parts:
            named = set(re.findall(r"\bMUSTER_[A-Z_]*[A-Z]\b(?!\{)", path.read_text(encoding="utf-8")))
            assert named <= KNOWN | IN_FILES, path


def test_the_image_says_where_the_data_folder_is() -> None:
    assert any("MUSTER_DATA_DIR=/var/lib/muster" in line for line in instructions("ingest", "ENV"))


def test_the_page_says_the_commands_that_muster_up_starts() -> None:
    rows = dict(re.findall(r"^\| (migrations|web|worker|scheduler) \| `([^`]+)` \|", PAGE, re.M))
    started = {"migrations": "ingest-migrate", "web": "ingest-web", "worker": "ingest-worker", "scheduler": "beat"}
    for piece, name in started.items():
        words = shlex.split(rows[piece])
        assert (bare(words) if piece == "migrations" else words) == commands()[name], piece
