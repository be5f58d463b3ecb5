"""Pods placed, refused and displaced as a real kube-scheduler 1.36 did it (scheduling.json).

The real program is not deterministic where scores tie, so an answer is not one value: it must be
one of the recorded outcomes where nothing ties, and must share what all recorded runs have in
common everywhere. That is why the cases are compared here and not by the common runner.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from kingtide.controlplane.scheduling.failure import FitFailure
from tests.vectors import cases
from tests.vectors.cases import LoadedCase
from tests.vectors.claims import VectorFile
from tests.vectors.scheduling_objects import known
from tests.vectors.scheduling_run import Replay

EXPECTED = (
    *("outcomes", "facts_same", "facts_range", "first_attempt_order", "scores", "score_ties"),
    *("deterministic", "deterministic_by_semantics", "unschedulable_counts_run_1"),
)
READ = {*EXPECTED, "id", "group", "description", "note", "mode", "runs"}
READ |= {"kubelet_removes_victims", "input"}
MEASURED = {
    "attempts_per_run": "depends on real time between events",
    "batch_hinted_pods": "0 in every case: the optimisation never acted",
    "recorded_without_scores": "why scores are absent",
    "group_by": "which facts were counted; the facts name it themselves",
}

vectors = VectorFile(
    "scheduling", not_cases={"meta.throughput": "how fast the recording machine was"}
)
vectors.case_lists.append("cases")


def loaded_cases() -> Sequence[Any]:
    if "scheduling" not in cases.file_names() and not cases.is_default_folder():
        reason = f"{cases.folder()} holds no scheduling.json"
        return [pytest.param(None, id="no scheduling.json", marks=pytest.mark.skip(reason=reason))]
    loaded = cases.load("scheduling", "cases", EXPECTED)
    return [pytest.param(entry, id=entry.case.name) for entry in loaded]


@pytest.mark.parametrize("loaded", loaded_cases())
def test_pods_go_where_the_real_scheduler_put_them(loaded: LoadedCase) -> None:
    given, expected = loaded.case.given, loaded.expectation.whole
    assert expected is not None
    unread = sorted({*given, *expected} - READ - set(MEASURED))
    assert not unread, f"nobody reads {unread}"
    outcomes = outcomes_of(expected, given["runs"])
    replay, stages = answer(given)
    exact = expected["deterministic_by_semantics"]
    if exact:
        assert stages in outcomes, differences(outcomes[0], stages)
    order = expected["first_attempt_order"]
    known(order, "same_in_all_runs", "run_1")
    if order["same_in_all_runs"]:
        assert [replay.pods[uid].name for uid in replay.first_attempts] == order["run_1"]
    facts = facts_of(replay, given)
    for name, value in expected["facts_same"].items():
        found = facts[name]
        if isinstance(value, int) and not isinstance(found, int):
            found = len(found)  # the recorder shortened a long list to its length
        assert found == value, name
    for name, bounds in expected["facts_range"].items():
        check_range(name, facts[name], bounds)
    check_refusals(replay, expected.get("unschedulable_counts_run_1", {}))
    if "scores" in expected:
        compared = comparable(expected, same_path=outcomes == [stages])
        check_scores(replay, expected["scores"]["run_1"], compared)
        check_ties(replay, expected["score_ties"], compared)
    else:
        assert expected["score_ties"] == {}, "ties are read off the scores, which are absent"


def outcomes_of(expected: Mapping[str, Any], runs: int) -> list[list[Mapping[str, Any]]]:
    """Return the stages of every distinct outcome, none where the recorder kept none.

    Every key is one that somebody reads, also where a tie keeps the outcomes from being compared.
    """
    recorded = expected["outcomes"]
    if isinstance(recorded, str):  # why none was kept: node names vary, the facts say the rest
        assert not expected["deterministic"]
        return []
    for outcome in recorded:
        known(outcome, "times", "stages")
        for stage in outcome["stages"]:
            known(stage, "settled", "after_victims_gone")
            for part in stage.values():
                check_known_state(part)
    assert sum(outcome["times"] for outcome in recorded) == runs
    assert expected["deterministic"] or len(recorded) > 1
    return [plain(outcome["stages"]) for outcome in recorded]


def check_known_state(part: Mapping[str, Any]) -> None:
    known(part, "bindings", "unschedulable", "nominated", "victims")
    for refused in part["unschedulable"].values():
        known(refused, "reason", "message", "counts", "first_message", "first_counts")
        for counted in (refused["counts"], refused.get("first_counts", {})):
            known(counted, "nodes", "filter", "preemption", "preemption_other", "other")


def answer(given: Mapping[str, Any]) -> tuple[Replay, list[Mapping[str, Any]]]:
    """Return the replay and, per stage, what the recorder would have written."""
    replay = Replay(given["input"])
    removes = given["kubelet_removes_victims"]
    stages: list[Mapping[str, Any]] = []
    for index, wanted in enumerate(given["input"]["stages"]):
        replay.stage(wanted)
        stage = {"settled": state(replay)}
        is_last = index == len(given["input"]["stages"]) - 1
        if removes is True or (removes == "last" and is_last):
            replay.remove_victims()
            stage["after_victims_gone"] = state(replay)
        stages.append(stage)
    return replay, stages


def state(replay: Replay) -> Mapping[str, Any]:
    names = {uid: pod.name for uid, pod in replay.pods.items() if uid not in replay.existing}
    waiting = [uid for uid in names if uid not in replay.nodes]
    result: dict[str, Any] = {
        "bindings": {name: replay.nodes.get(uid) for uid, name in names.items()},
        "unschedulable": {names[uid]: refusal(replay.failures[uid]) for uid in waiting},
    }
    nominated = {names[uid]: node for uid in waiting if (node := replay.cache.nominated_node(uid))}
    if nominated:
        result["nominated"] = nominated
    if replay.victims:
        result["victims"] = sorted(replay.pods[uid].name for uid in replay.victims)
    return result


def refusal(failures: Sequence[FitFailure]) -> Mapping[str, Any]:
    first, last = failures[0], failures[-1]
    result = {"reason": "Unschedulable", "message": last.message, "counts": counts(last)}
    if first.message != last.message:
        result["first_message"], result["first_counts"] = first.message, counts(first)
    return result


def counts(failure: FitFailure) -> Mapping[str, Any]:
    if failure.node_count == 0:
        return {"other": failure.message}
    result: dict[str, Any] = {"nodes": failure.node_count, "filter": dict(failure.reasons)}
    if failure.preemption is not None:
        result["preemption"] = dict(failure.preemption)
    if failure.preemption_note:
        result["preemption_other"] = failure.preemption_note
    return result


def plain(stages: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return recorded stages with empty optional parts left out."""
    return [
        {
            when: {k: v for k, v in part.items() if v or k in ("bindings", "unschedulable")}
            for when, part in stage.items()
        }
        for stage in stages
    ]


