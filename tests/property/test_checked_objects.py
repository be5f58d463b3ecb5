"""Whatever stands in manifests and patches, a check ends with findings and never with an error."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from kingtide.check.registry import RULES
from kingtide.check.rule import Example
from kingtide.check.run import check_fleet
from tests.unit.check.example_fleet import example_view

GROUP: dict[str, Any] = {
    "apiVersion": "kops.k8s.io/v1alpha2",
    "kind": "InstanceGroup",
    "metadata": {"name": "spot-old", "labels": {"kops.k8s.io/cluster": "prod.k8s.foo.bar"}},
    "spec": {
        "role": "Node",
        "machineType": "c5.4xlarge",
        "minSize": 0,
        "maxSize": 10,
        "subnets": ["eu-west-1a", "eu-west-1b"],
        "nodeLabels": {"kingtide.dev/node-group": "workers"},
        "taints": ["a=b:NoSchedule"],
        "suspendProcesses": ["AZRebalance"],
        "mixedInstancesPolicy": {
            "instances": ["c5.4xlarge", "m5.4xlarge"],
            "onDemandAboveBase": 0,
            "spotAllocationStrategy": "capacity-optimized",
        },
    },
}
AUTOSCALER: dict[str, Any] = {
    "apiVersion": "autoscaling/v2",
    "kind": "HorizontalPodAutoscaler",
    "metadata": {"name": "front", "namespace": "shop"},
    "spec": {
        "scaleTargetRef": {"kind": "Deployment", "name": "front"},
        "targetCPUUtilizationPercentage": 70,
        "metrics": [{"resource": {"name": "cpu", "target": {"averageUtilization": 70}}}],
    },
}
DEPLOYMENT: dict[str, Any] = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {
        "name": "front",
        "namespace": "shop",
        "annotations": {"kingtide.dev/waive": "KT405 until 2026-12-31: why"},
    },
    "spec": {
        "template": {
            "metadata": {"labels": {"app": "front"}},
            "spec": {
                "nodeSelector": {"kingtide.dev/node-group": "workers"},
                "containers": [
                    {"name": "front", "resources": {"requests": {"cpu": "9", "memory": "1Gi"}}}
                ],
            },
        }
    },
}
PRIORITIES: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "cluster-autoscaler-priority-expander", "namespace": "kube-system"},
    "data": {"priorities": '10: ["^on-demand-"]\n50: ["^spot-nodes-"]\n'},
}
OBJECTS = (GROUP, AUTOSCALER, DEPLOYMENT, PRIORITIES)
PLAIN: list[Any] = [None, True, 0, -1, 10**30, 0.5, "", "x", "1e99999", "-5", "[", "{", "*", "ü\n"]
TEXTS: list[Any] = ["eu-west-1a", "10: [(]", "KT401 until 2026-02-30: x"]
NESTED: list[Any] = [[], {}, [1], [[]], {"a": 1}, [{"a": None}], ["c5.4xlarge", 3], {"": ""}]
ODD = st.sampled_from([*PLAIN, *TEXTS, *NESTED])


def places(value: Any, at: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if at:
        yield at
    if not isinstance(value, dict | list):
        return
    for key, below in value.items() if isinstance(value, dict) else enumerate(value):
        yield from places(below, (*at, key))


def changed(value: Any, at: tuple[str | int, ...], odd: Any) -> Any:
    copy = json.loads(json.dumps(value))
    target = copy
    for step in at[:-1]:
        target = target[step]
    target[at[-1]] = odd
    return copy


@st.composite
def odd_objects(draw: st.DrawFn) -> str:
    thing = draw(st.sampled_from(OBJECTS))
    at = draw(st.sampled_from(list(places(thing))))
    others = [it for it in OBJECTS if it is not thing]
    return "\n---\n".join(json.dumps(it) for it in [changed(thing, at, draw(ODD)), *others])


@settings(max_examples=150)
@given(odd_objects())
def test_odd_objects_in_manifests_end_with_findings(text: str) -> None:
    view = example_view(Example(files={"manifests/odd.yaml": text}))
    for it in check_fleet(view, RULES, "2026-11-22").findings:
        assert it.place.file


@st.composite
def odd_patches(draw: st.DrawFn) -> str:
    family, kind = draw(
        st.sampled_from(
            [("kops", "InstanceGroup"), ("kops", "Cluster")]
            + [("kubernetes", it) for it in ("Deployment", "ConfigMap", "PriorityClass")]
        )
    )
    thing = {"InstanceGroup": GROUP, "ConfigMap": PRIORITIES}.get(kind, DEPLOYMENT)
    at = draw(st.sampled_from([it for it in places(thing) if it[0] in ("spec", "data")]))
    merge = draw(ODD)
    for step in reversed(at):
        merge = {step: merge} if isinstance(step, str) else [merge]
    patch = {"target": {"kind": kind}, "merge": merge}
    return json.dumps({family: {"patches": [patch]}})[1:-1].replace('"kops":', "kops:", 1)


@settings(max_examples=150)
@given(odd_patches())
def test_odd_patches_end_with_findings(spec: str) -> None:
    view = example_view(Example(spec=spec))
    for it in check_fleet(view, RULES, "2026-11-22").findings:
        assert it.place.file
