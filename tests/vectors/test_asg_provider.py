"""asg_provider.json: discovery, node templates from tags, options, capacity failures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kingtide.aws.autoscaling import ScalingActivity
from kingtide.control.group_labels import labels_of
from kingtide.controllers.node_autoscaling.capacity_failure import shortage
from kingtide.controllers.node_autoscaling.discovery import (
    DiscoveryError,
    parse_discovery,
    parse_explicit,
)
from kingtide.controllers.node_autoscaling.template_tags import (
    GroupOptions,
    options_of,
    resources_of,
    taints_of,
)
from kingtide.kube.durations import parse_duration_ms
from tests.vectors.cases import Case
from tests.vectors.claims import VectorFile
from tests.vectors.strictness import only_known

vectors = VectorFile("asg_provider")


@vectors.cases("discovery_cases")
def test_discovery_by_tags(case: Case) -> Mapping[str, Any]:
    only_known(case.input, "spec")
    try:
        return {"tags": parse_discovery(case.input["spec"])}
    except DiscoveryError:
        return {"error": True}


@vectors.cases("explicit_group_cases")
def test_explicit_groups(case: Case) -> Mapping[str, Any]:
    only_known(case.input, "spec")
    try:
        group = parse_explicit(case.input["spec"])
    except DiscoveryError:
        return {"error": True}
    return {"min": group.min_size, "max": group.max_size, "name": group.name}


@vectors.cases("node_template_tag_cases")
def test_node_templates_from_tags(case: Case) -> Mapping[str, Any]:
    only_known(case.input, "asg_tags")
    tags = case.input["asg_tags"]
    return {
        "labels": labels_of(tags),
        "taints": [[it.key, it.value, it.effect] for it in taints_of(tags)],
        "resources": resources_of(tags),
    }


@vectors.cases("option_tag_cases")
def test_options_from_tags(case: Case) -> Mapping[str, Any]:
    only_known(case.input, "defaults", "autoscaling_options_tags")
    given = only_known(
        case.input["defaults"],
        "scaledownutilizationthreshold",
        "scaledowngpuutilizationthreshold",
        "scaledownunneededtime",
        "scaledownunreadytime",
        "ignoredaemonsetsutilization",
    )
    defaults = GroupOptions(
        utilization_threshold=given["scaledownutilizationthreshold"],
        gpu_utilization_threshold=given["scaledowngpuutilizationthreshold"],
        unneeded_ms=_duration(given["scaledownunneededtime"]),
        unready_ms=_duration(given["scaledownunreadytime"]),
        ignore_daemon_sets_utilization=given["ignoredaemonsetsutilization"],
    )
    options = options_of(case.input["autoscaling_options_tags"], defaults)
    return {
        "scaledownutilizationthreshold": options.utilization_threshold,
        "scaledowngpuutilizationthreshold": options.gpu_utilization_threshold,
        "scaledownunneededtime": _text(options.unneeded_ms),
        "scaledownunreadytime": _text(options.unready_ms),
        "ignoredaemonsetsutilization": options.ignore_daemon_sets_utilization,
    }


@vectors.cases("capacity_failure_cases")
def test_capacity_failures(case: Case) -> Mapping[str, Any]:
    given = only_known(
        case.input,
        "desired",
        "running",
        "activities",
        "last_resize_s",
        "describe_error",
        "group_registered",
    )
    activities = [
        ScalingActivity(
            activity_id=str(index),
            group="group",
            status=only_known(activity, "status", "start_s")["status"],
            start_ms=round(activity["start_s"] * 1000),
            end_ms=None,
            cause="",
        )
        for index, activity in enumerate(given["activities"])
    ]
    found = shortage(
        given["desired"],
        given["running"],
        None if given["describe_error"] else activities,
        round(given["last_resize_s"] * 1000),
        is_registered=given["group_registered"],
    )
    return {"placeholders": found.missing, "unfulfillable": found.is_unfulfillable}


def _duration(text: str) -> int:
    duration_ms = parse_duration_ms(text)
    assert duration_ms is not None, text
    return duration_ms


def _text(duration_ms: int) -> str:
    """A duration as the file writes it: in the largest unit that divides it."""
    for unit, size_ms in (("h", 3_600_000), ("m", 60_000), ("s", 1000)):
        if duration_ms % size_ms == 0 and duration_ms:
            return f"{duration_ms // size_ms}{unit}"
    return f"{duration_ms}ms" if duration_ms else "0s"
