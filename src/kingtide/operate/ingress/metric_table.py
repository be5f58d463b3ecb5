"""Every metric of the ingress controller, declared once: what is counted, shown and documented.

No label has a value from an object: whoever writes objects could otherwise fill our memory.
"""

from __future__ import annotations

from kingtide.live.external_auth import counts
from kingtide.operate.running.metric_table import Declared

SECONDS = (0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 15.0, 60.0)
"""An endpoint takes 30 ms, what needs a reload waits for seconds."""

LATENCY = Declared(
    "kingtide_ingress_change_to_traffic_seconds",
    "histogram",
    "From a change's arrival to HAProxy's having it, read back, by what it needed: `endpoints`,"
    " `routes` (both without a reload), `structure` (with one).",
    ("sort",),
    SECONDS,
)
CHANGES = Declared("kingtide_ingress_runtime_changes", "counter", "Changes made without a reload.")
LOADS = Declared(
    "kingtide_ingress_loads",
    "counter",
    "Starts and reloads of HAProxy, by reason (`start`, `crash`, `structure`) and result (`done`,"
    " `refused`).",
    ("reason", "result"),
)
FAILURES = Declared(
    "kingtide_ingress_runtime_failures",
    "counter",
    "Changes that HAProxy did not take or answer; tried again.",
)
REFUSED = Declared(
    "kingtide_ingress_configurations_refused",
    "counter",
    "Configurations that HAProxy would not run with.",
)
DRIFTS = Declared(
    "kingtide_ingress_drift_repairs",
    "counter",
    "Looks that found HAProxy otherwise than it was left, and mended it.",
)
CLOSED = Declared(
    "kingtide_ingress_closed_backends",
    "gauge",
    "Backends that HAProxy would not load; they answer 503.",
)
DOUBTED = Declared(
    "kingtide_ingress_doubted_backends",
    "gauge",
    "Backends that keep servers that were gone all at once.",
)
SERVED = Declared("kingtide_ingress_ingresses", "gauge", "Ingresses that have effect.")
READY = Declared("kingtide_ingress_ready", "gauge", "Whether HAProxy serves what is asked for.")
PROBLEMS = Declared(
    "kingtide_ingress_problems",
    "gauge",
    "Parts of Ingresses that have no effect, by code.",
    ("code",),
)
STALENESS = Declared(
    "kingtide_ingress_staleness_seconds",
    "gauge",
    "How long the API server has said nothing of a kind; +Inf before it is listed.",
    ("kind",),
)
OF_AGENT = (
    Declared(counts.REQUESTS[0], "counter", counts.REQUESTS[1], ("verdict",)),
    Declared(counts.FAILED[0], "counter", counts.FAILED[1], ("reason",)),
    Declared(counts.TIMES[0], "histogram", counts.TIMES[1], (), counts.SECONDS),
    Declared(counts.WAITING[0], "gauge", counts.WAITING[1]),
)
"""Of the agent of external authentication, where anybody is asked; it counts them itself."""
METRICS = (
    LATENCY,
    CHANGES,
    LOADS,
    FAILURES,
    REFUSED,
    DRIFTS,
    CLOSED,
    DOUBTED,
    SERVED,
    READY,
    PROBLEMS,
    STALENESS,
)
