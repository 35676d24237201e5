"""What an error page says in the reader's language: what is the matter, and what to do, by the status of the answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from muster_shared.language import noted


@dataclass(frozen=True, slots=True)
class Words:
    """A heading and a sentence of advice, in English; pages say them in the reader's language."""

    heading: str
    advice: str


WORDS: Final[Mapping[int, Words]] = {
    400: Words(
        noted("This could not be read"),
        noted("The request is not what it claims to be. Go back and try once more, or begin anew from the first page."),
    ),
    401: Words(
        noted("Sign in first"),
        noted("You are not signed in, or your session is over. Sign in, and then open the page again."),
    ),
    403: Words(
        noted("This is not open to you"),
        noted("Your role or your offices do not include it. If they should, ask an administrator."),
    ),
    404: Words(
        noted("There is nothing here"),
        noted("The address is wrong, or what was here is gone or not for you. Look for it from the first page."),
    ),
    405: Words(
        noted("This is not possible here"),
        noted("The page does not take this request. Go back and use its own buttons."),
    ),
    409: Words(
        noted("It was changed in the meantime"),
        noted("What you sent does not fit what is stored now. Open the page again, look at it, and decide anew."),
    ),
    410: Words(
        noted("This is over"),
        noted("The link was used already or is too old. Ask for a new one."),
    ),
    413: Words(
        noted("The file is too large"),
        noted("Nothing of it was kept. Send it in parts."),
    ),
    415: Words(
        noted("This type of file is not read"),
        noted("Send a workbook (.xlsx), a CSV file or JSON."),
    ),
    422: Words(
        noted("Something in it is wrong"),
        noted("Nothing was stored. Go back, mend what is named here, and send it again."),
    ),
    429: Words(
        noted("Too many requests"),
        noted("Wait a minute and try again. Nothing is lost."),
    ),
    500: Words(
        noted("Something went wrong on our side"),
        noted("It was noted. Try again later; when you report it, quote the number of the request."),
    ),
    503: Words(
        noted("A part of Muster is down for now"),
        noted("Try again shortly. What was stored is safe, and what you send again under its key counts once."),
    ),
}


def words_of(status: int) -> Words:
    """The words of a status; of one without words of its own those of its class."""
    return WORDS.get(status) or WORDS[500 if status >= 500 else 400]
