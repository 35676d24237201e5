"""The other way out: a chat channel of a person or an office, by Apprise.

The address of a channel is a secret. It is never logged, nor is what the other side answers: that may hold it.
"""

from __future__ import annotations

import ipaddress
import logging
import socket
from functools import cache
from typing import Any, Final

from muster_notify.channels import ALONE, NotTaken, Steps
from muster_notify.chat_address import HOSTED_ANYWHERE, why_not
from muster_shared.settings import Settings

MOST_ATTEMPTS: Final = 3  # then mail is tried instead
_CONNECT_SECONDS: Final = 4.0


class ChatChannel:
    """Sends to chat channels; nothing is kept open between two of them."""

    def __init__(self, settings: Settings, *, timeout: float) -> None:
        self._settings = settings
        self._timeout = timeout

    def send(self, chat_url: str, title: str, body: str, steps: Steps = ALONE) -> None:
        """Post one message; it is begun, and goes, just before: nothing waits here for an answer.

        Raises:
            NotTaken: it was not taken; whatever a step raises goes through.
        """
        reason = why_not(self._settings, chat_url)
        if reason:
            raise NotTaken(f"the address of the chat channel {reason}")
        service = self._service(chat_url)
        steps.begins()
        steps.goes()
        if not service.notify(body=body, title=title):
            raise NotTaken("the chat channel did not take the message")

    def _service(self, chat_url: str) -> Any:
        service = _apprise().instantiate(chat_url, suppress_exceptions=True)
        if service is None:
            raise NotTaken("the address of the chat channel is not complete")
        if self._settings.chat_private != "yes" and chat_url.partition("://")[0].lower() in HOSTED_ANYWHERE:
            _refuse_private(service.host)
        service.redirects = False  # a redirect could lead to where the address itself may not
        service.verify_certificate = True
        service.socket_connect_timeout = min(_CONNECT_SECONDS, self._timeout)
        service.socket_read_timeout = self._timeout
        service.request_rate_per_sec = 0  # its own pauses of seconds would hold up everybody else's message
        return service


def _refuse_private(host: str) -> None:
    """A name may lead to an inner address although it does not look like one.

    Raises:
        NotTaken: it does, or it leads nowhere.
    """
    try:
        found = {entry[4][0] for entry in socket.getaddrinfo(host, None)}
    except OSError as error:
        raise NotTaken("the host of the chat channel is not found") from error
    if any(not ipaddress.ip_address(str(address).partition("%")[0]).is_global for address in found):
        raise NotTaken("the chat channel is at a private address: MUSTER_CHAT_PRIVATE=yes allows that")


@cache
def _apprise() -> Any:
    """Apprise itself, once somebody wants a chat; what it logs could give an address away."""
    from apprise import Apprise  # noqa: PLC0415 - takes a tenth of a second, and many an instance never needs it

    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
    logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)  # at DEBUG it writes down every path
    return Apprise
