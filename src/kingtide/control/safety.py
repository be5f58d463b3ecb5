"""What a live process refuses to do, whatever its controllers decide.

A view that is old or not whole is not acted on at all; of a cluster that is ill, or in a pass that
would disturb too much of it, the nodes are left alone. What the cloud takes away anyway is not held
back: to refuse a spot interruption's work would cost what it saves.
"""

from __future__ import annotations

from collections.abc import Mapping

from kingtide.control.action import Action
from kingtide.control.cluster_health import is_unhealthy
from kingtide.control.node_actions import ClaimDisruption, Uncordon
from kingtide.control.report import Detail, Verdict
from kingtide.control.snapshot import ClusterView
from kingtide.control.written_fields import disturbed_node
from kingtide.fleet.policies.safety import SafetyPolicy

PROCESS = "process"
"""Under which a live process itself reports."""

_REFUSALS: Mapping[str, str] = {
    "StaleView": (
        "nothing is done: {watched} has not been heard of for {seconds} s, more than {allowed} s"
    ),
    "PartialView": "nothing is done: {watched} has not been listed yet",
    "OtherCluster": "nothing is done: this is the cluster {found}, not {name}",
    "TooManyUnready": (
        "nodes are left alone: {unready} of {nodes} {nodes:node|nodes} {unready:is|are} not Ready"
    ),
    "TooManyNodes": (
        "the rest has to wait: a pass may disturb {allowed} {allowed:node|nodes} of {nodes}"
    ),
}
_POLICIES: Mapping[str, str] = {
    "PolicyChanged": "the fleet's files have changed; new settings: {changed}",
    "PolicyInvalid": (
        "the fleet's files have changed and are not taken over: {mistakes}"
        " {mistakes:mistake|mistakes}, the first is {first}"
    ),
    "PolicyInvalidEnded": "the fleet's files can be read again",
}
SENTENCES: Mapping[str, str] = {
    **_REFUSALS,
    **_POLICIES,
    **{f"{code}Ended": "{name} holds nothing back any more" for code in _REFUSALS},
    "StaleViewEnded": "all that is watched was heard of lately",
    "PartialViewEnded": "all that is watched has been listed",
}
"""What a live process' own report says."""

NEVER_HELD_BACK = frozenset({"spot_interruption"})
"""Controllers of what happens anyway."""


def view_verdict(staleness_seconds: Mapping[str, float], policy: SafetyPolicy) -> Verdict | None:
    """Return why a view is not acted on, None for one that is; infinite: never heard of.

    It is the view that holds back, whichever watch is the oldest just then: one span, told once.
    """
    oldest = max(sorted(staleness_seconds.items()), key=lambda it: it[1], default=("", 0.0))
    watched, seconds = oldest
    if seconds <= policy.max_staleness_seconds:
        return None
    if seconds == float("inf"):
        return Verdict("cluster/view", "refused", "PartialView", {"watched": watched})
    details: Mapping[str, Detail] = {
        "watched": watched,
        "seconds": int(seconds),
        "allowed": policy.max_staleness_seconds,
    }
    return Verdict("cluster/view", "refused", "StaleView", details)


def identity_verdict(expected: str, found: str | None) -> Verdict | None:
    """Return why a cluster is not the one that is meant, None if it is.

    `found` is what the cluster says of itself, None where it says nothing.
    """
    if found == expected:
        return None
    details = {"found": found or "that does not say its name"}
    return Verdict(f"cluster/{expected}", "refused", "OtherCluster", details)


class Guard:
    """Bounds one pass over a cluster, all controllers together."""

    def __init__(self, cluster: ClusterView, policy: SafetyPolicy) -> None:
        self._cluster = cluster
        self._nodes = len(cluster.nodes)
        self._unready = sum(not it.is_ready for it in cluster.nodes.values())
        self._allowed = -(-self._nodes * policy.max_disturbed_percent // 100)
        self._is_ill = is_unhealthy(
            self._unready,
            self._nodes,
            ok_unready_count=policy.ok_unready_count,
            max_unready_percentage=policy.max_unready_percent,
        )
        self._begun: dict[str, None] = {}

    def refuses(self, controller: str, action: Action) -> Verdict | None:
        """Return why an action is not performed, None if it may be; one that may be is counted."""
        node = disturbed_node(action, self._cluster)
        if node is None or isinstance(action, Uncordon) or controller in NEVER_HELD_BACK:
            return None
        if self._is_ill:
            details = {"unready": self._unready, "nodes": self._nodes}
            return Verdict("cluster/nodes", "refused", "TooManyUnready", details)
        if not isinstance(action, ClaimDisruption):
            return None  # what was begun goes on
        if node not in self._begun and len(self._begun) >= self._allowed:
            details = {"allowed": self._allowed, "nodes": self._nodes}
            return Verdict("cluster/nodes", "refused", "TooManyNodes", details)
        self._begun[node] = None
        return None
