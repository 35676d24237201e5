"""A workbook as the body of a multipart request, read from its file while it is sent."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Final

from urllib3.fields import RequestField
from urllib3.filepost import choose_boundary

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_BLOCK: Final = 65_536  # bytes

Sent = Callable[[int, int], None]


class WorkbookBody:
    """A form with fields and one file; only a block of the file is in memory at a time.

    It can be rewound, so that a request that was cut is sent anew; ``sent`` is told (bytes read, bytes in all).

    Raises:
        OSError: the file cannot be read.
    """

    def __init__(self, path: Path, form: Mapping[str, str], sent: Sent) -> None:
        boundary = choose_boundary()
        self.content_type = f"multipart/form-data; boundary={boundary}"
        self._head = _head(path.name, form, boundary)
        self._tail = f"\r\n--{boundary}--\r\n".encode()
        self._file = path.open("rb")
        self._size = self._file.seek(0, io.SEEK_END)
        self._sent = sent
        self._at = 0

    def __enter__(self) -> WorkbookBody:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def __len__(self) -> int:
        return len(self._head) + self._size + len(self._tail)

    def __iter__(self) -> Iterator[bytes]:
        while block := self.read(_BLOCK):
            yield block

    def tell(self) -> int:
        """How many bytes were read."""
        return self._at

    def seek(self, offset: int) -> int:
        """Go to a byte of the body."""
        self._at = offset
        return offset

    def read(self, size: int = -1) -> bytes:
        """At most ``size`` bytes, of the form's head, the file or the tail; none at the end."""
        block = self._next(len(self) if size < 0 else size)
        self._at += len(block)
        self._sent(self._at, len(self))
        return block

    def _next(self, size: int) -> bytes:
        in_file = self._at - len(self._head)
        if in_file < 0:
            return self._head[self._at :][:size]
        if in_file < self._size:
            self._file.seek(in_file)
            return self._file.read(min(size, self._size - in_file))
        return self._tail[in_file - self._size :][:size]


def _head(file_name: str, form: Mapping[str, str], boundary: str) -> bytes:
    parts = [_part(RequestField(name, b""), None, boundary) + value for name, value in form.items()]
    parts.append(_part(RequestField("file", b"", filename=file_name), XLSX, boundary))
    return "\r\n".join(parts).encode("utf-8", "replace")  # a name on disk need not be Unicode


def _part(field: RequestField, content_type: str | None, boundary: str) -> str:
    field.make_multipart(content_type=content_type)
    return f"--{boundary}\r\n{field.render_headers()}"
