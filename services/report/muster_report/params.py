"""Parameters of a report as one text, by which states and issues find each other."""

from __future__ import annotations

import json
from collections.abc import Mapping

from muster_shared.names import DEFAULT_COPY


def params_key(params: Mapping[str, str]) -> str:
    """One text for one set of parameters, whatever their order."""
    return json.dumps(dict(params), sort_keys=True, ensure_ascii=False, separators=(",", ":"))


OF_EVERY_REPORT = ("copy", "lang")


def own(params: Mapping[str, str]) -> dict[str, str]:
    """The report's own parameters, without the copy and the language."""
    return {name: value for name, value in params.items() if name not in OF_EVERY_REPORT}


def internal(params: Mapping[str, str]) -> dict[str, str]:
    """The same parameters for the internal copy, in English."""
    return {**own(params), "copy": DEFAULT_COPY}
