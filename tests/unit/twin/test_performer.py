import pytest

from kingtide.control.action import (
    Action,
    AddTaint,
    EvictPod,
    PatchScale,
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
from kingtide.control.message_actions import AcknowledgeMessage, RecordLifecycleHeartbeat
from kingtide.control.node_actions import (
    ClaimCapacity,
    ClaimDisruption,
    Cordon,
    DeletePod,
    ReleaseCapacity,
    ReleaseDisruption,
    SetNodeLabel,
    Uncordon,
)
from kingtide.kube.nodes import Node
from kingtide.kube.taints import Taint
from kingtide.twin.performer import Performer, UnknownAction
from kingtide.twin.world import World
from tests.twin.worlds import START_MS, application, definition, group, run_for

TAINT = Taint("going", "NoSchedule", "1")


@pytest.fixture
def world() -> World:
    return World(definition(application("api", 3), groups=(group("g", 2, maximum=3),)))


def performer(world: World) -> Performer:
    return Performer(world.engine, world.store, world.cloud, world.replica_sets, world.deletion)


def status(world: World, action: Action) -> tuple[str, str]:
    outcome = performer(world).perform(action)
    assert outcome.action is action
    assert outcome.at_ms == START_MS
    return outcome.status, outcome.code


def test_a_scale_is_patched_only_from_the_replicas_that_were_seen(world: World) -> None:
    stale = PatchScale(reason="r", namespace="test", name="api", replicas=5, expected_replicas=2)
    assert status(world, stale) == ("precondition_failed", "409")
    fresh = PatchScale(reason="r", namespace="test", name="api", replicas=5, expected_replicas=3)
    assert status(world, fresh) == ("done", "")
    assert world.store.deployments["test/api"].replicas == 5
    unknown = PatchScale(reason="r", namespace="x", name="y", replicas=5, expected_replicas=3)
    assert status(world, unknown) == ("failed", "404")


def test_a_taint_is_put_once_and_taken_away_again(world: World) -> None:
    node = next(iter(world.store.nodes.values()))
    add = AddTaint(reason="r", node=node.name, node_uid=node.uid, taint=TAINT)
    assert status(world, add) == ("done", "")
    assert status(world, add) == ("done", "")
    assert world.store.nodes[node.name].taints == (TAINT,)
    remove = RemoveTaint(
        reason="r", node=node.name, node_uid=node.uid, key="going", effect="NoSchedule"
    )
    assert status(world, remove) == ("done", "")
    assert world.store.nodes[node.name].taints == ()
    written = world.store.revision
    assert status(world, remove) == ("done", "")
    assert world.store.revision == written


@pytest.mark.parametrize("uid", ["another", ""])
def test_a_node_that_is_another_one_by_now_is_not_touched(world: World, uid: str) -> None:
    name = next(iter(world.store.nodes))
    add = AddTaint(reason="r", node=name, node_uid=uid, taint=TAINT)
    remove = RemoveTaint(reason="r", node=name, node_uid=uid, key="x", effect="NoSchedule")
    assert status(world, add) == ("precondition_failed", "404")
    assert status(world, remove) == ("precondition_failed", "404")
    assert world.store.nodes[name].taints == ()


def test_an_eviction_begins_a_graceful_deletion(world: World) -> None:
    pod = next(p for p in world.store.pods.values() if p.owner and p.owner.name == "api")
    evict = EvictPod(
        reason="r", namespace=pod.namespace, name=pod.name, uid=pod.uid, grace_seconds=7
    )
    assert status(world, evict) == ("done", "")
    assert world.store.pods[pod.uid].deletion_grace_seconds == 7
    assert status(world, evict) == ("done", "")


def test_a_pod_that_is_gone_or_has_another_name_is_not_evicted(world: World) -> None:
    pod = next(iter(world.store.pods.values()))
    renamed = EvictPod(reason="r", namespace=pod.namespace, name="other", uid=pod.uid)
    gone = EvictPod(reason="r", namespace=pod.namespace, name=pod.name, uid="gone")
    assert status(world, renamed) == ("precondition_failed", "404")
    assert status(world, gone) == ("precondition_failed", "404")
    assert pod.uid in world.store.pods


def test_the_clouds_answers_are_handed_on(world: World) -> None:
    grow = SetDesiredCapacity(reason="r", group="g", desired=3, expected_desired=2)
    assert status(world, grow) == ("done", "")
    assert status(world, grow)[0] == "precondition_failed"
    too_many = SetDesiredCapacity(reason="r", group="g", desired=9, expected_desired=3)
    assert status(world, too_many) == ("failed", "ValidationError")
    name = next(iter(world.store.nodes))
    terminate = TerminateInstance(reason="r", group="g", instance_id=name, node=name)
    assert status(world, terminate) == ("done", "")
    assert world.cloud.group("g").desired_capacity == 2
    run_for(world, 600_000)
    assert name not in world.store.nodes


def test_an_instance_that_is_a_node_after_all_is_not_terminated_as_one_that_never_joined(
    world: World,
) -> None:
    name = next(iter(world.store.nodes))
    never_joined = TerminateInstance(reason="r", group="g", instance_id=name, node="")
    assert status(world, never_joined) == ("precondition_failed", "NodeExists")
    assert world.cloud.group("g").desired_capacity == 2
    world.store.delete_node(world.store.nodes[name])
    assert status(world, never_joined) == ("done", "")


def test_an_action_that_no_world_knows_is_a_defect(world: World) -> None:
    class Dance(Action, frozen=True, kw_only=True, tag="Dance"):
        pass

    with pytest.raises(UnknownAction, match="Dance"):
        performer(world).perform(Dance(reason="r"))


def node_of(world: World) -> Node:
    return next(iter(world.store.nodes.values()))


def claim(node: Node, by: str, displaces: str = "") -> ClaimDisruption:
    mine = DisruptionClaim(by, "Underutilized", START_MS)
    return ClaimDisruption(
        reason="r", node=node.name, node_uid=node.uid, claim=mine, displaces=displaces
    )


def need(node: Node, by: str) -> ClaimCapacity:
    return ClaimCapacity(
        reason="r", node=node.name, node_uid=node.uid, claim=CapacityClaim(by, START_MS)
    )


def test_a_cordoned_node_takes_no_pods_until_it_is_uncordoned(world: World) -> None:
    node = node_of(world)
    cordon = Cordon(reason="r", node=node.name, node_uid=node.uid)
    assert status(world, cordon) == ("done", "")
    written = world.store.revision
    assert status(world, cordon) == ("done", "")
    assert world.store.revision == written
    assert node_of(world).unschedulable
    world.replica_sets.scale(world.store.deployments["test/api"], 12)
    run_for(world, 30_000)
    bound = [pod.node_name for pod in world.store.pods.values() if pod.created_ms >= START_MS]
    assert bound
    assert node.name not in bound
    uncordon = Uncordon(reason="r", node=node.name, node_uid=node.uid)
    assert performer(world).perform(uncordon).status == "done"
    assert not world.store.nodes[node.name].unschedulable


def test_a_label_is_set_and_taken_away(world: World) -> None:
    node = node_of(world)
    for value in ("true", None):
        action = SetNodeLabel(reason="r", node=node.name, node_uid=node.uid, key="out", value=value)
        assert status(world, action) == ("done", "")
        assert world.store.nodes[node.name].labels.get("out") == value


def test_a_claimed_node_is_claimed_by_nobody_else_unless_displaced(world: World) -> None:
    node = node_of(world)
    assert status(world, claim(node, "a")) == ("done", "")
    assert status(world, claim(node, "a")) == ("done", "")
    assert status(world, claim(node, "b")) == ("precondition_failed", "Claimed")
    assert status(world, claim(node, "b", displaces="c")) == ("precondition_failed", "Claimed")
    assert status(world, claim(node, "b", displaces="a")) == ("done", "")
    held = disruption_claim(node_of(world).annotations)
    assert held is not None
    assert held.by == "b"


def test_a_claim_is_released_by_its_claimant_only(world: World) -> None:
    node = node_of(world)
    status(world, claim(node, "a"))
    for by, expected in (("b", "precondition_failed"), ("a", "done"), ("a", "done")):
        release = ReleaseDisruption(reason="r", node=node.name, node_uid=node.uid, by=by)
        assert status(world, release)[0] == expected
    assert disruption_claim(node_of(world).annotations) is None


def test_who_displaced_the_emptier_takes_over_the_room_it_asked_for(world: World) -> None:
    node = node_of(world)
    status(world, claim(node, "a"))
    assert status(world, need(node, "a")) == ("done", "")
    assert status(world, need(node, "b")) == ("precondition_failed", "Claimed")
    status(world, claim(node, "b", displaces="a"))
    assert status(world, need(node, "b")) == ("done", "")
    held = capacity_claim(node_of(world).annotations)
    assert held is not None
    assert held.by == "b"
    release = ReleaseCapacity(reason="r", node=node.name, node_uid=node.uid, by="b")
    assert status(world, release) == ("done", "")
    assert capacity_claim(node_of(world).annotations) is None


def test_a_node_that_bears_the_name_of_another_is_left_alone(world: World) -> None:
    node = node_of(world)
    late = Cordon(reason="r", node=node.name, node_uid="another")
    assert status(world, late) == ("precondition_failed", "404")
    assert not node_of(world).unschedulable


def test_a_pod_can_be_deleted_below_its_budget_but_not_for_another(world: World) -> None:
    pod = next(iter(world.store.pods.values()))
    late = DeletePod(
        reason="r", namespace=pod.namespace, name=pod.name, uid="other", grace_seconds=5
    )
    assert status(world, late) == ("precondition_failed", "404")
    delete = DeletePod(
        reason="r", namespace=pod.namespace, name=pod.name, uid=pod.uid, grace_seconds=5
    )
    assert status(world, delete) == ("done", "")
    assert world.store.pods[pod.uid].deletion_grace_seconds == 5


def test_a_cloud_without_a_queue_has_nothing_to_acknowledge(world: World) -> None:
    action = AcknowledgeMessage(reason="r", message_id="m")
    assert status(world, action) == ("failed", "NonExistentQueue")
    wait = RecordLifecycleHeartbeat(reason="r", group="g", hook="h", instance_id="i", token="t")
    assert status(world, wait) == ("failed", "ValidationError")
