"""Every code that ondemand_reclaim reports, with its sentence: what an engineer on call reads."""

from __future__ import annotations

from collections.abc import Mapping

from kingtide.control.report import Phrases

PHRASES = Phrases(
    {
        # Why a node is not emptied.
        "NotOldEnough": "{name} is on-demand and is taken back to spot when it is older",
        "NoSpotSibling": ("{name} stays on-demand: no spot group serves the same applications"),
        "NotInAGroup": "{name} is ill ({detail}) and left alone: no group would replace it",
        "ClaimedByOther": "{name} is being emptied by {detail}",
        "BeingRemoved": "{name} is being removed by somebody else",
        "CordonedByOther": "{name} is left alone: somebody else cordoned it",
        "GivenUp": "{name} is left alone for now: it could not be emptied before",
        "ProtectedPod": "{name} is not emptied: {detail} is protected by an annotation",
        "OnCompletionPod": "{name} is not emptied before {detail} has completed",
        "EmptyDirPod": (
            "{name} is not emptied: {detail} would lose its emptyDir (pods.evictEmptyDir)"
        ),
        "UnreplicatedPod": (
            "{name} is not emptied: nobody would make {detail} again (pods.evictUnreplicated)"
        ),
        "StatefulSetPod": (
            "{name} is not emptied: {detail} is of a StatefulSet (pods.evictStatefulSets)"
        ),
        "NotEnoughPdb": (
            "{name} is not emptied yet: a disruption budget allows no eviction of {detail} now"
        ),
        "NoRoom": "{name} is not emptied yet: there is no other place for its pods",
        "CapacityClaimed": "{name} asks for capacity elsewhere for its pods",
        "CapacityClaimsAtMaximum": (
            "{name} is not emptied yet: as many nodes as allowed ask for capacity"
        ),
        "CapacityRests": (
            "{name} is not emptied yet: there was no capacity for its pods; it asks again later"
        ),
        "NotYet": "{name} is emptied as soon as it is old enough: there is room for its pods",
        "PodsWait": "{name} is not emptied now: pods wait for nodes",
        "DrainsAtMaximum": "{name} is not emptied now: as many nodes as allowed are",
        "DrainBuffer": "{name} is not emptied now: another drain began just before",
        "NodeGroupMinSizeReached": "{name} is not emptied: its group {detail} has its minimum",
        "Rests": "{name} is not emptied now: the last attempt failed, it rests before the next",
        # What happened.
        "DrainBegan": "{name} is emptied ({reason}{detail}), attempt {attempt}",
        "DrainAdopted": "emptying {name} is gone on with, attempt {attempt}",
        "ClaimRefused": "{name} is not emptied now: {detail}",
        "DrainFailed": (
            "emptying {name} failed at attempt {attempt}: {why}; it is tried again in "
            "{rest_seconds} s"
        ),
        "DrainGivenUp": (
            "{name} could not be emptied in {attempt} {attempt:attempt|attempts}: {why}; it takes "
            "pods again and is left alone for {left_alone_seconds} s"
        ),
        "DrainVetoed": (
            "{name} was uncordoned by hand while it was emptied; it is left alone for "
            "{left_alone_seconds} s"
        ),
        "DrainCalledOff": "emptying {name} is called off: {why}; it takes pods again",
        "CapacityGivenBack": (
            "{name} gives its claim back: no room for its pods within {waited_seconds} s; it asks "
            "again in {rest_seconds} s"
        ),
        "TakesPodsAgain": "{name} takes pods again: nothing is wrong with it any more",
        "Terminated": "{name} of {group} is empty and terminated",
        "Gone": "{name} is gone",
        "NoLongerConcerned": "nothing more is to be said of {name}",
        # The whole.
        "PolicyUnreadable": "no node is looked at: {detail}",
        "ClusterUnhealthy": (
            "nothing is done: {unready} of {nodes} {nodes:node|nodes} {unready:is|are} not Ready, "
            "so what is seen of the cluster is not to be trusted"
        ),
        "ClusterHealthy": "enough nodes are Ready again",
    }
)

FAILURES: Mapping[str, str] = {
    "EvictionTimedOut": "an eviction was refused, or waited for its turn, for too long",
    "PodsDidNotLeave": "a pod did not end in time",
    "BlockedByPod": "a pod came that may not be evicted",
    "NodeGroupMinSizeReached": "its group has its minimum by now",
    "TerminationFailed": "the instance was not terminated",
}
"""Why an attempt was given up."""
