"""A rebuild derives what is owed from the log once more, and says where that came out otherwise."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from muster_notify.models import ObligationRow
from muster_notify.rebuild import rebuild
from owing import due_in, owed, project_owing, report_on


def test_a_rebuild_comes_to_the_same_obligations_and_sends_nothing_again(offices: Any) -> None:
    offices.submit(*project_owing(owed(-10)))
    offices.submit(report_on(submitted_on=due_in(-7)))
    offices.submit(report_on(submitted_on=due_in(-7), donor_status="returned"))
    offices.sweep()
    offices.deliver()
    before, told = offices.obligations(), offices.told()
    rebuilt = rebuild(offices.context, offices.log)
    assert (rebuilt.obligations, rebuilt.differing) == (1, ())
    assert rebuilt.records == 7
    offices.sweep()
    assert offices.deliver() == 0
    assert (offices.obligations(), offices.told()) == (before, told)


def test_a_rebuild_names_and_mends_what_had_gone_astray(offices: Any) -> None:
    offices.submit(*project_owing(owed(-10)))
    [obligation] = offices.obligations()
    with offices.context.sessions.begin() as session:
        session.scalars(select(ObligationRow)).one().due += timedelta(days=3)
    rebuilt = rebuild(offices.context, offices.log)
    assert rebuilt.differing == (f"obligation {obligation['obligation_id']}",)
    assert offices.obligations()[0]["due"] == due_in(-10)
