"""A partner organization; proposed by any office, merged by analysts."""

from __future__ import annotations

from collections.abc import Iterable

from muster_ingest.kinds.kind import Fields, Issue, Kind, World, join_key, refer
from muster_ingest.kinds.values import Choice, Country, Key, Many, Strict, Text

TYPES = {
    "ngo_national": "National NGO",
    "ngo_international": "International NGO",
    "ngo_local": "Local NGO",
    "church_based": "Church-based organization",
    "red_cross": "Red Cross or Red Crescent",
    "foundation": "Foundation",
    "association": "Association",
    "research": "Research institution",
    "un_agency": "United Nations agency",
    "government": "Government",
    "private_sector": "Private sector",
    "other": "Other",
}


class PartnerSchema(Strict):
    """Fields of a partner; ``type_basis`` says where the type is known from."""

    partner_id = Key(required=True)
    name = Text(required=True, longest=300)
    aliases = Many(Text(longest=300))
    type = Choice(TYPES)
    type_basis = Choice(["text", "name", "context", "general_knowledge"])
    country = Country()
    iati_id = Text(longest=100)
    merged_into = Key()


def _check_against(fields: Fields, world: World) -> Iterable[Issue]:
    seen = {fields["partner_id"]}
    target = fields["merged_into"]
    while target:
        if target in seen:
            yield Issue(("merged_into",), "merge_circle", f"merging into '{target}' leads in a circle: name another")
            return
        seen.add(target)
        target = (world.fields("partner", join_key([target])) or {}).get("merged_into")


KIND = Kind(
    name="partner",
    key=("partner_id",),
    schema=PartnerSchema(),
    references=lambda fields: refer("partner", fields, "merged_into"),
    check_against=_check_against,
)
