"""The actions a controller may ask for: plain values with their object, precondition and reason.

There is no catch-all "apply anything": RBAC and IAM derive from `REQUIRES`, so a controller can do
exactly what the classes in its ACTIONS say. Preconditions make acting late harmless: a performer
that finds another value than the expected one does nothing and reports `precondition_failed`.
"""

from __future__ import annotations

from typing import ClassVar

import msgspec

from kingtide.kube.taints import Taint, TaintEffect


class Permission(msgspec.Struct, frozen=True, gc=False, order=True):
    """A right an action needs.

    A Kubernetes verb on a resource, or an AWS API action (`api` is `aws`).
    """

    api: str
    verb: str
    resource: str
    subresource: str = ""


class Action(msgspec.Struct, frozen=True, gc=False, kw_only=True, tag_field="action"):
    """What one performer call does; `reason` is a sentence for events and logs."""

    REQUIRES: ClassVar[tuple[Permission, ...]] = ()

    reason: str


class SetDesiredCapacity(Action, frozen=True, gc=False, kw_only=True, tag="SetDesiredCapacity"):
    """Ask an Auto Scaling group for `desired` instances if it still wants `expected_desired`."""

    REQUIRES: ClassVar[tuple[Permission, ...]] = (
        Permission("aws", "autoscaling:SetDesiredCapacity", "autoScalingGroup"),
    )

    group: str
    desired: int
    expected_desired: int


NODE_EXISTS = "NodeExists"
"""The code of an answer: an instance that was said to be no node is one."""


class TerminateInstance(Action, frozen=True, gc=False, kw_only=True, tag="TerminateInstance"):
    """Terminate one instance and lower its group's desired capacity by one.

    `node` is the node that it is, empty for an instance that never became one. The latter is a
    statement about what a watch does not show, and a watch may hang: whoever performs it reads the
    nodes from the API server first, and where one is the instance's the answer is a failed
    precondition, `NodeExists`.
    """

    REQUIRES: ClassVar[tuple[Permission, ...]] = (
        Permission("aws", "autoscaling:TerminateInstanceInAutoScalingGroup", "autoScalingGroup"),
    )

    group: str
    instance_id: str
    node: str


class AddTaint(Action, frozen=True, gc=False, kw_only=True, tag="AddTaint"):
    """Put a taint on a node that exists with this uid."""

    REQUIRES: ClassVar[tuple[Permission, ...]] = (Permission("core", "patch", "nodes"),)

    node: str
    node_uid: str
    taint: Taint


class RemoveTaint(Action, frozen=True, gc=False, kw_only=True, tag="RemoveTaint"):
    """Take a taint of this key and effect from a node that exists with this uid."""

    REQUIRES: ClassVar[tuple[Permission, ...]] = (Permission("core", "patch", "nodes"),)

    node: str
    node_uid: str
    key: str
    effect: TaintEffect


class EvictPod(Action, frozen=True, gc=False, kw_only=True, tag="EvictPod"):
    """Evict the pod with this uid through the eviction API.

    `grace_seconds` None keeps the pod's own.
    """

    REQUIRES: ClassVar[tuple[Permission, ...]] = (Permission("core", "create", "pods", "eviction"),)

    namespace: str
    name: str
    uid: str
    grace_seconds: int | None = None


class PatchScale(Action, frozen=True, gc=False, kw_only=True, tag="PatchScale"):
    """Set a Deployment's replicas through its scale subresource.

    Does nothing unless they still are `expected_replicas`.
    """

    REQUIRES: ClassVar[tuple[Permission, ...]] = (
        Permission("apps", "patch", "deployments", "scale"),
    )

    namespace: str
    name: str
    replicas: int
    expected_replicas: int
