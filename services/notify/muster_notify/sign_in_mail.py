"""The mail with a link to sign in: sent at once and kept nowhere, as whoever has the link could use it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Final
from uuid import uuid4

from muster_notify.channels import NotTaken, ServerAway, open_smtp
from muster_notify.letters.head import Texts, UnwritableAddress, assembled
from muster_notify.letters.language import language_of
from muster_notify.letters.letter import ANSWER, Letter
from muster_notify.letters.writing import written
from muster_notify.wire import wire
from muster_shared.clock import real_now
from muster_shared.logs import request_id
from muster_shared.settings import Settings

_log = logging.getLogger(__name__)
_TIMEOUT: Final = 10.0
_PAUSES: Final = (1.0, 4.0)  # seconds, between three attempts; who gets no mail asks again


@dataclass(frozen=True, slots=True)
class SignIn:
    """To whom the mail goes, and the link of it."""

    email: str
    name: str
    language: str
    url: str


def send(settings: Settings, asked: SignIn, *, pause: Callable[[float], None] = time.sleep) -> bool:
    """Send it, or say in the log why not, without the address and the link; returns whether it went out."""
    try:
        message = wire(compose(settings, asked))
    except UnwritableAddress:
        _log.warning("a sign-in mail cannot be addressed")
        return False
    for seconds in (*_PAUSES, None):
        try:
            with open_smtp(settings.smtp_url, timeout=_TIMEOUT) as channel:
                channel.send(message, sender=settings.mail_from, recipient=asked.email)
        except (ServerAway, NotTaken) as error:
            _log.warning("a sign-in mail was not taken", extra={"reason": type(error).__name__})
            if seconds is None or getattr(error, "permanent", False):
                return False
            pause(seconds)
        else:
            return True
    return False


def compose(settings: Settings, asked: SignIn) -> EmailMessage:
    """The mail, plain text and HTML.

    Raises:
        UnwritableAddress: no mail can be addressed to the recipient.
    """
    domain = settings.mail_from.rpartition("@")[2] or "localhost"
    letter = Letter(
        sender=settings.mail_from,
        recipient=asked.email,
        recipient_name=asked.name,
        message_id=f"<sign-in.{uuid4().hex}@{domain}>",
        sent_at=real_now(),
        base_url=settings.base_url(),
        language=asked.language,
        kind=ANSWER,
        request_id=request_id.get(),
    )
    subject = language_of(asked.language).say("Sign in to Muster")
    return assembled(letter, Texts(subject, *written("sign_in", letter, subject=subject, url=asked.url)))
