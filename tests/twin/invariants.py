"""What must hold inside a world at every minute, whatever the scenario: named checks.

These compare the twin's own parts with each other (caches, indexes, counts). What must hold of the
cluster itself is an invariant of `kingtide.twin.invariants`; those that need no game day are asked
as well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

from kingtide.controlplane.disruption.census import census
from kingtide.controlplane.disruption.matching import covers
from kingtide.kube.nodes import Node
from kingtide.kube.pods import Pod, pod_requests
from kingtide.kube.resources import NO_RESOURCES, Resources
from kingtide.twin.invariants.bindings import BindingsAreAllowed, NodesGiveWhatTheyHave
from kingtide.twin.invariants.bounds import Bounds
from kingtide.twin.invariants.conservation import PodsAreConserved
from kingtide.twin.invariants.invariant import Violations
from kingtide.twin.world import World
from tests.unit.control.unschedulable import unschedulable_pods

MINUTE_MS = 60_000
# The slowest way from running to registered in the latency table, with room for overrides.
REGISTERS_WITHIN_MS = 300_000


RULES = (BindingsAreAllowed, NodesGiveWhatTheyHave, PodsAreConserved)


class InvariantBroken(AssertionError):
    """A world is in a state that cannot be; the message names check, seed and time."""


Check = Callable[[World], Iterator[str]]


class Invariants:
    """Checks one world; `check` is meant for every virtual minute and for the end."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.checked = 0
        self.bindings = 0
        self._violations = Violations()
        self._rules = tuple(it(world, Bounds(), self._violations) for it in RULES)
        world.store.on_pods(self._on_pod)

    def run_until(self, end_ms: int) -> None:
        """Run the world to a time and check it after every minute and at the end."""
        engine = self.world.engine
        while engine.now_ms < end_ms:
            self.world.run_until(min(end_ms, engine.now_ms + MINUTE_MS))
            self.check()

    def check(self) -> None:
        """Look at everything.

        Raises:
            InvariantBroken: something cannot be.
        """
        self.checked += 1
        found: list[str] = []
        for check in CHECKS:
            found += [f"{check.__name__}: {text}" for text in check(self.world)]
        for rule in self._rules:
            rule.step()
            rule.minute()
        found += [f"{it.invariant}: {it.subject}: {it.told}" for it in self._violations.found]
        if found:
            world = self.world
            after_s = (world.engine.now_ms - world.definition.start_ms) / 1000
            told = "\n".join(found[:20])
            raise InvariantBroken(f"seed {world.definition.seed}, {after_s} s:\n{told}")

    def _on_pod(self, old: Pod | None, new: Pod | None) -> None:
        if new is None or not new.node_name or (old is not None and old.node_name):
            return
        self.bindings += 1


def _bound(world: World) -> dict[str, list[Pod]]:
    found: dict[str, list[Pod]] = {}
    for pod in world.store.pods.values():
        if pod.node_name and not pod.is_terminal:
            found.setdefault(pod.node_name, []).append(pod)
    return found


def _sum(pods: list[Pod]) -> Resources:
    total = NO_RESOURCES
    for pod in pods:
        total = total + pod_requests(pod.spec) + Resources(pods=1)
    return total


def the_scheduler_counts_what_is_bound(world: World) -> Iterator[str]:
    table = world.scheduler.cache.table
    bound = _bound(world)
    if sorted(world.store.nodes) != sorted(table.name_at(row) for row in table.rows()):
        yield "its nodes are not the store's"
    for name in world.store.nodes:
        row = table.row_of(name)
        counted = None if row is None else table.requested(row)
        if counted != _sum(bound.get(name, [])):
            yield f"{name}: {counted} counted, {_sum(bound.get(name, []))} bound"


def every_waiting_pod_is_in_the_queue(world: World) -> Iterator[str]:
    waiting = [pod for pod in world.store.pods.values() if not pod.node_name]
    for pod in waiting:
        if pod.uid not in world.scheduler.queue:
            yield f"{pod.key} is forgotten"
    if len(world.scheduler.queue) != len(waiting):
        yield f"{len(world.scheduler.queue)} queued, {len(waiting)} waiting"


