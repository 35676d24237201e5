"""What every page is told: its language and time zone, the navigation, and how days, numbers and money are written."""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flask import Flask, Response, g, request
from jinja2 import pass_context
from jinja2.runtime import Context as Told
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from muster_shared import csrf
from muster_shared.language import ENGLISH, LANGUAGES, Language, language_of
from muster_shared.pages import assets, error_words, navigation

LANGUAGE_COOKIE: Final = "muster_language"
ZONE_COOKIE: Final = "muster_zone"
NAMES: Final = {"en": "English", "fr": "Français", "es": "Español"}
_STYLES: Final = re.compile(rb"<style>(.*?)</style>", re.DOTALL)
_A_YEAR: Final = timedelta(days=365)
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'{styles}; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS: Final = {
    "Content-Security-Policy": _POLICY.format(styles=""),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def register(app: Flask, service: str, *, secure: bool) -> None:
    """Give an application's templates what pages are told, and its answers the headers that keep a browser safe.

    Args:
        app: the application.
        service: its service, whose catalogues its pages speak from.
        secure: whether people reach it by HTTPS.
    """
    app.register_blueprint(assets.routes)
    app.context_processor(lambda: _told(f"muster_{service}"))
    names = {"language_names": NAMES, "role_names": navigation.ROLE_NAMES, "words_of": error_words.words_of}
    app.jinja_env.globals.update(asset=assets.address, csrf_token=csrf.csrf_token, **names)
    app.jinja_env.filters.update(moment=_moment, day=_day, number=_number, money=_money, percent=_percent)
    app.after_request(_keep_language)
    app.after_request(lambda response: _protected(response, secure=secure))


def page_language(package: str) -> Language:
    """The language asked for with ``lang``, else the one chosen before, else the browser's."""
    for wanted in (request.args.get("lang"), request.cookies.get(LANGUAGE_COOKIE)):
        if wanted in LANGUAGES:
            return language_of(wanted, package)
    return language_of(request.accept_languages.best_match(LANGUAGES) or ENGLISH, package)


def time_zone() -> str:
    """The reader's time zone, UTC where it is not known."""
    wanted = request.cookies.get(ZONE_COOKIE, "")
    return wanted if _is_zone(wanted) else "UTC"


def remember(response: AnyResponse, *, language: str, zone: str, secure: bool) -> None:
    """Let the pages of this browser speak a person's language and show times of their zone."""
    for name, value in ((LANGUAGE_COOKIE, language), (ZONE_COOKIE, zone)):
        response.set_cookie(name, value, max_age=_A_YEAR, httponly=True, secure=secure, samesite="Lax")


def policy_of(page: bytes) -> str:
    """The policy of a whole document that carries its own style sheets: these, by their hashes, and no others."""
    hashes = (b64encode(hashlib.sha256(style).digest()).decode() for style in _STYLES.findall(page))
    return _POLICY.format(styles="".join(f" 'sha256-{each}'" for each in hashes))


@cache
def _is_zone(name: str) -> bool:
    try:
        return bool(name) and ZoneInfo(name) is not None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False


def _told(package: str) -> dict[str, Any]:
    language = page_language(package)
    known = g.get("caller")
    return {
        "language": language,
        "zone": time_zone(),
        "places": list(navigation.open_to(known)) if known else [],
        "place": navigation.place_at(request.path),
        "home": navigation.home_of(known) if known else "/ingest/sign-in/mail",
        "in_language": _in_language,
    }


def _in_language(code: str) -> str:
    """The address of the same page in another language."""
    return f"?{'&'.join([*_query_without_language(), f'lang={code}'])}"


def _query_without_language() -> list[str]:
    parts = request.query_string.decode("ascii", "replace").split("&")
    return [part for part in parts if part and not part.startswith("lang=")]


def _keep_language(response: Response) -> Response:
    wanted = request.args.get("lang")
    if wanted in LANGUAGES and response.mimetype == "text/html" and wanted != request.cookies.get(LANGUAGE_COOKIE):
        response.set_cookie(LANGUAGE_COOKIE, wanted, max_age=_A_YEAR, httponly=True, samesite="Lax")
    return response


def _protected(response: Response, *, secure: bool) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    kept = "ETag" in response.headers or "Last-Modified" in response.headers
    response.headers.setdefault("Cache-Control", "private, no-cache" if kept else "no-store")
    return response


@pass_context
def _moment(told: Told, moment: datetime | str | None) -> Markup:
    """A time as the reader's clock shows it, e.g. of ``2016-11-30T08:00:00Z``."""
    if not moment:
        return Markup()
    read = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    shown = told["language"].moment(read, told["zone"])
    return Markup('<time datetime="{}">{}</time>').format(read.isoformat(), shown)


@pass_context
def _day(told: Told, day: date | str | None) -> Markup:
    """A day, e.g. of ``2016-11-30``."""
    if not day:
        return Markup()
    read = date.fromisoformat(day[:10]) if isinstance(day, str) else day
    return Markup('<time datetime="{}">{}</time>').format(read.isoformat(), told["language"].short_day(read))


@pass_context
def _number(told: Told, number: Decimal | int | float | str | None) -> str:
    return "" if number is None or number == "" else str(told["language"].number(Decimal(str(number))))


@pass_context
def _money(told: Told, amount: Decimal | int | str | None, currency: str) -> str:
    return "" if amount is None or amount == "" else str(told["language"].money(Decimal(str(amount)), currency))


@pass_context
def _percent(told: Told, share: Decimal | float | None) -> str:
    return "" if share is None else str(told["language"].percent(share))
