"""Whatever happens between passes: bounds hold, nothing is asked for twice, cold equals warm."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, precondition, rule

from kingtide.aws.autoscaling import CapacityPool
from kingtide.control.action import (
    Action,
    AddTaint,
    EvictPod,
    RemoveTaint,
    SetDesiredCapacity,
    TerminateInstance,
)
from kingtide.control.claims import (
    CapacityClaim,
    DisruptionClaim,
    capacity_claim,
    disruption_claim,
)
from kingtide.control.node_actions import ClaimDisruption, ReleaseDisruption
from kingtide.control.snapshot import Snapshot
from kingtide.controllers.node_autoscaling.candidates import NO_CANDIDATES, judge_touched
from kingtide.controllers.node_autoscaling.decide import CONTROLLER
from kingtide.controllers.node_autoscaling.discovery import discovery_of
from kingtide.controllers.node_autoscaling.snapshot import EMPTY_VIEW, FleetView, observe
from kingtide.fleet.policies.node_autoscaling import ScaleDownPolicy
from kingtide.kube.labels import LabelSelector
from kingtide.kube.nodes import HOSTNAME_LABEL
from kingtide.kube.pods import Condition, Container, PodAffinityTerm, PodSpec
from kingtide.kube.resources import Resources
from kingtide.twin.cloud.wording import SPOT_CAPACITY_FAILURE, on_demand_capacity_failure
from tests.unit.control.unschedulable import unschedulable_pods
from tests.unit.controllers.node_autoscaling.situation import CLUSTER_NAME, Situation, of_kind

APART = PodSpec(
    (Container("main", requests=Resources(cpu_millicores=100)),),
    required_pod_anti_affinity=(
        PodAffinityTerm(HOSTNAME_LABEL, LabelSelector(match_labels=(("app", "apart"),))),
    ),
)
GROUPS = ("spot-a", "spot-b", "on-demand")
BOUNDS = {"spot-a": (0, 4), "spot-b": (1, 3), "on-demand": (0, 5)}
FIRST_NODES = {"spot-a": 2, "spot-b": 2, "on-demand": 1}


class Passes(RuleBasedStateMachine):
    """A world that does what it is asked, late, and fails now and then."""

    instances = Bundle("instances")

    @initialize(
        mode=st.sampled_from(["timeout", "placeholders", "activities", "activities"]),
        balance=st.booleans(),
        chain=st.permutations(["priority", "price", "least-waste", "most-pods"]),
    )
    def start(self, mode: str, balance: bool, chain: list[str]) -> None:
        self.situation = Situation(
            expander=tuple(chain),
            balance_similar_node_groups=balance,
            capacity_failure_detection=mode,
            max_node_provision_seconds=120,
            scale_down=ScaleDownPolicy(
                unneeded_seconds=8,
                delay_after_add_seconds=0,
                delay_after_failure_seconds=20,
                max_parallelism=2,
            ),
        )
        for name in GROUPS:
            low, high = BOUNDS[name]
            nodes = FIRST_NODES[name]
            on_demand = name == "on-demand"
            self.situation.group(
                name, nodes=nodes, min_size=low, max_size=high, on_demand=on_demand
            )
        for name in list(self.situation.cluster.nodes):
            self.situation.pods(1, on=name, cpu=500, app="settled")
        self.situation.priorities('20: ["^spot-"]\n10: ["^on-demand"]\n')
        self.evicted: dict[str, None] = {}
        self.joined = 0

    @rule(count=st.integers(1, 8), cpu=st.sampled_from([300, 1000, 2500, 9000]))
    def pods_become_unschedulable(self, count: int, cpu: int) -> None:
        self.situation.pods(count, cpu=cpu, app=f"app-{cpu}")

    @rule(count=st.integers(1, 3))
    def pods_that_stay_apart_become_unschedulable(self, count: int) -> None:
        self.situation.pods(count, app="apart", spec=APART)

    @rule(number=st.integers(0, 100))
    def a_pod_goes(self, number: int) -> None:
        uids = [*unschedulable_pods(self.situation.cluster), *self._bound()]
        if uids:
            self.situation.remove_pod(uids[number % len(uids)])

    @rule()
    def pods_are_bound_where_they_fit(self) -> None:
        cluster = self.situation.cluster
        for uid, pod in unschedulable_pods(cluster).items():
            wanted = pod.spec.containers[0].requests.cpu_millicores
            for name, node in cluster.nodes.items():
                row = cluster.node_table.row_of(name)
                assert row is not None
                free = node.allocatable.cpu_millicores - cluster.node_table.cpu_requested[row]
                if node.is_ready and not node.taints and wanted <= free:
                    self.situation.change_pod(uid, node_name=name, phase="Running")
                    break

    @rule()
    def evicted_pods_are_gone(self) -> None:
        for uid in self._bound():
            pod = self.situation.cluster.pod(uid)
            if pod is not None and pod.deletion_ms is not None:
                self.situation.remove_pod(uid)

    @rule(group=st.sampled_from(GROUPS))
    def a_missing_instance_is_launched(self, group: str) -> None:
        described = self.situation.cloud.groups[group]
        live = [it for it in described.instances if it.state != "Terminating"]
        if len(live) < described.desired_capacity:
            self.joined += 1
            self.situation.launch(group, f"i-node-{self.joined}")

    @rule(ready=st.booleans())
    def a_launched_instance_becomes_a_node(self, ready: bool) -> None:
        known = {node.instance_id for node in self.situation.cluster.nodes.values()}
        for group in GROUPS:
            for it in self.situation.cloud.groups[group].instances:
                if it.instance_id not in known and it.state == "InService":
                    name = it.instance_id.removeprefix("i-")
                    labels = {HOSTNAME_LABEL: name}
                    self.situation.node(name, group, ready=ready, labels=labels)
                    return

    @rule()
    def a_node_becomes_ready(self) -> None:
        for name, node in self.situation.cluster.nodes.items():
            if not node.is_ready:
                self.situation.change_node(name, ready=Condition("True", self.situation.now_ms))
                return

    @rule(group=st.sampled_from(GROUPS))
    def a_launch_fails(self, group: str) -> None:
        described = self.situation.cloud.groups[group]
        pool = CapacityPool("m5.xlarge", described.zones[0], described.lifecycle)
        is_spot = described.lifecycle == "spot"
        self.situation.fail_launch(
            group, SPOT_CAPACITY_FAILURE if is_spot else on_demand_capacity_failure(pool)
        )

    @rule(group=st.sampled_from(GROUPS), came=st.integers(1, 3))
    def some_come_and_the_rest_fails(self, group: str, came: int) -> None:
        for _ in range(came):
            self.a_missing_instance_is_launched(group)
        self.a_launch_fails(group)

    @rule()
    def terminated_instances_are_gone(self) -> None:
        for group in GROUPS:
            for it in self.situation.cloud.groups[group].instances:
                if it.state == "Terminating":
                    self.situation.lose(group, it.instance_id)
                    name = it.instance_id.removeprefix("i-")
                    if name in self.situation.cluster.nodes:
                        for uid in list(self.situation.cluster.pods_on(name)):
                            self.situation.remove_pod(uid)
                        self.situation.remove_node(name)

    @rule(number=st.integers(0, 20), kind=st.sampled_from(["disruption", "capacity", "spot"]))
    def somebody_claims_a_node(self, number: int, kind: str) -> None:
        """As the performer does it: nobody takes over a node that another one empties."""
        nodes = list(self.situation.cluster.nodes.values())
        if not nodes:
            return
        node = nodes[number % len(nodes)]
        if disruption_claim(node.annotations) is not None:
            return
        now_ms = self.situation.now_ms
        if kind == "disruption":
            claim = DisruptionClaim("ondemand_reclaim", "Expired", now_ms)
            self.situation.claim(node.name, disruption=claim)
        else:
            lifecycle: Literal["any", "spot"] = "spot" if kind == "spot" else "any"
            need = CapacityClaim("ondemand_reclaim", now_ms, lifecycle=lifecycle)
            self.situation.claim(node.name, capacity=need)

    @rule()
    def others_give_their_claims_back(self) -> None:
        for node in list(self.situation.cluster.nodes.values()):
            held = disruption_claim(node.annotations)
            self.situation.claim(
                node.name, disruption=held if held and held.by == CONTROLLER.name else None
            )

    @rule()
    def the_controller_restarts(self) -> None:
        self.situation.forget()
        self.evicted.clear()  # a new process may ask again for what has not begun

    @precondition(lambda self: hasattr(self, "situation"))
    @rule(seconds=st.sampled_from([1, 10, 10, 10, 40, 130, 400]))
    def a_pass(self, seconds: int) -> None:
        before = unschedulable_pods(self.situation.cluster)
        waiting = len(before) + self._claimed_pods()
        decision = self.situation.run(seconds)
        new_nodes = 0
        for action in decision.actions:
            new_nodes += self._perform(action)
        assert new_nodes <= waiting, "every new node has a pod that waits for it"
        if not of_kind(decision, TerminateInstance):  # one that goes makes room below a maximum
            self._nothing_is_asked_for_twice()
        self._cold_equals_warm()

    def _nothing_is_asked_for_twice(self) -> None:
        """A pass right after another one asks for no node: what is in flight is remembered."""
        if self.situation.policy.choices_per_pass == 1:
            return  # there the next pass makes the next choice
        for action in self.situation.run().actions:
            assert self._perform(action) == 0

    def _perform(self, action: Action) -> int:
        """Do what an action asks for, and return how many nodes it adds."""
        match action:
            case SetDesiredCapacity():
                return self._set_desired(action)
            case TerminateInstance():
                self._terminate(action)
            case AddTaint():
                taints = (*self.situation.cluster.nodes[action.node].taints, action.taint)
                self.situation.change_node(action.node, taints=taints)
            case RemoveTaint():
                node = self.situation.cluster.nodes[action.node]
                kept = tuple(it for it in node.taints if it.key != action.key)
                self.situation.change_node(action.node, taints=kept)
            case ClaimDisruption():
                node = self.situation.cluster.nodes[action.node]
                held = disruption_claim(node.annotations)
                if held is not None and held.by != CONTROLLER.name:
                    self.situation.answer(action, status="precondition_failed", code="Claimed")
                    return 0
                self.situation.claim(
                    action.node,
                    disruption=action.claim,
                    capacity=capacity_claim(node.annotations),
                )
            case ReleaseDisruption():
                node = self.situation.cluster.nodes[action.node]
                held = disruption_claim(node.annotations)
                if held is not None and held.by == CONTROLLER.name:
                    need = capacity_claim(node.annotations)
                    self.situation.claim(action.node, capacity=need)
            case EvictPod():
                pod = self.situation.cluster.pod(action.uid)
                assert pod is not None
                self._is_ours(pod.node_name)
                assert action.uid not in self.evicted, "no second eviction of one pod"
                self.evicted[action.uid] = None
                self.situation.change_pod(action.uid, deletion_ms=self.situation.now_ms)
            case _:
                raise AssertionError(action)
        self.situation.answer(action)
        return 0

    def _set_desired(self, action: SetDesiredCapacity) -> int:
        low, high = BOUNDS[action.group]
        present = self.situation.cloud.groups[action.group].desired_capacity
        assert low <= action.desired <= high, "sizes stay within bounds"
        assert action.expected_desired == present, "the precondition is what is there"
        self.situation.set_desired(action.group, action.desired)
        self.situation.answer(action)
        return max(0, action.desired - present)

    def _terminate(self, action: TerminateInstance) -> None:
        group = self.situation.cloud.groups[action.group]
        name = action.instance_id.removeprefix("i-")
        if action.node:
            self._is_ours(name)
            assert not [
                pod
                for pod in self.situation.cluster.pods_on(name).values()
                if pod.deletion_ms is None
            ], "no pod is terminated with its node"
            assert group.desired_capacity > BOUNDS[action.group][0], "the minimum stays"
        self.situation.launch(action.group, action.instance_id, "Terminating")
        self.situation.set_desired(action.group, max(0, group.desired_capacity - 1))

    def _cold_equals_warm(self) -> None:
        situation = self.situation
        snapshot = Snapshot(situation.cluster, situation.cloud, CLUSTER_NAME)
        discovery = discovery_of(situation.policy, CLUSTER_NAME)
        arguments = (snapshot, discovery, situation.policy)
        warm = observe(*arguments, situation.memory.fleet, situation.now_ms)
        cold = observe(*arguments, EMPTY_VIEW, situation.now_ms)
        assert _facts(warm) == _facts(cold)
        judged = judge_touched(
            situation.memory.candidates,
            situation.cluster,
            warm,
            situation.policy,
            situation.now_ms,
        ).judged
        from_nothing = judge_touched(
            NO_CANDIDATES, situation.cluster, cold, situation.policy, situation.now_ms
        ).judged
        assert dict(judged) == dict(from_nothing)

    def _is_ours(self, name: str) -> None:
        claim = disruption_claim(self.situation.cluster.nodes[name].annotations)
        assert claim is None or claim.by == CONTROLLER.name, "hands off what others empty"

    def _claimed_pods(self) -> int:
        cluster = self.situation.cluster
        claimed = [n.name for n in cluster.nodes.values() if capacity_claim(n.annotations)]
        pods = [pod for name in claimed for pod in cluster.pods_on(name).values()]
        return sum(pod.deletion_ms is None for pod in pods)

    def _bound(self) -> list[str]:
        cluster = self.situation.cluster
        return [uid for name in cluster.nodes for uid in cluster.pods_on(name)]


def _facts(view: FleetView) -> Mapping[str, object]:
    """A view without what only tells where to look on."""
    return {
        "nodes": dict(view.nodes),
        "node_of_instance": dict(view.node_of_instance),
        "groups": dict(view.groups),
        "group_of_instance": dict(view.group_of_instance),
        "unready": view.unready,
        "tainted": dict(view.tainted),
        "claims": dict(view.claims),
    }


Passes.TestCase.settings = settings(max_examples=50, stateful_step_count=40, deadline=None)
TestPasses = Passes.TestCase
