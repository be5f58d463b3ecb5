"""The drains under way in one pass: the next step of each, and what becomes of failures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from kingtide.control.action import Action
from kingtide.control.claims import DisruptionClaim
from kingtide.control.drain import must_leave
from kingtide.control.node_actions import ClaimDisruption
from kingtide.control.report import Detail, Verdict
from kingtide.control.snapshot import Snapshot
from kingtide.controllers.ondemand_reclaim import drains as steps
from kingtide.controllers.ondemand_reclaim.groups import has_room_below
from kingtide.controllers.ondemand_reclaim.memory import Drain
from kingtide.controllers.ondemand_reclaim.pace import Pace
from kingtide.controllers.ondemand_reclaim.phrases import FAILURES
from kingtide.controllers.ondemand_reclaim.pod_filters import keeper
from kingtide.controllers.ondemand_reclaim.reasons import Wanted
from kingtide.controllers.ondemand_reclaim.standing import Standing, Standings
from kingtide.fleet.policies.ondemand_reclaim import OndemandReclaimPolicy
from kingtide.kube.pods import Pod

CLAIM_VISIBLE_MAX_MS = 60_000
"""A claim that the watch has not shown after this was not written; a slot is kept that long."""


class UnderWay(msgspec.Struct, frozen=True):
    """What one pass does for the drains under way; `drains` are those that go on."""

    drains: Mapping[str, Drain]
    actions: tuple[Action, ...] = ()
    verdicts: tuple[Verdict, ...] = ()


def go_on(
    snapshot: Snapshot,
    standings: Standings,
    drains: Mapping[str, Drain],
    policy: OndemandReclaimPolicy,
    now_ms: int,
) -> UnderWay:
    """Return the next step of every node that bears our claim."""
    kept = _pending(snapshot, standings, drains, now_ms)
    actions: list[Action] = []
    verdicts: list[Verdict] = []
    pace = _pace(snapshot, standings, drains, policy, now_ms)
    going: dict[str, int] = {}
    for name, it in standings.nodes.items():
        claim = it.claim
        if claim is None:
            continue
        known = drains.get(name, Drain())
        if known.ended_ms and now_ms - known.ended_ms <= CLAIM_VISIBLE_MAX_MS:
            if it.is_active:
                kept[name] = known  # what ended it does not show yet
            continue
        why = _called_off(it, known, now_ms)
        if why:
            actions += steps.give_back(it.node, why)
            verdicts.append(Verdict(f"node/{name}", "acted", "DrainCalledOff", {"why": why}))
            kept[name] = Drain(ended_ms=now_ms)
            continue
        found = standings.groups.of(it.node)
        if claim.not_before_ms is not None:
            continue
        if found is None:
            kept[name] = known
            continue
        if not known.cordon_asked_ms and not known.cordon_seen_ms:
            verdicts.append(_began(it, claim, is_known=name in drains))
        emptied = steps.Emptied(
            node=it.node,
            claim=claim,
            group=found[0],
            instance=found[1],
            pods=snapshot.cluster.pods_on(name),
            outcomes=snapshot.outcomes,
            now_ms=now_ms,
        )
        step = _step(emptied, known, snapshot, standings, pace, going, policy)
        if step.failure is not None or step.is_vetoed:
            ended = _end(it, claim, step, policy, now_ms)
            actions += ended[0]
            verdicts.append(ended[1])
            kept[name] = Drain(ended_ms=now_ms)
            continue
        kept[name] = step.drain
        actions += step.actions
        if step.is_terminated:
            going[found[0].name] = going.get(found[0].name, 0) + 1
            details_of = {"group": found[0].name}
            verdicts.append(Verdict(f"node/{name}", "acted", "Terminated", details_of))
    return UnderWay(kept, tuple(actions), tuple(verdicts))


def _began(it: Standing, claim: DisruptionClaim, *, is_known: bool) -> Verdict:
    """Return what is said of a claim that is first seen: ours, or from before a crash."""
    subject = f"node/{it.node.name}"
    if not is_known:
        return Verdict(subject, "acted", "DrainAdopted", {"attempt": claim.attempt})
    detail = it.verdict.detail if isinstance(it.verdict, Wanted) else ""
    details: dict[str, Detail] = {
        "reason": claim.reason,
        "detail": f": {detail}" if detail else "",
        "attempt": claim.attempt,
    }
    return Verdict(subject, "acted", "DrainBegan", details)


def _pending(
    snapshot: Snapshot, standings: Standings, drains: Mapping[str, Drain], now_ms: int
) -> dict[str, Drain]:
    """Return the drains whose claim is not visible yet, and was not refused."""
    refused = refused_claims(snapshot)
    return {
        name: drain
        for name, drain in drains.items()
        if name in standings.nodes
        and not standings.nodes[name].is_active
        and drain.claimed_ms
        and name not in refused
        and now_ms - drain.claimed_ms <= CLAIM_VISIBLE_MAX_MS
    }


def refused_claims(snapshot: Snapshot) -> Mapping[str, str]:
    """Return the nodes whose disruption claim was refused, with the reason."""
    return {
        outcome.action.node: outcome.message or outcome.code
        for outcome in snapshot.outcomes
        if isinstance(outcome.action, ClaimDisruption) and outcome.status != "done"
    }


def _step(
    it: steps.Emptied,
    drain: Drain,
    snapshot: Snapshot,
    standings: Standings,
    pace: Pace,
    going: Mapping[str, int],
    policy: OndemandReclaimPolicy,
) -> steps.Step:
    pods = [pod for pod in it.pods.values() if must_leave(pod, it.now_ms)]
    kept_by = keeper(pods, policy.pods, snapshot.cluster.controller_exists)
    if kept_by is not None:
        return steps.Step(drain, failure="BlockedByPod", detail=kept_by[0].key)
    is_paused = standings.do_pods_wait and it.claim.reason == "Expired"

    def may_go(due: Sequence[Pod]) -> Sequence[str]:
        return () if is_paused else pace.may_go(due)

    may_lose_one = has_room_below(it.group, going.get(it.group.name, 0))
    return steps.go_on(it, drain, policy, may_go, may_lose_one)


def _pace(
    snapshot: Snapshot,
    standings: Standings,
    drains: Mapping[str, Drain],
    policy: OndemandReclaimPolicy,
    now_ms: int,
) -> Pace:
    leaving = [
        pod
        for name, it in standings.nodes.items()
        if it.is_active
        for pod in snapshot.cluster.pods_on(name).values()
        if must_leave(pod, now_ms)
    ]
    asked_ms = {uid: at for drain in drains.values() for uid, at in drain.asked_ms.items()}
    return Pace(snapshot.cluster, leaving, asked_ms, policy.max_unavailable_percent)


def _called_off(it: Standing, drain: Drain, now_ms: int) -> str:
    """Return why a drain is called off, empty when it is not."""
    claim, verdict = it.claim, it.verdict
    assert claim is not None
    if drain.terminated_ms:
        return ""
    if isinstance(verdict, Wanted):
        is_healed = claim.reason == "Degraded" and verdict.reason == "Expired"
        return "its conditions are good again" if is_healed else ""
    if verdict.code == "NotInAGroup":
        # An instance that has just been terminated leaves its group before its node goes.
        is_recent = now_ms - claim.since_ms <= steps.TERMINATION_MAX_MS
        return "" if is_recent else "no group has its instance"
    if verdict.code == "NoSpotSibling" and claim.reason == "Degraded":
        return "its conditions are good again"
    return {
        "NoSpotSibling": "no spot group serves the same applications any more",
        "NotSelected": "its labels are no longer those that are looked for",
        "BeingRemoved": "somebody else removes it",
    }.get(verdict.code, "")


def _end(
    it: Standing,
    claim: DisruptionClaim,
    step: steps.Step,
    policy: OndemandReclaimPolicy,
    now_ms: int,
) -> tuple[tuple[Action, ...], Verdict]:
    """Return what ends an attempt: a rest, or after the last the node is given back."""
    subject = f"node/{it.node.name}"
    left_alone_ms = policy.give_up_seconds * 1000
    if step.is_vetoed:
        actions = steps.give_back(it.node, "it was uncordoned by hand", now_ms + left_alone_ms)
        details = {"left_alone_seconds": policy.give_up_seconds}
        return actions, Verdict(subject, "refused", "DrainVetoed", details)
    assert step.failure is not None
    why = FAILURES[step.failure] + (f" ({step.detail})" if step.detail else "")
    if claim.attempt >= policy.max_attempts and claim.reason == "Expired":
        actions = steps.give_back(
            it.node, f"it could not be emptied: {why}", now_ms + left_alone_ms
        )
        return actions, Verdict(
            subject,
            "noticed",
            "DrainGivenUp",
            {
                "attempt": claim.attempt,
                "why": why,
                "failure": step.failure,
                "left_alone_seconds": policy.give_up_seconds,
            },
        )
    details_of: dict[str, Detail] = {
        "attempt": claim.attempt,
        "why": why,
        "failure": step.failure,
        "rest_seconds": steps.rest_seconds(claim.attempt, policy),
    }
    actions = steps.rest(it.node, claim, why, policy, now_ms)
    return actions, Verdict(subject, "noticed", "DrainFailed", details_of)
