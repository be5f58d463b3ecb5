"""How long a Job waits after failures before it creates pods again.

The documentation says that the delay is capped at six minutes; the controller's constant has been
ten since v1.26, and what it does counts here.

Source: https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/controller/job/backoff_utils.go
and job_controller.go, DefaultJobPodFailureBackOff and MaxJobPodFailureBackOff.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

FIRST_DELAY_MS = 10_000
MAX_DELAY_MS = 600_000


class JobBackoff(msgspec.Struct, frozen=True, gc=False):
    """Failures since the last success, and the time of the last one (None without any)."""

    failures: int = 0
    last_failure_ms: int | None = None


def after(known: JobBackoff, succeeded_ms: Sequence[int], failed_ms: Sequence[int]) -> JobBackoff:
    """Return what is known after pods have ended at these times; a success forgets what was."""
    if not succeeded_ms:
        if not failed_ms:
            return known
        return JobBackoff(known.failures + len(failed_ms), max(failed_ms))
    later = [at_ms for at_ms in failed_ms if at_ms > max(succeeded_ms)]
    return JobBackoff(len(later), max(later, default=None))


def remaining_ms(known: JobBackoff, now_ms: int) -> int:
    """Return how long no pod may be created: 10 s after a failure, twice as long after the next."""
    if known.failures == 0 or known.last_failure_ms is None:
        return 0
    doublings = min(known.failures - 1, MAX_DELAY_MS.bit_length())
    delay_ms = min(FIRST_DELAY_MS << doublings, MAX_DELAY_MS)
    return max(0, known.last_failure_ms + delay_ms - now_ms)
