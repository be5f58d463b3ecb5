"""A world: cluster, cloud, load and controllers put together from one definition."""

from __future__ import annotations

from collections.abc import Container, Mapping

import msgspec

from kingtide.control.arbitration import arbitrate
from kingtide.control.budget import read_budgets
from kingtide.control.controller import Topic
from kingtide.control.loop import ControlLoop, RunningController, Sight
from kingtide.kube.pods import Condition, Pod
from kingtide.roster.registry import CONTROLLERS, loop_name
from kingtide.twin.api_faults import ApiFaults
from kingtide.twin.cloud.cloud import Cloud
from kingtide.twin.cluster.autoscalers import Autoscalers
from kingtide.twin.cluster.availability import Availability
from kingtide.twin.cluster.contention import CpuContention
from kingtide.twin.cluster.cron_jobs import CronJobs
from kingtide.twin.cluster.daemons import Daemons
from kingtide.twin.cluster.deletion import PodDeletion
from kingtide.twin.cluster.disruption_budgets import DisruptionBudgets
from kingtide.twin.cluster.dns import ClusterDns
from kingtide.twin.cluster.jobs import Jobs
from kingtide.twin.cluster.join_faults import JoinFaults
from kingtide.twin.cluster.kubelet import Kubelets, PodBehaviour
from kingtide.twin.cluster.machines import Machines
from kingtide.twin.cluster.memory import Memory
from kingtide.twin.cluster.metrics import Metrics
from kingtide.twin.cluster.nodes import NodeLife
from kingtide.twin.cluster.replica_sets import ReplicaSets
from kingtide.twin.cluster.restarts import Restarts
from kingtide.twin.cluster.rollouts import Rollouts
from kingtide.twin.cluster.scheduler import Scheduler
from kingtide.twin.cluster.stateful_sets import StatefulSets
from kingtide.twin.cluster.store import Store
from kingtide.twin.cluster.watch import Watch
from kingtide.twin.control_process import ControlProcess, Surroundings
from kingtide.twin.definition import Application, Ordered, WorldDefinition
from kingtide.twin.engine import Engine, EventClass
from kingtide.twin.ingress.ingress import TwinIngress
from kingtide.twin.instance_events import InstanceEvents
from kingtide.twin.journal import Journal
from kingtide.twin.latencies import LatencyTable
from kingtide.twin.observation import Observer
from kingtide.twin.performer import Performer
from kingtide.twin.pod_admission import PodAdmission
from kingtide.twin.queue_calls import InterruptionQueue, LifecycleHooks
from kingtide.twin.seams import AS_BUILT, Seams, Writes
from kingtide.twin.seed import SeedTree
from kingtide.twin.workload_changes import WorkloadChanges
from kingtide.twin.workload_objects import (
    add_batch,
    autoscaler_object,
    deployment,
    stateful_set,
)

# What exists at the start has existed for this long: past every initialisation period and delay
# after a scale-up.
SETTLED_FOR_MS = 2 * 3_600_000


