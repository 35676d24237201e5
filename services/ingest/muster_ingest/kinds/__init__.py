"""All record kinds, one file each; a new kind is a new file and a line here."""

from __future__ import annotations

from collections.abc import Mapping

from muster_ingest.kinds import (
    donor,
    exchange_rate,
    extension,
    field_activity,
    follow_up,
    funding_requirement,
    grant,
    indicator_value,
    initiative,
    office,
    partner,
    partnership,
    progress_report,
    project,
    published_total,
)
from muster_ingest.kinds.kind import Kind

_MODULES = (
    office,
    donor,
    partner,
    project,
    partnership,
    grant,
    funding_requirement,
    initiative,
    progress_report,
    follow_up,
    extension,
    field_activity,
    indicator_value,
    exchange_rate,
    published_total,
)

KINDS: Mapping[str, Kind] = {module.KIND.name: module.KIND for module in _MODULES}
