from __future__ import annotations

import msgspec
import pytest

from kingtide.aws.prices import price_micro_usd_per_hour
from kingtide.compile.document import Document
from kingtide.compile.plan.compare import plan, prices
from kingtide.compile.plan.model import ClusterPlan
from kingtide.compile.plan.state import ClusterState
from tests.unit.compile.plan.fleets import (
    FULL_NAME,
    budget,
    cluster,
    control_plane,
    deployment,
    document,
    fleet,
    group,
    on_demand,
    priority_class,
    spot,
    state,
)


def planned(before: ClusterState | None, after: ClusterState) -> ClusterPlan:
    old = fleet(before) if before is not None else fleet()
    (found,) = plan(old, fleet(after)).clusters
    return found


def phases(found: ClusterPlan) -> list[str]:
    return [step.phase for step in found.steps]


def test_the_same_fleet_has_no_changes_and_no_steps() -> None:
    found = plan(fleet(state()), fleet(state()))
    assert not found.has_changes
    assert found.before.digest == found.after.digest
    assert found.clusters[0].steps == ()


def test_a_changed_image_is_a_roll_of_that_group_and_its_steps() -> None:
    before = state(cluster(), control_plane(), spot())
    after = state(cluster(), control_plane(), spot(image="new"))
    found = planned(before, after)
    assert [it.name for it in found.rolling] == ["spot-nodes-workers-4x"]
    assert phases(found) == [
        *("access", "desired state", "update", "gate", "roll nodes", "gate", "prune", "validate"),
    ]
    roll = next(it for it in found.steps if it.phase == "roll nodes")
    assert roll.command == (
        *("kops", "rolling-update", "cluster", FULL_NAME),
        *("--instance-group=spot-nodes-workers-4x", "--yes"),
    )


def test_the_control_plane_rolls_before_any_node_is_updated() -> None:
    rest = (control_plane(), spot())
    before = state(cluster(), *rest)
    found = planned(before, state(cluster(kubernetesVersion="1.36.1"), *rest))
    assert phases(found) == [
        *("access", "desired state", "update control plane", "gate", "roll control plane"),
        *("gate", "update", "gate", "roll nodes", "gate", "prune", "validate"),
    ]


def test_objects_alone_need_no_kops_update() -> None:
    found = planned(state(), state(objects=(priority_class(),)))
    assert phases(found) == ["access", "objects", "validate"]


def test_a_new_cluster_is_made_before_anybody_asks_it() -> None:
    found = planned(None, state(objects=(priority_class(),)))
    assert found.change == "new"
    assert phases(found) == ["desired state", "update", "access", "gate", "objects", "validate"]
    assert found.before_kops == ""


def test_a_group_that_is_gone_is_drained_and_deleted_at_the_end() -> None:
    gone = spot("spot-nodes-workers-8x", maxSize=4)
    found = planned(
        state(cluster(), control_plane(), spot(), gone), state(cluster(), control_plane(), spot())
    )
    assert phases(found)[-4:] == ["drain group", "delete group", "prune", "validate"]
    delete = next(it for it in found.steps if it.phase == "delete group")
    assert delete.command == (
        *("kops", "delete", "instancegroup", "spot-nodes-workers-8x"),
        *("--name", FULL_NAME, "--yes"),
    )


def test_an_object_that_is_gone_is_deleted_and_a_namespace_is_not() -> None:
    shop = document("v1", "Namespace", "shop")
    found = planned(state(objects=(shop, priority_class())), state())
    deleted = [it.command for it in found.steps if it.phase == "delete object"]
    assert deleted == [
        (
            *("kubectl", "--context", FULL_NAME, "delete", "priorityclass.scheduling.k8s.io"),
            *("high", "--ignore-not-found", "--wait"),
        )
    ]
    assert any("Namespace shop left the definition and stays" in it for it in found.warnings)


def test_an_object_of_which_a_fixed_field_changes_is_made_anew() -> None:
    found = planned(
        state(objects=(priority_class(value=5),)), state(objects=(priority_class(value=6),))
    )
    assert phases(found) == ["access", "replace object", "objects", "validate"]


def test_a_cluster_that_left_is_told_and_left_alone() -> None:
    found = plan(fleet(state()), fleet()).clusters[0]
    assert (found.change, found.steps) == ("left", ())
    assert f"kops delete cluster --name {FULL_NAME} --yes" in found.warnings[0]


def test_clusters_come_in_the_order_of_promotion() -> None:
    def named(name: str, rank: int) -> ClusterState:
        return msgspec.structs.replace(state(), name=name, rank=rank)

    found = plan(fleet(), fleet(named("a", 2), named("b", 1), named("c", 1)))
    assert [it.name for it in found.clusters] == ["b", "c", "a"]


