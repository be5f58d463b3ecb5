"""What every test can rely on: where the repository is, and reproducible property tests."""

from __future__ import annotations

import signal
from functools import cache
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

# Tests that run whole rehearsals, draw pictures or start processes: `make test` runs them,
# the quick loop (`make check`) does not.
SLOW = (
    "contract/test_cloud_night",
    "contract/test_import_contracts",
    "contract/test_live_copy_of_the_twin",
    "contract/test_rights",
    "contract/test_vector_runner",
    "real/process/",
    "real/test_admission_webhook",
    "real/test_cluster_guides",
    "real/test_dns_bench",
    "real/test_dns_cache",
    "real/test_dns_fallback",
    "real/test_evening_of_another_process",
    "real/test_guide_to_kubectl",
    "real/test_ingress_load",
    "real/test_ingress_process",
    "real/test_kubectl_writing",
    "real/test_process_ends",
    "real/test_running_against_the_twin",
    "real/test_shadowing_the_twin",
    "real/test_disturbed_evening",
    "real/test_stopped_in_a_write",
    "real/test_ingress_auth",
    "real/test_ingress_hostile",
    "real/test_ingress_tls",
    "real/test_ingress_unharmed",
    "real/test_kubectl_reading",
    "unit/cli/test_app",
    "unit/cli/test_apply",
    "unit/cli/test_comparison",
    "unit/cli/test_example_fleet",
    "unit/cli/test_examples",
    "unit/cli/test_explain",
    "unit/cli/test_gameday",
    "unit/cli/test_init",
    "unit/cli/test_progress",
    "unit/cli/test_rehearse",
    "unit/live/aws/test_client_timeouts",
    "unit/cli/test_up",
    "unit/operate/test_execute",
    "unit/compile/test_same_bytes",
    "unit/migration/test_bounded_engine",
    "unit/mutations/test_marking_run",
    "unit/mutations/test_trial",
    "unit/rehearsal/comparison/test_compare",
    "unit/rehearsal/gameday/test_play",
    "unit/rehearsal/test_examples",
    "unit/rehearsal/test_processes",
    "unit/rehearsal/test_run",
    "unit/report/test_html",
    "unit/report/test_picture",
    "unit/report/test_png",
    "unit/twin/apiserver/test_reading",
    "unit/twin/apiserver/test_watching",
    "unit/twin/apiserver/test_writing",
)

# What runs first, in this order: a long test that begins last is waited for by an idle worker.
# Those that wait for real time come before those that keep a processor busy: meanwhile the other
# worker has the many short ones, and each has a processor of its own.
FIRST = (
    "real/test_evening_of_another_process",
    "real/test_disturbed_evening",
    "real/test_cluster_guides",
    "real/test_guide_to_kubectl",
    "real/test_shadowing_the_twin",
    "twin/test_game_day",
    "twin/test_staging_nights",
    "real/",
    "twin/",
)


def pytest_configure() -> None:
    """Let the programs that tests start be interrupted.

    A script that runs pytest in the background has it ignore Ctrl-C, and they would inherit that.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of slow files, and bring the long ones to the front."""
    for item in items:
        if _is_slow(item.path):
            item.add_marker(pytest.mark.slow)
    items.sort(key=lambda item: _place(item.path))  # keeps the order within a file


@cache
def _place(path: Path) -> tuple[int, bool]:
    first = (place for place, start in enumerate(FIRST) if _name(path).startswith(start))
    return next(first, len(FIRST)), not _is_slow(path)


@cache
def _is_slow(path: Path) -> bool:
    return _name(path).startswith(SLOW)


def _name(path: Path) -> str:
    here = Path(__file__).parent
    return path.relative_to(here).as_posix() if path.is_relative_to(here) else ""


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the repository."""
    return Path(__file__).resolve().parent.parent
