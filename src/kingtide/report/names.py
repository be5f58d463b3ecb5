"""Which applications and priority classes a record's series are about."""

from __future__ import annotations

from kingtide.rehearsal.record import RunRecord, Series

APPLICATION_MEASURES = (
    "available",
    "unavailable",
    "replicas",
    "used",
    "requested",
    "reserved_not_used",
    "demand",
    "unserved",
    "hpa_trigger",
)
"""What a record holds of each application (`app.<name>.<measure>`); the last only with an HPA."""

# The order in which a reader looks for trouble; classes with other names stand between, by name.
_FIRST = ("system-node-critical", "system-cluster-critical", "critical", "high", "default")
_LAST = ("low", "overprovisioning")


def applications(record: RunRecord) -> tuple[str, ...]:
    """Return the names of all applications, sorted; a name may itself contain dots or slashes."""
    suffix = ".used"
    return tuple(
        sorted(k[4:-5] for k in record.series if k.startswith("app.") and k.endswith(suffix))
    )


def priority_classes(record: RunRecord) -> tuple[str, ...]:
    """Return the names of all priority classes, those that matter most first."""
    prefix, suffix = "pods.", ".available"
    names = [
        key[len(prefix) : -len(suffix)]
        for key in record.series
        if key.startswith(prefix) and key.endswith(suffix)
    ]

    def rank(name: str) -> tuple[int, int, str]:
        if name in _FIRST:
            return (0, _FIRST.index(name), name)
        if name in _LAST:
            return (2, _LAST.index(name), name)
        return (1, 0, name)

    return tuple(sorted(names, key=rank))


def application_series(record: RunRecord, application: str, measure: str) -> Series | None:
    """Return one measure of an application; None when the record has none (no HPA, no trigger)."""
    return record.series.get(f"app.{application}.{measure}")


def leading_application(record: RunRecord) -> str | None:
    """Return the application a reader wants first: of those with an HPA the one that used most CPU.

    None when the record has no application. Without any HPA it is the biggest of all.
    """

    def weight(name: str) -> tuple[bool, float]:
        used = application_series(record, name, "used")
        has_hpa = application_series(record, name, "hpa_trigger") is not None
        return has_hpa, max(used.values, default=0.0) if used else 0.0

    names = applications(record)
    return max(names, key=weight) if names else None
