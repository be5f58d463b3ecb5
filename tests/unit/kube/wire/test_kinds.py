from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kingtide.kube.labels import LabelSelector, NodeSelectorTerm, Requirement
from kingtide.kube.pods import (
    Container,
    HostPort,
    Pod,
    PodAffinityTerm,
    PodSpec,
    PreferredNodeTerm,
    TopologySpreadConstraint,
    Volume,
    WeightedPodAffinityTerm,
)
from kingtide.kube.resources import Resources
from kingtide.kube.taints import Toleration
from kingtide.kube.wire.kinds import api_kinds
from kingtide.rehearsal.prepare import prepare
from kingtide.twin.world import World

GAME_DAY = Path(__file__).parents[4] / "examples" / "gameday-small" / "rehearsal.yaml"
KINDS = api_kinds()


@lru_cache(maxsize=1)
def stored() -> Mapping[str, tuple[Any, ...]]:
    """Return the objects of a small cluster after ten minutes, with times in whole seconds."""
    definition = prepare(GAME_DAY).definition
    world = World(definition)
    world.run_until(definition.start_ms + 600_000)
    store = world.store
    objects: dict[str, tuple[Any, ...]] = {
        "Pod": tuple(store.pods.values()),
        "Node": tuple(store.nodes.values()),
        "Deployment": tuple(store.deployments.values()),
        "ReplicaSet": tuple(store.replica_sets.values()),
        "DaemonSet": tuple(store.daemon_sets.values()),
        "StatefulSet": tuple(store.stateful_sets.values()),
        "PodDisruptionBudget": tuple(store.disruption_budgets.values()),
        "HorizontalPodAutoscaler": tuple(store.autoscalers.values()),
        "ConfigMap": tuple(store.config_maps.values()),
    }
    return {kind: tuple(in_seconds(it) for it in found) for kind, found in objects.items()}


def in_seconds(value: Any) -> Any:
    """Return a value with every time cut to whole seconds, which is all that the API keeps."""
    if not isinstance(value, msgspec.Struct):
        return value
    changes = {}
    for field in value.__struct_fields__:
        found = getattr(value, field)
        is_time = field.endswith("_ms") and found is not None
        changes[field] = found // 1000 * 1000 if is_time else in_seconds(found)
    return msgspec.structs.replace(value, **changes)


@pytest.mark.parametrize("kind", stored())
def test_what_is_written_of_a_cluster_reads_as_it_was(kind: str) -> None:
    objects = stored()[kind]
    assert objects
    for it in objects:
        assert KINDS[kind].read(msgspec.json.encode(KINDS[kind].body(it))) == it


def test_a_pod_with_everything_reads_as_it_was() -> None:
    near = PodAffinityTerm(
        "zone", LabelSelector((("app", "a"),)), ("shop",), LabelSelector(), ("hash",), ("x",)
    )
    term = NodeSelectorTerm(
        (Requirement("arch", "In", ("amd64", "arm64")),),
        (Requirement("metadata.name", "In", ("n1",)),),
    )
    gpu = Resources(cpu_millicores=1500, memory_bytes=2**30, extended=(("nvidia.com/gpu", 1),))
    spec = PodSpec(
        containers=(
            Container("app", "app:1", gpu, gpu, host_ports=(HostPort(80, "UDP", "10.0.0.1"),)),
        ),
        init_containers=(Container("sidecar", "s:1", always_restarts=True),),
        overhead=Resources(memory_bytes=2**20),
        priority=-5,
        priority_class_name="low",
        preemption_policy="Never",
        tolerations=(Toleration("k", "Exists", effect="NoExecute", toleration_seconds=30),),
        node_selector=(("group", "api"),),
        required_node_affinity=(term,),
        termination_grace_period_seconds=0,
        restart_policy="OnFailure",
        volumes=(Volume("scratch", "emptyDir", "Memory"), Volume("logs", "hostPath")),
        preferred_node_affinity=(PreferredNodeTerm(7, term),),
        topology_spread=(
            TopologySpreadConstraint(
                2, "zone", "DoNotSchedule", LabelSelector(), 3, "Ignore", "Honor", ("hash",)
            ),
        ),
        required_pod_affinity=(near,),
        required_pod_anti_affinity=(near, near),
        preferred_pod_affinity=(WeightedPodAffinityTerm(1, near),),
        preferred_pod_anti_affinity=(WeightedPodAffinityTerm(100, near),),
    )
    pod = Pod("shop", "a-1", "u1", spec, {"app": "a"}, 5_000, deletion_ms=60_000)
    pod = msgspec.structs.replace(pod, deletion_grace_seconds=30)
    assert KINDS["Pod"].read(msgspec.json.encode(KINDS["Pod"].body(pod))) == pod


def written_pod(node: str, token: str) -> bytes:
    """Return a pod as an API server writes it: with fields of its own within the spec."""
    volume = f"kube-api-access-{token}"
    container = {
        "name": "a",
        "image": "a:1",
        "resources": {"limits": {"cpu": "1", "memory": 1024}},
        "volumeMounts": [{"name": volume, "mountPath": "/var/run"}],
    }
    spec = {
        "volumes": [{"name": volume, "projected": {"sources": []}}],
        "containers": [container],
        "nodeName": node,
        "hostNetwork": False,
    }
    return msgspec.json.encode({"metadata": {"name": f"a-{token}", "uid": "u"}, "spec": spec})


def test_pods_of_one_template_share_one_spec_wherever_they_run() -> None:
    read = api_kinds()["Pod"].read
    first, second = read(written_pod("n1", "abcde")), read(written_pod("n2", "fghij"))
    assert first.spec is second.spec
    assert (first.node_name, second.node_name) == ("n1", "n2")


def test_a_container_that_names_only_limits_requests_them() -> None:
    container = KINDS["Pod"].read(written_pod("n1", "abcde")).spec.containers[0]
    assert container.requests == Resources(cpu_millicores=1000, memory_bytes=1024)
    assert container.limits == container.requests


@pytest.mark.parametrize(
    "written",
    [
        b"",
        b"[]",
        b'{"metadata":{"name":1},"spec":{}}',
        b'{"metadata":{"name":"a"},"spec":{"containers":[{"resources":{}}]}}',
        written_pod("n1", "abcde").replace(b'"cpu":"1"', b'"cpu":"many"'),
        b'{"metadata":{"name":"a","creationTimestamp":"soon"},"spec":{"containers":[]}}',
        b'{"metadata":{"name":"a"},"spec":{"containers":[]},"status":{"phase":"Dancing"}}',
    ],
    ids=["nothing", "a list", "name", "container", "quantity", "time", "phase"],
)
def test_what_is_no_pod_is_a_value_error(written: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 (each of several kinds, all of them ValueErrors)
        KINDS["Pod"].read(written)


def test_an_object_has_its_path_in_the_api() -> None:
    assert KINDS["Pod"].path("shop", "a", "eviction") == "/api/v1/namespaces/shop/pods/a/eviction"
    assert KINDS["Deployment"].path() == "/apis/apps/v1/deployments"
    assert KINDS["Node"].path(name="n1") == "/api/v1/nodes/n1"
