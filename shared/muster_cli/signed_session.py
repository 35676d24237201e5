"""A session of requests that carries a token and bears with a bad line."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3.util import Retry

_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


class _Bearer(AuthBase):
    """Sets the token as requests' own authentication: otherwise a .netrc entry for the host would replace it."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def signed_session(base_url: str, token: str, retry: Retry) -> requests.Session:
    """A session for one instance of Muster."""
    http = requests.Session()
    http.auth = _Bearer(token)
    http.trust_env = urlsplit(base_url).hostname not in _LOOPBACK  # no proxy between a machine and itself
    for scheme in ("http://", "https://"):
        http.mount(scheme, HTTPAdapter(max_retries=retry))
    return http
