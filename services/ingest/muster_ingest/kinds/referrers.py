"""Which fields of which kinds name a record of a kind: what stands in the way of withdrawing it."""

from __future__ import annotations

from collections.abc import Mapping

_OF_PROJECT = ("grant", "progress_report", "follow_up", "extension", "partnership")

REFERRERS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "office": (
        ("project", "office"),
        ("partnership", "office"),
        ("funding_requirement", "office"),
        ("field_activity", "offices"),
    ),
    "partner": (("partnership", "partner_id"), ("partner", "merged_into")),
    "donor": (("grant", "donor_id"),),
    "project": tuple((kind, "project_code") for kind in _OF_PROJECT),
    "grant": (("progress_report", "grant_id"), ("follow_up", "grant_id")),
    "field_activity": (("field_activity", "parent_activity_id"),),
}
