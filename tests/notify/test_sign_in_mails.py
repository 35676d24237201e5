"""The mail with a link to sign in: in the person's language, sent at once, in no log and no table."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from celery import Celery

from muster_notify import sign_in_mail
from muster_notify.sign_in_mail import SignIn
from muster_notify.tasks import register
from muster_shared.embedded.ports import free_port
from muster_shared.embedded.valkey import Valkey
from muster_shared.names import NOTIFY_SIGN_IN_LINK
from muster_shared.settings import Settings
from muster_shared.tasks import Wake

URL = "http://127.0.0.1:8000/ingest/sign-in/mail/aSecretThatNobodyMayRead"
ANN = SignIn("ann@example.org", "Ann\r\nBcc: eve@example.org", "fr", URL)


def settings_of(post_office: Any) -> Settings:
    return Settings(smtp_url=post_office.url, mail_from="muster@example.org")


def test_the_mail_says_it_in_the_language_of_the_person(post_office: Any) -> None:
    for language, said in (("en", "Sign in to Muster"), ("fr", "Se connecter à Muster"), ("es", "Iniciar sesión en")):
        assert sign_in_mail.send(settings_of(post_office), replace(ANN, language=language))
        mail = post_office.taken[-1]
        assert said in mail["Subject"]
        for kind in ("plain", "html"):
            body = mail.get_body((kind,))
            assert body
            assert URL in body.get_content().replace("\n", "")


def test_a_name_adds_no_header_and_the_mail_is_no_newsletter(post_office: Any) -> None:
    assert sign_in_mail.send(settings_of(post_office), ANN)
    mail = post_office.taken[0]
    assert mail["Bcc"] is None
    assert mail["List-Unsubscribe"] is None
    assert mail["Auto-Submitted"] == "auto-generated"


def test_a_mail_server_that_is_away_is_tried_three_times_and_nothing_of_the_mail_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    paused: list[float] = []
    away = Settings(smtp_url=f"smtp://127.0.0.1:{free_port()}")
    assert not sign_in_mail.send(away, ANN, pause=paused.append)
    assert paused == [1.0, 4.0]
    told = str([vars(record) for record in caplog.records])
    assert "not taken" in told
    assert "aSecret" not in told
    assert ANN.email not in told


def test_a_mail_refused_for_now_goes_out_at_the_next_attempt(post_office: Any) -> None:
    post_office.answers = ["451 later"]
    assert sign_in_mail.send(settings_of(post_office), ANN, pause=lambda _seconds: None)
    assert len(post_office.taken) == 1


def test_a_mail_refused_for_good_is_not_tried_again(post_office: Any) -> None:
    post_office.rcpt_answers = {ANN.email: "550 nobody here"}
    assert not sign_in_mail.send(settings_of(post_office), ANN, pause=lambda _seconds: pytest.fail("tried again"))


def test_the_task_takes_what_ingest_sends_and_its_arguments_are_not_shown(
    post_office: Any, redis_free: Any, valkey_server: Valkey
) -> None:
    told: list[tuple[tuple[Any, ...], dict[str, Any]]] = []
    app = Celery("test", set_as_current=False)
    app.send_task = lambda *given, **options: told.append((given, options))  # type: ignore[method-assign,assignment]
    Wake(app, valkey_server.url()).send(NOTIFY_SIGN_IN_LINK, ANN.email, ANN.name, ANN.language, URL)
    (name, arguments), options = told[0]
    assert options["argsrepr"] == "(not shown)"
    register(app, redis_free(settings_of(post_office)))
    app.tasks[name](*arguments)
    assert len(post_office.taken) == 1


@pytest.fixture
def redis_free() -> Any:
    """A context of which the task needs the settings only."""

    class Held:
        def __init__(self, settings: Settings) -> None:
            self.settings = settings

    return Held
