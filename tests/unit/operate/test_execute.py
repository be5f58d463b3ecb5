"""Plans carried out against recording stand-ins of kops and kubectl."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from kingtide.compile.plan.model import Plan
from kingtide.compile.plan.state import ClusterState
from kingtide.operate.execute import Progress, apply
from kingtide.operate.failures import (
    PlanRefused,
    RunInTheWay,
    StepFailed,
    ToolUnfit,
    WorldMoved,
)
from tests.forking import forked
from tests.unit.compile.plan.fleets import (
    FULL_NAME,
    cluster,
    control_plane,
    document,
    priority_class,
    spot,
    state,
)
from tests.unit.operate.bench import Bench

LAST = "zulu.example.org"
GONE = spot("spot-nodes-workers-8x", minSize=2)
BEFORE = state(
    cluster(kubernetesVersion="1.35.7"),
    control_plane(),
    spot(minSize=3),
    GONE,
    objects=(priority_class("high", 5), priority_class("old", 1)),
)
AFTER = state(
    cluster(kubernetesVersion="1.36.0"),
    control_plane(),
    spot(minSize=3),
    spot("spot-nodes-api-8x", "api"),
    objects=(priority_class("high", 6), priority_class("new", 2)),
)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


@pytest.fixture
def ready(bench: Bench) -> tuple[Bench, Plan]:
    bench.has(BEFORE)
    return bench, bench.plans([BEFORE], [AFTER])


def arrived(bench: Bench) -> bool:
    """Whether the world is what AFTER says, whatever way it went."""
    found = bench.store[FULL_NAME]
    groups = {it.name: it.body for it in AFTER.kops if it.kind == "InstanceGroup"}
    assert {name: it["spec"] for name, it in found["groups"].items()} == {
        name: it["spec"] for name, it in groups.items()
    }
    assert found["cluster"]["spec"] == AFTER.kops[0].body["spec"]
    for cloud in found["cloud"].values():
        assert set(cloud["nodes"]) == {cloud["template"]}
    assert sorted(bench.objects) == ["priorityclass/high", "priorityclass/new"]
    assert bench.objects["priorityclass/high"]["value"] == 6
    return True


def test_a_plan_is_carried_out_in_the_documented_order(ready: tuple[Bench, Plan]) -> None:
    bench, made = ready
    assert bench.apply(made)
    assert arrived(bench)
    validate = ["kops", "validate", "cluster", FULL_NAME, "--wait", "10m"]
    validate += ["--count", "3", "-o", "json"]
    on = ["kubectl", "--context", FULL_NAME]
    roll = ["kops", "rolling-update", "cluster", FULL_NAME]
    update = ["kops", "update", "cluster", FULL_NAME]
    remove = ["delete", "priorityclass.scheduling.k8s.io"]
    assert bench.calls == [
        ["kops", "export", "kubeconfig", FULL_NAME, "--admin=18h0m0s"],
        ["kops", "replace", "-f", "kops.yaml", "--force"],
        [*update, "--instance-group-roles=control-plane,apiserver", "--yes"],
        validate,
        [*roll, "--instance-group=control-plane-a", "--yes"],
        validate,
        [*update, "--yes"],
        [*on, *remove, "high", "--ignore-not-found", "--wait"],
        [*on, "apply", "--server-side", "--field-manager=kingtide", "-f", "objects.yaml"],
        validate,
        [*roll, "--instance-group=spot-nodes-workers-4x", "--yes"],
        validate,
        [*on, *remove, "old", "--ignore-not-found", "--wait"],
        [
            *(*on, "drain", "--selector=kops.k8s.io/instancegroup=spot-nodes-workers-8x"),
            *("--ignore-daemonsets", "--delete-emptydir-data", "--timeout=900s"),
        ],
        [
            *("kops", "delete", "instancegroup", "spot-nodes-workers-8x"),
            *("--name", FULL_NAME, "--yes"),
        ],
        [*update, "--prune", "--yes"],
        validate,
    ]


def test_commands_act_on_the_fleets_store_with_credentials_of_their_own(
    ready: tuple[Bench, Plan],
) -> None:
    bench, made = ready
    bench.apply(made)
    kubeconfig = bench.run_folder / "kubeconfig"
    assert {it["KOPS_STATE_STORE"] for it in bench.environments} == {"s3://state"}
    assert {it["KUBECONFIG"] for it in bench.environments} == {str(kubeconfig)}
    assert not kubeconfig.exists()
    assert bench.run_folder.stat().st_mode & 0o077 == 0


def test_a_new_cluster_is_made_and_then_asked(bench: Bench) -> None:
    bench.has()
    assert bench.apply(bench.plans([], [AFTER]))
    assert arrived(bench)


def test_a_dry_run_and_a_no_change_nothing(ready: tuple[Bench, Plan]) -> None:
    bench, made = ready
    assert not bench.apply(made, dry_run=True)
    assert bench.calls == []
    assert not (bench.run_folder / "journal.jsonl").exists()


def test_an_ill_cluster_stops_the_plan_at_its_gate_and_tells_why(
    ready: tuple[Bench, Plan],
) -> None:
    bench, made = ready
    bench.faults(validate=1)
    with pytest.raises(StepFailed, match="prod: 04-gate ended with exit code 1") as failed:
        bench.apply(made)
    assert failed.value.details == ('Node ip-10-0-32-7 node "x" is not ready',)
    assert bench.calls[-1][1] == "validate"
    assert not any("rolling-update" in call for call in bench.calls)
    assert "Validation failed" in failed.value.log.read_text()
    assert bench.apply(made, resume=True)
    assert arrived(bench)


def test_a_drain_that_fails_is_told_and_a_resumed_run_finishes_the_group(
    ready: tuple[Bench, Plan],
) -> None:
    bench, made = ready
    bench.faults(drain=["spot-nodes-workers-4x"])
    with pytest.raises(StepFailed, match="roll-nodes") as failed:
        bench.apply(made)
    assert "failed to drain node" in failed.value.details[-1]
    # The first instance was replaced; it is not replaced again.
    assert bench.store[FULL_NAME]["cloud"]["spot-nodes-workers-4x"]["replaced"] == 1
    bench.faults()
    assert bench.apply(made, resume=True)
    assert arrived(bench)
    assert bench.store[FULL_NAME]["cloud"]["spot-nodes-workers-4x"]["replaced"] == 3
    replaces = [call for call in bench.calls if call[1] == "replace"]
    assert len(replaces) == 1


def test_what_fails_of_itself_is_tried_again_and_not_for_ever(ready: tuple[Bench, Plan]) -> None:
    bench, made = ready
    bench.faults(fail={"replace": 2})
    assert bench.apply(made)
    assert [it.happened for it in bench.told if it.step == "02-desired-state"] == [
        *("started", "again", "started", "again", "started", "done"),
    ]
    outcomes = [it.get("outcome") for it in bench.journal if it.get("step") == "02-desired-state"]
    assert outcomes[1::2] == ["failed", "failed", "done"]


def test_three_failures_are_enough(ready: tuple[Bench, Plan]) -> None:
    bench, made = ready
    bench.faults(fail={"replace": 9})
    with pytest.raises(StepFailed, match="02-desired-state"):
        bench.apply(made)
    assert len([call for call in bench.calls if call[1] == "replace"]) == 3


def test_a_failed_roll_is_not_tried_again_by_itself(ready: tuple[Bench, Plan]) -> None:
    bench, made = ready
    bench.faults(fail={"rolling-update": 1})
    with pytest.raises(StepFailed, match="05-roll-control-plane"):
        bench.apply(made)
    assert len([call for call in bench.calls if call[1] == "rolling-update"]) == 1


@pytest.mark.parametrize(
    ("world", "told"),
    [
        pytest.param(
            [state(cluster(), control_plane(), spot(minSize=9), GONE)],
            "InstanceGroup spot-nodes-workers-4x spec.minSize: 9 instead of 3",
            id="a field",
        ),
        pytest.param(
            [state(cluster(), control_plane(), spot(minSize=3))],
            "InstanceGroup spot-nodes-workers-8x is not in the state store",
            id="a group less",
        ),
        pytest.param(
            [state(*BEFORE.kops, spot("spot-nodes-by-hand-4x"))],
            "InstanceGroup spot-nodes-by-hand-4x is in the state store",
            id="a group more",
        ),
        pytest.param([], "the state store has no such cluster", id="no cluster"),
    ],
)
def test_a_plan_for_another_world_is_refused_before_anything_is_done(
    bench: Bench, world: Sequence[ClusterState], told: str
) -> None:
    bench.has(*world)
    made = bench.plans([BEFORE], [AFTER])
    with pytest.raises(WorldMoved) as refused:
        bench.apply(made)
    assert any(told in line for line in refused.value.details)
    assert bench.calls == []


def test_a_cluster_that_is_changed_while_somebody_is_asked_is_left_alone(
    ready: tuple[Bench, Plan],
) -> None:
    bench, made = ready

    def approve(*_: object) -> bool:
        bench.has(state(cluster(), control_plane(), spot(minSize=9), GONE))
        return True

    with pytest.raises(WorldMoved) as refused:
        apply(made, bench.plan_file, bench.options, bench.told.append, approve)
    assert "spec.minSize: 9 instead of 3" in refused.value.details[0]
    assert bench.calls == []


def test_a_cluster_that_is_changed_while_others_have_their_turn_is_left_alone(
    bench: Bench,
) -> None:
    """Hours lie between the first cluster and the last."""

    def renamed(found: ClusterState) -> ClusterState:
        first = document("kops.k8s.io/v1alpha2", "Cluster", LAST, spec=found.kops[0].body["spec"])
        kops = (first, *found.kops[1:])
        return msgspec.structs.replace(found, name="zulu", full_name=LAST, kops=kops, rank=1)

    bench.has(BEFORE, renamed(BEFORE))
    made = bench.plans([BEFORE, renamed(BEFORE)], [AFTER, renamed(AFTER)])

    def tell(progress: Progress) -> None:
        last = made.clusters[0].steps[-1].name
        if (progress.cluster, progress.step, progress.happened) == ("prod", last, "started"):
            store = bench.store
            store[LAST]["groups"]["spot-nodes-workers-4x"]["spec"]["minSize"] = 9
            (bench.home / "store.json").write_text(json.dumps(store))

    with pytest.raises(WorldMoved) as refused:
        apply(made, bench.plan_file, bench.options, tell, lambda *_: True)
    assert [it.split(":")[0] for it in refused.value.details] == ["zulu"]
    assert arrived_groups(bench) == {it.name for it in AFTER.kops if it.kind == "InstanceGroup"}
    assert not [call for call in bench.calls if LAST in call]


def arrived_groups(bench: Bench) -> set[str]:
    return set(bench.store[FULL_NAME]["groups"])


def test_a_plan_for_a_new_cluster_is_refused_where_it_is_there_already(bench: Bench) -> None:
    bench.has(BEFORE)
    with pytest.raises(WorldMoved) as refused:
        bench.apply(bench.plans([], [AFTER]))
    assert "has this cluster already" in refused.value.details[0]


def test_a_field_that_only_the_store_has_is_told(bench: Bench) -> None:
    by_hand = spot(minSize=3, maxPrice="0.4")
    bench.has(state(cluster(), control_plane(), by_hand, GONE))
    assert bench.apply(bench.plans([BEFORE], [AFTER]))
    notes = [it.said for it in bench.told if it.happened == "note"]
    assert len(notes) == 1
    assert 'spec.maxPrice: "0.4"' in notes[0]


def test_a_plan_with_refusals_is_not_carried_out(bench: Bench) -> None:
    bench.has(BEFORE)
    too_far = state(cluster(kubernetesVersion="1.37.0"), *AFTER.kops[1:])
    with pytest.raises(PlanRefused) as refused:
        bench.apply(bench.plans([BEFORE], [too_far]))
    assert "one minor version at a time" in refused.value.details[0]


def test_a_run_that_began_goes_on_only_when_asked_to(ready: tuple[Bench, Plan]) -> None:
    bench, made = ready
    bench.faults(validate=1)
    with pytest.raises(StepFailed):
        bench.apply(made)
    with pytest.raises(RunInTheWay, match="was begun"):
        bench.apply(made)
    bench.apply(made, resume=True)
    with pytest.raises(RunInTheWay, match="is carried out"):
        bench.apply(made, resume=True)


def test_another_plan_in_the_same_file_does_not_go_on_with_the_run(
    ready: tuple[Bench, Plan],
) -> None:
    bench, made = ready
    bench.faults(validate=1)
    with pytest.raises(StepFailed):
        bench.apply(made)
    other = bench.plans([BEFORE], [msgspec.structs.replace(AFTER, objects=())])
    with pytest.raises(RunInTheWay, match="another plan"):
        bench.apply(other, resume=True)


@pytest.mark.parametrize(
    ("version", "told"),
    [
        pytest.param("1.30.4", "is version 1.30.4, and a plan needs 1.31.0", id="too old"),
        pytest.param("1.35.2", "kops 1.35.2 does not know Kubernetes 1.36.0", id="for the fleet"),
        pytest.param("unknown", "tells no version", id="no version"),
    ],
)
def test_a_kops_that_cannot_do_it_is_told_first(
    ready: tuple[Bench, Plan], version: str, told: str
) -> None:
    bench, made = ready
    environment = {**bench.options.environment, "STANDIN_VERSION": version}
    with pytest.raises(ToolUnfit, match=told):
        bench.apply(made, environment=environment)
    assert bench.calls == []


def test_a_kops_that_is_not_there_is_told_first(ready: tuple[Bench, Plan]) -> None:
    bench, made = ready
    with pytest.raises(ToolUnfit, match=r"there is no kops-1\.99") as told:
        bench.apply(made, kops="kops-1.99")
    assert "--kops" in told.value.hint


def test_secrets_of_the_environment_stand_in_no_log(ready: tuple[Bench, Plan]) -> None:
    bench, made = ready
    leaky = bench.folder / "leaky"
    leaky.write_text(
        f'#!/bin/sh\necho "key $AWS_SECRET_ACCESS_KEY"\nexec {bench.folder}/kops "$@"\n'
    )
    leaky.chmod(0o755)
    with pytest.raises(ToolUnfit):  # its answers are no JSON
        bench.apply(made, kops=str(leaky))
    logs = [it.read_text() for it in (bench.run_folder / "logs").iterdir()]
    assert any("key [hidden]" in text for text in logs)
    assert not any("not/a/real/secret" in text for text in logs)


def resumed(bench: Bench, made: Plan) -> bool:
    """Go on with a run whose last command may not have ended yet: it keeps the run locked."""
    ends = time.monotonic() + 60
    while time.monotonic() < ends:
        try:
            return bench.apply(made, resume=True)
        except RunInTheWay:
            time.sleep(0.05)
    raise AssertionError("a command of the killed run does not end")


def test_a_command_that_outlives_its_run_keeps_others_away(ready: tuple[Bench, Plan]) -> None:
    bench, made = ready
    assert killed_at(bench, made, 2, "and live on")
    with pytest.raises(RunInTheWay, match="a command of a run that was killed has not ended"):
        bench.apply(made, resume=True)
    (bench.home / "end").touch()
    assert resumed(bench, made)
    assert arrived(bench)


def killed_at(bench: Bench, made: Plan, number: int, when: str) -> bool:
    """Apply in a process that is killed at a call; return whether it was."""
    bench.faults(kill_parent=[number, when])
    child = forked()
    if child == 0:
        try:
            resumed(bench, made)
            os._exit(0)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    bench.faults()
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_run_that_is_killed_at_every_step_ends_where_an_uncut_one_does(
    ready: tuple[Bench, Plan], when: str
) -> None:
    bench, made = ready
    (steps,) = [it.steps for it in made.clusters]
    # Each run asks for credentials anew, does the step at which the last one was killed, and is
    # killed at the next one: before it did anything, or when it is done and nobody knows.
    number = 1
    for before, step in zip([None, *steps], steps, strict=False):
        assert killed_at(bench, made, number, when), step.name
        # A group that is gone is not deleted again, so that there is no call of it.
        is_gone = when == "after" and step.phase == "delete group"
        number += 2 if before is None or is_gone else 3
    assert resumed(bench, made)
    assert arrived(bench)
    assert bench.journal[-1]["event"] == "finished"
    cloud = bench.store[FULL_NAME]["cloud"]
    # No instance was replaced twice, and nothing was done again that had been recorded as done.
    assert cloud["control-plane-a"]["replaced"] == 1
    assert cloud["spot-nodes-workers-4x"]["replaced"] == 3
    for step in steps:
        began = [it for it in bench.journal if it.get("step") == step.name and "outcome" not in it]
        assert len(began) == (len(steps) + 1 if step.always else 2)


def test_a_roll_that_is_cut_between_two_instances_replaces_none_twice(
    ready: tuple[Bench, Plan],
) -> None:
    bench, made = ready
    bench.faults(cut_roll="spot-nodes-workers-4x")
    with pytest.raises(StepFailed, match="was ended by SIGKILL"):
        bench.apply(made)
    assert bench.store[FULL_NAME]["cloud"]["spot-nodes-workers-4x"]["replaced"] == 1
    bench.faults()
    assert bench.apply(made, resume=True)
    assert arrived(bench)
    assert bench.store[FULL_NAME]["cloud"]["spot-nodes-workers-4x"]["replaced"] == 3
