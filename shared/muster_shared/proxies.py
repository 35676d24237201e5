"""The client's address and scheme, as the proxies in front of the services tell them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from werkzeug.middleware.proxy_fix import ProxyFix

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def behind(application: WSGIApplication, proxies: int) -> WSGIApplication:
    """The application behind so many proxies, each of which adds the address it was reached from.

    Of ``X-Forwarded-For`` only the entries of these proxies count, from the right: what a client writes there itself
    stands to the left of them. With 0 the header counts for nothing.
    """
    return ProxyFix(application, x_for=proxies, x_proto=proxies) if proxies else application
