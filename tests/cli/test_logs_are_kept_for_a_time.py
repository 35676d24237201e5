"""Log files are cut once a day and go after so many days, whatever happened in between."""

from __future__ import annotations

import os
from datetime import date, timedelta
from pathlib import Path

from muster_cli.log_keeping import keep

DAY = date(2016, 11, 30)


def test_a_log_is_cut_once_a_day_while_its_process_goes_on_writing(tmp_path: Path) -> None:
    with (tmp_path / "web.log").open("ab", buffering=0) as log:
        log.write(b"first\n")
        assert keep(tmp_path, today=DAY, days=90)
        assert (tmp_path / "web.log").read_bytes() == b"first\n", "of the first day it is not known when it began"
        assert keep(tmp_path, today=DAY + timedelta(1), days=90)
        log.write(b"second\n")
        assert not keep(tmp_path, today=DAY + timedelta(1), days=90)
    assert (tmp_path / "web.log").read_bytes() == b"second\n"
    assert (tmp_path / "web.log.2016-11-30").read_bytes() == b"first\n"


def test_logs_go_after_their_days(tmp_path: Path) -> None:
    for name in ("web.log.2016-11-19", "web.log.2016-11-20", "web.log.1", "keep.me", "web.log"):
        (tmp_path / name).write_text("x")
    os.utime(tmp_path / "web.log.1", (0, 0))
    keep(tmp_path, today=DAY, days=0)
    assert len(list(tmp_path.iterdir())) == 6
    keep(tmp_path, today=DAY + timedelta(1), days=11)
    assert {path.name for path in tmp_path.iterdir()} == {
        "web.log.2016-11-20",
        "web.log.2016-11-30",
        "web.log",
        "keep.me",
        "cut-on",
    }