@pytest.mark.parametrize(
    ("before", "after", "refused"),
    [
        pytest.param("1.35.7", "1.35.9", None, id="patch"),
        pytest.param("1.35.7", "1.36.0", None, id="one minor"),
        pytest.param("1.35.7", "1.37.0", "plan 1.36 before 1.37.0", id="two minors"),
        pytest.param("1.35.7", "1.34.9", "cannot go back", id="down"),
        pytest.param("1.35.7", "1.35.2", None, id="patch down"),
    ],
)
def test_a_version_goes_up_one_minor_at_a_time(
    before: str, after: str, refused: str | None
) -> None:
    found = planned(
        state(cluster(kubernetesVersion=before), spot()),
        state(cluster(kubernetesVersion=after), spot()),
    )
    if refused is None:
        assert found.refusals == ()
    else:
        assert refused in found.refusals[0]


def test_a_control_plane_group_is_not_deleted_by_a_plan() -> None:
    found = planned(state(cluster(), control_plane("m"), spot()), state(cluster(), spot()))
    assert "etcd members leave by hand" in found.refusals[0]
    assert "delete group" not in phases(found)


def test_a_smaller_maximum_and_a_larger_minimum_are_told() -> None:
    found = planned(
        state(cluster(), spot(minSize=1, maxSize=10)), state(cluster(), spot(minSize=3, maxSize=8))
    )
    assert "maxSize 10 → 8" in found.warnings[0]
    assert "minSize 1 → 3: up to 2 start" in found.warnings[1]


def test_a_group_without_its_fallback_is_told_with_the_pods_that_have_only_it() -> None:
    pods = (
        deployment("api", nodeSelector={"kingtide.dev/node-group": "workers"}),
        deployment("free"),
    )
    before = state(cluster(), spot(), on_demand(), on_demand("on-demand-admin-2x", "admin"))
    after = state(cluster(), spot(), on_demand("on-demand-admin-2x", "admin"), workloads=pods)
    (found,) = planned(before, after).without_fallback
    assert (found.serves, found.lost) == ("workers", True)
    assert found.workloads == ("Deployment shop/api",)
    assert planned(before, before).without_fallback == ()


def test_budgets_are_asked_about_the_groups_that_are_drained_only() -> None:
    manifests = (
        deployment(replicas=2, nodeSelector={"kingtide.dev/node-group": "workers"}),
        budget(minAvailable=2),
    )

    def with_image(image: str, admin: str) -> ClusterState:
        groups = (spot(image=image), on_demand("on-demand-admin-2x", "admin", image=admin))
        return state(cluster(), *groups, workloads=manifests)

    base = with_image("a", "a")
    assert [it.workload for it in planned(base, with_image("b", "a")).blocked] == [
        "Deployment shop/api"
    ]
    assert planned(base, with_image("a", "b")).blocked == ()


def test_an_hour_costs_what_its_instances_cost() -> None:
    found = prices(
        state(cluster(), control_plane(), spot(minSize=2, maxSize=8), on_demand(maxSize=8))
    )
    mean = sum(
        price_micro_usd_per_hour(it, "spot", "eu-west-1") for it in ("m5.4xlarge", "m5a.4xlarge")
    )
    plain = price_micro_usd_per_hour("m5.4xlarge", "on-demand", "eu-west-1")
    master = price_micro_usd_per_hour("m5.xlarge", "on-demand", "eu-west-1")
    assert found.minimum.spot_micro_usd_per_hour == mean // 2 * 2
    assert found.minimum.on_demand_micro_usd_per_hour == 0
    assert found.minimum.control_plane_micro_usd_per_hour == master
    assert found.peak.on_demand_micro_usd_per_hour == plain * 8
    assert found.typical == found.minimum


def test_a_mixed_group_pays_on_demand_for_its_base_and_its_share() -> None:
    mixed: Document = spot(
        minSize=10,
        mixedInstancesPolicy={
            "instances": ["m5.4xlarge"],
            "onDemandBase": 2,
            "onDemandAboveBase": 30,
        },
    )
    found = prices(state(cluster(), mixed)).minimum
    plain = price_micro_usd_per_hour("m5.4xlarge", "on-demand", "eu-west-1")
    assert found.on_demand_micro_usd_per_hour == plain * (2 + 3)  # 30 % of 8, rounded up


def test_a_type_without_figures_is_named() -> None:
    found = planned(state(cluster(), group("a")), state(cluster(), group("a", machineType="x9.z")))
    assert any("no price is known of x9.z" in it for it in found.warnings)


def test_a_name_of_no_cluster_is_an_error() -> None:
    with pytest.raises(KeyError):
        plan(fleet(state()), fleet(state()), ["stagging"])


def test_helm_values_are_compared_and_put_nowhere() -> None:
    def with_values(replicas: int) -> ClusterState:
        return msgspec.structs.replace(state(), tools={"loki": {"replicas": replicas}})

    found = planned(with_values(2), with_values(3))
    assert [(it.kind, it.name, it.fields[0].path) for it in found.documents] == [
        ("Values", "loki", "values.replicas")
    ]
    assert found.steps == ()
    assert "Helm values of loki change" in found.warnings[0]
    assert planned(with_values(2), with_values(2)).change == "unchanged"
    # Clusters that are asked themselves do not tell the values of their tools.
    assert planned(state(), with_values(3)).change == "unchanged"


def test_other_helm_values_are_another_digest() -> None:
    other = msgspec.structs.replace(state(), tools={"loki": {"replicas": 2}})
    assert fleet(state()).digest != fleet(other).digest