def facts_of(replay: Replay, given: Mapping[str, Any]) -> Mapping[str, Any]:
    labels = {it["metadata"]["name"]: it["metadata"]["labels"] for it in given["input"]["nodes"]}
    bound = {uid: node for uid, node in replay.nodes.items() if uid not in replay.victims}
    apps = {uid: pod.labels.get("app", "-") for uid, pod in replay.pods.items()}
    per_node = Counter(bound.values())
    facts: dict[str, Any] = {
        "bound": len(bound),
        "unbound": sorted(
            pod.name
            for uid, pod in replay.pods.items()
            if uid not in replay.existing and uid not in replay.nodes
        ),
        "bound_by_app": dict(Counter(apps[uid] for uid in bound)),
        "pods_per_node_sorted": sorted((per_node[name] for name in labels), reverse=True),
        "victims_by_app": dict(Counter(apps[uid] for uid in replay.victims)),
        "victim_nodes": sorted(
            {replay.existing.get(uid) or replay.nodes[uid] for uid in replay.victims}
        ),
    }
    for key in given.get("group_by", ()):
        facts[f"by_{key}"] = dict(Counter(labels[node].get(key, "-") for node in bound.values()))
        facts[f"by_app_and_{key}"] = dict(
            Counter(f"{apps[uid]}|{labels[node].get(key, '-')}" for uid, node in bound.items())
        )
        by_value: dict[str, list[int]] = {}
        for name, node_labels in labels.items():
            by_value.setdefault(node_labels.get(key, "-"), []).append(per_node[name])
        facts[f"pods_per_node_by_{key}"] = {
            value: sorted(found, reverse=True) for value, found in by_value.items()
        }
    return facts


