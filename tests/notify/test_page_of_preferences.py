"""The page of preferences: kept by a form, mistakes at their field, calendars, followed reports, the office's chat."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import text

from browsing import browser, text_of
from deeds_done import send
from owing import HEAD, OWNER, due_in, owed, project_owing

PAGE = "/notify/preferences"
SLACK = "slack://TokenA/TokenB/TokenC/#reports"
WISHES = {
    "language": "fr",
    "time_zone": "Africa/Nairobi",
    "channel": "mail",
    "chat_url": "",
    "digest": "1",
    "digest_day": "mon",
    "quiet_from": "20:00",
    "quiet_until": "07:00",
    "stand_in_name": "Paul",
    "stand_in_email": "paul@example.org",
    "stand_in_from": due_in(1),
    "stand_in_until": due_in(9),
}


def kept(muster: Any, email: str) -> dict[str, Any]:
    return dict(muster.get(f"/preferences?email={email}").get_json())


def test_what_the_form_says_is_kept_and_the_pages_speak_the_language_from_then_on(offices: Any) -> None:
    offices.follow()
    page = browser(offices, "focal_point", name=OWNER, offices=["KEN"])
    answer = page.send(PAGE, WISHES)
    assert answer.status_code == 303, answer.text
    shown = kept(offices, OWNER)
    assert {name: shown[name] for name in ("language", "time_zone", "digest", "digest_day", "quiet_from")} == {
        "language": "fr",
        "time_zone": "Africa/Nairobi",
        "digest": True,
        "digest_day": "mon",
        "quiet_from": "20:00",
    }
    assert shown["stand_in"] == {"name": "Paul", "email": "paul@example.org"}
    after = page.get(answer.headers["Location"])
    assert "Vos préférences sont enregistrées." in text_of(after)
    assert "Africa/Nairobi" in text_of(after), "times are of the chosen zone"
    assert 'value="paul@example.org"' in after.text
    page.send(PAGE, {"language": "en", "channel": "mail"})
    assert "Europe/Zurich" in page.read(PAGE), "without a zone of one's own that of the office"
    assert "No digests are sent to this address" in page.read(PAGE)


def test_every_mistake_is_at_its_field_and_nothing_is_kept(offices: Any) -> None:
    page = browser(offices, "focal_point", name=OWNER, offices=["KEN"])
    wrong = {
        "channel": "chat",
        "quiet_from": "20:00",
        "stand_in_email": "nobody",
        "language": "en",
        "digest_day": "day",
    }
    answer = page.send(PAGE, wrong)
    assert answer.status_code == 422
    marked = set(re.findall(r'id="(\w+)-wrong"', answer.text))
    assert {"stand_in_email", "stand_in_name", "digest_day"} <= marked
    assert 'value="nobody"' in answer.text
    second = page.send(PAGE, {"channel": "chat", "quiet_from": "20:00", "language": "en"})
    assert set(re.findall(r'id="(\w+)-wrong"', second.text)) == {"chat_url", "quiet_until"}
    myself = {"stand_in_name": "I", "stand_in_email": OWNER, "stand_in_from": due_in(5), "stand_in_until": due_in(1)}
    third = text_of(page.send(PAGE, {"language": "en", "channel": "mail", **myself}))
    assert "Nobody stands in for themselves: name somebody else." in third
    assert "The last day is before the first." in third
    assert kept(offices, OWNER)["updated_at"] is None


def test_a_kept_chat_is_shown_masked_and_stays_when_left_as_it_is(offices: Any) -> None:
    page = browser(offices, "focal_point", name=OWNER, offices=["KEN"])
    assert page.send(PAGE, {"language": "en", "channel": "chat", "chat_url": SLACK}).status_code == 303
    assert "TokenA" not in page.get(PAGE).text
    assert page.send(PAGE, {"language": "es", "channel": "chat", "chat_url": "slack://…"}).status_code == 303
    with offices.context.engine.connect() as connection:
        assert connection.execute(text("SELECT chat_url FROM preference")).scalar_one() == SLACK


def test_others_preferences_are_for_administrators(offices: Any) -> None:
    focal = browser(offices, "focal_point", name=OWNER, offices=["KEN"])
    assert focal.get(f"{PAGE}?email={HEAD}").status_code == 403
    admin = browser(offices)
    answer = admin.send(f"{PAGE}?email={HEAD}", {"language": "es", "channel": "mail", "digest": "1"})
    assert answer.status_code == 303
    assert kept(offices, HEAD)["language"] == "es"
    assert '<html lang="en"' in admin.get(answer.headers["Location"]).text, "the administrator's own stays"


def test_an_address_for_a_calendar_program_is_shown_once_and_can_be_taken_back(offices: Any) -> None:
    offices.submit(*project_owing(owed(9)))
    offices.follow()
    page = browser(offices, "focal_point", name=OWNER, offices=["KEN"])
    made = page.send(PAGE, {}, to=f"{PAGE}/calendars")
    assert made.status_code == 201
    [address] = re.findall(r"(/notify/v1/calendars/[\w-]+\.ics)", made.text)
    assert "KE-001" in offices.client.get(address).text
    again = page.get(PAGE).text
    assert address not in again
    [revoke] = re.findall(rf'action="({PAGE}/calendars/[\w-]+)"', again)
    assert page.send(PAGE, {}, to=revoke).status_code == 303
    assert offices.client.get(address).status_code == 404


def test_a_followed_report_is_listed_with_its_page_and_followed_no_more(offices: Any) -> None:
    page = browser(offices, "focal_point", name=OWNER, offices=["KEN"])
    follow = {"report": "funding-requirements", "params": {"year": "2016"}}
    assert send(offices, "PUT", "/follows", follow, "focal_point", name=OWNER, offices=["KEN"]).status_code == 200
    shown = page.get(PAGE).text
    assert 'href="/report/reports/funding-requirements?' in shown
    [params] = re.findall(r'name="params" value="([^"]+)"', shown)
    form = {"report": "funding-requirements", "params": params.replace("&amp;", "&")}
    assert page.send(PAGE, form, to=f"{PAGE}/follows").status_code == 303
    assert page.send(PAGE, {}).status_code in (303, 422)
    assert "funding-requirements" not in page.get(PAGE).text


def test_who_heads_an_office_sets_its_chat(offices: Any) -> None:
    offices.follow()
    head = browser(offices, "head_of_office", name=HEAD, offices=["KEN"])
    to = "/notify/office-channels"
    assert head.send(PAGE, {"office": "KEN", "chat_url": SLACK}, to=to).status_code == 303
    assert 'value="slack://…"' in head.get(PAGE).text
    assert "not-a-chat" in head.send(PAGE, {"office": "KEN", "chat_url": "ftp://x"}, to=to).headers["Location"]
    assert head.send(PAGE, {"office": "HQ", "chat_url": SLACK}, to=to).status_code == 403
    assert head.send(PAGE, {"office": "KEN", "chat_url": ""}, to=to).status_code == 303
    assert 'value="slack://…"' not in head.get(PAGE).text
    assert 'name="chat_url"' in browser(offices, "focal_point", name=OWNER, offices=["KEN"]).get(PAGE).text
    assert to not in browser(offices, "focal_point", name=OWNER, offices=["KEN"]).get(PAGE).text
