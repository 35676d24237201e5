"""All nine workbooks of the sample data come out the same in any copy, process, seed, locale, time zone, on any day."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from muster_report import xlsx
from muster_report.about import complete
from muster_report.reports import catalogue
from whole_sample import ASKED, whole_sample

PARTS = ("tests", "services/ingest", "services/report", "services/notify", "shared")
ONE_PROCESS = """
import datetime, sys, time

ahead = int(sys.argv[1]) * 86400
seconds, nanoseconds = time.time, time.time_ns
time.time = lambda: seconds() + ahead
time.time_ns = lambda: nanoseconds() + ahead * 10**9


class Moved(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return cls.fromtimestamp(time.time(), tz)

    @classmethod
    def utcnow(cls):
        return cls.now(datetime.UTC).replace(tzinfo=None)

    @classmethod
    def today(cls):
        return cls.now()


class Today(datetime.date):
    @classmethod
    def today(cls):
        return cls.fromtimestamp(time.time())


import muster_report, openpyxl, report.test_sample_bytes  # what is written in C is loaded before the clock is moved

datetime.datetime, datetime.date = Moved, Today
for name, module in list(sys.modules.items()):
    if name.startswith(("muster", "openpyxl")):
        for attribute, moved in (("datetime", Moved), ("date", Today)):
            if isinstance(getattr(module, attribute, None), type):
                setattr(module, attribute, moved)
from report.test_sample_bytes import digests

print(muster_report.__file__, f"{Moved.now():%Y-%m-%d}", *digests())
"""


def digests() -> list[str]:
    return [hashlib.sha256(workbook(key)).hexdigest() for key in ASKED]


def workbook(key: str) -> bytes:
    """A report as donors get it in French, where names, months and separators come from a locale."""
    params = {**ASKED[key], "copy": "donor", "lang": "fr"}
    return xlsx.render(complete(catalogue()[key].build(whole_sample(), params), params=params, base=None))


def started(copy: Path, days_ahead: int, **chosen: str) -> subprocess.Popen[str]:
    """Begin a process that loads a copy of the code: nothing that was compiled or kept here is in it."""
    source = Path(__file__).parents[2]
    for part in PARTS:
        shutil.copytree(source / part, copy / part, ignore=shutil.ignore_patterns("__pycache__", "upgrades"))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(str(copy / part) for part in PARTS), **chosen}
    command = [sys.executable, "-c", ONE_PROCESS, str(days_ahead)]
    return subprocess.Popen(
        command, cwd=copy, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def printed(process: subprocess.Popen[str]) -> list[str]:
    told, complained = process.communicate(timeout=100)
    assert process.returncode == 0, complained
    return told.split()


@pytest.mark.slow
def test_nine_workbooks_are_the_same_in_two_copies_processes_seeds_locales_time_zones_and_days(tmp_path: Path) -> None:
    one = started(tmp_path / "one", 0, PYTHONHASHSEED="1", TZ="Pacific/Kiritimati", LC_ALL="C", LANGUAGE="es")
    other = started(
        tmp_path / "another", 400, PYTHONHASHSEED="77", TZ="America/Caracas", LC_ALL="fr_FR.UTF-8", LANG="fr_FR"
    )
    (first, today, *here), (second, later, *there) = printed(one), printed(other)
    assert first.startswith(f"{tmp_path / 'one'}/")
    assert second.startswith(f"{tmp_path / 'another'}/")
    assert today < later
    assert len(set(here)) == len(here) == len(ASKED) == 9
    assert here == there
