from __future__ import annotations

from typing import Any

import pytest

from kingtide.control.action import Permission
from kingtide.operate.installation.cluster_rights import Grant, grants, roles
from kingtide.operate.installation.installation import Installation
from kingtide.roster.registry import CONTROLLERS
from tests.unit.operate.installation.installations import CLUSTER, installation

EVERYWHERE = Permission("core", "patch", "nodes")


def writes(found: Installation) -> list[tuple[Grant, Permission]]:
    return [
        (grant, right)
        for grant in grants(found)
        for right in grant.rights
        if right.verb not in ("get", "list", "watch")
    ]


def test_every_right_to_write_is_what_an_action_of_a_chosen_controller_asks_for() -> None:
    for key, it in CONTROLLERS.items():
        asked = {one for action in it.controller.actions for one in action.REQUIRES}
        own = {("coordination.k8s.io", "leases"), ("core", "events")}
        found = [
            right
            for _, right in writes(installation(key))
            if (right.api, right.resource) not in own
        ]
        assert set(found) == {one for one in asked if one.api != "aws"}, key


def test_a_controller_that_is_left_out_takes_its_rights_along() -> None:
    assert EVERYWHERE in [right for _, right in writes(installation())]
    assert EVERYWHERE not in [right for _, right in writes(installation("downscaling"))]


def test_who_only_watches_may_change_nothing_not_even_a_lease_or_an_event() -> None:
    assert writes(installation(watch_only=True)) == []


def test_overprovisioning_may_scale_its_pause_pods_and_nothing_else() -> None:
    ((grant, _),) = [
        it
        for it in writes(installation("overprovisioning"))
        if it[1].resource not in ("leases", "events")
    ]
    assert grant.namespace == "overprovisioning"
    assert grant.names == ("overprovisioning-workers",)
    assert {f"{it.verb} {it.resource}/{it.subresource}" for it in grant.rights} == {
        "get deployments/scale",
        "patch deployments/scale",
    }


def test_config_maps_and_the_lease_are_had_by_name() -> None:
    for grant in grants(installation()):
        for right in grant.rights:
            if right.resource == "configmaps" or (
                right.resource == "leases" and right.verb != "create"
            ):
                assert grant.namespace
                assert grant.names
    assert not any(
        right.resource == "secrets" for it in grants(installation()) for right in it.rights
    )


@pytest.mark.parametrize("chosen", [(), ("nodeAutoscaling",)], ids=["all", "one"])
def test_every_role_is_bound_to_the_service_account_that_is_made(chosen: tuple[str, ...]) -> None:
    found: list[Any] = [it.body for it in roles(installation(*chosen))]
    account, *others = found
    made = {(it["kind"], it["metadata"].get("namespace")) for it in others if "rules" in it}
    bound = {
        (it["roleRef"]["kind"], it["metadata"].get("namespace")) for it in others if "roleRef" in it
    }
    assert made == bound
    assert account["automountServiceAccountToken"] is False
    for it in others:
        for subject in it.get("subjects", []):
            assert subject["name"] == account["metadata"]["name"]
            assert subject["namespace"] == account["metadata"]["namespace"]


def test_a_cluster_without_pause_pods_has_no_role_where_they_would_be() -> None:
    spec = {key: it for key, it in CLUSTER.items() if key != "overprovisioning"}
    assert {it.namespace for it in grants(installation(spec=spec))} == {
        "",
        "kingtide-system",
        "kube-system",
    }
