"""``python -m chaos.planted`` plants each sabotage and runs its test; here only: it could still be planted."""

from __future__ import annotations

import pytest

from chaos.sabotages import ROOT, SABOTAGES, Sabotage


@pytest.mark.parametrize("sabotage", SABOTAGES, ids=lambda sabotage: sabotage.what)
def test_a_sabotage_fits_its_file(sabotage: Sabotage) -> None:
    assert sabotage.fits(ROOT), f"{sabotage.file} has no such line, or {sabotage.test} is gone: see chaos/sabotages.py"
