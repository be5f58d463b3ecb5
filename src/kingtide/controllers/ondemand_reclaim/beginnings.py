"""Which drains begin in one pass, who asks for capacity first, and why the others have to wait."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from kingtide.control.action import Action
from kingtide.control.claims import CapacityClaim, capacity_claim
from kingtide.control.drain import must_leave
from kingtide.control.node_actions import ClaimCapacity
from kingtide.control.report import Detail, Verdict
from kingtide.control.snapshot import Snapshot
from kingtide.controllers.ondemand_reclaim import drains as steps
from kingtide.controllers.ondemand_reclaim.groups import has_room_below
from kingtide.controllers.ondemand_reclaim.marks import NAME
from kingtide.controllers.ondemand_reclaim.memory import Drain
from kingtide.controllers.ondemand_reclaim.pod_filters import keeper
from kingtide.controllers.ondemand_reclaim.reasons import Wanted
from kingtide.controllers.ondemand_reclaim.replacement import Replacement
from kingtide.controllers.ondemand_reclaim.standing import Standing, Standings
from kingtide.controllers.ondemand_reclaim.under_way import refused_claims
from kingtide.controlplane.disruption.matching import matching_budgets
from kingtide.fleet.policies.ondemand_reclaim import OndemandReclaimPolicy
from kingtide.kube.pods import Pod


class Beginnings(msgspec.Struct, frozen=True):
    """What one pass begins; `standing` says of each other node why it has to wait."""

    drains: Mapping[str, Drain]
    begun_ms: int | None
    claim_rests: Mapping[str, int]
    actions: tuple[Action, ...] = ()
    happened: tuple[Verdict, ...] = ()
    standing: tuple[Verdict, ...] = ()


class _Agenda:
    """The sums of one pass while it goes from node to node."""

    def __init__(
        self,
        drains: Mapping[str, Drain],
        begun_ms: int | None,
        claim_rests: Mapping[str, int],
        claims: int,
    ) -> None:
        self.drains = dict(drains)
        self.begun_ms = begun_ms
        self.claim_rests = dict(claim_rests)
        self.claims = claims
        self.going: dict[str, int] = {}
        self.actions: list[Action] = []
        self.happened: list[Verdict] = []
        self.standing: list[Verdict] = []

    def waits(self, it: Standing, code: str, **details: Detail) -> None:
        """Say why a node has to wait."""
        self.standing.append(Verdict(f"node/{it.node.name}", "waits", code, details))


def begin(
    snapshot: Snapshot,
    standings: Standings,
    drains: Mapping[str, Drain],
    begun_ms: int | None,
    claim_rests: Mapping[str, int],
    policy: OndemandReclaimPolicy,
    now_ms: int,
) -> Beginnings:
    """Return the drains that begin: ill nodes first, then the oldest, as far as there is room."""
    wanted = _in_order(standings, drains)
    agenda = _Agenda(
        drains,
        _last_begun_ms(standings, begun_ms),
        {name: at for name, at in claim_rests.items() if at > now_ms},
        sum(_claimed_ms(it) is not None for it in wanted),
    )
    for it in standings.nodes.values():
        found = standings.groups.of(it.node)
        if found is not None and (it.is_active or it.node.name in drains):
            agenda.going[found[0].name] = agenda.going.get(found[0].name, 0) + 1
    ready = [it for it in wanted if _is_free(it, snapshot, standings, agenda, policy, now_ms)]
    if ready:
        leaving = [name for name, it in standings.nodes.items() if it.is_active or name in drains]
        ill = [it.node.name for it in wanted if _reason(it).reason == "Degraded"]
        replacement = Replacement(
            snapshot.cluster, leaving, ill, policy.waiting_priority_cutoff, now_ms
        )
        for it in ready:
            _consider(it, standings, replacement, agenda, policy, now_ms)
    return Beginnings(
        drains=agenda.drains,
        begun_ms=agenda.begun_ms,
        claim_rests=agenda.claim_rests,
        actions=tuple(agenda.actions),
        happened=tuple(agenda.happened),
        standing=tuple(agenda.standing),
    )


def _in_order(standings: Standings, drains: Mapping[str, Drain]) -> list[Standing]:
    """Return the nodes to be emptied that are not being emptied yet, the most urgent first."""
    waiting = [
        it
        for name, it in standings.nodes.items()
        if isinstance(it.verdict, Wanted) and not it.is_active and name not in drains
    ]
    waiting.sort(key=lambda it: (_reason(it).reason, _reason(it).due_ms, it.node.name))
    return waiting  # "Degraded" sorts before "Expired"


def _is_free(
    it: Standing,
    snapshot: Snapshot,
    standings: Standings,
    agenda: _Agenda,
    policy: OndemandReclaimPolicy,
    now_ms: int,
) -> bool:
    """Return whether nothing about a node itself speaks against emptying it; else say what."""
    refused = refused_claims(snapshot).get(it.node.name)
    if refused is not None:
        agenda.waits(it, "ClaimRefused", detail=refused)
        return False
    claim = it.claim
    if claim is not None and (claim.not_before_ms or 0) > now_ms:
        agenda.waits(it, "Rests")
        return False
    pods = [
        pod for pod in snapshot.cluster.pods_on(it.node.name).values() if must_leave(pod, now_ms)
    ]
    kept_by = keeper(pods, policy.pods, snapshot.cluster.controller_exists)
    if kept_by is not None:
        agenda.waits(it, kept_by[1], detail=kept_by[0].key)
        return False
    if _is_group_at_minimum(it, standings, agenda):
        return False
    bound = _bound_by_budget(pods, snapshot) if _reason(it).reason == "Expired" else None
    if bound is not None:
        agenda.waits(it, "NotEnoughPdb", detail=bound.key)
        return False
    return True


def _consider(
    it: Standing,
    standings: Standings,
    replacement: Replacement,
    agenda: _Agenda,
    policy: OndemandReclaimPolicy,
    now_ms: int,
) -> None:
    """Begin to empty a node, have it ask for capacity, or say why it has to wait."""
    reason = _reason(it)
    has_room = replacement.takes_in(it.node, spot_only=reason.reason == "Expired")
    if not has_room and not _has_waited(it, policy, now_ms):
        _ask_for_capacity(it, agenda, policy, now_ms)
        return
    if reason.due_ms > now_ms:
        agenda.waits(it, "NotYet")
    elif standings.do_pods_wait:
        agenda.waits(it, "PodsWait")
    elif len(agenda.drains) >= policy.max_drains:
        agenda.waits(it, "DrainsAtMaximum")
    elif is_within_buffer(agenda.begun_ms, policy, now_ms):
        agenda.waits(it, "DrainBuffer")
    elif not _is_group_at_minimum(it, standings, agenda):  # others may have begun in this pass
        claim = steps.begin(it.node, it.claim, reason.reason, now_ms)
        agenda.actions.append(claim)
        agenda.drains[it.node.name] = Drain(claimed_ms=now_ms)
        agenda.begun_ms = now_ms
        found = standings.groups.of(it.node)
        if found is not None:
            agenda.going[found[0].name] = agenda.going.get(found[0].name, 0) + 1


def _is_group_at_minimum(it: Standing, standings: Standings, agenda: _Agenda) -> bool:
    """Return whether a node's group may lose no more beside the nodes that go; then say so."""
    found = standings.groups.of(it.node)
    if found is not None and has_room_below(found[0], agenda.going.get(found[0].name, 0)):
        return False
    agenda.waits(it, "NodeGroupMinSizeReached", detail="" if found is None else found[0].name)
    return True