def check_range(name: str, found: Any, bounds: Any) -> None:
    if isinstance(bounds, Mapping):
        for key, inner in bounds.items():
            absent: Any = {} if isinstance(inner, Mapping) else 0
            check_range(f"{name}.{key}", found.get(key, absent), inner)
    elif isinstance(found, list) and bounds and isinstance(bounds[0], list):
        for index, (inner, value) in enumerate(zip(bounds, found, strict=True)):
            check_range(f"{name}[{index}]", value, inner)
    elif isinstance(bounds, list) and len(bounds) == 2 and not isinstance(found, list):
        assert bounds[0] <= found <= bounds[1], name
    else:
        assert found == bounds, name


def check_refusals(replay: Replay, recorded: Mapping[str, Any]) -> None:
    """Compare the refusals of pods that nothing but a tie could have placed instead."""
    names = {pod.name: uid for uid, pod in replay.pods.items()}
    messages = {r["message"] for r in recorded.values()}
    if len(messages) == 1:
        found = {
            replay.failures[uid][-1].message for uid in names.values() if uid in replay.failures
        }
        assert found == messages


def comparable(expected: Mapping[str, Any], *, same_path: bool) -> list[str]:
    """Return the scored pods that met the same cluster in the recorded run and in ours.

    All of them where every run ended as ours did; else those up to the first whose nodes tied,
    since the next pod may find that one on another node.
    """
    known(expected["scores"], "same_in_all_runs", "run_1")
    scored = list(expected["scores"]["run_1"])
    tied = [index for index, name in enumerate(scored) if name in expected["score_ties"]]
    return scored if same_path or not tied else scored[: tied[0] + 1]


def check_scores(replay: Replay, recorded: Mapping[str, Any], compared: Sequence[str]) -> None:
    """Compare every plugin's score of every pod that met the same cluster."""
    for name in compared:
        found = replay.scores[name]
        wanted = {
            node: {p: s for p, s in scores.items() if p not in ("total", "DynamicResources")}
            for node, scores in recorded[name].items()
        }
        assert found == wanted, name
        for node, scores in recorded[name].items():
            assert sum(found[node].values()) == scores["total"], f"{name} on {node}"


def check_ties(replay: Replay, recorded: Mapping[str, Any], compared: Sequence[str]) -> None:
    """Compare which nodes shared the top total at a pod's first attempt.

    As sets: the recorder sorted them by name, the scheduler has them in the node list's order.
    """
    unknown = sorted({*recorded} - {*replay.scores})
    assert not unknown, f"we never scored {unknown}"
    found = {name: top_nodes(replay.scores[name]) for name in compared}
    ties = {name: sorted(nodes) for name, nodes in found.items() if len(nodes) > 1}
    assert ties == {name: sorted(nodes) for name, nodes in recorded.items() if name in found}


def top_nodes(scores: Mapping[str, Mapping[str, int]]) -> list[str]:
    totals = {node: sum(by_plugin.values()) for node, by_plugin in scores.items()}
    return [node for node, total in totals.items() if total == max(totals.values())]


def differences(recorded: Any, found: Any, path: str = "") -> str:
    """Return where the answer leaves the first recorded outcome."""
    if isinstance(recorded, Mapping) and isinstance(found, Mapping):
        lines = (
            differences(recorded.get(key), found.get(key), f"{path}.{key}")
            for key in {**recorded, **found}
        )
        return "\n".join(line for line in lines if line)
    if isinstance(recorded, list) and isinstance(found, list) and len(recorded) == len(found):
        items = enumerate(zip(recorded, found, strict=True))
        return "\n".join(filter(None, (differences(a, b, f"{path}[{i}]") for i, (a, b) in items)))
    return "" if recorded == found else f"{path}: recorded {recorded!r}, found {found!r}"
