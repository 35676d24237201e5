"""A mail's head and how its parts are put together; the same letter and texts give the same bytes.

Text of people goes into headers only with its line breaks and control characters taken out.
"""

from __future__ import annotations

import re
import unicodedata
from base64 import encodebytes
from binascii import b2a_qp
from collections.abc import Sequence
from dataclasses import dataclass
from email.headerregistry import Address, BaseHeader, HeaderRegistry
from email.message import EmailMessage, MIMEPart
from email.policy import EmailPolicy
from email.utils import format_datetime
from functools import lru_cache
from typing import Any, Final

from muster_notify.letters.letter import DIGEST, Letter
from muster_shared.logs import is_plain_id

_LONGEST_TEXT: Final = 150
_ADDRESS: Final = re.compile(r"[^@\s<>(),;:\"\[\]\\]+@[^@\s<>(),;:\"\[\]\\]+")
_URL: Final = re.compile(r"https?://[!-;=?-~]+")  # ASCII that can be seen, without angle brackets
_LONGEST_LINE: Final = 78
_UNSUBSCRIBE: Final = "List-Unsubscribe"
_CONTENT_TYPE: Final = "Content-Type"
_CRLF: Final = b"\r\n"
REQUEST_ID: Final = "X-Muster-Request-ID"
_HTML: Final = 'text/html; charset="utf-8"'
_FLOWED: Final = 'text/plain; charset="utf-8"; format="flowed"'


class UnwritableAddress(ValueError):
    """The address cannot stand in a mail's head."""


class PlainlyFolded(EmailPolicy):
    """Headers that need neither folding nor encoding go out as they stand: to parse and fold them took half of a mail.

    So does the address to unsubscribe at, however long: RFC 8058 wants it whole, and mail programs do not put a
    folded or encoded one together again.
    """

    def header_store_parse(self, name: str, value: Any) -> tuple[str, str]:
        """Kept as it stands where it goes out as it stands: it is parsed when somebody reads it."""
        if isinstance(value, Address):
            value = str(value)
        return (name, value) if _lines(name, value) else super().header_store_parse(name, value)

    def fold_binary(self, name: str, value: str) -> bytes:
        """The header's line or lines, as they go over the wire."""
        lines = _lines(name, value)
        return b"".join(line.encode() + _CRLF for line in lines) if lines else super().fold_binary(name, value)


def _lines(name: str, value: str) -> Sequence[str]:
    """A header that needs no encoding, nor any folding but that of a type before its parameters; else empty."""
    line = f"{name}: {value}"
    if not (value.isascii() and value.isprintable()):
        return ()
    if len(line) <= _LONGEST_LINE or name == _UNSUBSCRIBE:
        return (line,)
    end = line.rfind("; ", 0, _LONGEST_LINE + 1) + 1
    is_in_two = name == _CONTENT_TYPE and end > 0 and len(line) - end <= _LONGEST_LINE
    return (line[:end], line[end:]) if is_in_two else ()


class HeaderClasses(HeaderRegistry):
    """Makes the class of a header once, where the email package makes it anew for every header."""

    def __init__(self) -> None:
        super().__init__()
        self._made: dict[str, type[BaseHeader]] = {}

    def __getitem__(self, name: str) -> type[BaseHeader]:
        key = name.lower()
        if key not in self._made:
            self._made[key] = super().__getitem__(name)
        return self._made[key]


_POLICY: Final = PlainlyFolded(linesep=_CRLF.decode(), header_factory=HeaderClasses())
_POLICY_BEYOND_ASCII: Final = _POLICY.clone(utf8=True)


