"""A made evening for the report's tests: two peaks, late pods, failed launches, decisions.

Same arguments, same record.
"""

from __future__ import annotations

import math
import random
from functools import cache

from kingtide.control.action import SetDesiredCapacity
from kingtide.control.decision_entry import DecisionEntry
from kingtide.control.outcome import Outcome
from kingtide.control.report import Detail, Report, Verdict
from kingtide.rehearsal.record import (
    Event,
    ExpectationResult,
    Figure,
    RunRecord,
    Series,
    Unit,
)

START_MS = 1_605_900_600_000  # 2020-11-20 20:30:00 in Paris
CLASSES = ("high", "default", "low", "overprovisioning")
PEAKS_SECONDS = (1320, 1920)


@cache
def evening(
    applications: int = 12,
    hours: float = 1.5,
    step_seconds: int = 5,
    seed: int = 42,
    failed: bool = False,
    reached: float = 1.0,
) -> RunRecord:
    """Return a whole made run.

    `reached` below 1 leaves a partial record, `failed` one unmet expectation.
    """
    chance = random.Random(seed)
    steps = int(hours * 3600 * reached) // step_seconds + 1
    end_ms = START_MS + int(hours * 3600) * 1000
    times = tuple(START_MS + i * step_seconds * 1000 for i in range(steps))
    names = ["shop/front", *(f"team-{i % 7}/service-{i:02}" for i in range(1, applications))]
    series: dict[str, Series] = {}
    pods = {name: ([0.0] * steps, [0.0] * steps) for name in CLASSES}
    for i, name in enumerate(names):
        _add_application(series, pods, name, i, steps, step_seconds, chance)
    _add_cluster(series, pods, names, steps, chance)
    return RunRecord(
        name="prime-time",
        cluster="prod-customer-a",
        seed=seed,
        timezone="Europe/Paris",
        start_ms=START_MS,
        end_ms=end_ms,
        reached_ms=times[-1],
        partial=reached < 1.0,
        step_seconds=step_seconds,
        trace_hash="9f4e1c7a52b0d36688aef1c2047be95d11c3f0aa7b62e48d5093cc1fe27d8a40",
        versions={"kingtide": "0.1.0", "python": "3.11"},
        times_ms=times,
        series=series,
        figures=_figures(series, names[0], step_seconds),
        events=_events(series, times, chance),
        decisions=_decisions(times),
        expectations=_expectations(failed),
        notes=(
            "Demand of shop/front is read off a published graph, within 3 %.",
            "kubelet.pull is an assumption: 12 s.",
        ),
    )


