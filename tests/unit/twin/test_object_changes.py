"""Objects that come, change and go while a world runs."""

from __future__ import annotations

import msgspec
import pytest

from kingtide.kube.jobs import CronJob, Job, JobSpec
from kingtide.kube.labels import LabelSelector
from kingtide.kube.nodes import Node
from kingtide.kube.pods import Condition, Container, OwnerReference, Pod, PodSpec, PodTemplate
from kingtide.kube.resources import Resources
from kingtide.kube.workloads import (
    DaemonSet,
    Deployment,
    PodDisruptionBudget,
    ReplicaSet,
    StatefulSet,
)
from kingtide.twin.definition import Application, WorldDefinition
from kingtide.twin.object_changes import ObjectChanges
from kingtide.twin.world import World

MINUTE = 60_000


def template(app: str, image: str = "web:1") -> PodTemplate:
    container = Container("main", image, Resources(100, 64 << 20))
    return PodTemplate({"app": app}, PodSpec(containers=(container,)))


def node(name: str) -> Node:
    room = Resources(8_000, 32 << 30, pods=110)
    return Node(name, f"uid-{name}", {"kubernetes.io/hostname": name}, room, room, 0,
                Condition("True", 0))  # fmt: skip


@pytest.fixture
def world() -> World:
    there = Application("shop", "old", "default", template("old"), 3)
    return World(
        WorldDefinition(
            seed=7,
            start_ms=0,
            end_ms=600 * MINUTE,
            cluster_name="test",
            node_groups=(),
            applications=(there,),
            fixed_nodes=(node("n1"), node("n2")),
        )
    )


@pytest.fixture
def changes(world: World) -> ObjectChanges:
    return ObjectChanges(world)


def deployment(name: str = "web", replicas: int = 3, image: str = "web:1") -> Deployment:
    selector = LabelSelector(match_labels=(("app", name),))
    return Deployment("shop", name, f"uid-{name}", replicas, template(name, image), selector)


def pods_of(world: World, app: str) -> list[Pod]:
    return [it for it in world.store.pods.values() if it.labels.get("app") == app]


def run(world: World, minutes: int = 3) -> None:
    world.run_until(world.engine.now_ms + minutes * MINUTE)


def images(world: World, app: str) -> list[str]:
    return sorted(it.spec.containers[0].image for it in pods_of(world, app))


def test_a_deployment_gets_pods_that_become_ready(world: World, changes: ObjectChanges) -> None:
    changes.create(deployment())
    run(world)

    assert len(pods_of(world, "web")) == 3
    assert all(it.is_ready and it.node_name for it in pods_of(world, "web"))


@pytest.mark.parametrize("name", ["web", "old"])
def test_another_template_is_rolled_out(world: World, changes: ObjectChanges, name: str) -> None:
    if name == "web":
        changes.create(deployment())
        run(world)
    before = world.store.deployments[f"shop/{name}"]

    changes.change(msgspec.structs.replace(before, template=template(name, "web:2")))
    run(world, 5)

    assert images(world, name) == ["web:2"] * 3
    sets = {
        it.name: it.revision
        for it in world.store.replica_sets.values()
        if it.owner is not None and it.owner.name == name
    }
    assert sorted(it or 0 for it in sets.values()) == [1, 2]


def test_the_template_before_is_a_later_revision_when_it_is_wanted_again(
    world: World, changes: ObjectChanges
) -> None:
    first = world.store.deployments["shop/old"]
    changes.change(msgspec.structs.replace(first, template=template("old", "web:2")))
    run(world, 5)

    second = world.store.deployments["shop/old"]
    changes.change(msgspec.structs.replace(second, template=first.template))
    run(world, 5)

    assert images(world, "old") == ["web:1"] * 3
    assert world.store.replica_sets["shop/old"].revision == 3


def test_a_rollout_can_change_the_size_too(world: World, changes: ObjectChanges) -> None:
    before = world.store.deployments["shop/old"]

    changes.change(msgspec.structs.replace(before, template=template("old", "web:2"), replicas=5))
    run(world, 5)

    assert images(world, "old") == ["web:2"] * 5


def test_a_deleted_deployment_takes_its_pods_and_may_come_again(
    world: World, changes: ObjectChanges
) -> None:
    changes.create(deployment())
    run(world)
    first = {it.uid for it in pods_of(world, "web")}

    changes.remove(world.store.deployments["shop/web"])
    run(world)
    gone = pods_of(world, "web")
    changes.create(deployment(replicas=2))
    run(world)

    assert gone == []
    assert len(pods_of(world, "web")) == 2
    assert first.isdisjoint(it.uid for it in pods_of(world, "web"))


