"""The way out: mail over SMTP, one connection for many mails, each answer told apart."""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, urlsplit

_DEFAULT_PORTS = {"smtp": 25, "smtps": 465}
_LONGEST_REASON = 300
_GO_ON: Final = 354
_CRLF: Final = b"\r\n"
# an address that stands in a command as it is; smtplib takes every one apart to find out
_PLAIN: Final = re.compile(r"[\w.+-]+@[\w.-]+", re.ASCII)
_WAY_OUT_IS_DOWN = (OSError, smtplib.SMTPException)


def _nothing() -> None:
    pass


@dataclass(frozen=True, slots=True)
class Steps:
    """What is done while a mail is handed over.

    ``begins`` is called once the mail server has heard of it and is not waited for; ``goes`` just before the server is
    given the mail, which it keeps back by raising; ``gone`` once the server has all of it, before its answer is waited
    for; ``meanwhile`` in each of the other waits for an answer. Neither of these two raises anything.
    """

    begins: Callable[[], None] = _nothing
    goes: Callable[[], None] = _nothing
    gone: Callable[[], None] = _nothing
    meanwhile: Callable[[], None] = _nothing


ALONE: Final = Steps()


class ServerAway(Exception):
    """The mail server cannot be reached or does not let us in: nothing is wrong with any mail."""


@dataclass(eq=False)
class NotTaken(Exception):
    """A mail was not taken.

    ``permanent``: trying again would not help. ``in_doubt``: the server fell silent while it took the mail.
    ``lost_connection``: the connection is of no more use.
    """

    reason: str
    permanent: bool = False
    in_doubt: bool = False
    lost_connection: bool = False


class SmtpChannel:
    """An open connection to the mail server."""

    def __init__(self, client: smtplib.SMTP) -> None:
        self._client = client

    def send(self, message: bytes, *, sender: str, recipient: str, steps: Steps = ALONE) -> None:
        """Send one mail as it stands, its lines ending in CR LF; ``sender`` is where it comes back to.

        Raises:
            NotTaken: it did not; whatever a step raises goes through.
        """
        try:
            self._begin(sender, recipient, steps)
        except _WAY_OUT_IS_DOWN as error:
            raise _dropped(error, in_doubt=False) from error
        try:
            steps.goes()
        except Exception:
            self._call_off()
            raise
        try:
            self._check_recipient()
        except _WAY_OUT_IS_DOWN as error:
            raise _dropped(error, in_doubt=False) from error
        try:
            code, answer = self._give(message, steps)
        except smtplib.SMTPDataError as error:
            self._forget()
            raise _refused(error.smtp_code, error.smtp_error) from error
        except _WAY_OUT_IS_DOWN as error:
            raise _dropped(error, in_doubt=True) from error
        if code != 250:
            self._forget()
            raise _refused(code, answer)

    def _begin(self, sender: str, recipient: str, steps: Steps) -> None:
        """Say from whom and to whom, and do not wait for the answer to the latter."""
        if not recipient.isascii() and not self._client.has_extn("smtputf8"):
            raise NotTaken("the mail server does not take addresses beyond ASCII", permanent=True)
        code, answer = self._mail_from(sender, recipient, steps)
        if code != 250:
            # a sender that is refused is our setup, the same for every mail: not for good
            self._forget()
            raise NotTaken(_in_words(code, answer))
        address = f"<{recipient}>" if _PLAIN.fullmatch(recipient) else smtplib.quoteaddr(recipient)
        self._client.putcmd("RCPT", f"TO:{address}")
        steps.meanwhile()

    def _mail_from(self, sender: str, recipient: str, steps: Steps) -> tuple[int, bytes]:
        if _PLAIN.fullmatch(sender) and recipient.isascii():
            self._client.putcmd("MAIL", f"FROM:<{sender}>")
            steps.begins()
            steps.meanwhile()
            return self._client.getreply()
        steps.begins()
        return self._client.mail(sender, () if recipient.isascii() else ("SMTPUTF8",))

    def _check_recipient(self) -> None:
        code, answer = self._client.getreply()
        if code not in (250, 251):
            self._forget()
            raise _refused(code, answer)

    def _give(self, message: bytes, steps: Steps) -> tuple[int, bytes]:
        self._client.putcmd("DATA")
        steps.meanwhile()
        code, answer = self._client.getreply()
        if code != _GO_ON:
            raise smtplib.SMTPDataError(code, answer)
        self._client.send(_stuffed(message))
        steps.gone()
        return self._client.getreply()

    def _call_off(self) -> None:
        """Leave no mail half begun: the next one would be refused for it."""
        with suppress(NotTaken, *_WAY_OUT_IS_DOWN):
            self._check_recipient()
            self._forget()

    def _forget(self) -> None:
        try:
            self._client.rset()
        except _WAY_OUT_IS_DOWN as error:
            raise _dropped(error, in_doubt=False) from error


@contextmanager
def open_smtp(url: str, *, timeout: float) -> Iterator[SmtpChannel]:
    """Connect to ``smtp://`` or ``smtps://``; ``smtp`` goes over to TLS where the server offers it.

    Raises:
        ServerAway: it cannot be reached, or refuses us.
    """
    try:
        client = _connect(url, timeout)
    except _WAY_OUT_IS_DOWN as error:
        raise ServerAway(f"the mail server cannot be used: {type(error).__name__}") from error
    try:
        yield SmtpChannel(client)
    finally:
        try:
            client.quit()
        except _WAY_OUT_IS_DOWN:
            client.close()


def _connect(url: str, timeout: float) -> smtplib.SMTP:
    parts = urlsplit(url)
    host, port = parts.hostname or "localhost", parts.port or _DEFAULT_PORTS[parts.scheme]
    client = _dial(parts.scheme, host, port, timeout)
    try:
        client.ehlo_or_helo_if_needed()
        if parts.scheme == "smtp" and client.has_extn("starttls"):
            client.starttls(context=ssl.create_default_context())
            client.ehlo()
        if parts.username:
            client.login(unquote(parts.username), unquote(parts.password or ""))
    except BaseException:
        client.close()
        raise
    return client


def _dial(scheme: str, host: str, port: int, timeout: float) -> smtplib.SMTP:
    if scheme == "smtps":
        return smtplib.SMTP_SSL(host, port, timeout=timeout, context=ssl.create_default_context())
    return smtplib.SMTP(host, port, timeout=timeout)


def _stuffed(message: bytes) -> bytes:
    """A mail and what ends it: a line that begins with a dot gets another one, for a dot alone is the end."""
    lines = (_CRLF + message).replace(_CRLF + b".", _CRLF + b"..").removeprefix(_CRLF)
    return lines.removesuffix(_CRLF) + _CRLF + b"." + _CRLF


def _refused(code: int, answer: bytes | str) -> NotTaken:
    return NotTaken(_in_words(code, answer), permanent=500 <= code < 600, lost_connection=code in (421, -1))


def _dropped(error: Exception, *, in_doubt: bool) -> NotTaken:
    if isinstance(error, NotTaken):
        return error
    reason = f"the connection to the mail server broke: {type(error).__name__}"
    return NotTaken(reason, in_doubt=in_doubt, lost_connection=True)


def _in_words(code: int, answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return f"the mail server answered {code} {' '.join(text.split())}"[:_LONGEST_REASON]
