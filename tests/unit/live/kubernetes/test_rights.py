from __future__ import annotations

from kingtide.control.action import EvictPod, PatchScale, Permission, TerminateInstance
from kingtide.control.node_actions import Cordon
from kingtide.live.kubernetes.rights import (
    config_map_rights,
    following_rights,
    performing_rights,
)


def test_what_is_patched_is_read_first_and_nothing_else_is() -> None:
    assert performing_rights([Cordon, EvictPod, PatchScale, Cordon]) == (
        Permission("apps", "get", "deployments", "scale"),
        Permission("apps", "patch", "deployments", "scale"),
        Permission("core", "create", "pods", "eviction"),
        Permission("core", "get", "nodes"),
        Permission("core", "patch", "nodes"),
    )


def test_a_termination_looks_whether_the_instance_is_a_node_and_needs_no_other_right_here() -> None:
    assert performing_rights([TerminateInstance]) == (Permission("core", "list", "nodes"),)


def test_following_reads_and_no_more() -> None:
    rights = following_rights()
    assert {it.verb for it in rights} == {"list", "watch"}
    assert Permission("core", "watch", "pods") in rights
    assert Permission("keda.sh", "list", "scaledobjects") in rights
    assert all(it.resource not in ("configmaps", "secrets") for it in rights)
    assert config_map_rights() == (
        Permission("core", "list", "configmaps"),
        Permission("core", "watch", "configmaps"),
    )
