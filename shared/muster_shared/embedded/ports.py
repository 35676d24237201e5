"""Free ports on loopback that an instance can keep."""

from __future__ import annotations

import random
import socket

# below the range from which systems take the local ports of outgoing connections (Linux from 32768, macOS
# from 49152): a kept port is then not taken by a passing connection while the instance is down
_KEEPABLE = range(20000, 32768)
_TRIES = 200


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Can a server listen here now?"""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def free_port(host: str = "127.0.0.1", *, wanted: int = 0, avoid: frozenset[int] = frozenset()) -> int:
    """The wanted port where it is free, else another free one, none of those to avoid.

    Raises:
        OSError: no free port was found.
    """
    if wanted and wanted not in avoid and is_free(wanted, host):
        return wanted
    for port in random.SystemRandom().sample(_KEEPABLE, _TRIES):
        if port not in avoid and is_free(port, host):
            return port
    raise OSError(f"no free port on {host} among {_TRIES} tried")
