"""Pages, CSV archives and JSON documents come out the same in any process, locale, time zone and hash seed."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from muster_report.renderers import csv_files, html, json_document
from report.rendered_books import REPORTS, finished

ONE_PROCESS = """
from report.test_rendered_bytes import digests
print(*digests())
"""


def digests() -> list[str]:
    books = [(finished(*REPORTS[0]), "en"), (finished(*REPORTS[1], lang="fr"), "fr")]
    return [
        hashlib.sha256(module.render(book, lang)).hexdigest()
        for book, lang in books
        for module in (html, csv_files, json_document)
    ]


def printed_by_a_process(**chosen: str) -> list[str]:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1]), **chosen}
    done = subprocess.run(
        [sys.executable, "-c", ONE_PROCESS], env=environment, capture_output=True, text=True, check=True, timeout=100
    )
    return done.stdout.split()


def test_the_same_book_gives_the_same_bytes_in_any_process() -> None:
    here = digests()
    assert len(set(here)) == len(here) == 6
    assert printed_by_a_process(PYTHONHASHSEED="1", TZ="Pacific/Kiritimati", LC_ALL="C", LANGUAGE="es") == here
    assert printed_by_a_process(PYTHONHASHSEED="77", TZ="America/Caracas", LC_ALL="fr_FR.UTF-8", LANG="fr_FR") == here
