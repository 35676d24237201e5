"""One project as an IATI activity: who, what, when, where and what for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from xml.etree.ElementTree import Element

from muster_report.exports import iati_codes as codes
from muster_report.exports.apportioned import apportioned
from muster_report.exports.iati_elements import XML_LANG, add, add_narrated, legible, plain, reference
from muster_report.exports.iati_money import add_budgets, add_transactions
from muster_report.exports.iati_results import add_results
from muster_report.exports.projects import ProjectFacts, Register
from muster_report.facts import Fact
from muster_shared.clock import iso_z
from muster_shared.codelists import areas, regions

_OECD_DAC, _OWN = "1", "99"
_GENERAL, _OBJECTIVES = "1", "2"
_HUNDRED_PERCENT = 100 * 10_000  # shares have four decimal places


@dataclass(frozen=True, slots=True)
class Publisher:
    """The organization that publishes.

    ``identifier`` is its IATI organisation identifier, with which those of its activities begin; this one is
    illustrative and stands in no register. ``type`` is of the code list OrganisationType; ``vocabulary_uri`` is
    where its own areas are explained.
    """

    identifier: str = "XI-EXAMPLE-MUSTER"
    name: str = "Example Organization for Migration (illustrative)"
    type: str = "40"
    website: str = ""
    vocabulary_uri: str = ""
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Organisation:
    """A donor or partner as it takes part: its name, and where known its identifier and type."""

    role: str
    name: str
    ref: str | None = None
    type: str | None = None


def is_published(of: ProjectFacts) -> bool:
    """Whether a project is for the public: endorsed, or cancelled after a donor had agreed to fund it."""
    status = codes.ACTIVITY_STATUS.get(of.project.fields.get("status") or "")
    return status is not None and (
        status != codes.CANCELLED or any(grant.fields["status"] in codes.AGREED_GRANTS for grant in of.grants)
    )


def activity_of(of: ProjectFacts, register: Register, publisher: Publisher, today: date) -> Element:
    """The activity of a published project, as it stood on ``today``; nothing in it is dated later as actual."""
    fields, status = of.project.fields, codes.ACTIVITY_STATUS[of.project.fields["status"]]
    activity = _activity(of, register, publisher)
    add(activity, "iati-identifier", f"{publisher.identifier}-{fields['project_code']}")
    add_narrated(activity, "reporting-org", publisher.name, ref=publisher.identifier, type=publisher.type)
    add_narrated(activity, "title", fields["title"])
    _add_descriptions(activity, of, register, today)
    _add_organisations(activity, of, register, publisher)
    add(activity, "activity-status", code=status)
    _add_dates(activity, of, today)
    _add_contact(activity, register.offices.get(fields["office"]), publisher)
    _add_place(activity, register.offices.get(fields["office"]))
    _add_sectors(activity, of, publisher)
    _add_gender_marker(activity, fields.get("gender_marker"))
    add(activity, "default-finance-type", code="110")  # standard grant
    add(activity, "default-aid-type", code="C01")  # project-type intervention
    if status != codes.CANCELLED:
        add_budgets(activity, of, today)
    add_transactions(activity, of, _providers(of, register), publisher.identifier, today)
    add_results(activity, of, today)
    return activity


def shares(of: ProjectFacts) -> dict[str, Decimal]:
    """Percentages of the project's areas, by area, that sum to 100 exactly; empty where it names none."""
    stated = [(area["code"], Decimal(str(area["percent"]))) for area in of.project.fields.get("areas") or ()]
    weights = [int(percent * 10_000) for _, percent in stated]
    if not sum(weights):
        return {}
    parts = zip(stated, apportioned(_HUNDRED_PERCENT, weights), strict=True)
    return {code: Decimal(part) / 10_000 for (code, _), part in parts if part}


def last_updated(of: ProjectFacts, register: Register) -> datetime:
    """When the newest of the records that the activity is made of was changed; aware, UTC."""
    return max(fact.occurred_at for fact in (*of.everything(), *_referred_to(of, register)))


def _activity(of: ProjectFacts, register: Register, publisher: Publisher) -> Element:
    humanitarian = any(_purpose(area) == codes.HUMANITARIAN_PURPOSE for area in shares(of))
    attributes = {
        "last-updated-datetime": iso_z(last_updated(of, register)),
        XML_LANG: publisher.language,
        "default-currency": of.project.fields["budget"]["currency"],
        "humanitarian": "true" if humanitarian else "false",
        "hierarchy": "1",
    }
    return Element("iati-activity", attributes)


def _add_descriptions(activity: Element, of: ProjectFacts, register: Register, today: date) -> None:
    fields, office = of.project.fields, register.offices.get(of.project.fields["office"])
    names = ", ".join(_area_name(area) for area in shares(of))
    named = office.fields["name"] if office else fields["office"]
    told = f"{fields['title']}. Office: {named}. From {fields['start']} to {of.end(today)}."
    add_narrated(activity, "description", f"{told} Areas: {names}." if names else told, type=_GENERAL)
    if fields.get("objectives"):
        add_narrated(activity, "description", fields["objectives"], type=_OBJECTIVES)


