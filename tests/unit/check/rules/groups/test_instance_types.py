from __future__ import annotations

import pytest

from kingtide.check.findings import Finding
from kingtide.check.registry import RULES
from kingtide.check.rule import Example
from kingtide.check.run import check_fleet
from kingtide.check.selection import Selection
from tests.unit.check.example_fleet import GOOD_FLEET, example_view

LIST = "snippets/instance-types/4x-cpu16.yaml"


def found(code: str, spec: str = "", **files: str) -> list[Finding]:
    view = example_view(Example(spec=spec, files=files))
    return list(check_fleet(view, RULES, "2026-11-22", Selection(select=(code,))).findings)


@pytest.mark.parametrize(
    ("code", "old", "new", "line"),
    [
        pytest.param("KT203", "- c5.4xlarge\n- c5d.4xlarge", "- m5.4xlarge", 1, id="memory"),
        pytest.param("KT202", "- c6i.4xlarge", "- c6i.8xlarge", 3, id="CPUs"),
        pytest.param("KT204", "- c6i.4xlarge", "- c6g.4xlarge", 3, id="architecture"),
    ],
)
def test_a_shared_list_has_one_finding_at_its_line(
    code: str, old: str, new: str, line: int
) -> None:
    """Spot, its fallback and a second cluster take the same list: it is wrong once."""
    text = GOOD_FLEET[LIST].replace("- m5.4xlarge\n", "").replace(old, new)
    second = (
        "apiVersion: fleet.kingtide.dev/v1alpha1\nkind: Cluster\nmetadata: {name: second}\n"
        "spec: {class: base, network: {cidr: 10.1.0.0/16}}\n"
    )
    (it,) = found(code, **{LIST: text, "clusters/second.yaml": second})
    assert (it.place.file, it.place.line, it.place.column) == (LIST, line, 3)
    assert it.clusters == ("prod", "second")


def test_a_list_of_ones_own_is_told_at_its_item_and_not_again_at_the_fallback() -> None:
    spec = "nodeGroups: {workers: {spot: {sizes: {4x: {instances: [r5.4xlarge, c5.4xlarge]}}}}}"
    (it,) = found("KT203", spec)
    assert it.place.file == "clusters/prod.yaml"
    assert it.field == "spec.nodeGroups.workers.spot.sizes.4x.instances[0]"


def test_what_a_patch_lists_is_told_at_the_patch() -> None:
    spec = (
        "kops: {patches: [{target: {kind: InstanceGroup, name: spot-nodes-workers-4x}, merge:"
        " {spec: {mixedInstancesPolicy: {instances: [r5.4xlarge, c5.4xlarge]}}}}]}"
    )
    (it,) = found("KT203", spec)
    assert it.field == "spec.kops.patches[0].merge.spec.mixedInstancesPolicy.instances"