def test_a_deployment_deleted_in_the_middle_of_its_rollout_leaves_nothing(
    world: World, changes: ObjectChanges
) -> None:
    before = world.store.deployments["shop/old"]
    changes.change(msgspec.structs.replace(before, template=template("old", "web:2"), replicas=9))
    world.run_until(world.engine.now_ms + 700)

    changes.remove(world.store.deployments["shop/old"])
    run(world, 5)

    assert pods_of(world, "old") == []
    assert not world.store.replica_sets


def test_the_scheduler_spreads_nobody_for_the_sake_of_what_is_deleted(
    world: World, changes: ObjectChanges
) -> None:
    pod = pods_of(world, "old")[0]
    directory = world.scheduler.cache.shapes.directory
    before = directory.default_selector(pod)
    changes.remove(world.store.deployments["shop/old"])

    assert before == LabelSelector((("app", "old"),))
    assert directory.default_selector(pod) is None


def stateful_set(replicas: int = 2) -> StatefulSet:
    selector = LabelSelector(match_labels=(("app", "db"),))
    return StatefulSet("shop", "db", "uid-db", replicas, template("db"), selector)


def test_a_stateful_set_comes_changes_and_goes(world: World, changes: ObjectChanges) -> None:
    changes.create(stateful_set())
    run(world)
    names = sorted(it.name for it in pods_of(world, "db"))
    stored = world.store.stateful_sets["shop/db"]
    changes.change(msgspec.structs.replace(stored, template=template("db", "db:2"), replicas=3))
    run(world, 6)
    rolled = images(world, "db")
    changes.remove(world.store.stateful_sets["shop/db"])
    run(world)

    assert names == ["db-0", "db-1"]
    assert rolled == ["db:2"] * 3
    assert pods_of(world, "db") == []


def test_a_daemon_set_runs_on_every_node_until_it_is_deleted(
    world: World, changes: ObjectChanges
) -> None:
    selector = LabelSelector(match_labels=(("app", "agent"),))
    changes.create(DaemonSet("shop", "agent", "uid-agent", template("agent"), selector))
    run(world)
    nodes = sorted(it.node_name for it in pods_of(world, "agent"))
    changes.remove(world.store.daemon_sets["shop/agent"])
    run(world)

    assert nodes == ["n1", "n2"]
    assert pods_of(world, "agent") == []


def test_a_job_works_and_is_complete(world: World, changes: ObjectChanges) -> None:
    spec = msgspec.structs.replace(template("task").spec, restart_policy="Never")
    job = Job("shop", "task", "uid-task", JobSpec(PodTemplate({"app": "task"}, spec)))
    changes.create(job)
    run(world)

    assert world.store.jobs["shop/task"].verdict == "Complete"


def test_a_cron_job_runs_when_its_new_schedule_says(world: World, changes: ObjectChanges) -> None:
    spec = msgspec.structs.replace(template("task").spec, restart_policy="Never")
    job = JobSpec(PodTemplate({"app": "task"}, spec))
    changes.create(CronJob("shop", "nightly", "uid-nightly", "0 3 * * *", job))
    run(world)
    before = len(world.store.jobs)
    stored = world.store.cron_jobs["shop/nightly"]
    changes.change(msgspec.structs.replace(stored, schedule="*/2 * * * *"))
    run(world, 5)
    made = len(world.store.jobs)
    changes.remove(world.store.cron_jobs["shop/nightly"])
    run(world, 10)

    assert before == 0
    assert made >= 2
    assert not world.store.jobs
    assert pods_of(world, "task") == []


def test_a_budget_counts_the_pods_that_are_there_and_may_look_at_others(
    world: World, changes: ObjectChanges
) -> None:
    def allowed() -> int:
        return world.store.disruption_budgets["shop/old"].disruptions_allowed

    selector = LabelSelector(match_labels=(("app", "old"),))
    budget = PodDisruptionBudget("shop", "old", selector, 0, uid="uid-pdb", min_available="2")
    changes.create(budget)
    run(world, 1)
    first = allowed()
    stored = world.store.disruption_budgets["shop/old"]
    other = LabelSelector(match_labels=(("app", "nobody"),))
    changes.change(msgspec.structs.replace(stored, selector=other))
    run(world, 1)
    of_nobody = allowed()
    stored = world.store.disruption_budgets["shop/old"]
    changes.change(msgspec.structs.replace(stored, selector=selector, min_available="1"))
    run(world, 1)
    second = allowed()
    changes.remove(world.store.disruption_budgets["shop/old"])
    changes.remove(pods_of(world, "old")[0])
    run(world, 1)

    assert (first, of_nobody, second) == (1, 0, 2)
    assert not world.store.disruption_budgets


