"""Chat channels of people and offices: a real HTTP server takes what Apprise posts; addresses stay secret."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from sqlalchemy import text

from muster_notify.channels import NotTaken, Steps
from muster_notify.chat import ChatChannel
from muster_notify.chat_address import why_not
from muster_notify.models import OfficeChannel, PreferenceRow
from muster_shared.settings import Settings
from owing import OWNER, owed, project_owing

# what Apprise itself imports is not ours to mend
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
SECRET_PATH = "/hook/5ecr3t"


@dataclass
class Hook:
    """A chat service: what it was sent, the answer it gives, where it leads on to."""

    answer: int = 200
    leads_to: str = ""
    posted: list[dict[str, Any]] = field(default_factory=list)
    url: str = ""


@pytest.fixture
def hook() -> Iterator[Hook]:
    held = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            held.posted.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(held.answer)
            if held.leads_to:
                self.send_header("Location", held.leads_to)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_GET(self) -> None:
            held.posted.append({"followed": self.path})
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    held.url = f"json://127.0.0.1:{server.server_port}{SECRET_PATH}"
    yield held
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def chatting(offices: Any, hook: Hook) -> Any:
    """Offices whose owner of the projects is told by chat."""
    offices.context = replace(offices.context, settings=replace(offices.context.settings, chat_private="yes"))
    with offices.context.sessions.begin() as session:
        stated = {"channel": "chat", "chat_url": hook.url, "language": "fr"}
        session.add(PreferenceRow(email=OWNER, updated_at=offices.clock.now(), updated_by="test", **stated))
    return offices


def deliver_later(muster: Any) -> int:
    with muster.context.sessions.begin() as session:
        session.execute(text("UPDATE mail SET try_at = now() - interval '1 second' WHERE status = 'held'"))
    return int(muster.deliver())


def test_who_chooses_chat_is_told_there_and_not_by_mail(chatting: Any, hook: Hook, post_office: Any) -> None:
    chatting.submit(*project_owing(owed(7)))
    chatting.sweep()
    assert chatting.deliver() == 1
    [posted] = hook.posted
    assert "KE-001" in posted["message"]
    assert "/notify/act/" in posted["message"]
    assert post_office.taken == []
    [sent] = chatting.items("/reminders?status=sent")
    assert (sent["channel"], sent["recipient"]) == ("chat", OWNER)


def test_a_chat_that_fails_three_times_is_followed_by_mail_and_an_alarm(
    chatting: Any, hook: Hook, post_office: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    hook.answer = 500
    chatting.submit(*project_owing(owed(7)))
    chatting.sweep()
    assert [chatting.deliver(), deliver_later(chatting)] == [0, 0]
    assert chatting.items("/alarms") == []
    assert deliver_later(chatting) + deliver_later(chatting) == 1
    assert len(hook.posted) == 3
    assert len(post_office.to(OWNER)) == 1
    [alarm] = chatting.items("/alarms")
    assert alarm["detail"] == f"The chat channel of {OWNER} did not take 3 messages in a row: told by mail"
    assert SECRET_PATH not in caplog.text
    assert SECRET_PATH not in chatting.get("/reminders").text


def test_an_office_hears_once_a_day_of_all_that_is_overdue_there(chatting: Any, hook: Hook, post_office: Any) -> None:
    with chatting.context.sessions.begin() as session:
        stated = {"chat_url": hook.url, "updated_at": chatting.clock.now(), "updated_by": "test"}
        session.add(OfficeChannel(office="KEN", **stated))
        session.add(OfficeChannel(office="HQ", **stated))
    chatting.submit(*project_owing(owed(-5), owed(7, type="financial")), *project_owing(owed(-40), code="KE-002"))
    chatting.sweep()
    chatting.deliver()
    chatting.deliver()
    of_office = [posted for posted in hook.posted if "/notify/act/" not in posted["message"]]
    assert [posted["title"] for posted in of_office] == ["2 reports owed, 2 overdue"]
    assert "financial" not in of_office[0]["message"]


def test_a_channel_that_leads_elsewhere_is_not_followed(chatting: Any, hook: Hook, post_office: Any) -> None:
    hook.answer, hook.leads_to = 302, "/elsewhere"
    chatting.submit(*project_owing(owed(7)))
    chatting.sweep()
    assert chatting.deliver() == 0
    assert {"followed": "/elsewhere"} not in hook.posted


@pytest.mark.parametrize(
    "url",
    [
        "mailtos://user:password@example.org",
        "json://hooks.example.org/x",
        "jsons://127.0.0.1/x",
        "jsons://[::1]/x",
        "jsons://169.254.169.254/latest",
        "jsons://10.1.2.3:8443/x",
        "jsons://localhost/x",
        "jsons://printer.local/x",
        "jsons://hooks.example.org/x?verify=no",
        "jsons://hooks.example.org/x?redirect=yes",
        "workflows://192.168.0.1/a/b",
        "file:///etc/passwd",
        "jsons://[broken/x",
        "slack://",
        "",
    ],
)
def test_an_address_that_is_none_or_leads_inside_is_refused(url: str) -> None:
    assert why_not(Settings(), url)


@pytest.mark.parametrize(
    "url",
    [
        "jsons://hooks.example.org/x",
        "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#general",
        "tgram://123456789:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/12345",
        "workflows://prod-1.logic.azure.com/643e69f83c8944438d68119179a10a64/KODuebWbDGYFr0z0eu-6Rj8",
    ],
)
def test_the_services_spoken_to(url: str) -> None:
    assert why_not(Settings(), url) is None


def test_a_name_that_leads_inside_is_found_out_before_it_is_spoken_to(monkeypatch: pytest.MonkeyPatch) -> None:
    inside = [(2, 1, 6, "", ("10.0.0.7", 443))]
    monkeypatch.setattr("muster_notify.chat.socket.getaddrinfo", lambda *_: inside)
    noted: list[str] = []
    steps = Steps(begins=lambda: noted.append("begins"), goes=lambda: noted.append("goes"))
    with pytest.raises(NotTaken, match="private address"):
        ChatChannel(Settings(), timeout=1).send("jsons://hooks.example.org/x", "t", "b", steps)
    assert noted == []
