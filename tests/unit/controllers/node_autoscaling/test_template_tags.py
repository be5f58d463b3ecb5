"""Resources that a group's tags give to a node to be."""

from __future__ import annotations

from kingtide.controllers.node_autoscaling.eligibility import GPU_RESOURCE, gpus_of
from kingtide.controllers.node_autoscaling.template_tags import RESOURCE_PREFIX, resources_of
from kingtide.kube.resources import Resources


def test_only_tags_with_the_prefix_and_a_name_give_a_resource() -> None:
    tags = {
        f"{RESOURCE_PREFIX}{GPU_RESOURCE}": "2",
        f"{RESOURCE_PREFIX}hugepages-2Mi": "much",
        RESOURCE_PREFIX: "1",
        "Name": "3",
        "": "4",
    }
    assert resources_of(tags) == {GPU_RESOURCE: "2"}


def test_gpus_are_counted_among_other_extended_resources() -> None:
    assert gpus_of(Resources(extended=(("fpga", 9), (GPU_RESOURCE, 2)))) == 2
    assert gpus_of(Resources(extended=(("fpga", 9),))) == 0
    assert gpus_of(Resources()) == 0
