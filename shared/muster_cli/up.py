"""``muster up``: run an instance for a person, or in the background for the demo and the tests."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from muster_cli import instance
from muster_cli.parts import WRITTEN, texts
from muster_cli.supervisor import WRONG_USE, run
from muster_shared.embedded.processes import Launch, tail
from muster_shared.embedded.server import StartError
from muster_shared.settings import PREFIX, Settings, SettingsError, is_told, load

_START_SECONDS = 180.0
_STOP_SECONDS = 25.0


@dataclass(frozen=True, slots=True)
class Background:
    """A running instance: its origin's address, its supervisor's pid, its data folder."""

    address: str
    pid: int
    data_dir: Path


def up(settings: Settings) -> int:
    """Run the instance in the foreground and tell the person at the terminal; returns the exit code."""
    folder = settings.data_dir
    say(f"Muster starts in {folder}")
    code = run(settings, on_ready=partial(_tell_ready, folder), say=say)
    if code == 0:
        say("Muster has stopped; its data stays in the folder.")
    return code


def say(text: str) -> None:
    """Print a line at once, also into a pipe."""
    print(text, flush=True)


@contextmanager
def background(settings: Settings, *, environ: Mapping[str, str] | None = None) -> Iterator[Background]:
    """Run ``up`` in a process of its own while the block runs, and stop it in order afterwards.

    It dies with the calling thread. Its output is ``logs/up.log`` of the data folder.

    Raises:
        StartError: it did not become ready; the message ends with its output.
    """
    told = os.environ if environ is None else environ
    folder = settings.data_dir.absolute()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    launch = Launch("up", (sys.executable, "-m", __name__), _environment(settings, told), folder)
    log_path = folder / instance.LOG_FOLDER / "up.log"
    child = launch.spawn(log_path)
    try:
        yield Background(_wait_ready(child, folder, log_path), child.pid, folder)
    finally:
        _end(child)


def _tell_ready(folder: Path, address: str) -> None:
    say(f"Muster is at {address}/")
    say(f"  logs   {folder / instance.LOG_FOLDER}")
    say(f"  mails  {folder / instance.MAIL_FOLDER}")
    say("Ctrl-C stops it.")


def _environment(settings: Settings, told: Mapping[str, str]) -> dict[str, str]:
    """What the child is told: nothing that an earlier start found out, or it would pass for given."""
    found_out = {name for name in WRITTEN if name not in ("host", "port") and not is_told(told, name)}
    others = {name: value for name, value in told.items() if not name.startswith(PREFIX)}
    said = {PREFIX + name.upper(): text for name, text in texts(settings).items() if name not in found_out}
    return {**others, **said, PREFIX + "DATA_DIR": str(settings.data_dir.absolute()), "PYTHONUNBUFFERED": "1"}


def _wait_ready(child: subprocess.Popen[bytes], folder: Path, log_path: Path) -> str:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        written = instance.read(folder)
        if written.get("pid") == child.pid and written.get("ready"):
            return str(written["address"])
        if child.poll() is not None or time.monotonic() > deadline:
            raise StartError(f"Muster did not start in {folder}:\n{tail(log_path, lines=40)}")
        time.sleep(0.05)


def _end(child: subprocess.Popen[bytes]) -> None:
    if child.poll() is None:
        child.terminate()
    try:
        child.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def main() -> int:
    """``python -m muster_cli.up``: settings from the environment."""
    try:
        return up(load())
    except SettingsError as error:
        print(f"muster: {error}", file=sys.stderr)
        return WRONG_USE


if __name__ == "__main__":
    sys.exit(main())
