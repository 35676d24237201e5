"""How often somebody may ask: so many requests a minute with one token or session, fewer from one address without.

Counted in Redis, for all processes and services together, in windows of a minute. Where Redis is away each process
counts by itself until it is back, so that nobody is locked out and nobody waits. Who asks many times a second is
counted some requests ahead (``requests_ahead``). Services among themselves, health and
style sheets are not counted. Who shows a valid token is counted by it alone, whatever others at the same address do.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from http import HTTPStatus
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any, Final

from flask import Flask, Response, g, request
from flask_limiter import ApplicationLimit, Limiter, RateLimitExceeded
from redis.exceptions import RedisError

from muster_shared import error_answers
from muster_shared.problems import Problem
from muster_shared.redis_clients import redis_at
from muster_shared.requests_ahead import Ahead
from muster_shared.settings import Settings

_ANSWER_SECONDS: Final = 0.25  # of Redis; then this process counts by itself
_WINDOW_SECONDS: Final = 60
_MOST_AHEAD_SHARE: Final = 60  # of what a minute allows, one part in so many may be counted ahead: a second's worth
_UNCOUNTED: Final = frozenset({"own.healthz", "own.readyz", "assets.asset"})
_SECRETS: Final = frozenset({"secret", "token"})  # parts of a path that open something
_NEIGHBOURS: Final = 64  # bits of an IPv6 address that one subscriber is given: the rest is theirs to vary


def install(app: Flask, settings: Settings) -> None:
    """Count each request once it is known who asks, and answer too many with 429 and ``Retry-After``.

    To be called after the hook that identifies the caller (``g.caller``, or ``g.refusal``) and before the one that
    lets them in.
    """
    ahead = Ahead(settings.rate_per_minute // _MOST_AHEAD_SHARE)
    limits = [*_by_token(settings.rate_per_minute, ahead), *_by_address(settings.rate_unknown_per_minute)]
    if not limits:
        return
    logging.getLogger("flask-limiter").setLevel(logging.WARNING)  # it tells of each refusal, with the address
    client = redis_at(settings.broker_url(), seconds=_ANSWER_SECONDS)
    pool: dict[str, Any] = {"connection_pool": client.connection_pool}
    limiter = Limiter(
        _address,
        application_limits=list(limits),
        storage_uri="redis://",
        storage_options=pool,
        key_prefix="muster",
        request_identifier=lambda: request.endpoint or "nowhere",
        in_memory_fallback_enabled=True,
        swallow_errors=True,
    )
    limiter.request_filter(lambda: _is_known() and ahead.has_counted(_token()))
    limiter.init_app(app)
    app.before_request(lambda: _grant(ahead))
    app.register_error_handler(RateLimitExceeded, lambda error: _too_many(limiter, error))


def _by_token(count: int, ahead: Ahead) -> list[ApplicationLimit]:
    limit = ApplicationLimit(_if(_is_known, count), key_function=_token, cost=lambda: _wish(ahead))
    return [limit] if count else []


def _wish(ahead: Ahead) -> int:
    g.counted = ahead.wish(_token())
    return int(g.counted)


def _grant(ahead: Ahead) -> None:
    if "counted" in g:
        ahead.grant(_token(), g.counted)


def _by_address(count: int) -> list[ApplicationLimit]:
    """What opens by a secret in its address (a feed, the link of a mail) counts only where it does not open."""
    always = ApplicationLimit(_if(lambda: _is_unknown() and not _shows_a_secret(), count), key_function=_address)
    when_wrong = ApplicationLimit(
        _if(lambda: _is_unknown() and _shows_a_secret(), count),
        key_function=_address,
        deduct_when=lambda response: response.status_code >= HTTPStatus.BAD_REQUEST,
    )
    return [always, when_wrong] if count else []


def _if(holds: Callable[[], bool], count: int) -> Callable[[], str]:
    """The text of a limit for the requests it holds for, and none for the others, which spares them its work."""
    text = f"{count}/minute"
    return lambda: text if holds() else ""


def _is_known() -> bool:
    return "caller" in g and g.caller.role != "service"


def _is_unknown() -> bool:
    """Nobody valid asks: at an open route, or refused as such. That something is down is nobody's fault."""
    refusal = g.get("refusal")
    refused = refusal is None or refusal.status == HTTPStatus.UNAUTHORIZED
    return "caller" not in g and refused and request.endpoint not in _UNCOUNTED


def _shows_a_secret() -> bool:
    return bool(_SECRETS.intersection(request.view_args or ())) and "/sign-in/" not in request.path


def _token() -> str:
    return f"token:{g.credential.token_id}"


def _address() -> str:
    told = request.remote_addr or "nowhere"
    try:
        address = ip_address(told)
    except ValueError:
        return f"address:{told}"
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        return f"address:{ip_network((address, _NEIGHBOURS), strict=False)}"
    return f"address:{address}"


def _too_many(limiter: Limiter, error: RateLimitExceeded) -> Response:
    seconds = _seconds_left(limiter)
    whose = "with one token or session" if _is_known() else "without a valid token from one address"
    detail = f"more than {error.limit.limit.amount} requests a minute {whose}: go on in {seconds} seconds"
    return error_answers.answer(Problem(429, "too_many_requests", detail, headers={"Retry-After": str(seconds)}))


def _seconds_left(limiter: Limiter) -> int:
    """Until the window of the limit that was met is over."""
    met = limiter.current_limit
    try:
        left = met.reset_at - time.time() if met else _WINDOW_SECONDS
    except RedisError:
        left = _WINDOW_SECONDS
    return min(max(math.ceil(left), 0) + 1, _WINDOW_SECONDS)  # Redis rounds to seconds
