from __future__ import annotations

from typing import get_args

import pytest

from kingtide.aws.autoscaling import AllocationStrategy
from kingtide.fleet.documents.mistakes import Mistakes
from kingtide.fleet.expansion import ExpandedGroup, expand_cluster
from kingtide.kube.taints import Taint
from tests.small_rehearsal import BASE
from tests.unit.fleet.test_repository import read


def groups(**changed: str) -> dict[str, ExpandedGroup]:
    fleet = read(**changed)
    cluster = fleet.clusters["prod"]
    expanded = expand_cluster("prod", cluster.spec, fleet.instance_lists)
    return {group.group.name: group for group in expanded}


def test_a_group_becomes_spot_and_on_demand_auto_scaling_groups() -> None:
    assert list(groups()) == [
        "spot-nodes-workers-4x",
        "on-demand-workers-4x",
        "on-demand-api-2x",
    ]


def test_a_fallback_takes_the_types_of_its_spot_size() -> None:
    found = groups()
    spot, fallback = found["spot-nodes-workers-4x"].group, found["on-demand-workers-4x"].group
    assert fallback.instance_types == spot.instance_types == ("c5.4xlarge", "m5.4xlarge")
    assert (spot.lifecycle, fallback.lifecycle) == ("spot", "on-demand")


@pytest.mark.parametrize("strategy", get_args(AllocationStrategy))
def test_a_spot_group_has_the_strategy_that_is_written(strategy: AllocationStrategy) -> None:
    written = BASE.replace("spot: {", f"spot: {{allocationStrategy: {strategy}, ")
    spot = groups(classes__base=written)["spot-nodes-workers-4x"].group
    assert spot.spot_allocation_strategy == strategy


def test_a_spot_group_takes_the_deepest_pools_where_nothing_is_written() -> None:
    spot = groups()["spot-nodes-workers-4x"].group
    assert spot.spot_allocation_strategy == "capacity-optimized"


def test_a_strategy_that_aws_does_not_have_is_told() -> None:
    written = BASE.replace("spot: {", "spot: {allocationStrategy: cheapest, ")
    with pytest.raises(Mistakes, match="allocationStrategy: 'cheapest' is none of lowest-price"):
        read(classes__base=written)


def test_zones_get_their_region() -> None:
    assert groups()["spot-nodes-workers-4x"].group.zones == ("eu-west-1a", "eu-west-1b")


def test_a_dedicated_group_has_a_taint_that_its_template_tags_tell() -> None:
    api = groups()["on-demand-api-2x"]
    assert api.taints == (Taint(key="kingtide.dev/node-group", value="api", effect="NoSchedule"),)
    template = "k8s.io/cluster-autoscaler/node-template"
    assert api.group.tags == {
        "k8s.io/cluster-autoscaler/enabled": "true",
        "k8s.io/cluster-autoscaler/prod": "true",
        f"{template}/label/kingtide.dev/node-group": "api",
        f"{template}/label/kingtide.dev/lifecycle": "on-demand",
        f"{template}/taint/kingtide.dev/node-group": "api:NoSchedule",
    }


def test_a_shared_group_has_no_taint() -> None:
    workers = groups()["spot-nodes-workers-4x"]
    assert workers.taints == ()
    assert not any("/taint/" in tag for tag in workers.group.tags)
