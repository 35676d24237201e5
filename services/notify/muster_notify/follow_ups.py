"""What people did about an obligation, from its ``follow_up`` records: pure. The newest of each action counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from muster_notify.judging import why_acknowledged, why_snoozed
from muster_shared.schedules import Fields, Obligation

_EVENTS: Final[Mapping[str, str]] = {"snooze": "snoozed", "acknowledge": "acknowledged"}


@dataclass(frozen=True, slots=True)
class FollowedUp:
    """How an obligation was followed up; ``why_*`` are the reasons that reminders held back for it carry."""

    snoozed_until: date | None = None
    why_snoozed: str = ""
    acknowledged_at: datetime | None = None
    why_acknowledged: str = ""
    events: tuple[Mapping[str, Any], ...] = ()


def followed_up(obligation: Obligation, follow_ups: Iterable[Fields]) -> FollowedUp:
    """What current ``follow_up`` fields say of an obligation; its events are in the order they happened."""
    about = sorted((one for one in follow_ups if _is_about(one, obligation)), key=_at)
    snooze, acknowledgement = _newest(about, "snooze"), _newest(about, "acknowledge")
    return FollowedUp(
        snoozed_until=date.fromisoformat(snooze["until"]) if snooze else None,
        why_snoozed=why_snoozed(snooze) if snooze else "",
        acknowledged_at=_at(acknowledgement) if acknowledgement else None,
        why_acknowledged=why_acknowledged(acknowledgement) if acknowledgement else "",
        events=tuple(_event(one, obligation.due) for one in about),
    )


def _is_about(follow_up: Fields, obligation: Obligation) -> bool:
    matter = (follow_up["project_code"], follow_up.get("grant_id"), follow_up["type"], follow_up["period_end"])
    owed = (obligation.project_code, obligation.grant_id, obligation.type, obligation.period_end.isoformat())
    return matter == owed and follow_up["action"] in _EVENTS


def _newest(about: Sequence[Fields], action: str) -> Fields | None:
    return next((one for one in reversed(about) if one["action"] == action), None)


def _at(follow_up: Fields) -> datetime:
    return datetime.fromisoformat(follow_up["at"])


def _event(follow_up: Fields, due: date) -> Mapping[str, Any]:
    said = {name: follow_up[name] for name in ("until", "by", "reason") if follow_up.get(name)}
    return {"at": follow_up["at"], "event": _EVENTS[follow_up["action"]], "due": due.isoformat(), **said}
