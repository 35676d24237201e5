"""Where annotated workbooks are written: told before anything is sent whether that can be done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path

from muster_cli.submission_files import is_workbook


class Misplaced(Exception):
    """The annotated workbooks cannot go where they are to go; the text says what would do."""


def annotated_into(out: Path, files: Sequence[Path]) -> Callable[[Path, bytes], Path]:
    """What writes the annotated workbook of a file: to ``out``, or into it where it is a folder.

    Raises:
        Misplaced: ``out`` would not do for these files.
    """
    workbooks = [path for path in files if is_workbook(path)]
    _check(out, workbooks)
    written: set[Path] = set()

    def write(file: Path, content: bytes) -> Path:
        path = _free(out, file, written) if out.is_dir() else out
        written.add(path)
        _write(path, content)
        return path

    return write


def _check(out: Path, workbooks: Sequence[Path]) -> None:
    if not workbooks:
        raise Misplaced("--annotated is for workbooks (.xlsx), and none is among the files")
    if out.is_dir():
        return
    if len(workbooks) > 1:
        raise Misplaced(f"{len(workbooks)} workbooks cannot all be annotated in {out.name}: name an existing folder")
    if not is_workbook(out):
        raise Misplaced(f"{out.name} is neither a folder nor a .xlsx file: the annotated workbook is one")
    if out.resolve() in {path.resolve() for path in workbooks}:
        raise Misplaced(f"{out.name} is the file that is submitted: write the annotated one beside it")
    if not out.absolute().parent.is_dir():
        raise Misplaced(f"there is no folder {out.parent} to write {out.name} into")


def _free(folder: Path, file: Path, written: set[Path]) -> Path:
    """A name beside those of this run; that of a run before is written over, for its marks are old."""
    names = (folder / f"{file.stem}-annotated{'' if turn == 1 else f'-{turn}'}.xlsx" for turn in count(1))
    return next(path for path in names if path not in written)


def _write(path: Path, content: bytes) -> None:
    """All of the file or nothing: what stood there before stays until the new one is complete."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    except OSError:
        with suppress(OSError):
            part.unlink()
        raise
