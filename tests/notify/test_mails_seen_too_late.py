"""A worker goes by a list of mails that another one has sent since: what it claims, it claims as it stands by then."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import text

from muster_notify import delivering
from owing import OWNER, owed, project_owing


def test_what_another_worker_sent_since_it_was_seen_is_not_claimed_again(
    offices: Any, post_office: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    offices.submit(*project_owing(owed(7)))
    offices.sweep()
    see = delivering._due

    def see_and_fall_asleep(this: delivering.Round, channel: str) -> Sequence[Any]:
        seen = see(this, channel)
        if seen:
            monkeypatch.undo()
            assert offices.deliver() == 1
        return seen

    monkeypatch.setattr(delivering, "_due", see_and_fall_asleep)
    assert offices.deliver() == 0
    assert len(post_office.to(OWNER)) == 1
    with offices.context.sessions() as session:
        assert session.execute(text("SELECT status, attempt FROM mail")).all() == [("sent", 1)]