class World:
    """One run. `run_until` moves it, everything else is for looking.

    Time starts `warm_up_ms` before the definition's start; nothing before the start is recorded.
    """

    def __init__(self, definition: WorldDefinition, seams: Seams = AS_BUILT) -> None:
        self.definition = definition
        self.writes = Writes()
        """Tells of every write by our controllers."""
        self._seams = seams
        self.engine = Engine(definition.start_ms - definition.warm_up_ms)
        self.seeds = SeedTree(definition.seed)
        self.latencies = LatencyTable(self.seeds, definition.latencies)
        self.journal = Journal(self.engine, definition.start_ms)
        self.store = Store()
        self.store.on_pods(self._trace_pod)
        if definition.admission is not None:
            self.store.admit = PodAdmission(
                definition.admission,
                definition.priority_classes,
                lambda: {name: it.labels for name, it in self.store.namespaces.items()},
            ).admitted
        # Components hear of a write in the order in which they are made here.
        self._make_nodes_and_pods()
        self._make_workloads()
        self._make_scarcity()
        self.ingress = self._make_ingress()
        self.instance_events = InstanceEvents(self.node_life)
        self.cloud = Cloud(
            self.engine,
            self.seeds,
            self.latencies,
            definition.node_groups,
            definition.outages,
            self.instance_events,
            definition.prices,
            definition.cloud,
        )
        self.queue: InterruptionQueue = self.cloud.queue
        self.hooks: LifecycleHooks = self.cloud
        self.watch = Watch(self.engine, self.store, self.latencies, self._wake)
        self.api_faults = ApiFaults(self.engine, self.seeds)
        self.process = self._control_process()
        if self._reads_messages():
            self.cloud.queue.read_by(lambda: self._wake(("inbox",)))
        self.observer = Observer(
            definition.applications,
            self.store,
            self.scheduler,
            self.metrics,
            self.autoscalers,
            self.availability,
            self.cloud.cost,
            self.dns,
            self.ingress,
        )
        self._populate()
        self._start()

    def _make_nodes_and_pods(self) -> None:
        """Make what runs pods on machines, and what watches them."""
        engine, store, latencies = self.engine, self.store, self.latencies
        definition, applications = self.definition, self.definition.applications
        self.availability = Availability(
            engine, store, {a.key: a.priority_class for a in applications}, definition.start_ms
        )
        self.deletion = PodDeletion(engine, store)
        self.machines = Machines()
        self.metrics = Metrics(engine, store, self.seeds, latencies, applications, self.machines)
        self.daemons = Daemons(engine, store, latencies, self.machines, self.deletion.delete)
        self.node_life = NodeLife(
            engine,
            store,
            latencies,
            self.journal,
            definition.node_groups,
            self.machines,
            self.daemons,
            JoinFaults(engine, self.seeds),
        )
        self.scheduler = Scheduler(
            engine, store, latencies, self.journal, self.deletion.delete, definition.scheduler
        )
        self.kubelets = Kubelets(
            engine, store, self.seeds, latencies, _behaviours(applications), self.machines
        )

    def _make_scarcity(self) -> None:
        """Make what happens where CPU and memory run short."""
        definition = self.definition
        self.restarts = Restarts(self.engine, self.store, self.kubelets, self.journal)
        self.memory = Memory(
            self.engine, self.store, self.metrics, self.restarts, definition.applications
        )
        if definition.contention is not None:
            CpuContention(
                self.engine,
                self.store,
                self.seeds,
                self.metrics,
                self.node_life,
                self.journal,
                definition.contention,
            )
        self.dns = None
        if definition.dns is not None:
            self.dns = ClusterDns(
                self.engine,
                self.metrics,
                self.journal,
                definition.applications,
                definition.dns,
            )

    def _make_workloads(self) -> None:
        """Make the controllers of Kubernetes that keep, roll and scale workloads."""
        engine, store, latencies = self.engine, self.store, self.latencies
        definition, applications = self.definition, self.definition.applications
        delete = self.deletion.delete
        self.replica_sets = ReplicaSets(engine, store, self.seeds, latencies, delete)
        deployed = tuple(a for a in applications if a.owner_kind == "ReplicaSet")
        self.rollouts = Rollouts(
            engine, store, latencies, self.journal, self.replica_sets, deployed
        )
        self.stateful_sets = StatefulSets(engine, store, self.seeds, latencies, delete)
        self.jobs = Jobs(engine, store, self.seeds, latencies, self.journal, delete)
        self.cron_jobs = CronJobs(engine, store, self.journal, self.jobs)
        self.disruption_budgets = DisruptionBudgets(
            engine, store, latencies, definition.disruption_budgets
        )
        self.autoscalers = Autoscalers(
            engine, store, self.seeds, self.metrics, self.replica_sets, self.journal, applications
        )

    def _make_ingress(self) -> TwinIngress | None:
        """Make what stands between clients and pods, where a definition has it."""
        traffic = self.definition.ingress
        if traffic is None:
            return None
        return TwinIngress(
            self.engine,
            self.store,
            self.seeds,
            self.machines,
            self.metrics,
            traffic,
            self.definition.applications,
        )

    # ------------------------------------------------------------ running

    def run_until(self, time_ms: int) -> bool:
        """Run to a time (included); return False when `engine.stop` ended it before."""
        return self.engine.run_until(time_ms)

    def hand_over(self, keys: Container[str]) -> None:
        """Go on with the controllers of these keys alone; others, from outside, run the rest."""
        runs = self.definition.controllers
        kept = [loop_name(runs, place) for place, run in enumerate(runs) if run.key in keys]
        if len(kept) == len(runs):
            return
        read_before = self._reads_messages()
        self.process.hand_over(kept)
        if read_before and not self._reads_messages():
            self.cloud.queue.read_no_more()

    @property
    def loops(self) -> tuple[RunningController, ...]:
        """The controllers that run here."""
        return self.process.loops

    @property
    def trace_hash(self) -> str:
        """The hash of everything that happened so far."""
        return self.engine.trace_hash

    def observe(self) -> Mapping[str, float]:
        """Return the value of every series at this instant."""
        return self.observer.observe()

    # ------------------------------------------------------------ putting together

    def _reads_messages(self) -> bool:
        return any("inbox" in it.controller.watches for it in self.process.loops)

    def _control_process(self) -> ControlProcess:
        runs, index = self.definition.controllers, self.watch.index
        performer = Performer(
            self.engine,
            self.store,
            self.cloud,
            self.replica_sets,
            self.deletion,
            self.queue,
            self.hooks,
            WorkloadChanges(
                self.store,
                self.replica_sets,
                self.stateful_sets,
                self.jobs,
                self.cron_jobs,
                self.disruption_budgets,
            ),
        )
        wrap = self._seams.performer
        perform = performer.perform if wrap is None else wrap(performer.perform)
        budgets = read_budgets(self.definition.disruption)
        sight = Sight(
            index, self.cloud.view, self.definition.cluster_name, lambda: self.queue.inbox, budgets
        )
        loops, performs = [], {}
        for place, run in enumerate(runs):
            controller = self._seams.controllers.get(run.key, CONTROLLERS[run.key].controller)
            name = loop_name(runs, place)
            performs[name] = self.writes.told(name, perform)
            loops.append(ControlLoop(controller, run.policy, sight, self.definition.seed, name))
        surroundings = Surroundings(
            self.engine,
            self.journal,
            index,
            budgets,
            self.api_faults,
            self.watch.relist,
            self.writes.restarted,
            self._seams.arbitrate or arbitrate,
            self.writes.arrive_late,
            self.cloud.queue.reader_died,
            self.cloud.queue.reader_started,
        )
        return ControlProcess(surroundings, loops, performs)

    def _trace_pod(self, old: Pod | None, new: Pod | None) -> None:
        if new is None:
            self.engine.trace(f"pod {old.uid if old is not None else ''} gone")
            return
        ready = "" if new.ready is None else new.ready.status
        self.engine.trace(f"pod {new.uid} {new.phase} {new.node_name} {ready} {new.deletion_ms}")

    def _wake(self, topics: tuple[Topic, ...]) -> None:
        self.process.wake(topics)

    def _populate(self) -> None:
        """Make everything that exists when the world starts, settled."""
        definition, store = self.definition, self.store
        since_ms = self.engine.now_ms - SETTLED_FOR_MS
        for config_map in definition.config_maps:
            store.put_config_map(config_map)
        for namespace in definition.namespaces:
            store.put_namespace(namespace)
        for daemon_set in definition.daemon_sets:
            store.put_daemon_set(daemon_set)
        for node in definition.fixed_nodes:
            self.daemons.start(store.create_node(node), running=True)
        for instance in self.cloud.instances():
            node = self.node_life.make_node(instance, since_ms)
            self.daemons.start(store.create_node(node), running=True)
        by_priority = sorted(definition.applications, key=lambda a: -a.template.spec.priority)
        for application in by_priority:
            self._populate_application(application, since_ms)
        self.disruption_budgets.settle()
        self.watch.sync()

    def _populate_application(self, application: Application, since_ms: int) -> None:
        if application.batch is not None:
            add_batch(application, application.batch, self.engine, self.jobs, self.cron_jobs)
            return
        if application.ordered is not None:
            self._populate_stateful_set(application, application.ordered, since_ms)
            return
        autoscaler = autoscaler_object(application, since_ms)
        if autoscaler is not None:
            self.store.put_autoscaler(autoscaler)
        replica_set = self.replica_sets.add(deployment(application, since_ms))
        for _ in range(application.replicas):
            self._settle(self.replica_sets.make_pod(replica_set, since_ms), since_ms)

    def _populate_stateful_set(
        self, application: Application, ordered: Ordered, since_ms: int
    ) -> None:
        """Make a StatefulSet's pods; an ordered one has none after the first without a place."""
        sets = self.stateful_sets
        made = sets.add(stateful_set(application, ordered, since_ms))
        for ordinal in range(application.replicas):
            pod = sets.make_pod(made, ordinal, made.current_revision, since_ms)
            if not self._settle(pod, since_ms) and ordered.pod_management_policy != "Parallel":
                break
        for rollout in application.rollouts:
            self.engine.at(
                rollout.at_ms, EventClass.WORLD, sets.change_template, made.key, rollout.template
            )

    def _settle(self, pod: Pod, since_ms: int) -> bool:
        """Store a pod that has run for long; return False for one that has no place and waits."""
        node = self.scheduler.cache.pick(pod)
        if node is None:
            self.store.create_pod(msgspec.structs.replace(pod, created_ms=self.engine.now_ms))
            return False
        condition = Condition("True", since_ms)
        self.store.create_pod(
            msgspec.structs.replace(
                pod,
                node_name=node,
                phase="Running",
                scheduled=condition,
                ready=condition,
                started_ms=since_ms,
            )
        )
        return True

    def _start(self) -> None:
        if self.ingress is not None:
            self.ingress.start()
        self.metrics.start()
        self.autoscalers.start()
        self.process.start()


def _behaviours(applications: tuple[Application, ...]) -> Mapping[str, PodBehaviour]:
    return {
        f"{a.owner_kind}/{a.key}": PodBehaviour(
            a.ready_after_ms,
            a.stops_after_ms,
            None if a.batch is None else a.batch.runs_for,
            0 if a.batch is None else a.batch.fail_percent,
        )
        for a in applications
    }