def _ask_for_capacity(
    it: Standing, agenda: _Agenda, policy: OndemandReclaimPolicy, now_ms: int
) -> None:
    node, since_ms = it.node, _claimed_ms(it)
    if since_ms is not None:
        if now_ms - since_ms <= policy.claim_max_seconds * 1000:
            agenda.waits(it, "CapacityClaimed")
            return
        reason = f"no room came for the pods of {node.name}"
        agenda.actions += steps.release_capacity(node, reason)
        agenda.claim_rests[node.name] = now_ms + policy.claim_rest_seconds * 1000
        agenda.happened.append(
            Verdict(
                f"node/{node.name}",
                "refused",
                "CapacityGivenBack",
                {
                    "waited_seconds": policy.claim_max_seconds,
                    "rest_seconds": policy.claim_rest_seconds,
                },
            )
        )
    elif node.name in agenda.claim_rests:
        agenda.waits(it, "CapacityRests")
    elif capacity_claim(node.annotations) is not None:
        agenda.waits(it, "NoRoom")  # somebody else asks for room for these pods
    elif agenda.claims >= policy.max_capacity_claims:
        agenda.waits(it, "CapacityClaimsAtMaximum")
    else:
        agenda.claims += 1
        reason_of = _reason(it)
        claim = CapacityClaim(
            by=NAME,
            since_ms=now_ms,
            needed_by_ms=reason_of.due_ms,
            lifecycle="spot" if reason_of.reason == "Expired" else "any",
            until_ms=now_ms + policy.claim_max_seconds * 1000,
        )
        why = f"the pods of {node.name} need another place"
        agenda.actions.append(
            ClaimCapacity(node=node.name, node_uid=node.uid, claim=claim, reason=why)
        )
        agenda.waits(it, "CapacityClaimed")


def _reason(it: Standing) -> Wanted:
    assert isinstance(it.verdict, Wanted)
    return it.verdict


def _claimed_ms(it: Standing) -> int | None:
    """Return when a node asked for capacity for us, None where it does not."""
    claim = capacity_claim(it.node.annotations)
    return claim.since_ms if claim is not None and claim.by == NAME else None


def _has_waited(it: Standing, policy: OndemandReclaimPolicy, now_ms: int) -> bool:
    """Whether an ill node has asked for capacity long enough to be emptied without."""
    since_ms = _claimed_ms(it)
    return (
        _reason(it).reason == "Degraded"
        and since_ms is not None
        and now_ms - since_ms >= policy.degraded_wait_seconds * 1000
    )


def _bound_by_budget(pods: list[Pod], snapshot: Snapshot) -> Pod | None:
    """Return the first pod of which no disruption budget allows an eviction now."""
    budgets = tuple(snapshot.cluster.disruption_budgets.values())
    if not budgets:
        return None
    for pod in pods:
        if any(it.disruptions_allowed < 1 for it in matching_budgets(pod, budgets)):
            return pod
    return None


def _last_begun_ms(standings: Standings, begun_ms: int | None) -> int | None:
    """Return when the last drain began: as remembered, or as the claims on the nodes tell."""
    told = [it.claim.since_ms for it in standings.nodes.values() if it.is_active and it.claim]
    known = [at for at in (begun_ms, *told) if at is not None]
    return max(known, default=None)


def is_within_buffer(begun_ms: int | None, policy: OndemandReclaimPolicy, now_ms: int) -> bool:
    """Return whether the last drain began too short a while ago for the next to begin."""
    return begun_ms is not None and now_ms - begun_ms < policy.drain_buffer_seconds * 1000
