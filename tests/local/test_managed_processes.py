from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from muster_shared.embedded.leftovers import Record, end_leftovers, identity, records
from muster_shared.embedded.processes import Backoff, Launch, Process, rotate, tail

SLEEP = "import time; time.sleep(60)"
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
)
PARENT = f"""
import subprocess, sys
child = subprocess.Popen([sys.executable, '-c', {SLEEP!r}])
print(child.pid, flush=True)
child.wait()
"""


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[[str], Process]]:
    made: list[Process] = []
    (tmp_path / "run").mkdir()

    def process(code: str) -> Process:
        launch = Launch(
            "child", (sys.executable, "-c", code), {**os.environ, "MUSTER_DATA_DIR": str(tmp_path)}, tmp_path
        )
        made.append(Process(launch, log_folder=tmp_path / "logs", run_folder=tmp_path / "run"))
        return made[-1]

    yield process
    for each in made:
        each.stop(0)


def test_waits_before_a_restart_double_up_to_ten_seconds_and_are_short_again_after_a_long_life() -> None:
    backoff = Backoff()
    assert [backoff.after(1) for _ in range(8)] == pytest.approx([0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10, 10])
    assert [backoff.after(31), backoff.after(1)] == pytest.approx([0.2, 0.4])


def test_a_child_that_dies_is_started_again_when_its_time_has_come(
    make: Callable[[str], Process], eventually: Callable[..., None]
) -> None:
    process = make(SLEEP)
    process.start(now=100.0)
    first = process.pid
    assert first
    os.kill(first, signal.SIGKILL)
    eventually(lambda: process.tend(now=101.0) == -signal.SIGKILL)
    assert (process.tend(now=101.1), process.restarts) == (None, 0)
    assert (process.tend(now=101.3), process.restarts) == (None, 1)
    assert process.pid not in (None, first)


def test_a_restart_that_the_system_refuses_is_tried_again(
    make: Callable[[str], Process], eventually: Callable[..., None], tmp_path: Path
) -> None:
    process = make("pass")
    process.start(now=0.0)
    eventually(lambda: process.tend(now=1.0) == 0)
    (tmp_path / "logs").rename(tmp_path / "elsewhere")
    (tmp_path / "logs").write_text("no folder for logs any more")
    assert (process.tend(now=2.0), process.restarts, process.pid) == (None, 1, None)
    (tmp_path / "logs").unlink()
    process.tend(now=3.0)
    assert process.pid


def test_a_child_that_does_not_listen_is_killed_with_its_whole_group(
    make: Callable[[str], Process], eventually: Callable[..., None]
) -> None:
    process = make(STUBBORN)
    process.start(now=0.0)
    eventually(lambda: "deaf" in tail(process.log_path))
    assert not process.stop(seconds=0.2)
    assert process.pid is None


def test_when_a_parent_is_killed_what_it_left_in_its_group_is_killed_too(
    make: Callable[[str], Process], eventually: Callable[..., None]
) -> None:
    process = make(PARENT)
    process.start(now=0.0)
    eventually(lambda: tail(process.log_path))
    grandchild = int(tail(process.log_path))
    assert process.pid
    os.kill(process.pid, signal.SIGKILL)
    eventually(lambda: process.tend(now=1.0) is not None)
    eventually(lambda: identity(grandchild) is None)


def test_children_die_with_a_supervisor_that_is_killed(tmp_path: Path, eventually: Callable[..., None]) -> None:
    script = f"""
import os, sys, time
from pathlib import Path
from muster_shared.embedded.processes import Launch
launch = Launch("child", (sys.executable, "-c", {SLEEP!r}), os.environ, Path("."))
print(launch.spawn(Path("child.log")).pid, flush=True)
time.sleep(60)
"""
    supervisor = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, cwd=tmp_path)
    assert supervisor.stdout
    child = int(supervisor.stdout.readline())
    assert identity(child)
    supervisor.kill()
    supervisor.communicate()
    eventually(lambda: identity(child) is None)


def test_leftovers_are_ended_and_their_records_removed(make: Callable[[str], Process], tmp_path: Path) -> None:
    process = make(SLEEP)
    process.start(now=0.0)
    assert process.pid
    assert end_leftovers(tmp_path / "run", tmp_path) == ["child"]
    assert identity(process.pid) is None
    assert records(tmp_path / "run") == []


def test_the_child_of_a_leftover_that_died_first_is_found_by_session_and_folder(
    make: Callable[[str], Process], tmp_path: Path, eventually: Callable[..., None]
) -> None:
    process = make(PARENT)
    process.start(now=0.0)
    eventually(lambda: tail(process.log_path))
    grandchild = int(tail(process.log_path))
    assert process.pid
    os.kill(process.pid, signal.SIGKILL)
    eventually(lambda: identity(process.pid or 0) is None)
    assert end_leftovers(tmp_path / "run", tmp_path / "another") == []
    Record("child", process.pid, "of before").write(tmp_path / "run")
    assert end_leftovers(tmp_path / "run", tmp_path) == [f"process {grandchild}"]
    assert identity(grandchild) is None


def test_a_stranger_who_got_the_pid_of_a_leftover_is_left_alone(tmp_path: Path) -> None:
    stranger = subprocess.Popen([sys.executable, "-c", SLEEP], start_new_session=True)
    try:
        Record("child", stranger.pid, "another boot 12345").write(tmp_path)
        assert end_leftovers(tmp_path, tmp_path) == []
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_torn_record_is_no_record(tmp_path: Path) -> None:
    (tmp_path / "child.json").write_text('{"name": "child", "pi')
    assert records(tmp_path) == []


def test_a_log_above_ten_megabytes_is_moved_aside(tmp_path: Path) -> None:
    log = tmp_path / "child.log"
    log.write_bytes(b"x" * (10 * 1024 * 1024 + 1))
    rotate(log)
    assert not log.exists()
    assert (tmp_path / "child.log.1").stat().st_size > 10 * 1024 * 1024


def test_a_process_that_ended_but_was_not_collected_counts_as_ended(eventually: Callable[..., None]) -> None:
    zombie = subprocess.Popen([sys.executable, "-c", "pass"])
    time.sleep(0)
    eventually(lambda: identity(zombie.pid) is None)
    zombie.wait()
