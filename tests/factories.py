"""Records as offices send them, complete and right; a test changes what it is about."""

from __future__ import annotations

from typing import Any


def office(code: str = "KEN", **changes: Any) -> dict[str, Any]:
    return {
        "kind": "office",
        "office": code,
        "name": {"KEN": "Kenya", "UGA": "Uganda", "HQ": "Headquarters"}.get(code, code),
        "type": "headquarters" if code == "HQ" else "country",
        "region": "multi_regional" if code == "HQ" else "east_horn_of_africa",
        "time_zone": "Africa/Nairobi",
        "weekend": ["sat", "sun"],
        **changes,
    }


def requirement(code: str = "KEN", area: str = "migration_health", **changes: Any) -> dict[str, Any]:
    return {
        "kind": "funding_requirement",
        "year": 2016,
        "office": code,
        "area": area,
        "amount": "1000000",
        "currency": "USD",
        **changes,
    }


def project(code: str = "KE-001", **changes: Any) -> dict[str, Any]:
    return {
        "kind": "project",
        "project_code": code,
        "title": "Shelter for displaced families",
        "office": "KEN",
        "start": "2015-01-01",
        "end": "2016-12-31",
        "manager": {"name": "Amina Otieno", "email": "amina.otieno@example.org"},
        "alternate_manager": {"name": "Paul Mwangi", "email": "paul.mwangi@example.org"},
        "budget": {"amount": "500000", "currency": "USD"},
        "areas": [{"code": "migration_health", "percent": 60}, {"code": "migrant_assistance", "percent": 40}],
        "targets": [{"group": "returnees", "sex": "female", "age_min": 18, "age_max": 59, "count": 250}],
        **changes,
    }


def donor(code: str = "example-fund", **changes: Any) -> dict[str, Any]:
    return {"kind": "donor", "donor_id": code, "name": "Example Fund (illustrative)", **changes}


def grant(code: str = "G-1", project_code: str = "KE-001", **changes: Any) -> dict[str, Any]:
    return {
        "kind": "grant",
        "grant_id": code,
        "donor_id": "example-fund",
        "project_code": project_code,
        "amount": "400000",
        "currency": "USD",
        "status": "committed",
        "signed": "2014-12-15",
        "start": "2015-01-01",
        "end": "2016-12-31",
        "reporting_rules": {"rules": "development-fund"},
        **changes,
    }


def progress_report(project_code: str = "KE-001", **changes: Any) -> dict[str, Any]:
    return {
        "kind": "progress_report",
        "project_code": project_code,
        "grant_id": "G-1",
        "type": "interim",
        "period_start": "2015-01-01",
        "period_end": "2015-06-30",
        "submitted_on": "2015-08-01",
        "expenditure": {"amount": "100000", "currency": "USD"},
        **changes,
    }


def partner(code: str = "hayat", **changes: Any) -> dict[str, Any]:
    return {"kind": "partner", "partner_id": code, "name": "HAYAT", "type": "ngo_national", **changes}


def partnership(code: str = "p-1", **changes: Any) -> dict[str, Any]:
    return {
        "kind": "partnership",
        "partnership_id": code,
        "partner_id": "hayat",
        "office": "KEN",
        "countries": ["KEN"],
        "area": "mass_information",
        "role": "collaborator",
        "source": "test",
        **changes,
    }


def envelope(*records: dict[str, Any], code: str = "KEN") -> dict[str, Any]:
    return {"office": code, "records": list(records)}
