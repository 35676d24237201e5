"""The form of preferences: what it asks for as the interface takes it, and how its mistakes are told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

from muster_notify import people_schemas
from muster_notify.bodies import load
from muster_notify.letters.language import Language, noted
from muster_shared.clock import known_time_zones
from muster_shared.problems import DataError

_SCHEMA: Final = people_schemas.Preferences()
_PLAIN: Final = (
    *("channel", "chat_url", "language", "time_zone", "digest_day", "quiet_from", "quiet_until"),
    *("stand_in_from", "stand_in_until"),
)
_STAND_IN: Final = {"stand_in_name": "name", "stand_in_email": "email"}
_CONTINENTS: Final = frozenset(
    {"Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"}
)
_MISTAKES: Final[Mapping[str, str]] = {
    "channel": noted("Choose mail or chat."),
    "chat_url": noted("Give the whole address of a chat, such as slack://… or workflows://…, or choose mail."),
    "language": noted("Choose one of the languages."),
    "time_zone": noted("Choose one of the time zones."),
    "digest_day": noted("Choose a day of the week, or every working day."),
    "quiet_from": noted("Give both hours, such as 20:00 and 07:00, or neither."),
    "quiet_until": noted("Give both hours, or neither, and leave an hour free between 09:00 and midnight."),
    "stand_in_name": noted("Give the name, the address, the first and the last day, or none of them."),
    "stand_in_email": noted("Give the address of somebody else, such as name@example.org."),
    "stand_in_from": noted("Give the first day."),
    "stand_in_until": noted("Give the last day; it is not before the first."),
}  # fmt: skip
_BY_CODE: Final[Mapping[str, str]] = {
    "stand_in_away": noted("This person has named a stand-in for some of these days: name somebody who is there."),
    "stands_in": noted("Somebody named you as their stand-in for some of these days: they name somebody else first."),
    "same_person": noted("Nobody stands in for themselves: name somebody else."),
    "dates_out_of_order": noted("The last day is before the first."),
}
_FIELDS_OF: Final = {
    "/stand_in": "stand_in_name",
    "/stand_in/name": "stand_in_name",
    "/stand_in/email": "stand_in_email",
}


def wishes_of(form: Mapping[str, str]) -> dict[str, Any]:
    """What a form asks for, as ``preferring.replace`` takes it.

    Raises:
        Problem: 422 with every error.
    """
    asked: dict[str, Any] = {name: form[name].strip() for name in _PLAIN if form.get(name, "").strip()}
    asked["digest"] = form.get("digest") == "1"
    person = {name: form[field].strip() for field, name in _STAND_IN.items() if form.get(field, "").strip()}
    return load(asked | ({"stand_in": person} if person else {}), _SCHEMA)


def filled(shown: Mapping[str, Any], *, spoken: str) -> dict[str, str]:
    """Preferences as the fields of the form hold them; what is not stated is empty.

    Who never said anything finds the language chosen that the page is ``spoken`` in.
    """
    stand_in = shown["stand_in"] or {}
    fields = {name: shown[name] or "" for name in _PLAIN} | {"digest": "1" if shown["digest"] else ""}
    if shown["updated_at"] is None:
        fields["language"] = spoken
    return fields | {field: stand_in.get(name, "") for field, name in _STAND_IN.items()}


def mistakes(language: Language, errors: Sequence[DataError]) -> dict[str, str]:
    """What is wrong, by field of the form, the first mistake of each."""
    found: dict[str, str] = {}
    for error in errors:
        field = _FIELDS_OF.get(error.pointer or "", error.field or "")
        text = _BY_CODE.get(error.code) or _MISTAKES.get(field)
        if text and field not in found:
            found[field] = language.say(text)
    return found


@cache
def time_zones() -> Mapping[str, Sequence[tuple[str, str]]]:
    """The time zones to choose from, by continent: the zone's name and its place."""
    found: dict[str, list[tuple[str, str]]] = {}
    for zone in sorted(known_time_zones()):
        continent, _, place = zone.partition("/")
        if place and continent in _CONTINENTS:
            found.setdefault(continent, []).append((zone, place.replace("_", " ").replace("/", ", ")))
    return found
