from __future__ import annotations

from tests.unit.compile.fleets import CLUSTER, compiled, mistakes, only, spec_of

WORKERS = CLUSTER["nodeGroups"]["workers"]


def test_a_spot_group_is_all_spot_and_its_fallback_all_on_demand() -> None:
    kops = compiled().kops
    spot = spec_of(only(kops, "InstanceGroup", "spot-nodes-workers-4x"))
    fallback = spec_of(only(kops, "InstanceGroup", "on-demand-workers-4x"))
    assert spot["mixedInstancesPolicy"] == {
        "instances": ["c5.4xlarge", "m5.4xlarge"],
        "onDemandAboveBase": 0,
        "onDemandBase": 0,
        "spotAllocationStrategy": "capacity-optimized",
    }
    assert fallback["mixedInstancesPolicy"] == {
        "instances": ["c5.4xlarge", "m5.4xlarge"],
        "onDemandAboveBase": 100,
        "onDemandBase": 0,
        "onDemandAllocationStrategy": "prioritized",
    }
    assert (spot["minSize"], spot["maxSize"], spot["machineType"]) == (0, 9, "c5.4xlarge")
    assert spot["subnets"] == ["eu-west-3a", "eu-west-3b", "eu-west-3c"]
    assert spot["suspendProcesses"] == ["AZRebalance"]


def test_the_autoscaler_finds_groups_by_tags_and_kops_adds_those_of_the_node_template() -> None:
    spot = spec_of(only(compiled().kops, "InstanceGroup", "spot-nodes-workers-4x"))
    assert spot["cloudLabels"] == {
        "k8s.io/cluster-autoscaler/enabled": "true",
        "k8s.io/cluster-autoscaler/small.k8s.example.com": "true",
    }
    assert spot["nodeLabels"] == {
        "kingtide.dev/lifecycle": "spot",
        "kingtide.dev/node-group": "workers",
    }


def test_only_a_dedicated_group_has_a_taint() -> None:
    groups = {"workers": WORKERS, "api": {**WORKERS, "dedicated": True}}
    kops = compiled(nodeGroups=groups).kops
    assert "taints" not in spec_of(only(kops, "InstanceGroup", "spot-nodes-workers-4x"))
    taints = spec_of(only(kops, "InstanceGroup", "spot-nodes-api-4x"))["taints"]
    assert taints == ["kingtide.dev/node-group=api:NoSchedule"]


def test_groups_stand_in_canonical_order() -> None:
    admin = {"onDemand": {"sizes": {"2x": {"instances": ["c5.2xlarge"], "min": 2, "max": 6}}}}
    kops = compiled(
        nodeGroups={"workers": WORKERS, "api": WORKERS, "admin": admin},
        controlPlane={"instanceType": "m5.large", "perZone": True},
    ).kops
    assert [(it.kind, it.name) for it in kops] == [
        ("Cluster", "small.k8s.example.com"),
        ("InstanceGroup", "control-plane-eu-west-3a"),
        ("InstanceGroup", "control-plane-eu-west-3b"),
        ("InstanceGroup", "control-plane-eu-west-3c"),
        ("InstanceGroup", "on-demand-admin-2x"),
        ("InstanceGroup", "on-demand-api-4x"),
        ("InstanceGroup", "on-demand-workers-4x"),
        ("InstanceGroup", "spot-nodes-api-4x"),
        ("InstanceGroup", "spot-nodes-workers-4x"),
    ]


def test_a_groups_own_zones_disk_labels_and_surge_count() -> None:
    own = {
        "zones": ["b"],
        "labels": {"disk": "fast"},
        "rootVolume": {"size": "100Gi", "type": "gp3"},
        "rollingUpdate": {"maxSurge": "20%", "maxUnavailable": 0},
    }
    spot = spec_of(
        only(
            compiled(nodeGroups={"workers": {**WORKERS, **own}}).kops,
            "InstanceGroup",
            "spot-nodes-workers-4x",
        )
    )
    assert spot["subnets"] == ["eu-west-3b"]
    assert spot["nodeLabels"]["disk"] == "fast"
    assert (spot["rootVolumeSize"], spot["rootVolumeType"]) == (100, "gp3")
    assert spot["rollingUpdate"] == {"maxSurge": "20%", "maxUnavailable": 0}


def test_a_zone_without_subnet_and_a_disk_of_no_whole_gib_are_told_with_their_place() -> None:
    own = {"zones": ["d"], "rootVolume": {"size": "1500Mi"}}
    first, second = mistakes(nodeGroups={"workers": {**WORKERS, **own}})
    assert "clusters/small.yaml:" in first
    assert "spec.nodeGroups.workers.zones[0]: the cluster has no zone eu-west-3d" in first
    assert "spec.nodeGroups.workers.rootVolume.size: 1,572,864,000 bytes" in second
