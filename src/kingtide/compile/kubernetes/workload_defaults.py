"""What workloads get that say nothing themselves: a ConfigMap for each application group.

An admission webhook applies them, and people read them; a pod's group is that of its namespace's
label `kingtide.dev/node-group`. What stands in a file is the part of the object itself, in
Kubernetes' own fields, so that nothing needs translation.
"""

from __future__ import annotations

from kingtide.compile.document import Body, Document
from kingtide.compile.kubernetes.config_map import config_map
from kingtide.compile.kubernetes.placement import placement
from kingtide.compile.subject import Subject
from kingtide.compile.yaml_text import yaml_text
from kingtide.fleet.models.group_defaults import GroupDns, GroupHpa
from kingtide.fleet.models.node_group import Group
from kingtide.fleet.node_daemons import node_daemons
from kingtide.fleet.priority_classes import DEFAULT_PRIORITY_CLASS
from kingtide.kube.namespaces import KINGTIDE_NAMESPACE
from kingtide.kube.nodes import GROUP_LABEL
from kingtide.kube.quantities import format_bytes, format_cpu

WORKLOAD_DEFAULTS = "workload-defaults"
"""The ConfigMap of namespaces without a group; a group's has `-<group>` behind it."""
POD_KEY = "pod-spec.yaml"
"""The part of a PodSpec that pods get."""
AUTOSCALER_KEY = "horizontal-pod-autoscaler-spec.yaml"
"""The part of an autoscaling/v2 HorizontalPodAutoscalerSpec that autoscalers get."""
DAEMON_SETS = "daemon-set-resources"
"""The ConfigMap with what the fleet plans for each DaemonSet, by `<namespace>.<name>.yaml`."""


def workload_defaults(subject: Subject) -> tuple[Document, ...]:
    """Return the cluster's defaults, and each group's."""
    found = [_defaults(subject, WORKLOAD_DEFAULTS, Group(), {})]
    for name, group in subject.spec.node_groups.items():
        found.append(_defaults(subject, f"{WORKLOAD_DEFAULTS}-{name}", group, {GROUP_LABEL: name}))
    return tuple(it for it in found if it is not None)


def daemon_set_resources(subject: Subject) -> tuple[Document, ...]:
    """Return what each DaemonSet's pods request and are limited to; nothing without DaemonSets."""
    data = {
        f"{it.namespace}.{name}.yaml": yaml_text(
            {
                key: {"cpu": format_cpu(amounts.cpu), "memory": format_bytes(amounts.memory)}
                for key, amounts in (("limits", it.limits), ("requests", it.requests))
                if amounts is not None
            }
        )
        for name, it in node_daemons(subject.spec).items()
    }
    return (config_map(DAEMON_SETS, KINGTIDE_NAMESPACE, data),) if data else ()


def _defaults(subject: Subject, name: str, group: Group, labels: dict[str, str]) -> Document | None:
    pod: Body = {
        **(placement(subject, labels[GROUP_LABEL]) if labels else {}),
        **_dns(subject, group.dns or GroupDns()),
    }
    priority_class = group.priority_class
    if priority_class is None and DEFAULT_PRIORITY_CLASS in subject.spec.priority_classes:
        priority_class = DEFAULT_PRIORITY_CLASS
    if priority_class is not None:
        pod["priorityClassName"] = priority_class
    data = {POD_KEY: yaml_text(pod)} if pod else {}
    autoscaler = _autoscaler(subject, group.hpa or GroupHpa())
    if autoscaler:
        data[AUTOSCALER_KEY] = yaml_text(autoscaler)
    return config_map(name, KINGTIDE_NAMESPACE, data, labels) if data else None


def _dns(subject: Subject, dns: GroupDns) -> Body:
    found: Body = {"dnsPolicy": dns.policy}
    ndots = subject.spec.dns.ndots if dns.ndots is None else dns.ndots
    if ndots is not None:
        # Names of the outside are asked for once, not once for each search domain before.
        found["dnsConfig"] = {"options": [{"name": "ndots", "value": str(ndots)}]}
    return found


def _autoscaler(subject: Subject, hpa: GroupHpa) -> Body:
    found: Body = {}
    target = hpa.target
    if target is None:
        target = getattr(subject.spec.hpa, "target_percent", None)
    if target is not None:
        wanted: Body = {"averageUtilization": target, "type": "Utilization"}
        found["metrics"] = [{"resource": {"name": "cpu", "target": wanted}, "type": "Resource"}]
    if hpa.min is not None:
        found["minReplicas"] = hpa.min
    if hpa.max is not None:
        found["maxReplicas"] = hpa.max
    return found
