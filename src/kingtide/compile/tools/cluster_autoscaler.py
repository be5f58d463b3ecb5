"""What the fleet knows for Cluster Autoscaler's chart.

Source of the values' names: https://github.com/kubernetes/autoscaler/tree/master/charts/cluster-autoscaler
(values.yaml). The chart finds groups by the two tags that fleet.expansion gives them.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from pydantic import BaseModel

from kingtide.compile.document import Body
from kingtide.compile.kubernetes.expander_priorities import autoscaling_policy
from kingtide.compile.subject import Subject
from kingtide.fleet.documents.field_texts import descriptions
from kingtide.fleet.documents.tree import Path
from kingtide.fleet.expander_priorities import PRIORITIES
from kingtide.fleet.policies.node_autoscaling import NodeAutoscalingPolicy
from kingtide.fleet.policies.settings_table import flag_of
from kingtide.fleet.policies.written import written_name
from kingtide.kube.durations import format_duration

_OF_THE_CHART = ("discovery", "node_groups")
"""Settings that the chart makes flags of itself, from `autoDiscovery`."""


def cluster_autoscaler_values(subject: Subject) -> Body:
    """Return the values: the cluster, its region, the order of groups, and the flags.

    The flags are those of settings that the fleet's files say; the program's defaults hold for the
    others. `expander` is always said, since its default there is another than ours.
    """
    policy = autoscaling_policy(subject)
    flags: Body = {"expander": ",".join(policy.expander)}
    if isinstance(subject.spec.autoscaler, BaseModel):
        flags |= dict(_flags(subject, subject.spec.autoscaler, policy, ("autoscaler",)))
    found: Body = {
        "autoDiscovery": {"clusterName": subject.full_name},
        "awsRegion": subject.spec.region,
        "extraArgs": flags,
    }
    if "priority" in policy.expander:
        # As text: the keys of a map would reach the program as texts, and it takes numbers.
        found["expanderPriorities"] = subject.priorities or PRIORITIES
    return found


def _flags(
    subject: Subject, written: BaseModel, policy: msgspec.Struct, path: Path
) -> Iterator[tuple[str, str]]:
    texts = descriptions(type(policy))
    for field in type(written).model_fields:
        below, value = getattr(written, field), getattr(policy, field)
        if below is None or (field in _OF_THE_CHART and type(policy) is NodeAutoscalingPolicy):
            continue
        at = (*path, written_name(field))
        flag = flag_of(texts[field])
        if isinstance(below, BaseModel):
            yield from _flags(subject, below, value, at)
        elif flag is None:
            continue  # of our own node autoscaling, which a rehearsal may try beside this one
        elif isinstance(value, tuple) and field != "expander" and len(value) != 1:
            wrong = f"the chart takes {flag} once"
            subject.note(at, wrong, "write one, or the others into the tool's values")
        else:
            yield flag.removeprefix("--"), _text(field, value)


def without_flag(
    written: object, policy: msgspec.Struct, path: Path = ("autoscaler",)
) -> Iterator[tuple[Path, object]]:
    """Yield the settings that a cluster says and no flag has, each with its value."""
    if not isinstance(written, BaseModel):
        return
    texts = descriptions(type(policy))
    for field in type(written).model_fields:
        below, value = getattr(written, field), getattr(policy, field)
        at = (*path, written_name(field))
        if isinstance(below, BaseModel):
            yield from without_flag(below, value, at)
        elif below is not None and field not in _OF_THE_CHART and flag_of(texts[field]) is None:
            yield at, value


def _text(field: str, value: object) -> str:
    """Return a flag's value as text, so that Helm makes no other number of it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    if field.endswith("_seconds") and isinstance(value, int):
        return format_duration(value)
    return str(value)
