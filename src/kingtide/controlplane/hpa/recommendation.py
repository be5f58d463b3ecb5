"""Several metrics, one recommendation.

The largest proposal wins, and a failed metric forbids to shrink.

Source:
https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/controller/podautoscaler/horizontal.go
(`computeReplicasForMetrics`).
"""

from __future__ import annotations

import msgspec

from kingtide.controlplane.hpa.measurement import measure
from kingtide.controlplane.hpa.model import (
    HpaControllerConfig,
    HpaEvent,
    HpaObservation,
    HpaSpec,
    MetricOutcome,
)
from kingtide.controlplane.hpa.replicas import Proposal
from kingtide.controlplane.hpa.tolerance import tolerances
from kingtide.controlplane.hpa.wording import Failure, failure, metric_name


class Recommended(msgspec.Struct, frozen=True, gc=False):
    """What the metrics of one pass add up to.

    `replicas` is None when they forbid any decision; then `failure` is the first metric's failure
    and `error` says how many failed. With replicas, `error` ("" for none) is reported although the
    pass goes on.
    """

    replicas: int | None
    metric: str
    outcomes: tuple[MetricOutcome, ...]
    failure: Failure | None = None
    error: str = ""
    events: tuple[HpaEvent, ...] = ()


def recommend(
    spec: HpaSpec, observation: HpaObservation, now_ms: int, config: HpaControllerConfig
) -> Recommended:
    """Return the largest proposal.

    The first metric that made it (a proposal of zero yields to any later one).
    """
    allowed = tolerances(spec.behavior, config)
    replicas = 0
    winner = ""
    outcomes: list[MetricOutcome] = []
    failures: list[Failure] = []
    for metric, reading in zip(spec.metrics, observation.readings, strict=True):
        name = metric_name(metric)
        result = measure(spec, metric, reading, observation, allowed, now_ms, config)
        outcomes.append(MetricOutcome(name, result))
        if isinstance(result, Proposal):
            if replicas == 0 or result.replicas > replicas:
                replicas = result.replicas
                winner = name
        else:
            failures.append(failure(metric, result))
    if not failures:
        return Recommended(replicas, winner, tuple(outcomes))
    error = (
        f"invalid metrics ({len(failures)} invalid out of {len(spec.metrics)}), "
        f"first error is: {failures[0].error}"
    )
    events = tuple(HpaEvent("Warning", failed.reason, failed.cause) for failed in failures)
    if len(failures) == len(spec.metrics) or replicas < observation.current_replicas:
        return Recommended(None, "", tuple(outcomes), failures[0], error, events)
    return Recommended(replicas, winner, tuple(outcomes), failures[0], error, events)