def test_a_bare_pod_is_scheduled_and_runs(world: World, changes: ObjectChanges) -> None:
    changes.create(Pod("shop", "one", "uid-one", template("one").spec, {"app": "one"}, 0))
    run(world, 1)

    pod = world.store.pods["uid-one"]
    assert pod.node_name
    assert pod.is_ready


def test_a_pod_that_somebody_else_binds_runs_there(world: World, changes: ObjectChanges) -> None:
    spec = msgspec.structs.replace(
        template("one").spec, containers=(Container("main", "i", Resources(100_000, 1)),)
    )
    changes.create(Pod("shop", "one", "uid-one", spec, {"app": "one"}, 0))
    run(world, 1)
    waits = world.store.pods["uid-one"]
    changes.bind(waits, "n2")
    run(world, 1)

    assert waits.node_name == ""
    assert world.store.pods["uid-one"].node_name == "n2"
    assert world.store.pods["uid-one"].is_ready


def test_a_cordoned_node_takes_no_pods_and_a_deleted_one_has_none(
    world: World, changes: ObjectChanges
) -> None:
    stored = world.store.nodes["n1"]
    changes.change(msgspec.structs.replace(stored, unschedulable=True))
    changes.create(deployment(replicas=6))
    run(world)
    places = {it.node_name for it in pods_of(world, "web")}
    changes.remove(world.store.nodes["n2"])

    assert places == {"n2"}
    assert {it.node_name for it in world.store.pods.values()} <= {"n1", ""}


def test_a_replica_set_stands_alone_and_adopts_what_it_selects(
    world: World, changes: ObjectChanges
) -> None:
    changes.create(Pod("shop", "first", "uid-first", template("lone").spec, {"app": "lone"}, 0))
    selector = LabelSelector(match_labels=(("app", "lone"),))
    changes.create(ReplicaSet("shop", "lone", "uid-lone", 3, template("lone"), selector))
    run(world)
    pods = pods_of(world, "lone")
    changes.change(msgspec.structs.replace(world.store.replica_sets["shop/lone"], replicas=1))
    run(world)
    fewer = len(pods_of(world, "lone"))
    changes.remove(world.store.replica_sets["shop/lone"])
    run(world)

    assert len(pods) == 3
    assert {it.owner for it in pods} == {OwnerReference("ReplicaSet", "lone", "uid-lone")}
    assert "uid-first" in {it.uid for it in pods}
    assert fewer == 1
    assert pods_of(world, "lone") == []


def test_a_pod_that_is_relabelled_is_let_go_and_another_comes_in_its_place(
    world: World, changes: ObjectChanges
) -> None:
    taken_out = pods_of(world, "old")[0]
    changes.change(msgspec.structs.replace(taken_out, labels={"app": "looked-at"}))
    run(world)
    inside = pods_of(world, "old")
    alone = world.store.pods[taken_out.uid]
    tally = world.availability.applications["shop/old"]
    counted = (tally.pods, tally.available)
    changes.change(msgspec.structs.replace(alone, labels=taken_out.labels))
    run(world)

    assert (alone.owner, alone.is_ready) == (None, True)
    assert (len(inside), counted) == (3, (3, 3))
    assert len(pods_of(world, "old")) == 3  # it is back, and one too many was deleted


def test_a_replica_set_that_a_deployment_selects_becomes_an_old_one_of_its(
    world: World, changes: ObjectChanges
) -> None:
    selector = LabelSelector(match_labels=(("app", "old"),))
    changes.create(ReplicaSet("shop", "else", "uid-else", 2, template("old", "web:0"), selector))
    run(world, 5)

    found = world.store.replica_sets["shop/else"]
    assert (found.owner is not None and found.owner.name, found.replicas) == ("old", 0)
    assert images(world, "old") == ["web:1"] * 3


def test_a_job_of_the_same_name_may_come_while_pods_of_the_one_before_are_ending(
    world: World, changes: ObjectChanges
) -> None:
    spec = msgspec.structs.replace(template("task").spec, restart_policy="Never")
    job = Job("shop", "task", "uid-task", JobSpec(PodTemplate({"app": "task"}, spec)))
    changes.create(job)
    while not any(it.node_name for it in pods_of(world, "task")):
        world.run_until(world.engine.now_ms + 100)
    changes.remove(world.store.jobs["shop/task"])
    changes.create(msgspec.structs.replace(job, uid="uid-second"))
    run(world)

    assert world.store.jobs["shop/task"].verdict == "Complete"
    assert {it.name for it in pods_of(world, "task")} == {"task-00002"}


