"""What workers count in memory that they share."""

from __future__ import annotations

import os

from kingtide.live.external_auth.counts import Counts
from tests.forking import forked


def test_what_a_worker_counted_outlives_it_but_for_what_waited() -> None:
    counts = Counts(2)
    pid = forked()
    if not pid:
        counts.of_worker(1)
        counts.answered("allowed", 0.004)
        counts.waiting(7)
        os._exit(0)
    os.waitpid(pid, 0)
    counts.of_worker(0)
    counts.answered("failed", 20.0)
    counts.failed("late")
    text = counts.text().decode()
    assert 'kingtide_ingress_auth_requests_total{verdict="allowed"} 1.0' in text
    assert 'kingtide_ingress_auth_failures_total{reason="late"} 1.0' in text
    assert 'kingtide_ingress_auth_seconds_bucket{le="0.002"} 0.0' in text
    assert 'kingtide_ingress_auth_seconds_bucket{le="0.005"} 1.0' in text
    assert 'kingtide_ingress_auth_seconds_bucket{le="+Inf"} 2.0' in text
    assert "kingtide_ingress_auth_seconds_sum 20.004" in text
    assert "kingtide_ingress_auth_in_flight 7.0" in text
    counts.of_worker(1)
    assert "kingtide_ingress_auth_in_flight 0.0" in counts.text().decode()
