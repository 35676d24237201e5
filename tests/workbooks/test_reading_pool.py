"""The pool: its children are warm, bounded, replaced when they must be, and never outlive their parent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from hostile_files import HONEST, book, parts_of, sheet_xml, strings_xml, zipped
from muster_ingest.workbooks.reading.limits import LIMITS, MIB, Limits
from muster_ingest.workbooks.reading.readers import Readers
from muster_ingest.workbooks.reading.refused import Refused

MANY_ROWS = book("".join(f'<row r="{n}"><c r="A{n}"><v>{n * 7919}</v></c></row>' for n in range(1, 30_001)))


@pytest.fixture
def honest(tmp_path: Path) -> Path:
    return written(tmp_path / "honest.xlsx", HONEST)


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def pool(most: int = 1, **limits: float) -> closing[Readers]:
    return closing(Readers(most=most, limits=replace(LIMITS, **limits)))  # type: ignore[arg-type]


def pid_of(readers: Readers, path: Path) -> int:
    with readers.read(path) as reading:
        list(reading.frames())
    return reading.pid


def test_a_child_is_kept_for_the_next_file(honest: Path) -> None:
    with pool() as readers:
        assert pid_of(readers, honest) == pid_of(readers, honest)


def test_a_child_is_kept_where_nobody_wants_the_rows(honest: Path) -> None:
    with pool() as readers:
        with readers.read(honest) as reading:
            assert reading.opened.rows == 1
        assert pid_of(readers, honest) == reading.pid


def test_a_child_is_kept_after_a_refusal(honest: Path, tmp_path: Path) -> None:
    damaged = written(tmp_path / "a.xlsx", book('<row r="1"><c r="A1" t="s"><v>5</v></c></row>'))
    with pool() as readers:
        before = pid_of(readers, honest)
        with pytest.raises(Refused):
            pid_of(readers, damaged)
        assert pid_of(readers, honest) == before


def test_a_child_left_in_the_middle_is_replaced(honest: Path, tmp_path: Path) -> None:
    many = written(tmp_path / "many.xlsx", MANY_ROWS)
    with pool() as readers:
        with readers.read(many) as reading:
            frames = reading.frames()
            next(frames), next(frames)
        assert is_gone(reading.pid)
        assert pid_of(readers, honest) != reading.pid


def test_a_child_that_died_is_replaced(honest: Path) -> None:
    with pool() as readers:
        first = pid_of(readers, honest)
        os.kill(first, signal.SIGKILL)
        wait_until_gone(first)
        assert pid_of(readers, honest) != first


def test_a_child_killed_at_work_means_a_refusal_and_the_next_file_is_read(honest: Path, tmp_path: Path) -> None:
    many = written(tmp_path / "many.xlsx", MANY_ROWS)
    with pool() as readers:
        with pytest.raises(Refused) as refusal, readers.read(many) as reading:  # noqa: PT012 - it is refused as a whole
            os.kill(reading.pid, signal.SIGKILL)
            list(reading.frames())
        assert refusal.value.code == "unreadable"
        assert pid_of(readers, honest)


def test_a_silent_child_is_ended(honest: Path, tmp_path: Path) -> None:
    with pool(wait_seconds=3) as readers:  # of which a busy machine takes some to begin
        with pytest.raises(Refused) as refusal, readers.read(honest) as reading:  # noqa: PT012 - as above
            os.kill(reading.pid, signal.SIGSTOP)
            list(reading.frames())
        assert refusal.value.code == "takes_too_long"
        assert is_gone(reading.pid)
        assert pid_of(readers, honest)


def test_a_file_that_takes_too_much_time_is_refused(honest: Path, tmp_path: Path) -> None:
    slow = zipped(parts_of(sheet_xml("<!-- x --><row/>" * 1_000_000)), zipfile.ZIP_STORED)
    path = written(tmp_path / "slow.xlsx", slow)
    with pool(cpu_seconds=0.5, cpu_seconds_per_mib=0.0) as readers:
        with pytest.raises(Refused) as refusal:
            pid_of(readers, path)
        assert refusal.value.code == "takes_too_long"
        assert pid_of(readers, honest)


def test_a_file_that_needs_too_much_memory_is_refused(honest: Path, tmp_path: Path) -> None:
    items = "".join(f"<si><t>{n:x}{n * 7919:x}{'x' * 300}</t></si>" for n in range(150_000))
    path = written(tmp_path / "large.xlsx", book("", strings=strings_xml(items)))
    with pool(memory_bytes=60 * MIB) as readers:
        with pytest.raises(Refused) as refusal:
            pid_of(readers, path)
        assert refusal.value.code == "needs_too_much_memory"
        assert pid_of(readers, honest)


def test_a_child_that_has_grown_is_replaced(honest: Path) -> None:
    with pool(retire_bytes=1) as readers:
        assert pid_of(readers, honest) != pid_of(readers, honest)


def test_a_caller_waits_for_a_free_child_but_not_for_ever(honest: Path) -> None:
    with pool(queue_seconds=0.2) as readers, readers.read(honest):
        with pytest.raises(Refused) as refusal, readers.read(honest):
            pass
        assert (refusal.value.status, refusal.value.code) == (503, "busy")


def test_threads_share_the_children(honest: Path) -> None:
    seen: list[int] = []
    with pool(most=2) as readers:
        threads = [threading.Thread(target=lambda: seen.append(pid_of(readers, honest))) for _ in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(seen) == 12
    assert len(set(seen)) <= 2


def test_a_pool_starts_nothing_by_itself() -> None:
    script = "from muster_ingest.workbooks.reading.readers import Readers; import os; Readers(); os.waitpid(-1, 0)"
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False)

    assert b"ChildProcessError" in ended.stderr


def test_children_end_with_their_parent(honest: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from muster_ingest.workbooks.reading.readers import Readers\n"
        f"with Readers().read(Path({str(honest)!r})) as reading: print(reading.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
    with parent:
        assert parent.stdout
        child = int(parent.stdout.readline())
        parent.kill()
    wait_until_gone(child)


def wait_until_gone(pid: int) -> None:
    until = time.monotonic() + 10
    while not is_gone(pid):
        assert time.monotonic() < until
        time.sleep(0.05)


def is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


@pytest.fixture
def shared(tmp_path: Path) -> Callable[[int], Path]:
    def make(count: int) -> Path:
        items = "".join(f"<si><t>office {n} of the region {n % 9}</t></si>" for n in range(count))
        rows = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>{n * 10}</v></c></row>' for n in range(1, count // 10))
        return written(tmp_path / "strings.xlsx", book(rows, strings=strings_xml(items)))

    return make


def test_a_million_different_texts_take_little_memory(shared: Callable[[int], Path]) -> None:
    path = shared(1_000_000)
    with pool() as readers:
        pid_of(readers, path)
        assert readers.peak_bytes < 90_000_000


def test_nothing_but_the_standard_library_is_in_a_child(honest: Path) -> None:
    with pool() as readers, readers.read(honest) as reading:
        maps = Path(f"/proc/{reading.pid}/maps").read_text()
        assert "site-packages" not in maps
        assert isinstance(readers.limits, Limits)
