"""Actions on Nodes and on the pods of a node that goes away: cordons, labels, claims, deletions."""

from __future__ import annotations

from typing import ClassVar

from kingtide.control.action import Action, Permission
from kingtide.control.claims import CapacityClaim, DisruptionClaim

_PATCH_NODES = (Permission("core", "patch", "nodes"),)


class Cordon(Action, frozen=True, gc=False, kw_only=True, tag="Cordon"):
    """Keep new pods off a node that exists with this uid."""

    REQUIRES: ClassVar[tuple[Permission, ...]] = _PATCH_NODES

    node: str
    node_uid: str


class Uncordon(Action, frozen=True, gc=False, kw_only=True, tag="Uncordon"):
    """Let a node that exists with this uid take pods again."""

    REQUIRES: ClassVar[tuple[Permission, ...]] = _PATCH_NODES

    node: str
    node_uid: str


class SetNodeLabel(Action, frozen=True, gc=False, kw_only=True, tag="SetNodeLabel"):
    """Set a label of a node that exists with this uid; `value` None removes it."""

    REQUIRES: ClassVar[tuple[Permission, ...]] = _PATCH_NODES

    node: str
    node_uid: str
    key: str
    value: str | None


class ClaimDisruption(Action, frozen=True, gc=False, kw_only=True, tag="ClaimDisruption"):
    """Write a disruption claim on a node that exists with this uid.

    Done only if the node bears no claim, the claimant's own, or one by `displaces`.
    """

    REQUIRES: ClassVar[tuple[Permission, ...]] = _PATCH_NODES

    node: str
    node_uid: str
    claim: DisruptionClaim
    displaces: str = ""


class ReleaseDisruption(Action, frozen=True, gc=False, kw_only=True, tag="ReleaseDisruption"):
    """Take the disruption claim of `by` off a node; another's claim is left alone."""

    REQUIRES: ClassVar[tuple[Permission, ...]] = _PATCH_NODES

    node: str
    node_uid: str
    by: str


class ClaimCapacity(Action, frozen=True, gc=False, kw_only=True, tag="ClaimCapacity"):
    """Write a capacity claim on a node that exists with this uid.

    Done only if the node bears none, one by the same claimant, or one by somebody else while the
    disruption claim is this claimant's.
    """

    REQUIRES: ClassVar[tuple[Permission, ...]] = _PATCH_NODES

    node: str
    node_uid: str
    claim: CapacityClaim


class ReleaseCapacity(Action, frozen=True, gc=False, kw_only=True, tag="ReleaseCapacity"):
    """Take the capacity claim of `by` off a node; another's claim is left alone."""

    REQUIRES: ClassVar[tuple[Permission, ...]] = _PATCH_NODES

    node: str
    node_uid: str
    by: str


class DeletePod(Action, frozen=True, gc=False, kw_only=True, tag="DeletePod"):
    """Delete the pod with this uid without asking disruption budgets.

    Only for the last seconds of a machine that goes away in any case: a pod that is told to stop
    ends better than one whose power is cut.
    """

    REQUIRES: ClassVar[tuple[Permission, ...]] = (Permission("core", "delete", "pods"),)

    namespace: str
    name: str
    uid: str
    grace_seconds: int
