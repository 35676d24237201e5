"""What is derived of a page of the log and the cursor behind it are one transaction."""

from __future__ import annotations

from unittest.mock import Mock

import pytest

from muster_report import follow
from reporting import Reporting


def test_a_follower_that_dies_in_the_middle_leaves_nothing_and_the_next_one_applies_all(
    muster: Reporting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow, "mark_stale", Mock(side_effect=KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        muster.report.follow()
    monkeypatch.undo()
    assert muster.report.facts() == []
    assert muster.report.follow() == muster.ingest.last() == len(muster.report.facts())
