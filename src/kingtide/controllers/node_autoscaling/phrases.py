"""Every code that node_autoscaling reports, with its sentence: what an engineer on call reads."""

from __future__ import annotations

from collections.abc import Mapping

from kingtide.control.drain import BlockingReason
from kingtide.control.report import Phrases

PHRASES = Phrases(
    {
        # Groups: why that one, and why not.
        "ScaledUp": (
            "{name} goes from {present} to {desired} {desired:node|nodes} for {pods} "
            "{pods:pod|pods}; considered: {considered}; {why}"
        ),
        "NoCapacity": (
            "{missing} {missing:instance|instances} of {name} did not come within {waited_seconds} "
            "s ({message}); {restored}; it is left alone for {backoff_seconds} s"
        ),
        "LaunchFailed": (
            "{name} could not launch {missing} {missing:instance|instances}, and not for want of "
            "capacity ({message}); {restored}; it is left alone for {backoff_seconds} s"
        ),
        "NoInstanceSeen": (
            "{missing} {missing:instance|instances} of {name} did not begin to start within "
            "{waited_seconds} s; {restored}; it is left alone for {backoff_seconds} s"
        ),
        "ProvisioningTimedOut": (
            "{name} still misses {missing} {missing:instance|instances} after {waited_seconds} s, "
            "the most that is waited; {restored}; it is left alone for {backoff_seconds} s"
        ),
        "NodesNeverJoined": (
            "{overdue} {overdue:instance|instances} of {name} never became {overdue:a node|nodes} "
            "within {waited_seconds} s and {overdue:is|are} terminated; it is left alone for "
            "{backoff_seconds} s"
        ),
        "InBackoff": "{name} is not asked: it failed before ({detail})",
        "PoolsWithoutCapacity": (
            "{name} is not asked: all its capacity pools failed before, here or in another group; "
            "the next is probed in {detail}"
        ),
        "ProbedElsewhere": (
            "{name} is not asked: all its capacity pools failed before; pools are probed one at a "
            "time, and not just after another launch failed"
        ),
        "GroupUnhealthy": (
            "{name} is not asked: {detail} of its nodes are not Ready, so the next would hardly be"
        ),
        "MaxSizeReached": "{name} is not asked: it has its {detail} nodes",
        "UnknownSize": (
            "{name} is not asked: nothing tells the size of its next node, neither a node of it "
            "nor what is known of the type ({detail})"
        ),
        "PodsDoNotFit": "{name} does not help: the pods would not run on its nodes ({detail})",
        "MaxNodesTotalReached": "{name} is not asked: the cluster has as many nodes as it may",
        "CanHelp": "{name} can be asked again",
        # Pods that wait.
        "FitOnExistingNodes": (
            "{pods} {pods:pod|pods} of {name} {pods:fits|fit} on nodes that are there"
        ),
        "WaitForUpcomingNodes": (
            "{pods} {pods:pod|pods} of {name} {pods:waits|wait} for nodes that are on their way"
        ),
        "GetNewNodes": "{pods} {pods:pod|pods} of {name} {pods:gets|get} new nodes of {group}",
        "LeftForNextPass": "{pods} {pods:pod|pods} of {name} {pods:is|are} left for the next pass",
        "NoGroupHelps": "no group helps {pods} {pods:pod|pods} of {name}: {why}",
        "NoLongerWaiting": "no pod of {name} waits any more",
        # Nodes: why not removed.
        "Starting": "{name} is not removed: it is still starting",
        "NotUnderutilized": (
            "{name} is not removed: {utilization_percent} % of it is requested, more than "
            "{threshold_percent} %"
        ),
        "ScaleDownDisabledAnnotation": (
            "{name} is not removed: its annotation "
            "cluster-autoscaler.kubernetes.io/scale-down-disabled forbids it"
        ),
        "NotAutoscaled": "{name} is not removed: it is in none of the groups that are scaled here",
        "ScaleDownUnreadyDisabled": (
            "{name} is not removed: it is not Ready, and such nodes are kept "
            "(scaleDown.unreadyEnabled is off)"
        ),
        "CurrentlyBeingDeleted": "{name} is already on its way out",
        "EmptiedByAnother": "{name} is not removed: it is in the hands of {by}",
        "NoRoomInBudget": (
            "{name} is not removed yet: as many nodes are disrupted as the budget allows, whoever "
            "disrupts them"
        ),
        "BlockedByPod": "{name} is not removed: {why}",
        "BlockedByOnCompletionPod": (
            "{name} is not removed before {detail} has completed, as its annotation safe-to-evict: "
            "on-completion asks"
        ),
        "NoPlaceToMovePods": (
            "{name} is not removed: no other node has a place for {detail}; it is looked at again "
            "in {recheck_seconds} s"
        ),
        "PromisedToWaitingPods": "{name} is not removed: pods that wait fit on it",
        "NotLookedAtYet": (
            "{name} is little used and not yet looked at: others come first, {at_most} a pass"
        ),
        "NotUnneededLongEnough": (
            "{name} is not removed yet: it is not needed, which must hold for {needed_seconds} s"
        ),
        "NotUnreadyLongEnough": (
            "{name} is not removed yet: it is not Ready and nobody needs it, which must hold for "
            "{needed_seconds} s"
        ),
        "NodeGroupMinSizeReached": (
            "{name} is not removed: {group} keeps at least {min_size} {min_size:node|nodes}"
        ),
        "RemovalsAtMaximum": (
            "{name} is not removed yet: as many removals as allowed are under way ({at_most}, of "
            "which {at_most_drains} with pods)"
        ),
        "PausedAfterScaleUp": (
            "{name} is not removed yet: nothing is within {pause_seconds} s after nodes were added"
        ),
        "PausedAfterFailure": (
            "{name} is not removed yet: nothing is within {pause_seconds} s after a removal failed"
        ),
        "PausedAfterRemoval": (
            "{name} is not removed yet: nothing is within {pause_seconds} s after another removal"
        ),
        # Nodes: removals.
        "RemovalBegan": "{name} of {group} is removed, {how}",
        "RemovalAdopted": "the removal of {name} of {group} is gone on with",
        "RemovalTaintTakenOff": "{name} takes pods again: nobody goes on with its removal",
        "RemovalDelayed": "{name} is empty and kept for now, as its annotation {annotation} asks",
        "Terminated": "{name} of {group} is empty and terminated",
        "Removed": "{name} of {group} is gone",
        "RemovalYielded": "the removal of {name} is left off: {why}",
        "RemovalFailed": "the removal of {name} failed: {why}; it takes pods again",
        # The whole.
        "PrioritiesUnusable": "{name} is not used ({problem}: {detail}); every group counts alike",
        "DiscoveryUnreadable": "no group is looked for: {detail}",
        "ClusterUnhealthy": (
            "nothing is done: {unready} of {nodes} {nodes:node|nodes} {unready:is|are} not Ready, "
            "so what is seen of the cluster is not to be trusted"
        ),
        "ClusterHealthy": "enough nodes are Ready again",
    }
)

