"""The part of a report's page with which somebody follows it, and hears of it no more."""

from __future__ import annotations

from typing import Any

from browsing import browser
from owing import OWNER

ASKED = "report=donor&donor_id=example-fund&until=2016-11-30&copy=donor&language=fr"
FORM = {"report": "donor", "donor_id": "example-fund", "until": "2016-11-30", "copy": "donor", "language": "fr"}
BACK = "/report/reports/donor?copy=donor&donor_id=example-fund&language=fr&until=2016-11-30"


def followed(muster: Any) -> list[dict[str, Any]]:
    items = muster.items("/follows", "focal_point", name=OWNER, offices=["KEN"])
    return [{"report": one["report"], "params": one["params"]} for one in items]


def test_a_report_is_followed_with_its_parameters_and_followed_no_more(offices: Any) -> None:
    page = browser(offices, "focal_point", name=OWNER, offices=["KEN"])
    part = f"/notify/parts/follow?{ASKED}"
    assert "<html" not in page.get(part).text
    assert "You follow it" not in page.read(part)
    sent = page.send(f"/notify/follow?{ASKED}", {**FORM, "follows": "yes"}, to="/notify/follow")
    assert (sent.status_code, sent.headers["Location"]) == (303, BACK)
    params = {"donor_id": "example-fund", "until": "2016-11-30", "copy": "donor", "lang": "fr"}
    assert followed(offices) == [{"report": "donor", "params": params}]
    assert "You follow it" in page.read(part)
    assert "You follow it" not in page.read(part.replace("language=fr", "language=es"))
    for _ in range(2):  # stopped already, in another window
        assert page.send(f"/notify/follow?{ASKED}", FORM, to="/notify/follow").status_code == 303
    assert followed(offices) == []


def test_the_page_and_the_list_of_preferences_name_the_report_and_its_parameters_as_people_do(offices: Any) -> None:
    page = browser(offices, "focal_point", name=OWNER, offices=["KEN"])
    shown = page.read(f"/notify/follow?{ASKED}")
    assert "Donor report" in shown
    assert "Donor example-fund · Up to 30 Nov 2016 · for donors · in French" in shown
    page.send(f"/notify/follow?{ASKED}", {**FORM, "follows": "yes"}, to="/notify/follow")
    listed = page.read("/notify/preferences")
    assert "Donor report Donor example-fund · Up to 30 Nov 2016 · for donors · in French" in listed
    assert "Informe al donante Donante example-fund · Hasta el 30 nov 2016" in page.read("/notify/preferences?lang=es")


def test_what_nobody_knows_of_a_report_is_shown_as_it_is_written(offices: Any) -> None:
    page = browser(offices, "focal_point", name=OWNER, offices=["KEN"])
    shown = page.read("/notify/follow?report=tenth&until=one+day&colour=blue")
    assert "colour blue · Up to one day · for the house" in shown
    assert "tenth" in shown


def test_without_a_report_there_is_nothing_to_follow(offices: Any) -> None:
    page = browser(offices, "focal_point", name=OWNER, offices=["KEN"])
    assert page.get("/notify/parts/follow").status_code == 422