def _add_application(
    series: dict[str, Series],
    pods: dict[str, tuple[list[float], list[float]]],
    name: str,
    i: int,
    steps: int,
    step_seconds: int,
    chance: random.Random,
) -> None:
    size = 240 if i == 0 else 8 + chance.randrange(60)
    swing = 0.62 if i == 0 else 0.35 * chance.random()
    wanted, ready, lag = float(size), float(size), [float(size)] * (60 // step_seconds)
    rows: dict[str, list[float]] = {key: [] for key in _MEASURES}
    for k in range(steps):
        seconds = k * step_seconds
        demand = size * 0.68 * (1 + 0.06 * math.sin(seconds / 900) + swing * _peaks(seconds))
        demand *= 1 + 0.012 * chance.gauss(0, 1)
        used = min(demand, ready)
        if k % 3 == 0 and used > 0.85 * wanted * 1.02:
            wanted = math.ceil(used / 0.80)
        lag.append(wanted)
        ready = min(wanted, lag.pop(0))
        values = (ready, wanted - ready, wanted, used, wanted, wanted - used, demand)
        for key, value in zip(_MEASURES, (*values, demand - used, 0.85 * wanted), strict=True):
            rows[key].append(round(value, 3))
    for key, values_ in rows.items():
        if key != "hpa_trigger" or i % 3 == 0:
            counted = key in ("available", "unavailable", "replicas")
            unit: Unit = "pods" if counted else "cores"
            series[f"app.{name}.{key}"] = Series(f"{name} {key}", unit, tuple(values_))
    up, down = pods[CLASSES[min(i, 1 + i % 2)]]
    for k in range(steps):
        up[k] += rows["available"][k]
        down[k] += rows["unavailable"][k]


_MEASURES = (
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


def _peaks(seconds: int) -> float:
    shapes = zip(PEAKS_SECONDS, (1.0, 1.22), (240, 420), strict=True)
    return sum(
        height * math.exp(-(seconds - at) / fall) * min(1.0, (seconds - at) / 30)
        for at, height, fall in shapes
        if seconds >= at
    )


def _add_cluster(
    series: dict[str, Series],
    pods: dict[str, tuple[list[float], list[float]]],
    names: list[str],
    steps: int,
    chance: random.Random,
) -> None:
    def total(measure: str) -> list[float]:
        rows = [series[f"app.{name}.{measure}"].values for name in names]
        return [round(sum(column), 3) for column in zip(*rows, strict=True)]

    used, requested = total("used"), total("requested")
    nodes = [math.ceil(value * 1.15 / 7.5) for value in requested]
    on_demand = [2.0 + (6 if PEAKS_SECONDS[0] < k * 5 - 90 else 0) for k in range(steps)]
    spot = [n - 2.0 for n in nodes]
    late = [float(max(0, nodes[k] - nodes[max(0, k - 8)])) for k in range(steps)]
    pods["overprovisioning"][0][:] = [float(max(0, 12 - int(n))) for n in late]
    pods["overprovisioning"][1][:] = [float(min(12, int(n))) for n in late]
    for name in CLASSES:
        for what, values in zip(("available", "unavailable"), pods[name], strict=True):
            series[f"pods.{name}.{what}"] = Series(f"{name} {what}", "pods", tuple(values))
    cost = [0.148 * s + 0.384 * o for s, o in zip(spot, on_demand, strict=True)]
    for key, unit, values in (
        ("nodes.spot", "nodes", spot),
        ("nodes.on_demand", "nodes", on_demand),
        ("nodes.not_ready", "nodes", late),
        ("cost.usd_per_hour", "usd_per_hour", cost),
        ("cores.used", "cores", used),
        ("cores.requested", "cores", requested),
        ("cores.reserved_not_used", "cores", total("reserved_not_used")),
        ("cores.allocatable", "cores", [n * 7.5 for n in nodes]),
    ):
        series[key] = Series(key, unit, tuple(values))  # type: ignore[arg-type]  # literals above


def _figures(series: dict[str, Series], lead: str, step_seconds: int) -> dict[str, Figure]:
    figures: dict[str, Figure] = {}
    for name in CLASSES:
        values = series[f"pods.{name}.unavailable"].values
        busy = sum(1 for v in values if v > 0) * step_seconds
        figures[f"unavailable.{name}.max_pods"] = Figure(
            max(values), "pods", f"Most {name} pods unavailable at once"
        )
        figures[f"unavailable.{name}.max_seconds"] = Figure(
            float(min(busy, 55)), "seconds", f"Longest time {name} pods were unavailable"
        )
    unserved = sum(series[f"app.{lead}.unserved"].values) * step_seconds
    hours = len(series["cost.usd_per_hour"].values) * step_seconds / 3600
    cost = sum(series["cost.usd_per_hour"].values) / len(series["cost.usd_per_hour"].values) * hours
    figures |= {
        f"ready.{lead}.p50_seconds": Figure(45.0, "seconds", f"{lead}: creation to ready, median"),
        f"ready.{lead}.p90_seconds": Figure(58.2, "seconds", f"{lead}: creation to ready, p90"),
        f"ready.{lead}.max_seconds": Figure(
            214.0, "seconds", f"{lead}: creation to ready, slowest"
        ),
        f"unserved.{lead}.core_seconds": Figure(unserved, "core_seconds", f"{lead}: not served"),
        "nodes.max.spot": Figure(max(series["nodes.spot"].values), "nodes", "Most spot nodes"),
        "nodes.max.on_demand": Figure(8.0, "nodes", "Most on-demand nodes"),
        "cpu.reserved_not_used.mean_percent": Figure(31.4, "percent", "Reserved, not used: mean"),
        "cpu.reserved_not_used.max_percent": Figure(41.9, "percent", "Reserved, not used: most"),
        "cost.total_usd": Figure(cost, "usd", "Instances, whole run"),
        "cost.spot_usd": Figure(cost * 0.86, "usd", "Spot instances"),
        "node_autoscaling.scale_ups": Figure(9.0, "count", "Groups raised"),
        "node_autoscaling.failed_requests": Figure(6.0, "count", "Launches that failed"),
        "node_wait.max_seconds": Figure(None, "seconds", "Longest wait for a node"),
        "scheduling.preemptions": Figure(12.0, "count", "Pods preempted"),
    }
    return figures


def _events(
    series: dict[str, Series], times: tuple[int, ...], chance: random.Random
) -> tuple[Event, ...]:
    events: list[Event] = []
    nodes = series["nodes.spot"].values
    replicas = series["app.shop/front.replicas"].values
    for k in range(1, len(times)):
        for n in range(int(nodes[k]) - int(nodes[k - 1])):
            name = f"node/ip-10-0-{k % 250}-{n}"
            events.append(
                Event(times[k], "node_joined", name, f"{name} is Ready after 1 min 24 s.")
            )
        if replicas[k] != replicas[k - 1]:
            text = f"New size: {replicas[k]:.0f}; reason: cpu resource utilization above target"
            events.append(Event(times[k], "hpa_rescaled", "hpa/shop/front", text))
        if chance.random() < 0.002:
            events.append(
                Event(times[k], "pod_preempted", "pod/low/batch-1", "Made room.", "warning")
            )
    for second in (1380, 1392, 1404):
        message = "Could not launch Spot Instances. InsufficientInstanceCapacity"
        group = "group/spot-nodes-workers-4x"
        at = START_MS + second * 1000
        if at <= times[-1]:
            events.append(Event(at, "launch_failed", group, message, "bad"))
    return tuple(sorted(events, key=lambda event: event.at_ms))


_SCALED_UP: dict[str, Detail] = {
    "present": 28,
    "desired": 30,
    "pods": 12,
    "considered": "spot-nodes-workers-4x, spot-nodes-workers-8x",
    "why": "the highest priority, 50",
}


def _decisions(times: tuple[int, ...]) -> tuple[DecisionEntry, ...]:
    entries: list[DecisionEntry] = []
    for i, second in enumerate((1330, 1342, 1380, 1392, 1404, 1460, 1930, 1941, 2600, 3900)):
        at = START_MS + second * 1000
        if at > times[-1]:
            break
        action = SetDesiredCapacity(
            reason="12 pods fit no node",
            group="spot-nodes-workers-4x",
            desired=30 + i,
            expected_desired=28,
        )
        verdicts = (
            Verdict("group/spot-nodes-workers-4x", "chose", "ScaledUp", _SCALED_UP),
            Verdict(
                "group/spot-nodes-workers-8x", "refused", "InBackoff", {"detail": "no capacity"}
            ),
        )
        failed = Outcome(action, "failed", at, "InsufficientInstanceCapacity", "no capacity")
        entries.append(
            DecisionEntry(
                at,
                "node_autoscaling",
                Report({"pods_pending": 12 + i, "nodes": 104}, verdicts[: 1 + i % 2]),
                (action,) if i % 3 else (),
                (failed,) if i in (2, 4) else (),
            )
        )
        if i % 4 == 0:
            rung = Verdict("configmap/ladder", "chose", "Rung", {"cores": 800, "replicas": 14})
            entries.append(DecisionEntry(at + 3000, "overprovisioning", Report({}, (rung,))))
    return tuple(entry for entry in entries if entry.at_ms <= times[-1])


def _expectations(failed: bool) -> tuple[ExpectationResult, ...]:
    high = "unavailable.high.max_seconds"
    return (
        ExpectationResult(f"{high} <= {15 if failed else 60}", high, 55.0, not failed),
        ExpectationResult("cost.total_usd <= 60", "cost.total_usd", 31.2, True),
        ExpectationResult("node_wait.max_seconds <= 240", "node_wait.max_seconds", None, True),
    )