def _add_organisations(activity: Element, of: ProjectFacts, register: Register, publisher: Publisher) -> None:
    partners = list(_partners(of, register))
    own = Organisation(codes.ACCOUNTABLE, publisher.name, publisher.identifier, publisher.type)
    taking_part = [*_donors(of, register).values(), own, *partners]
    if not any(partner.role == codes.IMPLEMENTING for partner in partners):
        taking_part.append(Organisation(codes.IMPLEMENTING, own.name, own.ref, own.type))
    for one in sorted(dict.fromkeys(taking_part), key=lambda one: one.role):
        add_narrated(activity, "participating-org", one.name, ref=one.ref, type=one.type, role=one.role)


def _donors(of: ProjectFacts, register: Register) -> dict[str, Organisation]:
    """The donors of the project's grants by their id, each once."""
    found = {}
    for donor_id in dict.fromkeys(grant.fields["donor_id"] for grant in of.grants):
        donor = register.donors.get(donor_id)
        found[donor_id] = _organisation(codes.FUNDING, donor) if donor else Organisation(codes.FUNDING, donor_id)
    return found


def _partners(of: ProjectFacts, register: Register) -> Iterator[Organisation]:
    for partnership in of.partnerships:
        role, partners = codes.PARTNER_ROLES.get(partnership.fields["role"]), register.partner(_partner_id(partnership))
        if role and partners:
            yield _organisation(role, partners[-1])


def _organisation(role: str, fact: Fact) -> Organisation:
    fields = fact.fields
    kind = codes.ORGANISATION_TYPES.get(str(fields.get("type") or "").lower())
    return Organisation(role, fields["name"], reference(fields.get("iati_id")), kind)


def _providers(of: ProjectFacts, register: Register) -> dict[str, Mapping[str, str | None]]:
    donors = _donors(of, register)
    return {donor_id: {"name": one.name, "ref": one.ref, "type": one.type} for donor_id, one in donors.items()}


def _referred_to(of: ProjectFacts, register: Register) -> Iterator[Fact]:
    yield from filter(None, [register.offices.get(of.project.fields["office"])])
    yield from filter(None, (register.donors.get(grant.fields["donor_id"]) for grant in of.grants))
    for partnership in of.partnerships:
        yield from register.partner(_partner_id(partnership))


def _partner_id(partnership: Fact) -> str:
    return str(partnership.fields["partner_id"])


def _add_dates(activity: Element, of: ProjectFacts, today: date) -> None:
    """Planned dates always; actual ones only of what has begun or ended, and never after ``today``."""
    fields = of.project.fields
    start, end = date.fromisoformat(fields["start"]), of.end(today)
    dates = {"1": start, "2": start, "3": end, "4": end}
    actual = {"2": fields["status"] in codes.BEGUN and start <= today, "4": fields["status"] in codes.ENDED}
    for code, day in dates.items():
        if actual.get(code, True) and (code != "4" or end <= today):
            add(activity, "activity-date", type=code, iso_date=day.isoformat())


def _add_contact(activity: Element, office: Fact | None, publisher: Publisher) -> None:
    """The office, not a person: whoever manages a project did not agree to stand in a file for everyone."""
    contact = add(activity, "contact-info", type="1")
    add_narrated(contact, "organisation", publisher.name)
    if office:
        add_narrated(contact, "department", office.fields["name"])
    if publisher.website:
        add(contact, "website", publisher.website)


def _add_place(activity: Element, office: Fact | None) -> None:
    """The office's country; a regional office, headquarters and an unknown office stand for a region."""
    fields: Mapping[str, str] = office.fields if office else {}
    country = codes.country_code(fields.get("iso3") or "") if fields.get("type") == "country" else None
    region = fields.get("region", "")
    if country:
        add(activity, "activity-scope", code="4")  # national
        add(activity, "recipient-country", code=country, percentage="100")
        return
    add(activity, "activity-scope", code="1" if region in {"", "multi_regional"} else "2")  # global, regional
    named = regions()[region]["name"] if region in regions() else "Region not stated"
    code = codes.REGIONS.get(region, codes.REGION_UNSPECIFIED)
    add_narrated(activity, "recipient-region", named, code=code, vocabulary=_OECD_DAC, percentage="100")


def _add_sectors(activity: Element, of: ProjectFacts, publisher: Publisher) -> None:
    own = shares(of)
    purposes: dict[str, Decimal] = {}
    for area, percent in own.items():
        purposes[_purpose(area)] = purposes.get(_purpose(area), Decimal(0)) + percent
    for code, percent in (purposes or {codes.PURPOSE_UNKNOWN: Decimal(100)}).items():
        add(activity, "sector", vocabulary=_OECD_DAC, code=code, percentage=plain(percent))
    uri = publisher.vocabulary_uri or None
    for area, percent in own.items():
        attributes = {"vocabulary": _OWN, "vocabulary_uri": uri, "code": area, "percentage": plain(percent)}
        add_narrated(activity, "sector", _area_name(area), **attributes)


def _purpose(area: str) -> str:
    return codes.PURPOSES.get(area, codes.PURPOSE_UNKNOWN)


def _area_name(area: str) -> str:
    return areas()[area]["name"] if area in areas() else legible(area)


def _add_gender_marker(activity: Element, marker: int | None) -> None:
    if marker is not None:
        significance = codes.GENDER_SIGNIFICANCE[marker]
        add(activity, "policy-marker", vocabulary="1", code="1", significance=significance)
