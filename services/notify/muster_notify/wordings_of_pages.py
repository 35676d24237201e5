"""What the pages of deadlines and reminders call things, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from babel.dates import format_skeleton

from muster_notify.deeds import ACKNOWLEDGED
from muster_notify.ladder import ROLE_NAMES
from muster_notify.letters.language import Language, noted
from muster_notify.letters.wording import report_name, role_name
from muster_notify.wordings_of_reasons import in_words

STANDINGS: Final[Mapping[str, tuple[str, str]]] = {
    "overdue": (noted("Overdue"), "bad"),
    "returned": (noted("Returned by the donor"), "warn"),
    "due_soon": (noted("Due soon"), "warn"),
    "upcoming": (noted("Upcoming"), "idle"),
    "submitted": (noted("Handed in"), "good"),
    "closed": (noted("Accepted by the donor"), "good"),
    "cancelled": (noted("No longer owed"), "idle"),
}
FATES: Final[Mapping[str, tuple[str, str]]] = {
    "held": (noted("Waiting"), "idle"),
    "sending": (noted("On its way"), "idle"),
    "sent": (noted("Sent"), "good"),
    "failed": (noted("Failed"), "bad"),
    "skipped": (noted("Not sent"), "idle"),
}
DECISIONS: Final[Mapping[str, tuple[str, str]]] = {
    "open": (noted("Waiting for a decision"), "warn"),
    "approved": (noted("Approved"), "good"),
    "refused": (noted("Refused"), "bad"),
}
_ALARMS: Final = {
    "address_fails": noted("Mail does not reach {subject}."),
    "nobody_to_tell": noted("Nobody could be told of a report that {subject} owes."),
    "storm": noted("Far more reminders than usual on {subject}: they are held back."),
    "review_waits": noted("The project {subject} has waited long for its review."),
    "restored": noted("Restored to {subject}: all mails are held until this is cleared."),
    "report_fails": noted("The report {subject} cannot be made and is tried again: its last good issue stays."),
    "set_aside": noted("Changes could not be applied and are set aside ({subject})."),
}
_REGIONS: Final = {
    "southern_africa": noted("Southern Africa"),
    "east_horn_of_africa": noted("East and Horn of Africa"),
    "west_central_africa": noted("West and Central Africa"),
    "central_north_america_caribbean": noted("Central and North America and the Caribbean"),
    "south_america": noted("South America"),
    "middle_east_north_africa": noted("Middle East and North Africa"),
    "asia_pacific": noted("Asia and the Pacific"),
    "eu_switzerland_norway": noted("European Union, Switzerland and Norway"),
    "see_ee_central_asia": noted("South-Eastern Europe, Eastern Europe and Central Asia"),
    "multi_regional": noted("Multi-regional"),
}
_CHANNELS: Final = {"mail": noted("Mail"), "chat": noted("Chat")}


@dataclass(frozen=True, slots=True)
class Words:
    """The words of the pages in one language; badges are a text and the class of their colour."""

    language: Language

    def report(self, kind: str) -> str:
        """What a type of report is called, as a title begins: Interim report."""
        name = report_name(self.language, kind)
        return name[:1].upper() + name[1:]

    def roles(self, roles: Iterable[str]) -> str:
        """Roles of the ladder as a sentence lists them."""
        return self.language.listed(role_name(self.language, role) for role in roles)

    def standing(self, group: str) -> tuple[str, str]:
        """How an obligation stands."""
        return self._badge(STANDINGS, group)

    def fate(self, status: str) -> tuple[str, str]:
        """What became of a reminder."""
        return self._badge(FATES, status)

    def decision(self, status: str) -> tuple[str, str]:
        """What became of a request for more time."""
        return self._badge(DECISIONS, status)

    def whom(self, recipient: str | None, name: str = "") -> str:
        """Who a reminder is for: by name, else by address; a role where nobody fills it, empty where it is nobody."""
        if recipient is not None and recipient in ROLE_NAMES:
            return role_name(self.language, recipient)
        return name or recipient or ""

    def why(self, reason: str | None) -> str:
        """Why something was not sent."""
        return in_words(self.language, reason)

    def channel(self, channel: str) -> str:
        """By which way somebody is told."""
        return self.language.say(_CHANNELS[channel]) if channel in _CHANNELS else channel

    def region(self, code: str) -> str:
        """The name of a region."""
        return self.language.say(_REGIONS[code]) if code in _REGIONS else code

    def rung(self, days: int) -> str:
        """When a rung of the ladder is reached."""
        if days < 0:
            return self.language.say_number("{number} day before", "{number} days before", -days)
        if days > 0:
            return self.language.say_number("{number} day after", "{number} days after", days)
        return self.language.say("on the due date")

    def regions(self, codes: Iterable[str]) -> list[tuple[str, str]]:
        """Codes of regions with their names, in the order of the names."""
        return sorted(((code, self.region(code)) for code in codes), key=lambda one: one[1])

    def alarm(self, alarm: Mapping[str, Any]) -> str:
        """What somebody has to look at."""
        text = _ALARMS.get(alarm["kind"])
        return self.language.say(text, subject=alarm["subject"]) if text else str(alarm["detail"])

    def day(self, text: str) -> str:
        """A day that is written in ISO, where there is little room."""
        return self.language.short_day(date.fromisoformat(text))

    @staticmethod
    def days_between(first: str, last: str) -> int:
        """Days from one day in ISO to another."""
        return (date.fromisoformat(last) - date.fromisoformat(first)).days

    def month(self, first: date) -> str:
        """A month with its year."""
        name = format_skeleton("yMMMM", first, locale=self.language.locale)
        return name[:1].upper() + name[1:]

    def weekdays(self, week: Sequence[date]) -> list[tuple[str, str]]:
        """Short and long names of the days of a week."""
        names = self.language.locale.days["stand-alone"]
        return [(names["abbreviated"][day.weekday()], names["wide"][day.weekday()]) for day in week]

    def weekday(self, place: int) -> str:
        """A day of the week, from 0 for Monday."""
        return str(self.language.locale.days["stand-alone"]["wide"][place])

    def event(self, event: Mapping[str, Any]) -> str:
        """What happened to an obligation, from its history, as a sentence."""
        told = {name: self._whole_day(event[name]) for name in ("due", "due_before", "until") if event.get(name)}
        told |= {"who": event.get("by") or ""}
        return self._happened(event["event"], told)

    @staticmethod
    def reason(event: Mapping[str, Any]) -> str:
        """The reason somebody gave; empty where nothing was said."""
        reason = str(event.get("reason") or "")
        return "" if reason == ACKNOWLEDGED else reason

    def _happened(self, what: str, told: Mapping[str, str]) -> str:
        say = self.language.say
        sentences = {
            "owed": lambda: say("Known since then, due on {due}.", **told),
            "moved": lambda: say("The due date moved from {due_before} to {due}.", **told),
            "awaited": lambda: say("What was handed in was taken back: owed again, due on {due}.", **told),
            "submitted": lambda: say("Handed in."),
            "returned": lambda: say("Returned by the donor: owed again, due on {due}.", **told),
            "closed": lambda: say("Accepted by the donor."),
            "restored": lambda: say("Owed again, due on {due}.", **told),
            "cancelled": lambda: say("No longer owed."),
            "snoozed": lambda: say("Put off until {until} by {who}.", **told),
            "acknowledged": lambda: say("{who} says that somebody is at it.", **told),
        }
        return sentences[what]() if what in sentences else what

    def _badge(self, table: Mapping[str, tuple[str, str]], name: str) -> tuple[str, str]:
        text, colour = table.get(name, (name, "idle"))
        return self.language.say(text), colour

    def _whole_day(self, text: str) -> str:
        return self.language.day(date.fromisoformat(text))
