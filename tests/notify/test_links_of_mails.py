"""The page behind a mail's link: for one person, once, never by looking, and nothing for anybody else."""

from __future__ import annotations

import logging
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import jwt
import pytest

import factories
from deeds_done import lined, send
from muster_notify.letters.language import LANGUAGES
from muster_notify.links import ExpiredLink, ForgedLink, action_url, decision_url, read_link
from muster_shared.clock import parse_span
from owing import HEAD, OWNER, REVIEWER, due_in, owed, project_owing, report_on

SNOOZE = {"action": "snooze", "until": due_in(5), "reason": "the partner's figures are late"}


@pytest.fixture
def kenya(offices: Any) -> Any:
    offices.submit(*project_owing(owed(10)))
    offices.line = lined(offices)
    offices.follow()
    return offices


def one(muster: Any) -> dict[str, Any]:
    muster.follow()
    [found] = muster.items("/obligations?project_code=KE-001")
    return dict(found)


def link(muster: Any, recipient: str = OWNER, *, at: str | None = None) -> str:
    """The path of a link made at the clock's time, or so long before it."""
    settings = muster.context.settings
    made = muster.clock.now() - (parse_span(at) if at else timedelta())
    url = action_url(settings, UUID(one(muster)["obligation_id"]), recipient, made)
    assert url.startswith(settings.base_url())
    return url.removeprefix(settings.base_url())


def used_links(muster: Any) -> int:
    with muster.context.engine.connect() as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM used_link").scalar_one())


def test_looking_shows_what_is_owed_and_changes_nothing_however_often(kenya: Any) -> None:
    path, before = link(kenya), one(kenya)
    for _ in range(3):
        page = kenya.client.get(path)
        assert (page.status_code, page.mimetype) == (200, "text/html")
    assert kenya.client.head(path).status_code == 200
    for text in ("KE-001", "Shelter for displaced families", "interim report", "due in 10 days", OWNER, "G-KE-001"):
        assert text in page.text
    assert re.findall(r'name="action" value="(\w+)"', page.text) == ["acknowledge", "snooze", "extension"]
    assert re.findall(r"<script (?!src=)|<script>| on\w+=", page.text) == [], "no script but those that every page has"
    assert (one(kenya), used_links(kenya)) == (before, 0)


def test_the_page_tells_no_other_page_its_address_and_is_kept_nowhere(kenya: Any) -> None:
    for answer in (kenya.client.get(link(kenya)), kenya.client.get("/notify/act/forged")):
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "no-store"
        assert "form-action 'self'" in answer.headers["Content-Security-Policy"]
        assert "Set-Cookie" not in answer.headers


def test_no_log_holds_a_link(kenya: Any, caplog: pytest.LogCaptureFixture) -> None:
    path = link(kenya)
    with caplog.at_level(logging.DEBUG):
        kenya.client.get(path)
        kenya.client.post(path, data=SNOOZE)
    token = path.rpartition("/")[2]
    assert caplog.records
    assert not [record for record in caplog.records if token in str(vars(record))]


def test_a_link_puts_off_once_as_the_person_it_was_sent_to(kenya: Any) -> None:
    path = link(kenya)
    done = kenya.client.post(path, data=SNOOZE)
    assert done.status_code == 200, done.text
    assert "KEN-000002" in done.text
    assert one(kenya)["snoozed_until"] == due_in(5)
    assert {"event": "snoozed", "by": OWNER}.items() <= one(kenya)["history"][-1].items()
    for again in (kenya.client.get(path), kenya.client.post(path, data={"action": "acknowledge"})):
        assert again.status_code == 410
        assert "used already" in again.text
    assert len(one(kenya)["history"]) == 2


def test_of_two_who_use_a_link_at_once_one_does_something(kenya: Any) -> None:
    path, application = link(kenya), kenya.client.application
    days = [due_in(number) for number in (3, 4, 5, 6)]

    def use(day: str) -> int:
        return int(application.test_client().post(path, data={**SNOOZE, "until": day}).status_code)

    with ThreadPoolExecutor(len(days)) as threads:
        assert sorted(threads.map(use, days)) == [200, 410, 410, 410]
    assert one(kenya)["snoozed_until"] in days
    assert len(one(kenya)["history"]) == 2


def test_a_link_acknowledges_or_asks_for_more_time(kenya: Any) -> None:
    assert kenya.client.post(link(kenya), data={"action": "acknowledge", "reason": ""}).status_code == 200
    asked = {"action": "extension", "new_end": "2017-03-31", "reason": "rains"}
    assert kenya.client.post(link(kenya, HEAD), data=asked).status_code == 200
    assert one(kenya)["acknowledged_at"]
    assert [e["requested_by"] for e in kenya.items("/extensions")] == [HEAD]


