"""What the metrics APIs answered for one metric."""

from __future__ import annotations

import msgspec

from kingtide.controlplane.hpa.pods import PodGroup


class MetricReading(msgspec.Struct, frozen=True, gc=False):
    """What the metrics APIs answered for one metric, and the pods the target's selector returns.

    `groups` are all selected pods (also failed and deleting ones) with their sample of this metric;
    the average forms of external and object metrics never look at them. `unknown_pods` and
    `unknown_usage_milli` count and add up samples of pods the selector does not return.
    `values_milli` are the series of an external metric or the one value of an object; empty means
    that the API knows no such metric. `api_error` is not empty when the API could not be asked at
    all.
    """

    groups: tuple[PodGroup, ...] = ()
    unknown_pods: int = 0
    unknown_usage_milli: int = 0
    values_milli: tuple[int, ...] = ()
    api_error: str = ""
