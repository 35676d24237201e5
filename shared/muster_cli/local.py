"""The instance that a command works on: its settings, a token for it, and one way to ask it over HTTP."""

from __future__ import annotations

import sys
from datetime import timedelta
from typing import Any, NoReturn

import click
import requests

from muster_shared import settings as environment
from muster_shared.auth import Caller, issue
from muster_shared.settings import INSTANCE_FILE, Settings, SettingsError

REJECTED, WRONG_USE, NOT_REACHABLE = 1, 2, 3


def settings() -> Settings:
    """The settings of this command; a wrong one ends it with one line and exit code 2."""
    try:
        return environment.load()
    except SettingsError as error:
        fail(WRONG_USE, str(error))


def instance_settings() -> Settings:
    """The settings of an instance that was started before; none ends the command with exit code 2."""
    known = settings()
    if not known.secret_key and not (known.data_dir / INSTANCE_FILE).exists():
        fail(WRONG_USE, f"{known.data_dir} holds no instance: run 'muster up' there first, or set MUSTER_DATA_DIR")
    return known


def fail(code: int, message: str) -> NoReturn:
    """End the command with one line on standard error."""
    click.echo(f"muster: {message}", err=True)
    sys.exit(code)


class Client:
    """Speaks to one instance with a token of its own; an instance that does not answer ends the command."""

    def __init__(self, known: Settings, role: str) -> None:
        self._base = known.base_url()
        self._http = requests.Session()
        caller = Caller(name=f"muster-{role}", role=role)
        self._http.headers["Authorization"] = f"Bearer {issue(known, caller, lifetime=timedelta(hours=1))}"

    def request(self, method: str, path: str, **options: Any) -> requests.Response:
        """The answer, whatever its status.

        Raises:
            requests.RequestException: there is none.
        """
        return self._http.request(method, self._base + path, timeout=(5, 120), **options)

    def ask(self, method: str, path: str, **options: Any) -> requests.Response:
        """The same; an instance that does not answer ends the command."""
        try:
            return self.request(method, path, **options)
        except requests.RequestException as error:
            fail(NOT_REACHABLE, f"{self._base} does not answer ({type(error).__name__}): is 'muster up' running?")

    def json(self, method: str, path: str, **options: Any) -> Any:
        """The document of an answer; a problem ends the command with its detail."""
        answer = self.ask(method, path, **options)
        check(answer)
        return answer.json()


def check(answer: requests.Response) -> None:
    """End the command where the answer is a problem."""
    if answer.status_code >= 400:
        fail(NOT_REACHABLE if answer.status_code >= 500 else REJECTED, _detail(answer))


def _detail(answer: requests.Response) -> str:
    try:
        problem = answer.json()
    except ValueError:
        return f"{answer.url.split('?')[0]} answered {answer.status_code}"
    errors = "; ".join(str(error["message"]) for error in problem.get("errors", ()))
    return f"{problem.get('detail', answer.status_code)}{': ' + errors if errors else ''}"