class EncodedPart(MIMEPart):
    """A part whose payload is ``encoded`` already: to ask for a payload has its encoding parsed each time."""

    encoded: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG that the HTML shows by ``cid:`` and its id."""

    content_id: str
    png: bytes


@dataclass(frozen=True, slots=True)
class Texts:
    """The same mail as plain text and as HTML, with the picture that the HTML shows."""

    subject: str
    plain: str
    html: str
    picture: Picture | None = None


def assembled(letter: Letter, texts: Texts) -> EmailMessage:
    """The mail.

    Raises:
        UnwritableAddress: no mail can be addressed to the recipient.
    """
    boundary = f"=={_own_id(letter)}"
    message = _headed(letter, texts.subject)
    html = _text(_HTML, texts.html)
    if texts.picture:
        html = _multipart("related", f"{boundary}=related", [html, _inline(texts.picture)])
    message[_CONTENT_TYPE] = f'multipart/alternative; boundary="{boundary}"'
    message.set_payload([_text(_FLOWED, texts.plain), html])
    return message


def content_id(letter: Letter, name: str) -> str:
    """A name for a part of the mail that no other mail has."""
    return f"{name}.{letter.message_id.strip('<>')}"


def plain(text: str) -> str:
    """Text fit for a header: one line, no control or direction characters, not too long."""
    if not text.isprintable():
        text = "".join(" " if unicodedata.category(character)[0] in "CZ" else character for character in text)
    words = " ".join(text.split())
    return words if len(words) <= _LONGEST_TEXT else f"{words[: _LONGEST_TEXT - 1].rstrip()}…"


def _headed(letter: Letter, subject: str) -> EmailMessage:
    message = EmailMessage(policy=_POLICY if letter.recipient.isascii() else _POLICY_BEYOND_ASCII)
    message["MIME-Version"] = "1.0"
    message["From"] = _from_muster(letter.sender)
    message["To"] = _addressed(letter)
    message["Subject"] = _literal(subject)
    message["Date"] = format_datetime(letter.sent_at)
    message["Message-ID"] = letter.message_id
    message["Auto-Submitted"] = "auto-generated"
    if letter.kind == DIGEST and letter.unsubscribe_url:
        message[_UNSUBSCRIBE] = f"<{_whole(letter.unsubscribe_url)}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    if is_plain_id(letter.request_id):
        message[REQUEST_ID] = letter.request_id
    return message


@lru_cache(maxsize=8)
def _from_muster(sender: str) -> str:
    return str(Address("Muster", addr_spec=sender))


def _whole(url: str) -> str:
    if not _URL.fullmatch(url):
        raise ValueError("the address to unsubscribe at is not one that a header can hold")
    return url


def _addressed(letter: Letter) -> Address:
    if not _ADDRESS.fullmatch(letter.recipient) or not letter.recipient.isprintable() or "=?" in letter.recipient:
        raise UnwritableAddress(f"'{plain(letter.recipient)}' is not an address a mail can go to")
    username, _, domain = letter.recipient.partition("@")
    return Address(_literal(letter.recipient_name), username, domain)


def _literal(text: str) -> str:
    """Header text that says what it says: the email package decodes encoded words in it, line breaks and all."""
    return plain(text).replace("=?", "= ?")


def _text(content_type: str, text: str) -> MIMEPart:
    # binascii writes quoted-printable a hundred times faster than the email package's own
    return _part(content_type, "quoted-printable", b2a_qp(text.encode(), istext=True).decode("ascii"))


def _inline(picture: Picture) -> MIMEPart:
    part = _part("image/png", "base64", _in_base64(picture.png))
    part["Content-Disposition"] = 'inline; filename="due-dates.png"'
    part["Content-ID"] = f"<{picture.content_id}>"
    return part


@lru_cache(maxsize=64)  # several people have the same dates
def _in_base64(png: bytes) -> str:
    return encodebytes(png).decode("ascii")


def _part(content_type: str, encoding: str, payload: str) -> MIMEPart:
    part = EncodedPart(policy=_POLICY)
    part[_CONTENT_TYPE] = content_type
    part["Content-Transfer-Encoding"] = encoding
    part.set_payload(payload)
    part.encoded = payload
    return part


def _multipart(subtype: str, boundary: str, parts: Sequence[MIMEPart]) -> MIMEPart:
    whole = MIMEPart(policy=_POLICY)
    whole[_CONTENT_TYPE] = f'multipart/{subtype}; boundary="{boundary}"; type="text/html"'
    whole.set_payload(list(parts))
    return whole


def _own_id(letter: Letter) -> str:
    return letter.message_id.strip("<>").partition("@")[0]