def _as_told(world: World) -> tuple[dict[str, Node], dict[str, Pod]]:
    """Nodes and pods of the store without what the watch has not delivered yet."""
    nodes, pods = dict(world.store.nodes), dict(world.store.pods)
    for old, new in reversed(list(world.watch.undelivered)):
        it = new if new is not None else old
        if isinstance(it, Node):
            nodes.pop(it.name, None)
            if isinstance(old, Node):
                nodes[old.name] = old
        elif isinstance(it, Pod):
            pods.pop(it.uid, None)
            if isinstance(old, Pod):
                pods[old.uid] = old
    return nodes, pods


def the_index_is_the_store_as_far_as_told(world: World) -> Iterator[str]:
    nodes, pods = _as_told(world)
    index = world.watch.index
    if index.nodes != nodes:
        yield "its nodes differ"
    if unschedulable_pods(index) != {u: p for u, p in pods.items() if p.is_unschedulable}:
        yield "its unschedulable pods differ"
    there: dict[str, dict[str, Pod]] = {name: {} for name in nodes}
    for uid, pod in pods.items():
        if index.pod(uid) is not pod:
            yield f"{pod.key} differs"
        if pod.node_name:
            there.setdefault(pod.node_name, {})[uid] = pod
    for name in nodes:
        row = index.node_table.row_of(name)
        sums = None if row is None else index.node_table.requested(row)
        if dict(index.pods_on(name)) != there[name]:
            yield f"its pods on {name} differ"
        if sums != _sum([pod for pod in there[name].values() if not pod.is_terminal]):
            yield f"its sums of {name} differ"


def autoscalers_keep_within_their_bounds(world: World) -> Iterator[str]:
    for key, scaled in world.autoscalers.by_key.items():
        spec, wanted = scaled.autoscaler.spec, world.store.deployments[key].replicas
        if scaled.rescales and not spec.min_replicas <= wanted <= spec.max_replicas:
            yield f"{key} wants {wanted}, not {spec.min_replicas} to {spec.max_replicas}"
        if scaled.last_outcome is not None:
            seen = sum(g.count for g in scaled.groups(world.metrics, world.engine.now_ms))
            there = sum(_owner(world, pod) == key for pod in world.store.pods.values())
            if seen != there:
                yield f"the autoscaler of {key} sees {seen} of {there} pods"


def _owner(world: World, pod: Pod) -> str | None:
    """The application of a pod: a Deployment's ReplicaSets, a CronJob's Jobs are followed up."""
    owner = pod.owner
    if owner is None or owner.kind == "DaemonSet":
        return None
    key = f"{pod.namespace}/{owner.name}"
    above = None
    if owner.kind == "ReplicaSet" and key in world.store.replica_sets:
        above = world.store.replica_sets[key].owner
    elif owner.kind == "Job" and key in world.store.jobs:
        above = world.store.jobs[key].owner
    return key if above is None else f"{pod.namespace}/{above.name}"


def tallies_equal_a_recount(world: World) -> Iterator[str]:
    exist: Counter[str] = Counter()
    ready: Counter[str] = Counter()
    bound: Counter[str] = Counter()
    for pod in world.store.pods.values():
        key = _owner(world, pod)
        if key is not None and pod.deletion_ms is None and not pod.is_terminal:
            exist[key] += 1
            ready[key] += pod.is_ready
            bound[key] += bool(pod.node_name)
    lacking: Counter[str] = Counter()
    for application in world.definition.applications:
        key = application.key
        wanted = _wanted(world, key, exist[key])
        lacks = max(0, wanted - ready[key])
        lacking[application.priority_class] += lacks
        tally = world.availability.applications[key]
        found = (tally.pods, tally.available, tally.bound, tally.unavailable)
        if found != (exist[key], ready[key], bound[key], lacks):
            yield f"{key}: {found}, not {(exist[key], ready[key], bound[key], lacks)}"
        deployment = world.store.deployments.get(key)
        if deployment is not None and world.replica_sets.active_count_of(deployment) != exist[key]:
            yield f"the ReplicaSets of {key} do not know their pods"
    for name, tally in world.availability.classes.items():
        if tally.unavailable != lacking[name]:
            yield f"class {name}: {tally.unavailable} unavailable, not {lacking[name]}"


