"""Workbooks of many rows are made by a process of their own: the same bytes, and what goes wrong there is told here."""

from __future__ import annotations

import logging
import os
import pickle
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

import factories
from muster_report import history, making, making_apart
from muster_report.making import Made
from muster_report.making_apart import ProcessEnded, made
from muster_report.reports import catalogue
from muster_shared.context import Context
from reporting import Reporting, with_settings
from workbook_reading import cell

PROJECTS = "projects"
_PATIENCE = 30.0


@pytest.fixture
def report(muster: Reporting) -> Context:
    """It has followed the log with two projects in it."""
    muster.submit(factories.project("KEN-1"), factories.project("KEN-2", title="=Wells"))
    muster.report.follow()
    return muster.report.context


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two are many already."""
    monkeypatch.setattr(making_apart, "MANY", 2)


def make(context: Context, params: dict[str, str] | None = None) -> Made:
    """The workbook of all projects as of the newest position."""
    with context.sessions() as session:
        position = history.applied_position(session)
        return made(context, session, catalogue()[PROJECTS], params or {"copy": "internal"}, position, base=None)


def never(*_: Any, **__: Any) -> None:
    raise AssertionError("no process should have been started")


@pytest.mark.usefixtures("few")
def test_it_is_the_workbook_that_this_process_makes(report: Context, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, making_apart.__name__), report.sessions() as session:
        position, projects = history.applied_position(session), catalogue()[PROJECTS]
        here = making.make(session, projects, {"copy": "internal"}, position, None)
        apart = make(report)
    assert list(apart.content.pieces()) == list(here.content.pieces())
    assert (apart.content.sha256, apart.content.size) == (here.content.sha256, here.content.size)
    told = [name for name in Made.__slots__ if name != "content"]
    assert [getattr(apart, name) for name in told] == [getattr(here, name) for name in told]
    (line,) = caplog.records
    assert 10 < line.peak_mb < 1_000  # type: ignore[attr-defined] # given as extra


def test_few_records_are_worked_on_here(report: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making_apart, "MANY", 3)
    monkeypatch.setattr(making_apart.subprocess, "Popen", never)  # type: ignore[attr-defined] # the module it uses
    assert make(report).content.size > 0


@pytest.mark.usefixtures("few")
def test_an_issue_its_successor_a_past_day_and_what_was_thinned_are_made_apart(
    muster: Reporting, report: Context, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, making_apart.__name__):
        first = muster.report.latest(PROJECTS)
        (issue,) = muster.report.issues(PROJECTS)
        muster.report.release(issue)
        muster.advance("1d")
        muster.submit(factories.project("KEN-2", title="Wells and pumps"))
        muster.settle()
        second = muster.report.latest(PROJECTS)
        past = muster.report.latest(PROJECTS, as_of=issue["as_of"])
        with report.sessions.begin() as session:
            session.execute(text("UPDATE issue SET thinned_at = made_at WHERE released_at IS NOT NULL"))
        again = muster.report.file_of(issue)
    assert (cell(first, "Projects", "B6"), cell(second, "Projects", "B6")) == ("=Wells", "Wells and pumps")
    assert past == again == first
    assert len(caplog.records) == 4
    # its title in its own row, two areas and a target, and when and with which submission it came
    assert [one["changed_cells"] for one in muster.report.issues(PROJECTS)] == [6, 0]


@pytest.mark.usefixtures("few")
def test_what_goes_wrong_there_is_raised_here(report: Context) -> None:
    with pytest.raises(KeyError, match="copy") as raised:
        make(report, {"lang": "en"})
    assert "raised in the process that made the workbook" in "".join(raised.value.__notes__)
    assert "projects.py" in "".join(raised.value.__notes__)


@pytest.mark.usefixtures("few")
def test_where_it_was_raised_is_told_of_errors_that_forget_what_is_noted_on_them(
    report: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    hasty = with_settings(report, worker_lock_seconds=0.1)
    monkeypatch.setattr(history, "count_held", lambda *_: 2)
    with report.sessions.begin() as session:
        session.execute(text("LOCK TABLE fact IN ACCESS EXCLUSIVE MODE"))
        with pytest.raises(OperationalError, match="lock timeout") as raised:
            make(hasty)
    assert "history.py" in "".join(raised.value.__notes__)


@pytest.mark.usefixtures("few")
def test_an_error_that_cannot_be_handed_on_is_told_in_words(report: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making_apart, "_COMMAND", _command("raise type('Odd', (Exception,), {})('so it is')"))
    with pytest.raises(RuntimeError, match="Odd: so it is"):
        make(report)


@pytest.mark.usefixtures("few")
def test_what_it_logs_or_prints_is_not_taken_for_the_answer(
    report: Context, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    here = make(report)
    loud = "print('by the way'); logging.getLogger('a').warning('slow'); return made(job)"
    monkeypatch.setattr(making_apart, "_COMMAND", _command(loud))
    assert make(report).content.sha256 == here.content.sha256
    told = capfd.readouterr().err
    assert "by the way" in told
    assert '"service": "report-making"' in told


def _command(instead: str) -> tuple[str, ...]:
    """The process, with something else done where it makes the workbook."""
    lines = (
        "import logging",
        "from muster_report import making_apart",
        "made = making_apart._made",
        f"def instead(job): {instead}",
        "making_apart._made = instead",
        "making_apart.main()",
    )
    return (sys.executable, "-c", "\n".join(lines))


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize(
    "does",
    [
        "import os; os.kill(os.getpid(), 9)",
        "import sys; sys.stdin.buffer.read(10)",
        "import os; os.write(1, b'half an answer'); os.kill(os.getpid(), 9)",
    ],
)
def test_a_process_that_was_killed_leaves_the_report_to_be_made_later(
    muster: Reporting, report: Context, monkeypatch: pytest.MonkeyPatch, does: str
) -> None:
    with monkeypatch.context() as killed:
        killed.setattr(making_apart, "_COMMAND", (sys.executable, "-c", does))
        with pytest.raises(ProcessEnded, match="exit code"):
            make(report)
        run = muster.report.run(PROJECTS)
        muster.report.regenerate()
        assert muster.report.get(run).get_json()["status"] == "failed"
    muster.report.let_days_pass()
    assert muster.report.regenerate() == 1
    assert len(muster.report.issues(PROJECTS)) == 1


@pytest.mark.usefixtures("few")
def test_it_ends_with_the_process_that_asked_for_it(
    report: Context, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked: list[Any] = []

    def noted(job: Any) -> Any:
        asked.append(job)
        raise ProcessEnded

    monkeypatch.setattr(making_apart, "_answered", noted)
    with pytest.raises(ProcessEnded):
        make(report)
    end, held = os.pipe()
    with (tmp_path / "workbook").open("wb+") as file, report.sessions.begin() as session:
        session.execute(text("LOCK TABLE fact IN ACCESS EXCLUSIVE MODE"))  # so that it waits
        told = pickle.dumps((end, replace(asked[0], file=file.fileno())))
        fds = [file.fileno(), end]
        with subprocess.Popen(making_apart._COMMAND, stdin=subprocess.PIPE, pass_fds=fds) as process:
            assert process.stdin
            process.stdin.write(told)
            process.stdin.close()
            _until_it_waits(report)
            assert process.poll() is None
            os.close(held)
            assert process.wait(timeout=_PATIENCE) == 1
    os.close(end)


def _until_it_waits(report: Context) -> None:
    waits = text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        with report.sessions() as session:
            if session.scalar(waits):
                return
        time.sleep(0.05)
    raise AssertionError("it does not wait")
