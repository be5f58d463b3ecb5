"""What a group's tags say of nodes that do not exist yet: taints, resources, options.

Source:
https://github.com/kubernetes/autoscaler/blob/55c37cd5/cluster-autoscaler/cloudprovider/aws/aws_manager.go
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import cast

import msgspec

from kingtide.control.group_labels import TEMPLATE_PREFIX
from kingtide.fleet.policies.node_autoscaling import ScaleDownPolicy
from kingtide.kube.durations import parse_duration_ms
from kingtide.kube.quantities import QuantityError, parse_quantity
from kingtide.kube.taints import Taint, TaintEffect

TAINT_PREFIX = TEMPLATE_PREFIX + "taint/"
RESOURCE_PREFIX = TEMPLATE_PREFIX + "resources/"
OPTION_PREFIX = TEMPLATE_PREFIX + "autoscaling-options/"

_EFFECTS = ("NoSchedule", "NoExecute", "PreferNoSchedule")


def taints_of(tags: Mapping[str, str]) -> tuple[Taint, ...]:
    """Return the taints that tags give to a node (`value:Effect`); what is no taint is dropped."""
    taints = []
    for key, text in tags.items():
        value, colon, effect = text.partition(":")
        if key.startswith(TAINT_PREFIX) and colon and effect in _EFFECTS:
            taints.append(Taint(key[len(TAINT_PREFIX) :], cast(TaintEffect, effect), value))
    return tuple(taints)


def resources_of(tags: Mapping[str, str]) -> dict[str, str]:
    """Return the resources that tags give to a node, as written; a bad quantity is dropped."""
    resources: dict[str, str] = {}
    for key, text in tags.items():
        name = key.removeprefix(RESOURCE_PREFIX)
        if name == key or not name:
            continue
        try:
            parse_quantity(text)
        except QuantityError:
            continue
        resources[name] = text
    return resources


class GroupOptions(msgspec.Struct, frozen=True, gc=False):
    """The scale-down settings that a group may have of its own.

    Times in milliseconds, shares as IEEE doubles.
    """

    utilization_threshold: float
    gpu_utilization_threshold: float
    unneeded_ms: int
    unready_ms: int
    ignore_daemon_sets_utilization: bool


def default_options(policy: ScaleDownPolicy) -> GroupOptions:
    """Return the options of a group whose tags say nothing."""
    return GroupOptions(
        utilization_threshold=policy.utilization_threshold,
        gpu_utilization_threshold=policy.gpu_utilization_threshold,
        unneeded_ms=policy.unneeded_seconds * 1000,
        unready_ms=policy.unready_seconds * 1000,
        ignore_daemon_sets_utilization=policy.ignore_daemon_sets_utilization,
    )


def options_of(options: Mapping[str, str], defaults: GroupOptions) -> GroupOptions:
    """Return a group's options from its `autoscaling-options/` tags (here without that prefix).

    What cannot be read leaves the default, as Cluster Autoscaler does.
    """
    unneeded = parse_duration_ms(options.get("scaledownunneededtime", ""))
    unready = parse_duration_ms(options.get("scaledownunreadytime", ""))
    threshold = _parse_double(options.get("scaledownutilizationthreshold", ""))
    gpu_threshold = _parse_double(options.get("scaledowngpuutilizationthreshold", ""))
    ignore = _BOOLEANS.get(options.get("ignoredaemonsetsutilization", ""))
    return GroupOptions(
        utilization_threshold=defaults.utilization_threshold if threshold is None else threshold,
        gpu_utilization_threshold=(
            defaults.gpu_utilization_threshold if gpu_threshold is None else gpu_threshold
        ),
        unneeded_ms=defaults.unneeded_ms if unneeded is None else unneeded,
        unready_ms=defaults.unready_ms if unready is None else unready,
        ignore_daemon_sets_utilization=(
            defaults.ignore_daemon_sets_utilization if ignore is None else ignore
        ),
    )


def option_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """Return a group's `autoscaling-options/` tags without the prefix."""
    return {
        key[len(OPTION_PREFIX) :]: value
        for key, value in tags.items()
        if key.startswith(OPTION_PREFIX)
    }


_BOOLEANS = {
    **dict.fromkeys(("1", "t", "T", "TRUE", "true", "True"), True),
    **dict.fromkeys(("0", "f", "F", "FALSE", "false", "False"), False),
}
"""What Go's strconv.ParseBool takes (https://pkg.go.dev/strconv#ParseBool)."""


def _parse_double(text: str) -> float | None:
    """Return a number as Go's strconv.ParseFloat reads it, None when it is no finite number."""
    if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", text):
        return None
    number = float(text)
    return number if math.isfinite(number) else None
