"""Which instances stand otherwise in their group than before."""

from __future__ import annotations

from collections.abc import Iterator

from kingtide.aws.autoscaling import AutoScalingGroup
from kingtide.controllers.node_autoscaling.template_tags import GroupOptions

Described = tuple[AutoScalingGroup, GroupOptions]
"""A group as the cloud describes it, and the options that its tags set."""


def moved_instances(old: Described | None, new: Described | None) -> Iterator[str]:
    """Yield the ids of instances that came, went, began to leave, or have other options now.

    None for a group that was not, or is no more, one of ours. Instances that the cloud describes by
    the very same value are not compared, so that a description with one change costs little.
    """
    has_same_options = (
        old is not None and new is not None and (old[1] is new[1] or old[1] == new[1])
    )
    if has_same_options and old is not None and new is not None and old[0] is new[0]:
        return
    was = {} if old is None else {it.instance_id: it for it in old[0].instances}
    now = {} if new is None else {it.instance_id: it for it in new[0].instances}
    for instance_id in dict.fromkeys([*was, *now]):
        here, there = was.get(instance_id), now.get(instance_id)
        if has_same_options and here is not None and there is not None:
            if here is not there and here.is_leaving != there.is_leaving:
                yield instance_id
        else:
            yield instance_id
