"""Expected values: pkg/controller/deployment/progress.go (v1.36), by hand."""

import msgspec
import pytest

from kingtide.controlplane.workloads.rollout.progress import (
    Progress,
    RolloutStatus,
    deadline_ms,
    is_complete,
    paused_or_resumed,
    progress,
)
from tests.unit.controlplane.workloads.rollout.scene import deployment

START = RolloutStatus(replicas=10, updated=0, ready=10, available=10)
HALF = RolloutStatus(replicas=13, updated=5, ready=10, available=10)
DONE = RolloutStatus(replicas=10, updated=10, ready=10, available=10)
UPDATED = Progress("ReplicaSetUpdated", 1_000, "")


@pytest.mark.parametrize(
    ("status", "complete"),
    [
        pytest.param(DONE, True, id="all new and available"),
        pytest.param(HALF, False, id="half way"),
        pytest.param(RolloutStatus(11, 10, 11, 11), False, id="an old one left"),
        pytest.param(RolloutStatus(10, 10, 9, 9), False, id="one not available"),
    ],
)
def test_a_rollout_is_complete(status: RolloutStatus, *, complete: bool) -> None:
    assert is_complete(deployment(10), status) is complete


@pytest.mark.parametrize(
    ("known", "before", "after", "now_ms", "reason", "updated_ms"),
    [
        pytest.param(None, START, HALF, 5, "ReplicaSetUpdated", 5, id="new pods"),
        pytest.param(
            UPDATED, HALF, HALF, 600_000, "ReplicaSetUpdated", 1_000, id="nothing happens, in time"
        ),
        pytest.param(
            UPDATED, HALF, HALF, 601_001, "ProgressDeadlineExceeded", 601_001, id="too late"
        ),
        pytest.param(
            UPDATED, HALF, msgspec.structs.replace(HALF, available=11), 700_000,
            "ReplicaSetUpdated", 700_000, id="late, but it gets on",
        ),
        pytest.param(
            UPDATED, HALF, msgspec.structs.replace(HALF, replicas=12), 7,
            "ReplicaSetUpdated", 7, id="an old pod less",
        ),
        pytest.param(UPDATED, HALF, DONE, 9, "NewReplicaSetAvailable", 9, id="complete"),
        pytest.param(
            Progress("NewReplicaSetAvailable", 9), DONE, RolloutStatus(10, 10, 8, 8), 900_000,
            "NewReplicaSetAvailable", 9, id="pods that are lost afterwards",
        ),
        pytest.param(
            Progress("ProgressDeadlineExceeded", 50), HALF, HALF, 900_000,
            "ProgressDeadlineExceeded", 50, id="told once",
        ),
        pytest.param(
            Progress("ProgressDeadlineExceeded", 50), HALF, DONE, 900_000,
            "NewReplicaSetAvailable", 900_000, id="late, and it came",
        ),
    ],
)  # fmt: skip
def test_a_rollout_gets_on(
    known: Progress | None,
    before: RolloutStatus,
    after: RolloutStatus,
    now_ms: int,
    reason: str,
    updated_ms: int,
) -> None:
    found = progress(deployment(10), known, before, after, "api-x", now_ms)
    assert found is not None
    assert (found.reason, found.updated_ms) == (reason, updated_ms)
    assert found.is_progressing is (reason != "ProgressDeadlineExceeded")


def test_the_condition_names_the_replica_set() -> None:
    found = progress(deployment(10), UPDATED, HALF, HALF, "api-x", 10**9)
    assert found is not None
    assert found.message == 'ReplicaSet "api-x" has timed out progressing.'


def test_without_a_deadline_nothing_is_said() -> None:
    patient = msgspec.structs.replace(deployment(10), progress_deadline_seconds=None)
    assert progress(patient, None, START, HALF, "api-x", 5) is None
    assert deadline_ms(patient, UPDATED) is None


def test_the_deadline_is_looked_at_just_after_it() -> None:
    assert deadline_ms(deployment(10), UPDATED) == 601_001
    assert deadline_ms(deployment(10), Progress("NewReplicaSetAvailable", 9)) is None
    assert deadline_ms(deployment(10), None) is None


PAUSED = Progress("DeploymentPaused", 2_000, "Deployment is paused")
LATE = Progress("ProgressDeadlineExceeded", 50)


@pytest.mark.parametrize(
    ("paused", "known", "reason", "updated_ms", "status"),
    [
        pytest.param(True, UPDATED, "DeploymentPaused", 9_000, "Unknown", id="paused"),
        pytest.param(True, PAUSED, "DeploymentPaused", 2_000, "Unknown", id="still paused"),
        pytest.param(False, PAUSED, "DeploymentResumed", 9_000, "Unknown", id="resumed"),
        pytest.param(False, UPDATED, "ReplicaSetUpdated", 1_000, "True", id="never paused"),
        pytest.param(True, LATE, "ProgressDeadlineExceeded", 50, "False", id="stalled before"),
    ],
)
def test_a_pause_is_told(
    *, paused: bool, known: Progress, reason: str, updated_ms: int, status: str
) -> None:
    found = paused_or_resumed(deployment(10, paused=paused), known, 9_000)

    assert found is not None
    assert (found.reason, found.updated_ms, found.status) == (reason, updated_ms, status)


def test_the_deadline_runs_from_the_end_of_a_pause() -> None:
    resumed = paused_or_resumed(deployment(10), PAUSED, 9_000)

    assert deadline_ms(deployment(10), PAUSED) is None
    assert deadline_ms(deployment(10), resumed) == 609_001
