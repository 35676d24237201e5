"""Muster's words in the code lists of IATI 2.03, each choice with its reason. Code lists: iatistandard.org."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

import pycountry

HUMANITARIAN_PURPOSE: Final = "72010"
PURPOSE_UNKNOWN: Final = "99810"  # sectors not specified

# Funding area to OECD DAC purpose code (vocabulary 1). 15190 is "facilitation of orderly, safe, regular and
# responsible migration and mobility"; its definition names migration policy, border management, help to migrants on
# their way and on return, and labour mobility.
PURPOSES: Final[Mapping[str, str]] = {
    "emergency_operations_post_crisis": HUMANITARIAN_PURPOSE,  # material relief: shelter, aid to displaced people
    "migration_health": "12220",  # basic health care: assessments and care along the route
    "immigration_border_management": "15190",
    "migrant_assistance": "15190",  # return, reintegration, protection of migrants
    "labour_mobility_human_development": "15190",
    "migration_policy_research": "15190",  # the DAC files research under the subject it is about
    "migration_environment_climate_change": "41010",  # environmental policy and administrative management
    "multiregional": "15190",  # says where, not what for: the organization's own subject
}

# Region to OECD DAC region (vocabulary 1): the smallest one that holds all of ours. 998 (developing countries,
# unspecified) where ours lies across two that share no smaller one.
REGION_UNSPECIFIED: Final = "998"
REGIONS: Final[Mapping[str, str]] = {
    "southern_africa": "289",  # South of Sahara, regional
    "east_horn_of_africa": "289",
    "west_central_africa": "289",
    "central_north_america_caribbean": "389",  # North and Central America, regional
    "south_america": "489",
    "middle_east_north_africa": REGION_UNSPECIFIED,  # 589 and 189
    "asia_pacific": REGION_UNSPECIFIED,  # 798 and 889
    "eu_switzerland_norway": "89",  # Europe, regional
    "see_ee_central_asia": REGION_UNSPECIFIED,  # 89 and 619
    "multi_regional": REGION_UNSPECIFIED,
}

# Status of a project to activity status. Drafts and proposals are not agreed and not published.
PIPELINE, CANCELLED = "1", "5"
ACTIVITY_STATUS: Final[Mapping[str, str]] = {
    "endorsed": PIPELINE,
    "active": "2",  # implementation
    "completed": "3",  # work is done, accounts are open
    "closed": "4",
    "cancelled": CANCELLED,
}
BEGUN: Final = frozenset({"active", "completed", "closed"})
ENDED: Final = frozenset({"completed", "closed"})

# Status of a grant to transaction types. Money received was committed before; the record holds one date for both.
INCOMING_FUNDS, EXPENDITURE = "1", "4"
GRANT_TRANSACTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "pledged": ("13",),  # incoming pledge
    "committed": ("11",),  # incoming commitment
    "received": ("11", INCOMING_FUNDS),
}
AGREED_GRANTS: Final = frozenset({"committed", "received"})

# Gender marker (0 to 4) to the OECD DAC gender equality policy marker: 0 not targeted, 1 significant, 2 principal.
# The DAC asks for gender equality as a stated aim of the project before it counts as significant: a marker of 1, a
# limited contribution in some part, is not one. Principal is for what would not be done without that aim: the top.
GENDER_SIGNIFICANCE: Final[Mapping[int, str]] = {0: "0", 1: "0", 2: "1", 3: "1", 4: "2"}

# Types of donors (free text) and partners to organisation types; others go without a type.
ORGANISATION_TYPES: Final[Mapping[str, str]] = {
    "government": "10",
    "multilateral": "40",
    "un_agency": "40",
    "foundation": "60",
    "private_sector": "70",
    "private": "70",
    "research": "80",
    "ngo_international": "21",
    "red_cross": "21",
    "ngo_national": "22",
    "ngo_local": "24",  # partner country based NGO
    "other": "90",
}

FUNDING, ACCOUNTABLE, IMPLEMENTING = "1", "2", "4"
# Role of a partner in a partnership to its role in the activity; who only receives a service takes no part in it.
PARTNER_ROLES: Final[Mapping[str, str]] = {
    "collaborator": IMPLEMENTING,
    "service_provider": IMPLEMENTING,
    "project_executor": IMPLEMENTING,
    "grant_recipient": IMPLEMENTING,
    "donor": FUNDING,
}


@cache
def country_code(iso3: str) -> str | None:
    """ISO 3166-1 alpha-2 of an alpha-3 code; XK for Kosovo/UNSC 1244, as IATI writes it; None where there is none."""
    if iso3 == "XKX":
        return "XK"
    country = pycountry.countries.get(alpha_3=iso3)
    return country.alpha_2 if country else None
