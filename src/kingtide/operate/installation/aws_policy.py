"""The IAM policy: what the process asks AWS, and what its controllers may change there.

Writes are bounded to groups of this cluster by the tag that `kingtide run` finds them by, messages
to one queue. Calls that describe take no resource in IAM, so they are bounded to the region.
Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2autoscaling.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from kingtide.compile.document import Body
from kingtide.control.action import Permission, TerminateInstance
from kingtide.live.aws.groups import cluster_selection
from kingtide.live.aws.reads import GET_QUEUE_URL, Purpose, observing_permissions
from kingtide.operate.installation.installation import Installation

_QUEUE_ADDRESS = re.compile(r"https?://[^/]+/(?P<account>[0-9]+)/(?P<name>[^/]+)")
_PARTITIONS = (("cn-", "aws-cn"), ("us-gov-", "aws-us-gov"))
"""Source: https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html"""


class Statement(msgspec.Struct, frozen=True):
    """One statement of a policy, that allows; `condition` is empty where it always does."""

    sid: str
    actions: tuple[str, ...]
    resource: str
    condition: Body = {}

    def body(self) -> Body:
        """Return it in IAM's own form."""
        found: Body = {
            "Action": [*self.actions],
            "Effect": "Allow",
            "Resource": self.resource,
            "Sid": self.sid,
        }
        return found | ({"Condition": self.condition} if self.condition else {})


def policy(installation: Installation) -> Body:
    """Return the policy document."""
    statements = [it.body() for it in policy_statements(installation)]
    return {"Statement": [*statements], "Version": "2012-10-17"}


def policy_statements(installation: Installation) -> tuple[Statement, ...]:
    """Return what the process may do in the account: see, change groups, hear messages.

    Who only watches receives none: it would keep them from whoever acts.

    Nobody needs a statement for STS' GetCallerIdentity, which everybody may call.
    """
    found = [_see(installation)]
    changes = _verbs(_needed(installation), "autoscaling:")
    if changes:
        found.append(_change(installation, changes))
    if installation.queue is not None and not installation.watch_only:
        found.append(_hear(installation, installation.queue))
    return tuple(found)


def _see(installation: Installation) -> Statement:
    purposes: list[Purpose] = ["groups"]
    if TerminateInstance in installation.actions:
        purposes.append("terminations")
    region = installation.cluster.spec.region
    condition: Body = {"StringEquals": {"aws:RequestedRegion": region}} if region else {}
    return Statement("See", _verbs(observing_permissions(purposes)), "*", condition)


def _change(installation: Installation, verbs: tuple[str, ...]) -> Statement:
    """Changes, on groups that have the cluster's tag: `Null` is false where it is there."""
    tags = cluster_selection(installation.cluster.full_name).tags
    there: Body = {f"aws:ResourceTag/{tag}": "false" for tag in tags}
    resource = _arn(installation, "autoscaling", "autoScalingGroup:*:autoScalingGroupName/*")
    return Statement("Change", verbs, resource, {"Null": there})


def _hear(installation: Installation, queue: str) -> Statement:
    """Messages of one queue; where its address is known, nobody asks for it."""
    address = _QUEUE_ADDRESS.fullmatch(queue)
    rights = set(observing_permissions(["messages"]))
    if address is not None:
        rights.discard(GET_QUEUE_URL.permission)
    name = queue if address is None else address["name"]
    account = None if address is None else address["account"]
    verbs = _verbs(rights) + _verbs(_needed(installation), "sqs:")
    return Statement("Hear", tuple(sorted(verbs)), _arn(installation, "sqs", name, account))


def _needed(installation: Installation) -> list[Permission]:
    return [it for action in installation.actions for it in action.REQUIRES if it.api == "aws"]


def _verbs(rights: Iterable[Permission], prefix: str = "") -> tuple[str, ...]:
    return tuple(sorted({it.verb for it in rights if it.verb.startswith(prefix)}))


def _arn(installation: Installation, service: str, name: str, account: str | None = None) -> str:
    """Return the name of something in the cluster's region and account, `*` where they are unknown.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
    """
    spec = installation.cluster.spec
    region = spec.region or "*"
    partition = next((it for start, it in _PARTITIONS if region.startswith(start)), "aws")
    return f"arn:{partition}:{service}:{region}:{account or spec.account or '*'}:{name}"
