"""What every test can rely on: where the repository is, and reproducible property tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# The examples hypothesis draws are the same in every run, so that a red run is red again; the
# `explore` profile draws new ones (pytest --hypothesis-profile=explore).
# No deadline: the machine may be busy with other tests.
settings.register_profile(
    "reproducible", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("explore", deadline=None, max_examples=2000)
settings.load_profile("reproducible")


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the repository."""
    return Path(__file__).resolve().parent.parent
