"""A mail server that can fall silent at the worst moment: it has taken the mail, and does not say so."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from aiosmtpd.controller import Controller

from muster_shared.embedded.mailcatcher import MailFolder
from muster_shared.embedded.ports import free_port

_WAIT_SECONDS = 60


class StallingSmtp:
    """Keeps every mail in a folder, as the mail catcher does."""

    def __init__(self, folder: Path) -> None:
        self._unanswered: set[str] = set()
        self._pace = 0.0
        self._mails = MailFolder(folder)
        self._silent = threading.Event()
        self._stalled = threading.Event()
        self._controller = Controller(self, hostname="127.0.0.1", port=free_port(), enable_SMTPUTF8=True)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self._controller.port}"

    @contextmanager
    def slow(self, seconds: float) -> Iterator[None]:
        """Meanwhile each mail takes that long."""
        self._pace = seconds
        yield
        self._pace = 0.0

    @contextmanager
    def silent(self) -> Iterator[set[str]]:
        """Meanwhile mails are taken without an answer; their Message-IDs."""
        self._unanswered = set()
        self._silent.set()
        yield self._unanswered
        self._silent.clear()
        self._stalled.clear()

    def wait_stalled(self) -> None:
        """Until a mail was taken without an answer."""
        assert self._stalled.wait(_WAIT_SECONDS), "no mail came"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        self._mails.keep(envelope.original_content, envelope.rcpt_tos)
        if self._silent.is_set():
            self._unanswered.add(message_from_bytes(envelope.original_content, policy=default)["Message-ID"])
            self._stalled.set()
            await asyncio.sleep(_WAIT_SECONDS)
        await asyncio.sleep(self._pace)
        return "250 kept"

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._controller.stop()
