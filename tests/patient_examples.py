"""Properties whose examples take seconds each: few of them every day, many with ``--hypothesis-profile=long``."""

from __future__ import annotations

from hypothesis import HealthCheck, Phase, settings

LONG = settings.get_current_profile_name() == "long"


def patient_examples(*, every_day: int, long: int) -> settings:
    """So many examples; a failure is shrunk in the long profile only, as that takes minutes."""
    return settings(
        deadline=None,
        derandomize=not LONG,
        database=None,
        max_examples=long if LONG else every_day,
        phases=tuple(Phase) if LONG else (Phase.explicit, Phase.generate),
        suppress_health_check=[
            HealthCheck.function_scoped_fixture,
            HealthCheck.too_slow,
            HealthCheck.data_too_large,
        ],
    )