def test_a_set_of_the_same_name_waits_for_the_pods_of_the_one_before(
    world: World, changes: ObjectChanges
) -> None:
    changes.create(stateful_set())
    run(world)
    changes.remove(world.store.stateful_sets["shop/db"])
    changes.create(msgspec.structs.replace(stateful_set(), uid="uid-second"))
    seen: list[list[str]] = []
    for _ in range(200):
        world.run_until(world.engine.now_ms + 500)
        seen.append([it.name for it in pods_of(world, "db")])

    assert all(len(names) == len({*names}) for names in seen)
    assert sorted(seen[-1]) == ["db-0", "db-1"]
    assert {it.owner.uid for it in pods_of(world, "db") if it.owner} == {"uid-second"}


def test_a_set_does_not_make_a_pod_whose_name_somebody_elses_has(
    world: World, changes: ObjectChanges
) -> None:
    changes.create(Pod("shop", "db-1", "uid-own", template("own").spec, {"app": "own"}, 0))
    changes.create(stateful_set())
    run(world)
    first = [it.name for it in pods_of(world, "db")]
    changes.remove(world.store.pods["uid-own"], 0)
    run(world)

    assert first == ["db-0"]
    assert [it.name for it in pods_of(world, "db")] == ["db-0", "db-1"]


def paused(world: World, key: str, **changed: object) -> Deployment:
    return msgspec.structs.replace(world.store.deployments[key], paused=True, **changed)


def test_a_paused_deployment_is_scaled_and_rolls_out_once_it_is_resumed(
    world: World, changes: ObjectChanges
) -> None:
    changes.change(paused(world, "shop/old"))
    changes.change(paused(world, "shop/old", template=template("old", "web:2"), replicas=5))
    run(world, 5)
    meanwhile, sets = images(world, "old"), len(world.store.replica_sets)
    changes.change(msgspec.structs.replace(world.store.deployments["shop/old"], paused=False))
    run(world, 5)

    assert (meanwhile, sets) == (["web:1"] * 5, 1)
    assert images(world, "old") == ["web:2"] * 5


def test_a_rollout_that_is_paused_in_its_middle_keeps_both_revisions_in_proportion(
    world: World, changes: ObjectChanges
) -> None:
    changes.create(deployment(replicas=10))
    run(world, 5)
    stored = world.store.deployments["shop/web"]
    changes.change(msgspec.structs.replace(stored, template=template("web", "web:2")))
    while len({*images(world, "web")}) < 2:
        world.run_until(world.engine.now_ms + 100)
    changes.change(paused(world, "shop/web"))
    run(world, 5)
    standing = images(world, "web")
    changes.change(paused(world, "shop/web", replicas=20))
    run(world, 5)
    larger = images(world, "web")
    changes.change(msgspec.structs.replace(world.store.deployments["shop/web"], paused=False))
    run(world, 5)

    new, new_of_larger = standing.count("web:2"), larger.count("web:2")
    assert 0 < new < len(standing)
    surge = len(standing) - 10  # the pods beyond those wanted stay, too
    assert (surge > 0, len(larger)) == (True, 25)
    assert abs(new_of_larger - 2 * new) <= 1
    assert images(world, "web") == ["web:2"] * 20


def test_a_deployment_that_is_created_paused_has_no_pods_until_it_is_resumed(
    world: World, changes: ObjectChanges
) -> None:
    changes.create(msgspec.structs.replace(deployment(), paused=True))
    run(world)
    before = images(world, "web")
    changes.change(msgspec.structs.replace(world.store.deployments["shop/web"], paused=False))
    run(world)

    assert before == []
    assert images(world, "web") == ["web:1"] * 3


def test_a_deployment_that_recreates_waits_for_its_own_pods_alone(
    world: World, changes: ObjectChanges
) -> None:
    for name in ("web", "other"):
        changes.create(msgspec.structs.replace(deployment(name), strategy="Recreate"))
    run(world)
    for name in ("web", "other"):  # pods of the first are counted once, though another begins
        stored = world.store.deployments[f"shop/{name}"]
        changes.change(msgspec.structs.replace(stored, template=template(name, "web:2")))
    run(world, 5)

    assert images(world, "web") == images(world, "other") == ["web:2"] * 3
