"""Every code that spot_interruption reports, with its sentence: what an engineer on call reads."""

from __future__ import annotations

from kingtide.control.report import Phrases

PHRASES = Phrases(
    {
        # Nodes.
        "NoticeTaken": (
            "{name} is taken by the cloud ({kind}), {left}: new pods are kept off, and room for "
            "its pods is claimed"
        ),
        "NoticePlanned": "{name} will be stopped, rebooted or retired: it is emptied in {left}",
        "KeptFromPods": (
            "{name} may be taken by the cloud: it gets no new pods and is not emptied (policy)"
        ),
        "WaitsForReplacement": (
            "{name} may be taken by the cloud: it is emptied when its pods have room elsewhere"
        ),
        "KeptByProtectedPod": (
            "{name} may be taken by the cloud and is not emptied: a pod says that it must not be "
            "evicted"
        ),
        "ClaimRefused": "{name} is not emptied yet: {why}",
        "BeingEmptied": "{name} is being emptied: {pods} {pods:pod is|pods are} to leave, {left}",
        "WaitsForRoom": (
            "{name} keeps {pods} {pods:pod|pods} for now: others of their priority wait for a "
            "node already; {left}"
        ),
        "WaitsForBudgets": (
            "{name} keeps {pods} {pods:pod|pods} for now: their disruption budgets refuse; {left}"
        ),
        "TimeTooShort": (
            "{name} cannot be emptied in order: the calls that all noticed nodes need take longer "
            "than {left}; the highest priorities come first"
        ),
        "Emptied": "{name} is empty before it is taken, {left}",
        "Terminated": "{name} is empty and terminated, before the cloud takes it ({kind})",
        "GivenBack": "{name} is still there long after its announced end: it takes pods again",
        "NodeGone": "{name} is gone",
        # Pods and Deployments.
        "DeletedBelowBudget": (
            "{name} is deleted although its disruption budget refuses: {node} ends in {seconds} s"
        ),
        "Surged": (
            "{name} gets one replica more, {replicas} in all, before its pod is evicted: it cannot "
            "lose one"
        ),
        "SurgeEnded": "{name} goes back to {replicas} {replicas:replica|replicas}",
        # Groups and their hooks.
        "LifecycleContinued": "{name} may terminate {instance}: it is empty",
        "LifecycleTimedOut": "{name} may terminate {instance}: its time is over, pods are left",
        # Messages.
        "MessageMalformed": "message {name} is left in the queue: it cannot be read ({detail})",
        "MessageDropped": "message {name} is deleted: it could never be read ({detail})",
        "NotActionable": "message {name} asks for nothing ({detail})",
        "NotOurs": "message {name} is about no instance of this cluster ({detail})",
        "InstanceGone": "message {name} comes after the end of its instance ({detail})",
        "EndKnown": "message {name} tells an end that is seen to already ({detail})",
        "RebalanceIgnored": "message {name} only recommends, which is ignored (policy; {detail})",
        "NotJoinedYet": "message {name} is kept: {detail} is not a node yet",
        "NeverJoined": "message {name} is deleted: {detail} did not become a node in time",
    }
)
