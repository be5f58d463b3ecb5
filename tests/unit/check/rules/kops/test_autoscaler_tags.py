from __future__ import annotations

import pytest

from kingtide.check.rules.kops import autoscaler_tags
from tests.unit.check.rules.kops.documents import CONTROL_PLANE, SPOT, Change, faults


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param(
            [(SPOT, ("spec", "cloudLabels", "k8s.io/cluster-autoscaler/prod.k8s.foo.bar"), None)],
            [f"{SPOT} spec.cloudLabels"],
            id="without the cluster's own",
        ),
        pytest.param(
            [(SPOT, ("spec", "minSize"), 100), (SPOT, ("spec", "cloudLabels"), None)],
            [],
            id="of one size for ever",
        ),
        pytest.param(
            [(SPOT, ("spec", "autoscale"), False), (SPOT, ("spec", "cloudLabels"), None)],
            [],
            id="that is not to scale",
        ),
        pytest.param([(CONTROL_PLANE, ("spec", "cloudLabels"), None)], [], id="of a control plane"),
    ],
)
def test_a_group_is_found_by_cluster_autoscaler(changes: list[Change], expected: list[str]) -> None:
    assert faults(autoscaler_tags._discovery, *changes) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param(
            [
                (
                    SPOT,
                    ("spec", "cloudLabels", "k8s.io/cluster-autoscaler/node-template/taint/team"),
                    "api:NoSchedule",
                ),
                (SPOT, ("spec", "taints"), ["team=web:NoSchedule"]),
            ],
            [f'{SPOT} spec.cloudLabels."k8s.io/cluster-autoscaler/node-template/taint/team"'],
            id="a taint that is not",
        ),
        pytest.param(
            [
                (
                    SPOT,
                    ("spec", "cloudLabels", "k8s.io/cluster-autoscaler/node-template/taint/team"),
                    "api:NoSchedule",
                ),
                (SPOT, ("spec", "taints"), ["team=api:NoSchedule"]),
            ],
            [],
            id="a taint that is",
        ),
        pytest.param(
            [
                (
                    SPOT,
                    ("spec", "cloudLabels", "k8s.io/cluster-autoscaler/node-template/label/gpu"),
                    "no",
                )
            ],
            [],
            id="a label of its own",
        ),
    ],
)
def test_a_template_tag_says_what_the_group_says(
    changes: list[Change], expected: list[str]
) -> None:
    assert faults(autoscaler_tags._templates, *changes) == expected