def test_a_mistake_is_shown_in_its_place_and_leaves_the_link_as_it_was(kenya: Any) -> None:
    path = link(kenya)
    for day in (due_in(11), due_in(0), "", "soon"):
        page = kenya.client.post(path, data={**SNOOZE, "until": day, "reason": "late <b>figures</b>"})
        assert page.status_code == 422
        assert "Choose a day from 1 December 2016 to 10 December 2016." in page.text
        assert "late &lt;b&gt;figures" in page.text
    late = {"action": "extension", "new_end": "2016-12-31"}
    assert "Write what it is about" in kenya.client.post(path, data=late).text
    assert "Choose a day after 31 December 2016" in kenya.client.post(path, data={**late, "reason": "rains"}).text
    assert kenya.client.post(path, data={"action": "decide", "decision": "approved"}).status_code == 400
    assert kenya.client.post(path).status_code == 400
    assert (used_links(kenya), one(kenya)["snoozed_until"]) == (0, None)
    assert kenya.client.post(path, data=SNOOZE).status_code == 200


def test_while_ingest_is_away_the_link_is_not_used_up(kenya: Any) -> None:
    path = link(kenya)
    kenya.line.away = True
    away = kenya.client.post(path, data=SNOOZE)
    assert (away.status_code, away.headers["Retry-After"], used_links(kenya)) == (503, "2", 0)
    kenya.line.away = False
    assert kenya.client.post(path, data=SNOOZE).status_code == 200


def test_a_forged_link_opens_nothing(kenya: Any) -> None:
    path = link(kenya)
    token, settings = path.rpartition("/")[2], kenya.context.settings
    claims = jwt.decode(token, options={"verify_signature": False})
    sealed = {
        "another key": jwt.encode(claims, "another key that is long enough for it", algorithm="HS256"),
        "no key": jwt.encode(claims, "", algorithm="none"),
        "a token for the interface": kenya.token("admin", name=OWNER),
        "another audience": jwt.encode(claims | {"aud": "muster"}, settings.signing_key(), algorithm="HS256"),
        "no recipient": jwt.encode({**claims, "to": None}, settings.signing_key(), algorithm="HS256"),
        "half": token[:-5],
        "nonsense": "%00é",
    }
    for name, forged in sealed.items():
        for answer in (
            kenya.client.get(f"/notify/act/{forged}"),
            kenya.client.post(f"/notify/act/{forged}", data=SNOOZE),
        ):
            assert answer.status_code == 403, name
            assert KEPT_SECRET.isdisjoint(answer.text.split()), name
    assert (used_links(kenya), one(kenya)["snoozed_until"]) == (0, None)


KEPT_SECRET = {"KE-001", OWNER}


def test_a_link_is_good_for_sixty_days_of_the_business_clock(kenya: Any) -> None:
    assert kenya.client.get(link(kenya, at="59d")).status_code == 200
    old = link(kenya, at="60d")
    for answer in (kenya.client.get(old), kenya.client.post(old, data=SNOOZE)):
        assert answer.status_code == 410
        assert "too old" in answer.text
    assert used_links(kenya) == 0


def test_what_is_no_longer_owed_or_no_longer_theirs_is_closed(kenya: Any) -> None:
    path, heads = link(kenya), link(kenya, HEAD)
    assert kenya.client.post(link(kenya, "stranger@example.org"), data=SNOOZE).status_code == 403
    other = {"name": "Grace", "email": "grace@example.org"}
    kenya.submit(factories.project(manager=other, alternate_manager=None))
    kenya.follow()
    assert kenya.client.get(path).status_code == 403
    assert kenya.client.post(path, data=SNOOZE).status_code == 403
    assert kenya.client.get(heads).status_code == 200
    kenya.submit(report_on())
    kenya.follow()
    for answer in (kenya.client.get(heads), kenya.client.post(heads, data=SNOOZE)):
        assert answer.status_code == 410
        assert "nothing left to do" in answer.text
    stored = action_url(kenya.context.settings, uuid4(), OWNER, kenya.clock.now())
    assert kenya.client.get(stored.removeprefix(kenya.context.settings.base_url())).status_code == 410
    assert used_links(kenya) == 0


