"""From a claimed mail to what goes over the wire: the message for a mail server, or a title and lines for a chat."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from email.message import EmailMessage

from muster_notify import mail_text
from muster_notify.background import Background
from muster_notify.extension_answers import answer_url
from muster_notify.ladder import Ladders, next_step
from muster_notify.letters.in_steps import InSteps, Work
from muster_notify.letters.letter import ANSWER, DIGEST, ESCALATION, REPORT, REVIEW, Colleague, Letter, Line
from muster_notify.letters.news import STEPS, Answer, IssueNews, ReviewNews
from muster_notify.links import action_url, project_url
from muster_notify.mails import Claim
from muster_notify.told import Owed, Told
from muster_notify.unsubscribing import unsubscribe_url
from muster_notify.windows import local_day
from muster_shared.coverage import RETURNED
from muster_shared.settings import Settings


@dataclass(frozen=True, slots=True)
class Desk:
    """Where the mails of a batch are written: all that they need besides their claims."""

    settings: Settings
    ladders: Ladders
    background: Background
    now: datetime

    def message(self, claimed: Claim) -> EmailMessage:
        """A claimed mail as it is handed to a mail server.

        Raises:
            UnwritableAddress: no mail can be addressed to the recipient.
            ValueError: the content of an answer or of news is not what it should be.
        """
        return InSteps(self.writing(claimed)).result()

    def writing(self, claimed: Claim) -> Work[EmailMessage]:
        """The same in steps."""
        letter = self._letter(claimed)
        if claimed.kind == ANSWER:
            content = {**(claimed.content or {}), "url": self._answer_url(claimed)}
            return mail_text.compose_answer(letter, Answer.of(content))
        if claimed.kind == REVIEW:
            return mail_text.compose_review(letter, ReviewNews.of(claimed.content or {}))
        if claimed.kind == REPORT:
            return mail_text.compose_issue(letter, IssueNews.of(claimed.content or {}))
        lines = list(self._lines(claimed))
        yield
        return (yield from mail_text.composing(letter, lines))

    def chat(self, claimed: Claim) -> tuple[str, str]:
        """A claimed mail as title and body for a chat.

        Raises:
            ValueError: as ``message``.
        """
        if claimed.kind in (DIGEST, ESCALATION):
            return mail_text.chat_text(self._letter(claimed), list(self._lines(claimed)))
        message = self.message(claimed)
        text = message.get_body(("plain",))
        return str(message["Subject"]), text.get_content() if text else ""

    def chat_url(self, claimed: Claim) -> str | None:
        """Where the reader of a claimed mail chats, a person or an office as a whole; a secret."""
        if claimed.content and "office" in claimed.content:
            return self.background.office_chats.get(claimed.content["office"])
        return self.background.readers.prefers(claimed.recipient).chat_url

    def _letter(self, claimed: Claim) -> Letter:
        language, time_zone = self._reader(claimed)
        told = {one.owed.obligation_id for one in claimed.told}
        due = self.background.due_dates.get(claimed.recipient.lower(), ())
        is_digest = claimed.kind == DIGEST and claimed.content is None
        return Letter(
            sender=self.settings.mail_from,
            recipient=claimed.recipient,
            recipient_name=claimed.recipient_name,
            message_id=claimed.message_id,
            sent_at=self.now,
            base_url=self.settings.base_url(),
            language=language,
            time_zone=time_zone,
            kind=claimed.kind,
            unsubscribe_url=unsubscribe_url(self.settings, claimed.recipient) if is_digest else None,
            other_due_dates=tuple(day for obligation_id, day in due if obligation_id not in told),
            request_id=claimed.request_id,
        )

    def _answer_url(self, claimed: Claim) -> str:
        """Where the reader of an answer looks at what it is about, or decides."""
        content = claimed.content or {}
        if content.get("about") in STEPS:
            return project_url(self.settings.base_url(), content["project_code"])
        return answer_url(self.settings, content, claimed.recipient, self.now)

    def _reader(self, claimed: Claim) -> tuple[str, str]:
        """The language and the time zone of who reads it."""
        readers = self.background.readers
        hours = readers.hours(claimed.recipient, claimed.office)
        return readers.prefers(claimed.recipient).language, hours.time_zone

    def _lines(self, claimed: Claim) -> Iterator[Line]:
        """What an office as a whole is told of is all that is overdue there; it has no links of a person's own."""
        if claimed.content:
            yield from (self._line(owed) for owed in self.background.overdue.get(claimed.content["office"], ()))
        for told in claimed.told:
            yield self._personal(self._line(told.owed), told, claimed)

    def _line(self, owed: Owed) -> Line:
        today = local_day(self.now, owed.time_zone)
        acknowledged = owed.acknowledged_at
        return Line(
            project_code=owed.project_code,
            project_title=self.background.titles.get(owed.project_code, ""),
            office=owed.office,
            grant_id=owed.grant_id,
            donor=self.background.donors.get(owed.grant_id, ""),
            type=owed.type,
            period_start=owed.period_start,
            period_end=owed.period_end,
            due=owed.due,
            today=today,
            returned=owed.state == RETURNED,
            owner=owed.owner.get("name") or owed.owner.get("email") or "",
            next=next_step(owed.due, today, self.ladders.of(owed.rules)),
            reminded_since=self._since(owed),
            snoozed_until=owed.snoozed_until,
            acknowledged_on=local_day(acknowledged, owed.time_zone) if acknowledged else None,
        )

    def _personal(self, line: Line, told: Told, claimed: Claim) -> Line:
        replaced = (told.instead_of or "").lower()
        return replace(
            line,
            action_url=action_url(self.settings, told.owed.obligation_id, claimed.recipient, self.now),
            instead_of_name=self.background.names.get(replaced, told.instead_of or ""),
            unreachable=replaced in self.background.failing,
            also_told=tuple(self._also_told(told, claimed)),
        )

    def _since(self, owed: Owed) -> date | None:
        first = self.background.since.get((owed.obligation_id, owed.cycle))
        return local_day(first, owed.time_zone) if first else None

    def _also_told(self, told: Told, claimed: Claim) -> Iterator[Colleague]:
        for other in self.background.told.get((told.owed.obligation_id, told.owed.cycle, told.rung), ()):
            address = other.recipient.lower()
            if address != claimed.recipient.lower():
                yield Colleague(other.name, self.background.roles.get((told.owed.project_code, address), ""))
