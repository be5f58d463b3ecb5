"""group_backoff.json: exponential back-off of node groups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kingtide.controllers.node_autoscaling import backoff
from kingtide.controllers.node_autoscaling.backoff import Backoffs
from kingtide.fleet.policies.node_autoscaling import BackoffPolicy
from tests.vectors.cases import Case
from tests.vectors.claims import Stepwise, VectorFile
from tests.vectors.strictness import only_known

vectors = VectorFile("group_backoff")


@vectors.cases("sequence_cases")
def test_a_sequence_of_failures_and_questions(case: Case) -> Stepwise:
    only_known(case.input, "initial_s", "max_s", "reset_s")
    policy = BackoffPolicy(
        initial_seconds=case.input["initial_s"],
        max_seconds=case.input["max_s"],
        reset_seconds=case.input["reset_s"],
    )
    backoffs: Backoffs = {}
    answers: list[Mapping[str, Any] | None] = []
    for step in case.given["steps"]:
        only_known(step, "at_s", "op", "group", "error")
        backoffs = _apply(backoffs, step, policy)
        answers.append(_answer(backoffs, step))
    return Stepwise(steps=answers)


def _apply(backoffs: Backoffs, step: Mapping[str, Any], policy: BackoffPolicy) -> Backoffs:
    match step["op"]:
        case "query":
            return backoffs
        case "fail":
            return backoff.fail(backoffs, step["group"], step["error"], policy, _ms(step))
        case "sweep":
            return backoff.forget_stale(backoffs, policy, _ms(step))
        case "remove":
            return backoff.forget(backoffs, step["group"])
    raise AssertionError(f"unknown op {step['op']!r}")


def _answer(backoffs: Backoffs, step: Mapping[str, Any]) -> Mapping[str, Any]:
    if "group" not in step:
        return {"tracked": len(backoffs)}
    name, now_ms = step["group"], _ms(step)
    is_backed_off = backoff.is_backed_off(backoffs, name, now_ms)
    return {
        "backed_off": is_backed_off,
        "error": backoffs[name].error if is_backed_off else None,
        "until_s": backoffs[name].until_ms / 1000 if name in backoffs else None,
        "tracked": len(backoffs),
    }


def _ms(step: Mapping[str, Any]) -> int:
    seconds: float = step["at_s"]
    return round(seconds * 1000)