def test_a_stand_in_acts_while_they_stand_in(kenya: Any) -> None:
    hugo = {"name": "Hugo", "email": "hugo@example.org"}
    away = {"stand_in": hugo, "stand_in_from": due_in(0), "stand_in_until": due_in(3)}
    assert send(kenya, "PUT", f"/preferences?email={OWNER}", away).status_code == 200
    path = link(kenya, "hugo@example.org")
    assert kenya.client.get(path).status_code == 200
    kenya.advance("4d")
    assert kenya.client.get(path).status_code == 403


def test_the_reviewer_puts_off_beyond_the_due_date_by_link_too(kenya: Any) -> None:
    assert kenya.client.post(link(kenya, REVIEWER), data={**SNOOZE, "until": due_in(40)}).status_code == 200
    assert one(kenya)["snoozed_until"] == due_in(40)


def test_the_reviewer_decides_by_link(kenya: Any) -> None:
    kenya.client.post(link(kenya), data={"action": "extension", "new_end": "2017-03-31", "reason": "the rains"})
    obligation_id, settings = UUID(one(kenya)["obligation_id"]), kenya.context.settings

    def path(recipient: str) -> str:
        url = decision_url(settings, obligation_id, recipient, kenya.clock.now(), requested_on=due_in(0))
        return url.removeprefix(settings.base_url())

    assert kenya.client.get(path(OWNER)).status_code == 403
    page = kenya.client.get(path(REVIEWER))
    for text in ("31 December 2016", "31 March 2017", "the rains", OWNER):
        assert text in page.text
    assert kenya.client.post(path(REVIEWER), data={"action": "decide", "decision": "?"}).status_code == 422
    done = kenya.client.post(path(REVIEWER), data={"action": "decide", "decision": "refused", "comment": "too late"})
    assert done.status_code == 200, done.text
    kenya.follow()
    [decided] = kenya.items("/extensions")
    assert (decided["status"], decided["decided_by"], decided["comment"]) == ("refused", REVIEWER, "too late")
    assert kenya.client.get(path("helen@example.org")).status_code == 410


def test_the_page_speaks_the_readers_language(kenya: Any) -> None:
    send(kenya, "PUT", f"/preferences?email={OWNER}", {"language": "fr"})
    path = link(kenya)
    pages = {code: kenya.client.get(f"{path}?lang={code}").text for code in LANGUAGES}
    assert kenya.client.get(path).text == pages["fr"].replace("?lang=fr", "")
    assert all(f'<html lang="{code}" ' in page for code, page in pages.items())
    buttons = {code: re.findall(r"<button[^>]*>(.+?)</button>", page) for code, page in pages.items()}
    assert len({tuple(found) for found in buttons.values()}) == 3
    closed = kenya.client.get("/notify/act/forged", headers={"Accept-Language": "es"})
    assert '<html lang="es" ' in closed.text


def test_the_same_link_made_twice_is_the_same_and_another_day_another(kenya: Any) -> None:
    settings, now, one_id = kenya.context.settings, kenya.clock.now(), uuid4()
    url = action_url(settings, one_id, OWNER, now)
    assert url == action_url(settings, one_id, OWNER.upper(), now)
    later = action_url(settings, one_id, OWNER, now + timedelta(days=1))
    first, second = (read_link(settings, u.rpartition("/")[2], now=now) for u in (url, later))
    assert (first.obligation_id, first.recipient) == (one_id, OWNER) == (second.obligation_id, second.recipient)
    assert first.link_id != second.link_id
    with pytest.raises(ForgedLink):
        read_link(settings, "", now=now)
    with pytest.raises(ExpiredLink):
        read_link(settings, url.rpartition("/")[2], now=now + timedelta(days=60))


def links_in(muster: Any, recipient: str) -> list[str]:
    """The links of the newest mail to somebody, as paths."""
    muster.sweep()
    muster.deliver()
    body = muster.post_office.to(recipient)[-1].get_body(("plain",))
    assert body is not None
    base = re.escape(muster.context.settings.base_url())
    return re.findall(rf"{base}(/notify/act/[\w.=-]+)", str(body.get_content()).replace("=\n", ""))


def test_the_links_of_mails_that_are_really_sent_lead_from_the_reminder_to_the_answer(
    kenya: Any, post_office: Any
) -> None:
    kenya.post_office = post_office
    [remind] = links_in(kenya, OWNER)
    asked = {"action": "extension", "new_end": "2017-03-31", "reason": "the rains"}
    assert kenya.client.post(remind, data=asked).status_code == 200
    [decide] = links_in(kenya, REVIEWER)
    assert kenya.client.post(decide, data={"action": "decide", "decision": "approved"}).status_code == 200
    assert links_in(kenya, OWNER) == []
    assert "approved" in str(post_office.to(OWNER)[-1]["Subject"])
