"""``muster template``: an office's template as a file, prefilled with its records."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import click
import requests
from urllib3.util import Retry

from muster_cli.local import NOT_REACHABLE, WRONG_USE, fail, instance_settings, settings
from muster_cli.signed_session import signed_session
from muster_shared.auth import Caller, issue

_TIMEOUT: Final = (5, 120)  # seconds to connect, to answer
_FILE_NAME: Final = re.compile(r'filename="?([A-Za-z0-9][A-Za-z0-9._-]*\.xlsx)"?\s*(?:;|$)')
_ZIP: Final = b"PK\x03\x04"


@click.command()
@click.argument("kind")
@click.option("--office", help="The office whose records it has, for example KEN; may be left out with one's own.")
@click.option("--language", type=click.Choice(["en", "fr", "es"]), default="en", show_default=True, help="Its words.")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="The file; otherwise KIND-OFFICE.xlsx."
)
@click.option("--url", help="Address of Muster; otherwise the instance of MUSTER_DATA_DIR.")
@click.option("--token", help="From 'muster token'; otherwise one made for the instance of MUSTER_DATA_DIR.")
@click.option("--json", "as_json", is_flag=True, help="Print what was written as JSON.")
def template(
    *,
    kind: str,
    office: str | None,
    language: str,
    output: Path | None,
    url: str | None,
    token: str | None,
    as_json: bool,
) -> None:
    """Write the template of a record kind, or of all kinds, for example: muster template project --office KEN.

    It has the office's records as they are now; correct or add rows and send it with 'muster submit'.
    """
    base_url, bearer = _destination(url, token)
    asked = {"lang": language} | ({"office": office} if office else {})
    answer = _asked(base_url, bearer, kind, asked)
    path, size = output or _named(answer, kind, office), len(answer.content)
    _write(path, answer.content)
    written = {"file": str(path), "bytes": size, "kind": kind, "office": office, "language": language}
    click.echo(json.dumps(written, ensure_ascii=False) if as_json else f"{path}: {size} bytes")


def _destination(url: str | None, token: str | None) -> tuple[str, str]:
    """The address and a token for it; one made here goes to the own instance only."""
    if url and token:
        return url.rstrip("/"), token
    if url and url.rstrip("/") != settings().base_url().rstrip("/"):
        fail(WRONG_USE, f"a token made here is worth nothing at {url}: give one with --token")
    if token:
        return settings().base_url().rstrip("/"), token
    known = instance_settings()
    own = issue(known, Caller(name="muster-template", role="admin"), lifetime=timedelta(hours=1))
    return known.base_url().rstrip("/"), own


def _named(answer: requests.Response, kind: str, office: str | None) -> Path:
    """KIND-OFFICE.xlsx; whose records they are the service says where no office was given."""
    if office:
        return Path(f"{kind}-{office}.xlsx")
    named = _FILE_NAME.search(answer.headers.get("Content-Disposition", ""))
    return Path(named[1] if named else f"{kind}.xlsx")


def _asked(base_url: str, token: str, kind: str, asked: Mapping[str, str]) -> requests.Response:
    with signed_session(base_url, token, _patient()) as http:
        address = f"{base_url}/ingest/v1/templates/{quote(kind, safe='')}.xlsx"
        try:
            answer = http.get(address, params=dict(asked), timeout=_TIMEOUT, allow_redirects=False)
        except requests.RequestException as error:
            fail(NOT_REACHABLE, f"{base_url} is not reachable ({type(error).__name__})")
    _check(answer)
    return answer


def _patient() -> Retry:
    return Retry(total=3, backoff_factor=0.3, status_forcelist=frozenset({429, 503}), raise_on_status=False)


def _check(answer: requests.Response) -> None:
    """End the command where the answer is no workbook."""
    status = answer.status_code
    if status == requests.codes.ok and answer.content.startswith(_ZIP):
        return
    if status < 400:
        moved = f"the address moved to {answer.headers['Location']}" if answer.is_redirect else "no workbook came back"
        fail(WRONG_USE, f"{moved}: is the address right?")
    away = status >= 500 or status == requests.codes.too_many_requests
    fail(NOT_REACHABLE if away else WRONG_USE, _detail(answer))


def _detail(answer: requests.Response) -> str:
    problem: Any = None
    with suppress(ValueError):
        problem = answer.json()
    said = problem.get("detail") if isinstance(problem, dict) else None
    return str(said or f"{answer.url.split('?')[0]} answered {answer.status_code}")


def _write(path: Path, content: bytes) -> None:
    """All of the file or nothing: what stood there before stays until the new one is complete."""
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(content)
        part.replace(path)
    except OSError as error:
        with suppress(OSError):
            part.unlink()
        fail(WRONG_USE, f"{path} cannot be written ({error.strerror})")
