"""`python -m benchmarks.scheduling`: how many pods a second the scheduler places, and preempts for.

Every pod goes through the queue, gets its node by the whole default profile and is counted there.
Figures are processor time of one core; the shares of nodes and pods are drawn from a fixed seed.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable

import msgspec

from kingtide.controlplane.scheduling.cache import SchedulerCache
from kingtide.controlplane.scheduling.queue import SchedulingQueue
from kingtide.kube.labels import LabelSelector
from kingtide.kube.nodes import HOSTNAME_LABEL, ZONE_LABEL, Node
from kingtide.kube.pods import (
    Condition,
    Container,
    OwnerReference,
    Pod,
    PodAffinityTerm,
    PodSpec,
    TopologySpreadConstraint,
    WeightedPodAffinityTerm,
)
from kingtide.kube.resources import Resources

RUNS = 3
APPLICATIONS = 50
GIBIBYTE = 1 << 30


class Work(msgspec.Struct, frozen=True):
    """Pods to place: `order` is by application, shuffled, or shuffled and every pod different."""

    title: str
    order: str
    target: int | None = None
    nodes: int = 1_000
    pods: int = 10_000
    applications: int = APPLICATIONS
    rules: str = "system spread"


WORKS = (
    Work("by application", "application", 80_000),
    Work("shuffled", "shuffled", 25_000),
    Work("every pod differs", "distinct", 12_000),
    Work("resources only, shuffled", "shuffled", rules="none"),
    Work("with pod affinity, shuffled", "shuffled", rules="affinity"),
    Work("zone DoNotSchedule", "application", 20_000, pods=2_000, applications=1, rules="zone"),
    Work("shuffled, 4,000 nodes", "shuffled", nodes=4_000, pods=40_000),
)


def selector(number: int) -> LabelSelector:
    """Return what selects the pods of one application."""
    return LabelSelector((("app", f"app-{number}"),))


def cluster(work: Work) -> SchedulerCache:
    """Return nodes of three sizes in three zones, and the owners that make pods spread."""
    draw = random.Random("nodes")
    cache = SchedulerCache()
    for number in range(work.nodes):
        name = f"node-{number}"
        size = Resources(draw.choice((8_000, 16_000, 32_000)), 64 * GIBIBYTE, 0, 110)
        labels = {HOSTNAME_LABEL: name, ZONE_LABEL: "abc"[number % 3]}
        cache.set_node(Node(name, name, labels, size, size, 0, Condition("True", 0)))
    if work.rules != "none":
        for number in range(work.applications):
            cache.set_owner("ReplicaSet", "default", f"app-{number}", selector(number))
    return cache


def template(number: int, rules: str, draw: random.Random) -> PodSpec:
    """Return the spec of one application's pods."""
    requests = Resources(draw.randrange(1, 20) * 100, draw.randrange(1, 40) * GIBIBYTE // 8)
    spec = PodSpec((Container("main", requests=requests),))
    if rules == "zone":
        rule = TopologySpreadConstraint(1, ZONE_LABEL, "DoNotSchedule", selector(number))
        return msgspec.structs.replace(spec, topology_spread=(rule,))
    if rules == "affinity":
        near = PodAffinityTerm(ZONE_LABEL, selector((number + 1) % APPLICATIONS))
        away = PodAffinityTerm(HOSTNAME_LABEL, selector(number))
        return msgspec.structs.replace(
            spec,
            preferred_pod_affinity=(WeightedPodAffinityTerm(50, near),),
            preferred_pod_anti_affinity=(WeightedPodAffinityTerm(100, away),),
        )
    return spec


def pods_of(work: Work) -> list[Pod]:
    """Return the pods in the order in which they arrive."""
    draw = random.Random("pods")
    specs = [template(number, work.rules, draw) for number in range(work.applications)]
    labels = [{"app": f"app-{number}"} for number in range(work.applications)]
    owners = [OwnerReference("ReplicaSet", f"app-{number}") for number in range(work.applications)]
    order = sorted(number % work.applications for number in range(work.pods))
    if work.order != "application":
        draw.shuffle(order)
    pods: list[Pod] = []
    for index, which in enumerate(order):
        spec = specs[which]
        if work.order == "distinct":
            requests = spec.containers[0].requests
            own = msgspec.structs.replace(requests, memory_bytes=requests.memory_bytes + index)
            spec = msgspec.structs.replace(spec, containers=(Container("main", requests=own),))
        name = f"pod-{index}"
        pods.append(Pod("default", name, name, spec, labels[which], 0, owner=owners[which]))
    return pods


def place_all(cache: SchedulerCache, pods: list[Pod]) -> int:
    """Send pods through queue, choice and count; return how many found a node."""
    queue = SchedulingQueue()
    by_uid = {pod.uid: pod for pod in pods}
    for pod in pods:
        queue.add(pod.uid, cache.shapes.intern(pod), 0)
    placed = 0
    while (queued := queue.pop(0)) is not None:
        pod = by_uid[queued.uid]
        node_name = cache.pick(pod)
        if node_name is None:
            queue.park(queued, 0)
        else:
            queue.done(pod.uid)
            cache.place(pod, node_name)
            placed += 1
    return placed


def timed(prepare: Callable[[], tuple[SchedulerCache, list[Pod]]]) -> tuple[float, int]:
    """Return the median processor seconds of several runs and what each placed."""
    seconds: list[float] = []
    placed: list[int] = []
    for _ in range(RUNS):
        cache, pods = prepare()
        began = time.process_time()
        placed.append(place_all(cache, pods))
        seconds.append(time.process_time() - began)
    if len({*placed}) != 1:
        raise SystemExit("error: runs of one seed placed different numbers of pods")
    return statistics.median(seconds), placed[0]


def preemption_seconds(cpu_millicores: int) -> tuple[float, int]:
    """Return the median processor seconds of one victim search on 1,000 full nodes, and victims.

    Every node holds a pause pod of 3 cores and priority -10 under pods of priority 0.
    """
    work = Work("full", "shuffled")
    cache = cluster(work)
    draw = random.Random("victims")
    pause = PodSpec((Container("pause", requests=Resources(3_000, GIBIBYTE)),), priority=-10)
    for row in cache.table.rows():
        uid = f"pause-{row}"
        pod = Pod("default", uid, uid, pause, {}, 0, started_ms=draw.randrange(9_999))
        cache.place(pod, cache.table.name_at(row))
    filling = pods_of(msgspec.structs.replace(work, pods=30_000))
    place_all(
        cache,
        [msgspec.structs.replace(pod, started_ms=draw.randrange(9_999)) for pod in filling],
    )
    spec = PodSpec((Container("main", requests=Resources(cpu_millicores, GIBIBYTE)),), priority=100)
    seconds: list[float] = []
    victims: list[int] = []
    for number in range(100):
        urgent = Pod("default", f"urgent-{number}", f"urgent-{number}", spec, {}, 0)
        if cache.pick(urgent) is not None:
            continue
        began = time.process_time()
        found = cache.preempt(urgent, 10_000, ())
        seconds.append(time.process_time() - began)
        if found is None:
            raise SystemExit(f"error: nobody makes way for {cpu_millicores}m")
        victims.append(len(found.victims))
        for uid in found.victims:
            cache.displace(uid)
        cache.place(urgent, found.node_name)
    return statistics.median(seconds), statistics.mode(victims)


def measure_works() -> dict[str, dict[str, float]]:
    """Return pods a second by work, with its target where there is one (`target` 0 otherwise)."""
    measured: dict[str, dict[str, float]] = {}
    for work in WORKS:

        def prepare(work: Work = work) -> tuple[SchedulerCache, list[Pod]]:
            return cluster(work), pods_of(work)

        seconds, placed = timed(prepare)
        name = f"{work.pods:,} pods, {work.nodes:,} nodes, {work.title} ({work.rules})"
        measured[name] = {
            "placed": placed,
            "pods_per_second": round(work.pods / seconds),
            "target": work.target or 0,
        }
    return measured


def measure_preemptions() -> dict[str, float]:
    """Return microseconds of a preemption search on 1,000 full nodes, by number of victims."""
    found: dict[str, float] = {}
    for cpu_millicores in (2_500, 4_500):
        seconds, victims = preemption_seconds(cpu_millicores)
        found[f"{victims} victims"] = round(seconds * 1e6)
    return found


def main() -> None:
    """Print the figures."""
    for name, one in measure_works().items():
        print(f"{name:62} {one['pods_per_second']:>9,} pods/s")
    for name, microseconds in measure_preemptions().items():
        print(f"preemption search, {name:43} {microseconds:>9,.0f} us")


if __name__ == "__main__":
    main()
