"""What the illustrative portfolio is put together from: made-up donors, themes of the field, groups and ages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Donor:
    """A made-up donor and the rules its grants come with; None: due dates are written out on the grant."""

    donor_id: str
    name: str
    type: str
    currency: str
    rules: Mapping[str, str] | None
    copy: str = "donor"
    language: str = "en"

    def record(self) -> dict[str, Any]:
        """The donor as a record."""
        named = {"donor_id": self.donor_id, "name": f"{self.name} (illustrative)", "type": self.type}
        return {"kind": "donor", "action": "upsert", **named, "copy": self.copy, "language": self.language}


@dataclass(frozen=True, slots=True)
class Theme:
    """A field of work: title, funding areas (the first weighs most), activity types, groups, SDG targets, aim."""

    title: str
    areas: tuple[str, ...]
    activities: tuple[str, ...]
    groups: tuple[str, ...]
    sdg_targets: tuple[str, ...]
    aim: str


RULE_DONORS: Final = (
    Donor("example-development-fund", "Example Development Fund", "multilateral", "USD", {"rules": "development-fund"}),
    Donor("example-humanitarian-office", "Example Humanitarian Office", "multilateral", "EUR", {"rules": "echo"}),
    Donor("example-population-bureau", "Example Population Bureau", "government", "USD", {"rules": "prm"}),
    Donor(
        "example-aid-agency",
        "Example Aid Agency",
        "government",
        "USD",
        {"rules": "us-federal", "frequency": "quarterly"},
    ),
    Donor("example-joint-trust-fund", "Example Joint Trust Fund", "multilateral", "USD", {"rules": "un-default"}),
    Donor(
        "example-cooperation-service",
        "Example Cooperation Service",
        "government",
        "USD",
        {"rules": "us-federal", "frequency": "semi-annual"},
        language="fr",
    ),
    Donor(
        "example-science-endowment",
        "Example Science Endowment",
        "foundation",
        "USD",
        {"rules": "us-federal", "frequency": "annual"},
        copy="public",
    ),
    Donor(
        "example-solidarity-pool",
        "Example Solidarity Pool",
        "multilateral",
        "EUR",
        {"rules": "un-default", "frequency": "quarterly"},
        language="es",
    ),
)
DATED_DONORS: Final = (
    Donor("example-alpine-directorate", "Example Alpine Directorate", "government", "CHF", None, language="fr"),
    Donor("example-island-department", "Example Island Department", "government", "GBP", None),
)

THEMES: Final = (
    Theme(
        "Emergency shelter and settlement support",
        ("emergency_operations_post_crisis", "migrant_assistance"),
        ("direct_assistance", "technical_cooperation", "training"),
        ("displaced persons", "host community members"),
        ("1.5", "11.1"),
        "Households displaced by crisis live in safe and dignified shelter.",
    ),
    Theme(
        "Assisted voluntary return and reintegration",
        ("migrant_assistance", "labour_mobility_human_development"),
        ("direct_assistance", "legal_assistance", "information_campaign"),
        ("returnees", "migrants in transit"),
        ("10.7",),
        "Migrants who decide to return do so in dignity and find a livelihood.",
    ),
    Theme(
        "Integrated border management",
        ("immigration_border_management",),
        ("training", "technical_cooperation", "database"),
        ("border officials",),
        ("10.7", "16.6"),
        "Border agencies work together, and treat travellers according to their rights.",
    ),
    Theme(
        "Migration health assessments and care along the route",
        ("migration_health", "migrant_assistance"),
        ("direct_assistance", "awareness_raising", "training"),
        ("migrants in transit", "health workers"),
        ("3.8", "3.3"),
        "Migrants reach the health care that residents have.",
    ),
    Theme(
        "Fair recruitment and labour mobility",
        ("labour_mobility_human_development", "migration_policy_research"),
        ("seminar_workshop", "awareness_raising", "legal_assistance"),
        ("labour migrants",),
        ("8.8", "10.7"),
        "Workers move without fees or debts, with contracts they understand.",
    ),
    Theme(
        "Protection of victims of trafficking",
        ("migrant_assistance", "immigration_border_management"),
        ("counter_trafficking", "direct_assistance", "legal_assistance"),
        ("victims of trafficking", "officials trained"),
        ("5.2", "8.7", "16.2"),
        "Victims are identified early, and protected whether or not they testify.",
    ),
    Theme(
        "Mobility and adaptation to a changing climate",
        ("migration_environment_climate_change", "emergency_operations_post_crisis"),
        ("research", "training", "awareness_raising"),
        ("host community members",),
        ("13.1", "11.5"),
        "Communities exposed to drought and floods stay where they can, and move by choice where not.",
    ),
    Theme(
        "Displacement tracking and camp coordination",
        ("emergency_operations_post_crisis",),
        ("database", "technical_cooperation", "publication"),
        ("displaced persons",),
        ("1.5", "17.18"),
        "Those who help know who is where and needs what.",
    ),
    Theme(
        "Migration profiles and policy coherence",
        ("migration_policy_research", "labour_mobility_human_development"),
        ("research", "conference", "publication"),
        ("officials trained",),
        ("10.7", "17.14"),
        "Ministries decide on migration from the same evidence.",
    ),
    Theme(
        "Community stabilization and livelihoods of young people",
        ("emergency_operations_post_crisis", "labour_mobility_human_development"),
        ("education", "training", "direct_assistance"),
        ("host community members", "returnees"),
        ("8.6", "16.1"),
        "Young people find work near home, and trust in their neighbours grows.",
    ),
)

BANDS: Final = ((0, 4), (5, 11), (12, 17), (18, 59), (60, None))
ADULTS: Final = ((18, 59), (60, None))
OF_ADULTS_ONLY: Final = frozenset({"border officials", "health workers", "officials trained", "labour migrants"})

CHALLENGES: Final = (
    "Roads to two districts were closed for three weeks.",
    "Recruitment of the field team took longer than planned.",
    "The exchange rate moved against the budget.",
    "A change of counterparts delayed the signature of the agreement.",
)
LESSONS: Final = (
    "Women came in larger numbers once sessions moved to the morning.",
    "Registering with the local council first saved a second visit.",
    "Small groups asked more questions than large ones.",
)
REASONS: Final = (
    "Construction stopped during the rains; the remaining work needs the months asked for.",
    "The counterpart agreed on the training dates later than planned.",
    "Savings allow a further group to be reached at no extra cost.",
    "Access to one district opened only recently.",
)
