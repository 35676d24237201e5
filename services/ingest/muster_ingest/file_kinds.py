"""What kind of file some bytes are, told by the bytes themselves and held against the name. Pure."""

from __future__ import annotations

import io
import zipfile
from pathlib import PurePosixPath
from typing import Final

_PDF, _PNG, _JPEG, _ZIP = b"%PDF-", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"PK\x03\x04"
_OFFICE: Final = "application/vnd.openxmlformats-officedocument"
_MAIN_PARTS: Final = {
    ".docx": ("word/document.xml", f"{_OFFICE}.wordprocessingml.document"),
    ".xlsx": ("xl/workbook.xml", f"{_OFFICE}.spreadsheetml.sheet"),
    ".pptx": ("ppt/presentation.xml", f"{_OFFICE}.presentationml.presentation"),
}
_BEGINNINGS: Final = {
    ".pdf": (_PDF, "application/pdf"),
    ".png": (_PNG, "image/png"),
    ".jpg": (_JPEG, "image/jpeg"),
    ".jpeg": (_JPEG, "image/jpeg"),
}
_TEXTS: Final = {".txt": "text/plain; charset=utf-8", ".csv": "text/csv; charset=utf-8"}
TAKEN: Final = (*_BEGINNINGS, *_MAIN_PARTS, *_TEXTS)


class WrongKind(ValueError):
    """The file is not one that is taken; the message says what would be."""


def content_type(name: str, content: bytes) -> str:
    """The media type of a file.

    Raises:
        WrongKind: its kind is not taken, or its content is not what its name says.
    """
    ending = PurePosixPath(name).suffix.lower()
    if ending in _BEGINNINGS:
        beginning, media_type = _BEGINNINGS[ending]
        return _sure(content.startswith(beginning), name, media_type)
    if ending in _MAIN_PARTS:
        part, media_type = _MAIN_PARTS[ending]
        return _sure(part in _parts(name, content), name, media_type)
    if ending in _TEXTS:
        return _sure(_is_text(content), name, _TEXTS[ending])
    raise WrongKind(f"'{ending or name}' is not a kind of document taken here: give one of {', '.join(TAKEN)}")


def _sure(is_so: bool, name: str, media_type: str) -> str:  # noqa: FBT001 - what was found out
    if not is_so:
        raise WrongKind(f"the content of {name} is not what its name says: save it again as {media_type}")
    return media_type


def _parts(name: str, content: bytes) -> set[str]:
    if not content.startswith(_ZIP):
        return set()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return set()
    if any(part.lower().endswith("vbaproject.bin") for part in parts):
        raise WrongKind(f"{name} holds macros: save it without them")
    return parts


def _is_text(content: bytes) -> bool:
    try:
        return "\x00" not in content.decode()
    except UnicodeDecodeError:
        return False
