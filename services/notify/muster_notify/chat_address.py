"""The address of a chat channel: which ones Muster speaks to, and how one is shown without giving it away."""

from __future__ import annotations

import ipaddress
from typing import Final
from urllib.parse import parse_qs, urlsplit

from muster_shared.settings import Settings

SERVICES: Final = ("workflows", "slack", "tgram", "jsons", "xmls")  # Teams is spoken to by workflows
PRIVATE_SERVICES: Final = ("json", "xml")
HOSTED_ANYWHERE: Final = (*PRIVATE_SERVICES, "jsons", "xmls", "workflows")
"""Services whose address names any host; the others have one of their own."""
_REACHES_FURTHER: Final = frozenset({"verify", "redirect", "format", "overflow", "attach"})
_HIDDEN: Final = "…"


def masked(url: str | None) -> str | None:
    """An address as it may be seen: the service, not who is reached there or with which secret."""
    return f"{urlsplit(url).scheme}://{_HIDDEN}" if url else None


def why_not(settings: Settings, url: str) -> str | None:
    """What keeps an address from being one that Muster speaks to, and what would be right; None where nothing does."""
    allows_private = settings.chat_private == "yes"
    allowed = (*SERVICES, *PRIVATE_SERVICES) if allows_private else SERVICES
    scheme, _, rest = url.partition("://")
    if scheme.lower() not in allowed or not rest or not url.isprintable():
        return f"is not an address of a chat: it begins with {', '.join(s + '://' for s in allowed)}"
    switches = sorted(_REACHES_FURTHER.intersection(name.lower() for name in parse_qs(rest.partition("?")[2], True)))
    if switches:
        return f"must not say '{switches[0]}': how it is spoken to is not part of an address"
    if scheme.lower() in HOSTED_ANYWHERE and not allows_private and not _is_public(url):
        return "is at a private address or at none: give one that is reached from everywhere"
    return None


def _is_public(url: str) -> bool:
    """Whether a host does not look like an inner one; where a name leads is looked at when it is spoken to."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return "." in host and not host.rstrip(".").endswith((".local", ".internal", ".localhost", ".home.arpa"))
