"""The ways a mail leaves by: written first, then handed over, whatever the channel is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, Protocol

from muster_notify.bounces import bounce_address
from muster_notify.channels import NotTaken, SmtpChannel, Steps, open_smtp
from muster_notify.chat import ChatChannel
from muster_notify.letters.head import UnwritableAddress
from muster_notify.letters.in_steps import Work
from muster_notify.mails import Claim
from muster_notify.posting import Desk
from muster_notify.wire import wire
from muster_shared.settings import Settings

Parcel = Callable[[Steps], None]
_STEPS_IN_A_LEASE: Final = 5  # MAIL, RCPT, DATA, the text, and some time to spare


class Way(Protocol):
    """One way out, as long as it is open."""

    def packing(self, desk: Desk, claimed: Claim) -> Work[Parcel]:
        """Write a mail, in steps; the parcel hands it over when it is called, and does what else is to be done then.

        Raises:
            NotTaken: it cannot be written; so does the parcel where it is not taken.
        """


class MailWay:
    """Over one connection to the mail server, each mail from the address that its bounces come back to."""

    def __init__(self, channel: SmtpChannel, settings: Settings) -> None:
        self._channel = channel
        self._settings = settings

    def packing(self, desk: Desk, claimed: Claim) -> Work[Parcel]:
        """Write it, as bytes."""
        try:
            text = wire((yield from desk.writing(claimed)))
        except UnwritableAddress as error:
            raise NotTaken(str(error), permanent=True) from error
        sender = bounce_address(self._settings, claimed.mail_id)

        def hand_over(steps: Steps) -> None:
            self._channel.send(text, sender=sender, recipient=claimed.recipient, steps=steps)

        return hand_over


class ChatWay:
    """To the chat channel of a person or an office."""

    def __init__(self, channel: ChatChannel) -> None:
        self._channel = channel

    def packing(self, desk: Desk, claimed: Claim) -> Work[Parcel]:
        """Write it, as title and body."""
        yield
        chat_url = desk.chat_url(claimed)
        if not chat_url:
            raise NotTaken("there is no chat channel any more")
        title, body = desk.chat(claimed)

        def hand_over(steps: Steps) -> None:
            self._channel.send(chat_url, title, body, steps)

        return hand_over


@contextmanager
def open_way(channel: str, settings: Settings, *, lease: float) -> Iterator[Way]:
    """Open the way by ``mail`` or ``chat``; each of its steps ends early enough for all to fit into the lease.

    Raises:
        ServerAway: the mail server cannot be reached, or refuses us.
    """
    timeout = lease / _STEPS_IN_A_LEASE
    if channel == "chat":
        yield ChatWay(ChatChannel(settings, timeout=timeout))
        return
    with open_smtp(settings.smtp_url, timeout=timeout) as connection:
        yield MailWay(connection, settings)
