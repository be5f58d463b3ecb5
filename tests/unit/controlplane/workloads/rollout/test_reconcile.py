from kingtide.controlplane.workloads.rollout.reconcile import RolloutStep, reconcile
from tests.unit.controlplane.workloads.rollout.scene import deployment, replica_set


def test_a_new_template_gets_a_replica_set_with_the_surge_at_once() -> None:
    step = reconcile(deployment(10, "3"), None, [replica_set("a", 10)], old_pods_exist=True)
    assert step == RolloutStep(create_replicas=3)


def test_a_first_template_gets_all_its_pods_at_once() -> None:
    step = reconcile(deployment(10, "3"), None, [], old_pods_exist=False)
    assert step == RolloutStep(create_replicas=10)


def test_replicas_that_change_go_before_the_rollout() -> None:
    new = replica_set("new", 3, desired=10, most=13, created_ms=2)
    old = replica_set("old", 10, desired=10, most=13, created_ms=1)
    step = reconcile(deployment(5, "3", "2"), new, [old], old_pods_exist=True)
    assert {it.name: it.replicas for it in step.resized} == {"old": 6, "new": 2}


def test_growing_goes_before_shrinking() -> None:
    new, old = replica_set("new", 3), replica_set("old", 8)
    step = reconcile(deployment(10, "3", "2"), new, [old], old_pods_exist=True)
    assert [(it.name, it.replicas) for it in step.resized] == [("new", 5)]


def test_a_finished_rollout_rests() -> None:
    new, old = replica_set("new", 10), replica_set("old", 0)
    assert reconcile(deployment(10), new, [old], old_pods_exist=False).is_rest


def test_recreate_takes_all_old_pods_before_it_brings_a_new_one() -> None:
    it = deployment(10, strategy="Recreate")
    old, gone = replica_set("old", 10), replica_set("old", 0)
    first = reconcile(it, None, [old], old_pods_exist=True)
    assert [(r.name, r.replicas) for r in first.resized] == [("old", 0)]
    assert reconcile(it, None, [gone], old_pods_exist=True).is_rest
    assert reconcile(it, None, [gone], old_pods_exist=False) == RolloutStep(create_replicas=10)


def test_recreate_brings_a_known_template_back_at_its_full_size() -> None:
    it = deployment(10, strategy="Recreate")
    back, gone = replica_set("back", 0), replica_set("old", 0)
    step = reconcile(it, back, [gone], old_pods_exist=False)
    assert [(r.name, r.replicas) for r in step.resized] == [("back", 10)]
    assert reconcile(it, replica_set("back", 10), [gone], old_pods_exist=False).is_rest


def test_a_paused_rollout_is_scaled_and_goes_no_further() -> None:
    old = replica_set("old", 4)
    paused = deployment(4, paused=True)

    assert reconcile(paused, None, (old,), old_pods_exist=True).create_replicas is None
    larger = reconcile(deployment(8, paused=True), None, (old,), old_pods_exist=True)
    assert [it.replicas for it in larger.resized] == [8]
    assert reconcile(paused, None, (), old_pods_exist=False).is_rest
