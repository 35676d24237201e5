"""The documentation is held against the code: what it names exists, and what exists is named."""

from __future__ import annotations

import importlib
import json
import re
import sys
import types
from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click
import pytest

from muster_cli import records_csv, sample
from muster_cli.main import muster
from muster_cli.submission_files import sendings
from muster_ingest.envelope import open_envelope
from muster_report.facts import Fact, Facts, Submission
from muster_shared.context import Context
from muster_shared.settings import IN_FILE, PREFIX, SECRETS, SERVICES, Settings

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "deploy").rglob("*.md")),
]
README = (ROOT / "README.md").read_text(encoding="utf-8")
NEVER_CONNECTED = "postgresql+psycopg://nobody@127.0.0.1:1/nothing"

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def code_of(text: str) -> list[str]:
    """Every code span and every line of a code block."""
    blocks = re.findall(r"^ *```\w*\n(.*?)^ *```", text, re.S | re.M)
    prose = re.sub(r"^ *```\w*\n.*?^ *```", "", text, flags=re.S | re.M)
    return [*re.findall(r"`([^`\n]+)`", prose), *(line for block in blocks for line in block.splitlines())]


def example_of(page: str) -> types.ModuleType:
    """The Python example of a how-to, run as the file it would be."""
    text = (ROOT / "docs" / "how-to" / page).read_text(encoding="utf-8")
    found = re.search(r"^( *)```python\n(.*?)^ *```", text, re.S | re.M)
    assert found, f"{page} has no example"
    module = types.ModuleType("example_of_a_how_to")
    source = "\n".join(line.removeprefix(found[1]) for line in found[2].splitlines())
    sys.modules[module.__name__] = module
    exec(compile(source, page, "exec"), module.__dict__)  # noqa: S102 - our own documentation
    return module


def names_in_settings_page() -> set[str]:
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    return set(re.findall(r"^\| `(MUSTER_\w+)` \|", text, re.M))


def known_settings() -> set[str]:
    return {PREFIX + field.name.upper() for field in fields(Settings)}


def test_the_table_of_settings_names_every_setting_and_no_other() -> None:
    assert names_in_settings_page() == known_settings()


@every_page
def test_a_page_names_no_setting_that_does_not_exist(page: Path) -> None:
    named = set(re.findall(r"MUSTER_[A-Z_]*[A-Z]", page.read_text(encoding="utf-8")))
    assert named <= known_settings() | {PREFIX + name.upper() + IN_FILE for name in SECRETS}


def test_the_defaults_in_the_table_of_settings_are_the_defaults() -> None:
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| `MUSTER_(\w+)` \| `([^`]+)` \|", text, re.M))
    for name, default in told.items():
        if name != "OBJECT_STORE_URL":  # a folder named in words
            known = getattr(Settings(), name.lower())
            assert type(known)(default) == known, name


def commands() -> dict[str, click.Command]:
    """Every command by what is typed after ``muster``."""
    found: dict[str, click.Command] = {}
    for name, command in muster.commands.items():
        if isinstance(command, click.Group):
            found |= {f"{name} {inner}": below for inner, below in command.commands.items()}
        else:
            found[name] = command
    return found


def command_lines(text: str) -> Iterator[str]:
    for code in code_of(text):
        for found in re.findall(r"(?<![\w/.*-])muster( [^|&;)`]*)", code):
            yield found.strip()


def test_the_readme_names_every_command() -> None:
    typed = " | ".join(command_lines(README))
    assert [name for name in commands() if not re.search(rf"(^|\| ){name}\b", typed)] == []


@every_page
def test_a_page_names_only_commands_and_options_that_exist(page: Path) -> None:
    for line in command_lines(page.read_text(encoding="utf-8")):
        words = line.split()
        if words[0].startswith("-") or words == ["clock"]:
            continue
        known = commands()
        command = known.get(" ".join(words[:2])) or known.get(words[0])
        assert command is not None, f"{page.name}: muster {line}"
        options = {option for parameter in command.params for option in parameter.opts}
        assert {word for word in words if word.startswith("-")} <= options, f"{page.name}: muster {line}"


@every_page
def test_a_page_names_only_targets_that_the_makefile_has(page: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.M))
    assert {
        target for code in code_of(page.read_text(encoding="utf-8")) for target in re.findall(r"^make (\w+)", code)
    } <= targets


def documented_routes() -> set[tuple[str, str]]:
    text = (ROOT / "docs" / "http.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (GET|POST|PUT|PATCH|DELETE) \| `([^`]+)` \|", text, re.M)
    return {
        (method, path.replace("<service>", service))
        for method, path in rows
        for service in (SERVICES if "<service>" in path else ("",))
    }


def existing_routes(folder: Path) -> set[tuple[str, str]]:
    settings = Settings(
        data_dir=folder,
        ingest_database_url=NEVER_CONNECTED,
        report_database_url=NEVER_CONNECTED,
        notify_database_url=NEVER_CONNECTED,
        redis_url="redis://127.0.0.1:1/0",
    )
    found: set[tuple[str, str]] = set()
    for service in SERVICES:
        app = importlib.import_module(f"muster_{service}.app").create_app(Context.open(service, settings))
        for rule in app.url_map.iter_rules():
            if rule.endpoint != "static":
                found |= {(method, rule.rule) for method in rule.methods - {"HEAD", "OPTIONS"}}
    return found


