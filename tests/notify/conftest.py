from __future__ import annotations

import asyncio
import email
import email.policy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

import factories
from muster_ingest.app import create_app as create_ingest
from muster_notify import usecases
from muster_notify.app import create_app as create_notify
from muster_shared.changelog import ChangeLog, Page, read_page
from muster_shared.clock import parse_span
from muster_shared.context import Context
from muster_shared.embedded.ports import free_port


@dataclass
class PostOffice:
    """A real mail server that keeps what it takes; ``answers`` are given instead of taking, in turn.

    An answer of None keeps the mail and then falls silent, as a server does that dies before it answers. Each
    mail takes it so many ``seconds``.
    """

    answers: list[str | None] = field(default_factory=list)
    rcpt_answers: dict[str, str] = field(default_factory=dict)
    taken: list[EmailMessage] = field(default_factory=list)
    seconds: float = 0.0
    url: str = ""

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802
        if address in self.rcpt_answers:
            return self.rcpt_answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        await asyncio.sleep(self.seconds)
        answer = self.answers.pop(0) if self.answers else "250 taken"
        if answer is None or answer.startswith("250"):
            message = email.message_from_bytes(envelope.original_content, policy=email.policy.SMTP)
            assert isinstance(message, EmailMessage)
            self.taken.append(message)
        if answer is None:
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        return answer or "250 never read"

    def to(self, address: str) -> list[EmailMessage]:
        return [mail for mail in self.taken if mail["To"].addresses[0].addr_spec == address]


@pytest.fixture
def post_office() -> Iterator[PostOffice]:
    office = PostOffice()
    port = free_port()
    controller = Controller(office, hostname="127.0.0.1", port=port, enable_SMTPUTF8=True)
    controller.start()
    office.url = f"smtp://127.0.0.1:{port}"
    yield office
    controller.stop()


class IngestLog(ChangeLog):
    """The change log as ingest really answers it, without a socket in between."""

    def __init__(self, client: Any, token: str, limit: int = 1000) -> None:
        self.client, self.token, self.limit = client, token, limit
        self.spoil: Callable[[dict[str, Any]], object] = lambda _change: None

    def after(self, position: int, *, limit: int = 1000) -> Page:
        answer = self.client.get(
            f"/ingest/v1/changes?after={position}&limit={min(limit, self.limit)}",
            headers={"Authorization": f"Bearer {self.token}"},
        )
        assert answer.status_code == 200, answer.text
        document = answer.get_json()
        for change in document["items"]:
            self.spoil(change)
        return read_page(document)


class Muster:
    """A real ingest and a real notify on databases of their own, the business clock standing at home."""

    def __init__(self, ingest: Context, notify: Context, token: Callable[..., str]) -> None:
        self.ingest, self.context, self.token = ingest, notify, token
        self.ingest_client = create_ingest(ingest).test_client()
        self.client = create_notify(notify).test_client()
        self.log = IngestLog(self.ingest_client, token("service"))
        self.clock = notify.clock

    def submit(self, *records: dict[str, Any], code: str = "KEN") -> None:
        answer = self.ingest_client.post(
            "/ingest/v1/submissions",
            json=factories.envelope(*records, code=code),
            headers={"Authorization": f"Bearer {self.token('admin')}"},
        )
        assert answer.status_code == 201, answer.text

    def withdraw(self, kind: str, **key: str) -> None:
        self.submit({"kind": kind, "action": "withdraw", **key})

    def follow(self) -> int:
        return usecases.follow(self.context, self.log)

    def sweep(self) -> bool:
        return usecases.sweep(self.context, self.log)

    def deliver(self) -> int:
        return usecases.deliver(self.context)

    def advance(self, span: str) -> None:
        self.clock.advance(parse_span(span))

    def get(self, path: str, role: str = "admin", **caller: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.token(role, **caller)}"}
        return self.client.get(f"/notify/v1{path}", headers=headers)

    def items(self, path: str, role: str = "admin", **caller: Any) -> list[dict[str, Any]]:
        answer = self.get(path, role, **caller)
        assert answer.status_code == 200, answer.text
        return list(answer.get_json()["items"])

    def obligations(self) -> list[dict[str, Any]]:
        self.follow()
        return self.items("/obligations")

    def told(self, status: str | None = None) -> list[tuple[int, str | None, str]]:
        """``(rung, recipient, status)`` of every reminder, lowest rung first."""
        rows = self.items("/reminders" + (f"?status={status}" if status else ""))
        return sorted(((r["rung"], r["recipient"], r["status"]) for r in rows), key=lambda t: (t[0], t[1] or "", t[2]))


@pytest.fixture
def muster(open_context: Callable[[str], Context], token: Callable[..., str], post_office: PostOffice) -> Muster:
    notify = open_context("notify")
    # each step of a delivery has a fifth of the lease: enough for a busy machine
    notify = replace(notify, settings=replace(notify.settings, smtp_url=post_office.url, lease_seconds=30))
    notify.settings.data_dir.mkdir(exist_ok=True)
    notify.clock.begin()
    return Muster(open_context("ingest"), notify, token)


@pytest.fixture
def offices(muster: Muster) -> Muster:
    """Muster that knows headquarters, a regional office, Kenya and a donor; at home all their windows are open."""
    zurich = {"time_zone": "Europe/Zurich"}
    muster.submit(
        factories.office("HQ", head=person("Helen"), **zurich),
        factories.office("RO-east_horn_of_africa", type="regional", reviewer=person("Rosa"), **zurich),
        factories.office("KEN", head=person("Karim"), **zurich),
        factories.donor(),
        code="HQ",
    )
    return muster


def person(name: str) -> dict[str, str]:
    return {"name": name, "email": f"{name.lower()}@example.org"}
