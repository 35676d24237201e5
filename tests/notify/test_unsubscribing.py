"""Asking for no digests: one click in a mail program, a button on a page, never by merely opening a link."""

from __future__ import annotations

from typing import Any

import jwt
import pytest

from muster_notify.unsubscribing import unsubscribe_url
from muster_shared.auth import InvalidToken, read
from owing import OWNER, owed, project_owing


def path_of(url: str) -> str:
    return url.split("8000", 1)[1]


def address_in(mail: Any) -> str:
    return path_of(str(mail["List-Unsubscribe"]).strip("<>"))


def unsubscribed(muster: Any) -> bool:
    answer = muster.get(f"/preferences?email={OWNER}")
    assert answer.status_code == 200, answer.text
    return answer.get_json()["digest"] is False


def digest(muster: Any, post_office: Any) -> Any:
    muster.submit(*project_owing(owed(7)))
    muster.sweep()
    muster.deliver()
    return post_office.to(OWNER)[0]


def test_one_click_ends_the_digests_without_a_session(offices: Any, post_office: Any) -> None:
    mail = digest(offices, post_office)
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    answer = offices.client.post(address_in(mail), data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert unsubscribed(offices)
    offices.submit(*project_owing(owed(7), code="KE-002"))
    offices.advance("1d")
    offices.sweep()
    assert offices.deliver() == 0


def test_opening_the_address_only_shows_a_button(offices: Any, post_office: Any) -> None:
    answer = offices.client.get(address_in(digest(offices, post_office)))
    assert (answer.status_code, answer.headers["Referrer-Policy"]) == (200, "no-referrer")
    assert '<form method="post">' in answer.text
    assert not unsubscribed(offices)


def test_doing_so_twice_changes_nothing_more(offices: Any, post_office: Any) -> None:
    address = address_in(digest(offices, post_office))
    assert [offices.client.post(address).status_code for _ in range(2)] == [200, 200]
    assert unsubscribed(offices)


def test_the_page_speaks_the_language_of_its_reader(offices: Any) -> None:
    address = path_of(unsubscribe_url(offices.context.settings, OWNER))
    stated = {"Authorization": f"Bearer {offices.token('admin')}"}
    assert "Send me no more digests" in offices.client.get(address).text
    assert "No enviarme" in offices.client.get(address, headers={"Accept-Language": "es"}).text
    sent = offices.client.put(f"/notify/v1/preferences?email={OWNER}", json={"language": "fr"}, headers=stated)
    assert sent.status_code == 200, sent.text
    asked, done = offices.client.get(address).text, offices.client.post(address).text
    assert "envoyer de récapitulatif" in asked
    assert f"{OWNER} ne reçoit plus de récapitulatif quotidien" in done
    assert '<html lang="fr"' in asked


@pytest.mark.parametrize("told", ["nonsense", "a.b.c"])
def test_a_forged_address_is_refused(offices: Any, told: str) -> None:
    assert offices.client.post(f"/notify/unsubscribe/{told}").status_code == 403
    forged = jwt.encode({"aud": "muster-unsubscribe", "sub": OWNER}, "another key that is long enough too", "HS256")
    assert offices.client.post(f"/notify/unsubscribe/{forged}").status_code == 403
    assert not unsubscribed(offices)


def test_the_address_opens_nothing_else_and_a_token_does_not_unsubscribe(offices: Any) -> None:
    token = unsubscribe_url(offices.context.settings, OWNER).rsplit("/", 1)[1]
    with pytest.raises(InvalidToken):
        read(offices.context.settings, token)
    assert offices.client.post(f"/notify/unsubscribe/{offices.token('admin')}").status_code == 403