def _wanted(world: World, key: str, existing: int) -> int:
    """What counts as wanted: a Deployment's word reaches its ReplicaSet after a queue."""
    store = world.store
    if key in store.stateful_sets:
        return store.stateful_sets[key].replicas
    if key not in store.deployments:
        return existing
    if key in world.rollouts.rolling:
        return store.deployments[key].replicas
    return store.replica_sets[key].replicas


def budgets_are_counted_right(world: World) -> Iterator[str]:
    for key, budget in world.store.disruption_budgets.items():
        pods = [pod for pod in world.store.pods.values() if covers(budget, pod)]
        counted, again = world.disruption_budgets.counted(key), census(pods, budget.disrupted_pods)
        if (counted.pods, counted.healthy) != (again.pods, again.healthy):
            yield f"{key} counts {counted.pods} pods, {counted.healthy} healthy"


def stateful_sets_have_each_ordinal_once(world: World) -> Iterator[str]:
    names = Counter(
        pod.key
        for pod in world.store.pods.values()
        if pod.owner is not None and pod.owner.kind == "StatefulSet"
    )
    yield from (f"{key} exists {count} times" for key, count in names.items() if count > 1)


def jobs_run_no_more_than_they_may(world: World) -> Iterator[str]:
    active = Counter(
        f"{pod.namespace}/{pod.owner.name}"
        for pod in world.store.pods.values()
        if pod.owner is not None
        and pod.owner.kind == "Job"
        and pod.deletion_ms is None
        and not pod.is_terminal
    )
    for key, count in active.items():
        job = world.store.jobs.get(key)
        if job is not None and count > job.spec.parallelism:
            yield f"{key} runs {count} pods"


def metrics_follow_the_pods_that_run(world: World) -> Iterator[str]:
    columns = world.metrics.columns
    running = [pod.uid for pod in world.store.pods.values() if pod.phase == "Running"]
    if sorted(columns.row_of) != sorted(running):
        yield "other pods run"
    if len({*columns.row_of.values()}) != len(columns.row_of):
        yield "two pods share a row"
    if int(columns.present.sum()) != len(columns.row_of):
        yield "a row is taken by nobody"
    if int(columns.usage.min(initial=0)) < 0:
        yield "a pod uses less than nothing"


def nodes_have_instances(world: World) -> Iterator[str]:
    instances = {instance.instance_id: instance for instance in world.cloud.instances()}
    now_ms = world.engine.now_ms
    for node in world.store.nodes.values():
        if node.provider_id and node.name not in instances and world.machines.is_up(node.name):
            yield f"{node.name} has no instance"
    for name, instance in instances.items():
        is_old = now_ms - instance.launched_ms > REGISTERS_WITHIN_MS
        if instance.state == "InService" and is_old and name not in world.store.nodes:
            yield f"{name} never became a node"
    for name in world.machines.down:
        if name in instances and instances[name].state == "InService":
            yield f"{name} is down but in service"


def running_instances_are_billed(world: World) -> Iterator[str]:
    states = Counter(
        instance.pool.lifecycle
        for instance in world.cloud.instances()
        if instance.state in ("InService", "Terminating:Wait")
    )
    for lifecycle in ("spot", "on-demand"):
        billed = world.cloud.cost.billed_instances(lifecycle)
        if billed != states[lifecycle]:
            yield f"{billed} {lifecycle} instances are billed, {states[lifecycle]} run"


CHECKS: tuple[Check, ...] = (
    the_scheduler_counts_what_is_bound,
    every_waiting_pod_is_in_the_queue,
    the_index_is_the_store_as_far_as_told,
    autoscalers_keep_within_their_bounds,
    tallies_equal_a_recount,
    metrics_follow_the_pods_that_run,
    nodes_have_instances,
    running_instances_are_billed,
    budgets_are_counted_right,
    stateful_sets_have_each_ordinal_once,
    jobs_run_no_more_than_they_may,
)