def test_every_route_of_the_three_services_is_documented_and_no_other(tmp_path: Path) -> None:
    assert documented_routes() == existing_routes(tmp_path)


@every_page
def test_the_links_of_a_page_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8"))
    within = [link for link in links if not link.startswith(("https://", "http://"))]
    assert [link for link in within if not (page.parent / link).resolve().is_relative_to(ROOT)] == []
    assert [link for link in within if not (page.parent / link).exists()] == []


@every_page
def test_the_paths_that_a_page_names_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    paths = {
        code.split()[0]
        for code in re.findall(r"`([^`\n]+)`", text)
        if code.startswith(("services/", "shared/", "tests/", "docs/", "deploy/"))
    }
    assert [path for path in sorted(paths) if not (ROOT / path).exists()] == []


@every_page
def test_the_modules_that_a_page_names_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    modules = set(re.findall(r"\b(muster_(?:ingest|report|notify|shared|cli)(?:\.\w+)+)(?!\w*/)", text))
    assert [name for name in sorted(modules) if not _exists(name)] == []


def _exists(name: str) -> bool:
    package, _, last = name.rpartition(".")
    return find_spec(name) is not None or hasattr(importlib.import_module(package), last)


@every_page
def test_a_name_is_in_the_file_that_a_page_says_it_is_of(page: Path) -> None:
    text = " ".join(page.read_text(encoding="utf-8").split())
    said = re.findall(r"`(\w+)`,? (?:of|in) `((?:services|shared|tests)/[^`]+\.py)`", text)
    assert [pair for pair in said if not re.search(rf"\b{pair[0]}\b", (ROOT / pair[1]).read_text())] == []


def test_every_decision_is_listed_and_has_context_decision_and_consequence() -> None:
    folder = ROOT / "docs" / "decisions"
    pages = sorted(page for page in folder.glob("*.md") if page.name != "README.md")
    listed = re.findall(r"\]\((\d{4}-[a-z0-9-]+\.md)\)", (folder / "README.md").read_text(encoding="utf-8"))
    assert listed == [page.name for page in pages]
    for page in pages:
        headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.M)
        assert headings[0].startswith(page.name[:4]), page.name
        assert headings[1:] == ["Context", "Decision", "Consequence"], page.name


def test_the_changelog_begins_with_what_is_unreleased() -> None:
    headings = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.M)
    assert headings[0] == "[Unreleased]"


def test_the_picture_is_a_small_png() -> None:
    picture = (ROOT / "docs" / "pictures" / "funding-requirements.png").read_bytes()
    assert picture.startswith(b"\x89PNG\r\n")
    assert len(picture) < 200_000


def test_the_readme_counts_the_sample_data_rightly() -> None:
    sent = sendings(sample.files())
    records = sum(len(sending.body["records"]) for sending in sent)
    assert f"{len(sent)} of {len(sent)} submissions accepted: records {records} new" in README


@pytest.mark.parametrize("page", ["README.md", "deploy/README.md"])
def test_the_envelopes_that_a_page_sends_can_be_read(page: str) -> None:
    sent = re.findall(r"-d '(\{.*?\})'", (ROOT / page).read_text(encoding="utf-8"), re.S)
    assert sent
    for body in sent:
        assert open_envelope(json.loads(body)).errors == []


def test_the_csv_of_the_readme_is_told_by_its_columns(tmp_path: Path) -> None:
    found = re.search(r"^```\n(year,office.*?)^```", README, re.S | re.M)
    assert found
    path = tmp_path / "anything.csv"
    path.write_text(found[1], encoding="utf-8")
    assert [record["kind"] for record in records_csv.records(path)] == ["funding_requirement"] * 2


def test_the_kind_of_the_how_to_takes_a_record_and_refuses_a_wrong_one() -> None:
    kind = example_of("add-a-record-kind.md").KIND
    sent = {"training_id": "T-1", "office": "KEN", "title": "First aid", "start": "2016-11-30", "end": "2016-11-29"}
    loaded: Mapping[str, Any] = kind.schema.load(sent)
    assert kind.key_of(loaded) == "T-1"
    assert [reference.key for reference in kind.references(loaded)] == ["KEN"]
    assert [issue.code for issue in kind.check(loaded)] == ["dates_out_of_order"]
    assert set(kind.schema.validate({**sent, "titel": "First aid"})) == {"titel"}


def test_the_report_of_the_how_to_sums_up_by_area() -> None:
    report = example_of("add-a-report.md").REPORT
    facts = Facts.of(_initiative(slug, "migration_health", required) for slug, required in (("a", "100.5"), ("b", "9")))
    book = report.build(facts, report.read({"year": "2016"}))
    assert book.values()["By area"]["B6"] == 109.5
    assert len(book.used) == 2
    assert list(report.affected("initiative", {"year": 2016}, [])) == [{"year": "2016"}]


def _initiative(slug: str, area: str, required: str) -> Fact:
    now = datetime(2016, 11, 30, 8, tzinfo=UTC)
    fields_ = {"year": 2016, "slug": slug, "area": area, "required": required}
    submission = Submission("HQ-000001", "HQ", now, "0" * 64, "none")
    return Fact("initiative", f"2016/{slug}", 1, "HQ", 1, now, fields_, submission)
