"""Storms: long random histories of one small cluster, scheduled incrementally and from scratch.

Every choice of a history is drawn from its seed; a failure names the seed, which replays it.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from kingtide.controlplane.scheduling import profile
from kingtide.controlplane.scheduling.cache import SchedulerCache
from kingtide.controlplane.scheduling.failure import NOT_HELPFUL
from kingtide.controlplane.scheduling.preemption import Candidate
from kingtide.kube.labels import LabelSelector, NodeSelectorTerm, Requirement
from kingtide.kube.nodes import HOSTNAME_LABEL, ZONE_LABEL, Node, NodeImage
from kingtide.kube.pods import (
    Condition,
    Container,
    HostPort,
    OwnerReference,
    Pod,
    PodAffinityTerm,
    PodSpec,
    PreferredNodeTerm,
    TopologySpreadConstraint,
    WeightedPodAffinityTerm,
)
from kingtide.kube.resources import Resources
from kingtide.kube.taints import Taint, TaintEffect, Toleration, untolerated
from kingtide.kube.workloads import PodDisruptionBudget

GIBIBYTE = 1 << 30
APPS = ("web", "api", "batch")
KEYS = (ZONE_LABEL, ZONE_LABEL, HOSTNAME_LABEL, "rack")
THEMES = ("resources", "taints", "spread", "affinity", "merits", "ports", "everything")
STEPS = 120
SEEDS = 12


class Storm:
    """One history: a cache, what was told to it, and what must hold after every step."""

    def __init__(self, theme: str, seed: int) -> None:
        self.draw = random.Random(f"{theme}/{seed}")
        self.theme = theme
        self.cache = SchedulerCache()
        self.now_ms = 0
        self.has_budgets = seed % 2 == 0  # without, what a search learned serves later ones
        self.placed: dict[str, Pod] = {}
        self.waiting: dict[str, Pod] = {}
        self.templates = [self.template() for _ in range(5)]
        self.cache.set_owner("ReplicaSet", "default", "web", LabelSelector((("app", "web"),)))
        for name in self.names()[:8]:
            self.cache.set_node(self.node(name))

    def has(self, theme: str, chance: float) -> bool:
        """Return whether this part of the world matters, more often where it is the theme."""
        if self.theme == theme:
            return self.draw.random() < chance
        return self.theme == "everything" and self.draw.random() < chance / 3

    @staticmethod
    def names() -> Sequence[str]:
        return [f"n{i}" for i in range(11)]

    def node(self, name: str) -> Node:
        draw = self.draw
        labels = {HOSTNAME_LABEL: name, "pool": draw.choice(("general", "spot"))}
        if draw.random() < 0.9:
            labels[ZONE_LABEL] = draw.choice("abc")
        if draw.random() < 0.5:
            labels["rack"] = draw.choice(("r1", "r2"))
        small = draw.random() < 0.1
        size = Resources(
            cpu_millicores=0 if small else draw.choice((1_000, 2_000, 3_990)),
            memory_bytes=draw.choice((0, 2, 8, 15) if small else (2, 4, 8)) * GIBIBYTE,
            ephemeral_storage_bytes=20 * GIBIBYTE,
            pods=draw.choice((3, 8, 110)),
            extended=(("example.com/gpu", 1),) if self.has("ports", 0.5) else (),
        )
        effects: Sequence[TaintEffect] = (
            "NoSchedule",
            "PreferNoSchedule",
            "PreferNoSchedule",
            "NoExecute",
        )
        return Node(
            name=name,
            uid=name,
            labels=labels,
            capacity=size,
            allocatable=size,
            created_ms=0,
            ready=Condition("True", 0),
            taints=tuple(
                Taint(key, draw.choice(effects)) for key in ("x", "y") if self.has("taints", 0.4)
            ),
            unschedulable=self.has("taints", 0.1),
            images=(NodeImage((draw.choice(("shop/web:1", "y:latest")),), 700_000_000),)
            if self.has("merits", 0.5)
            else (),
        )

    def selector(self) -> LabelSelector:
        return LabelSelector((("app", self.draw.choice(APPS)),))

    def spread(self) -> TopologySpreadConstraint:
        draw = self.draw
        return TopologySpreadConstraint(
            max_skew=draw.choice((1, 1, 2)),
            topology_key=draw.choice(KEYS),
            when_unsatisfiable=draw.choice(("DoNotSchedule", "ScheduleAnyway")),
            selector=self.selector(),
            min_domains=draw.choice((None, None, 2, 4)),
            node_affinity_policy=draw.choice(("Honor", "Ignore")),
            node_taints_policy=draw.choice(("Honor", "Ignore")),
        )

    def term(self) -> PodAffinityTerm:
        return PodAffinityTerm(self.draw.choice(KEYS), self.selector())

    def weighted(self) -> WeightedPodAffinityTerm:
        return WeightedPodAffinityTerm(self.draw.choice((1, 40, 100)), self.term())

    def pool(self) -> NodeSelectorTerm:
        return NodeSelectorTerm(
            (Requirement("pool", "In", (self.draw.choice(("general", "spot")),)),)
        )

    def template(self) -> tuple[PodSpec, dict[str, str], OwnerReference]:
        draw, app = self.draw, self.draw.choice(APPS)
        requests = Resources(
            cpu_millicores=draw.choice((0, 100, 300, 500, 900)),
            memory_bytes=draw.choice((0, 1, 2, 3)) * GIBIBYTE // 2,
            ephemeral_storage_bytes=draw.choice((0, 0, 0, 8 * GIBIBYTE)),
            extended=(("example.com/gpu", 1),) if self.has("ports", 0.3) else (),
        )
        ports = (HostPort(80, host_ip=draw.choice(("", "::1"))),) if self.has("ports", 0.6) else ()
        image = draw.choice(("shop/web:1", "y")) if self.has("merits", 0.6) else ""
        spec = PodSpec(
            containers=(Container("main", image, requests, host_ports=ports),),
            priority=draw.choice((-10, 0, 0, 100, 1_000)),
            preemption_policy="Never" if draw.random() < 0.05 else "PreemptLowerPriority",
            tolerations=(Toleration("x", "Exists"),) if self.has("taints", 0.5) else (),
            required_node_affinity=(self.pool(),) if self.has("spread", 0.2) else (),
            preferred_node_affinity=(PreferredNodeTerm(7, self.pool()),)
            if self.has("merits", 0.6)
            else (),
            topology_spread=tuple(self.spread() for _ in range(2) if self.has("spread", 0.6)),
            required_pod_affinity=(self.term(),) if self.has("affinity", 0.3) else (),
            required_pod_anti_affinity=(self.term(),) if self.has("affinity", 0.4) else (),
            preferred_pod_affinity=(self.weighted(),) if self.has("affinity", 0.4) else (),
            preferred_pod_anti_affinity=(self.weighted(),) if self.has("affinity", 0.4) else (),
        )
        return spec, {"app": app}, OwnerReference("ReplicaSet", app)

    def step(self, number: int) -> None:
        self.now_ms += self.draw.randrange(5_000)
        chance = self.draw.random()
        if chance < 0.07:
            self.cache.set_node(self.node(self.draw.choice(self.names())))
        elif chance < 0.11:
            self.lose_node(self.draw.choice(self.names()))
        elif chance < 0.13:
            self.templates.append(self.template())
        elif chance < 0.26 and self.placed:
            uid = self.draw.choice(list(self.placed))
            del self.placed[uid]
            self.cache.displace(uid)
        elif chance < 0.31 and self.placed:
            self.cache.mark_terminating(self.draw.choice(list(self.placed)))
        elif chance < 0.36 and self.placed:
            self.start(self.draw.choice(list(self.placed)))
        elif chance < 0.48 and self.waiting:
            self.preempt(self.waiting[self.draw.choice(list(self.waiting))])
        elif chance < 0.55 and self.waiting:
            self.schedule(self.waiting[self.draw.choice(list(self.waiting))])
        else:
            spec, labels, owner = self.draw.choice(self.templates)
            for i in range(self.draw.choice((1, 1, 2, 5, 14))):
                uid = f"p{number}-{i}"
                self.schedule(Pod("default", uid, uid, spec, labels, self.now_ms, owner=owner))

    def lose_node(self, name: str) -> None:
        if self.draw.random() < 0.5:
            for uid in list(self.cache.pods_on(name)):
                self.placed.pop(uid)
                self.cache.displace(uid)
        self.cache.remove_node(name)

    def start(self, uid: str) -> None:
        pod = self.placed[uid]
        started = Pod(
            pod.namespace,
            uid,
            uid,
            pod.spec,
            pod.labels,
            0,
            owner=pod.owner,
            started_ms=self.now_ms,
        )
        node_name = next(n for n in self.names() if uid in self.cache.pods_on(n))
        self.cache.place(started, node_name)

    def schedule(self, pod: Pod) -> None:
        cache, table = self.cache, self.cache.table
        shape = cache.shapes.intern(pod)
        feasible = profile.feasible_rows(table, shape, cache.nominations)
        expected = profile.pick(table, shape, cache.nominations)
        assert cache.placement.pick(shape) == expected, profile.plugin_scores(
            table, shape, feasible
        )
        assert cache.placement.feasible_rows(shape).tolist() == sorted(feasible)
        node_name = cache.pick(pod)
        if node_name is None:
            self.waiting[pod.uid] = pod
            self.check_failure(pod)
        else:
            self.check_place(pod, node_name)
            self.waiting.pop(pod.uid, None)
            cache.place(pod, node_name)
            self.placed[pod.uid] = pod

    def check_place(self, pod: Pod, node_name: str) -> None:
        table = self.cache.table
        row = table.row_of(node_name)
        assert row is not None
        node, used = table.node_at(row), table.requested(row)
        asked = self.cache.shapes.intern(pod).requests
        assert not node.unschedulable
        assert untolerated(node.taints, pod.spec.tolerations) is None
        assert used.pods + 1 <= node.allocatable.pods
        for wanted, taken, offered in (
            (asked.cpu_millicores, used.cpu_millicores, node.allocatable.cpu_millicores),
            (asked.memory_bytes, used.memory_bytes, node.allocatable.memory_bytes),
        ):
            assert not wanted or taken + wanted <= offered

    def check_failure(self, pod: Pod) -> None:
        cache = self.cache
        found = profile.refusals(cache.table, cache.shapes.intern(pod), cache.nominations)
        counts: dict[str, int] = {}
        for refusal in found.values():
            for reason in refusal.reasons if refusal else ():
                counts[reason] = counts.get(reason, 0) + 1
        assert dict(cache.diagnose(pod).reasons) == counts

    def check_vain_eviction(self, pod: Pod, budgets: Sequence[PodDisruptionBudget]) -> None:
        cache = self.cache
        counts: dict[str, int] = {}
        for outcome in cache.victim_search(pod, self.now_ms, budgets).outcomes().values():
            assert not isinstance(outcome, Candidate)
            for reason in (NOT_HELPFUL,) if outcome is None else outcome.reasons:
                counts[reason] = counts.get(reason, 0) + 1
        failure = cache.diagnose_preemption(pod, self.now_ms, budgets)
        assert failure.preemption == (counts if failure.node_count else None)

    def preempt(self, pod: Pod) -> None:
        cache = self.cache
        if cache.pick(pod) is not None:
            self.schedule(pod)
            return
        budgets = [
            PodDisruptionBudget("default", app, LabelSelector((("app", app),)), allowed)
            for app in APPS
            if self.has_budgets and (allowed := self.draw.choice((-1, 0, 1, 2))) >= 0
        ]
        eligible = not cache.ineligibility(pod)
        careful = cache.victim_search(pod, self.now_ms, budgets).node_by_node()
        found = cache.preempt(pod, self.now_ms, budgets)
        if careful is None or not eligible:
            assert found is None
            if eligible:
                self.check_vain_eviction(pod, budgets)
            return
        assert found is not None
        assert found.node_name == cache.table.name_at(careful.row)
        assert found.victims == tuple(victim.uid for victim in careful.victims)
        for uid in found.victims:
            assert self.placed[uid].spec.priority < pod.spec.priority
        for uid in found.outranked:
            cache.clear_nomination(uid)
        cache.nominate(pod, found.node_name)
        leave_at_once = self.draw.random() < 0.3
        # For spreading, a terminating victim counts only when it is taken away (kube-scheduler does
        # so too): what was found with it may not hold.
        is_exact = not any(cache.pods_on(found.node_name)[v].is_terminating for v in found.victims)
        for uid in found.victims:
            if leave_at_once:
                del self.placed[uid]
                cache.displace(uid)
            else:
                cache.mark_terminating(uid)
        if leave_at_once and is_exact:
            assert cache.pick(pod) == found.node_name


@pytest.mark.parametrize("seed", range(SEEDS))
@pytest.mark.parametrize("theme", THEMES)
def test_incremental_scheduling_is_scheduling_from_scratch(theme: str, seed: int) -> None:
    storm = Storm(theme, seed)
    for number in range(STEPS):
        storm.step(number)