BLOCKERS: Mapping[BlockingReason, str] = {
    "ControllerNotFound": "{pod} would not be made again: the controller that owns it is gone",
    "MinReplicasReached": "{pod} is one of too few replicas (drain.minReplicaCount)",
    "NotReplicated": "{pod} would not be made again: no controller of Kubernetes owns it",
    "UnmovableKubeSystemPod": (
        "{pod} is of kube-system, and neither a disruption budget nor its age says that it may move"
    ),
    "LocalStorageRequested": "{pod} would lose its local storage (emptyDir or hostPath)",
    "NotSafeToEvictAnnotation": "{pod} has the annotation safe-to-evict: false",
    "NotEnoughPdb": "a disruption budget allows no eviction of {pod} now",
}
"""Why a pod keeps its node, by the code of Cluster Autoscaler."""

FAILURES: Mapping[str, str] = {
    "TaintFailed": "the taint that keeps pods away could not be put",
    "EvictionTimedOut": "an eviction was refused for too long",
    "PodsDidNotLeave": "a pod did not end in time",
    "TerminationFailed": "the instance was not terminated",
    "NodeGroupMinSizeReached": "its group has its minimum by now",
}
"""Why a removal was given up."""

YIELDED: Mapping[str, str] = {
    "ArbitrationLost": "a controller of higher rank empties it",
    "DisruptionBudget": "as many nodes are disrupted as the budget allows",
    "Claimed": "another controller empties it",
}
"""Why a removal made way."""

WHY_NOT_ASKED: Mapping[str, str] = {
    "InBackoff": "failed before",
    "PoolsWithoutCapacity": "its pools have no capacity; next probe in",
    "ProbedElsewhere": "its pools have no capacity and are not probed just now",
    "GroupUnhealthy": "nodes not Ready:",
    "MaxSizeReached": "has its maximum,",
    "UnknownSize": "size unknown:",
    "PodsDoNotFit": "pods do not fit:",
    "MaxNodesTotalReached": "the cluster has its maximum",
    "ChosenAlready": "takes others in this pass",
}
"""The same as the groups' own sentences, short enough for a list."""
