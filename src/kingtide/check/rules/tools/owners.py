"""One owner a tool: what kops runs as an addon is no tool of the fleet as well."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kingtide.check.plain_values import value_at
from kingtide.check.rule import Example, Rule
from kingtide.check.rules.tools.fleet_tools import FleetTools, tool_yaml
from kingtide.check.view import FleetView, Found
from kingtide.fleet.documents.tree import Path, Plain

KOPS_ADDONS: Mapping[str, Path] = {
    "aws-load-balancer-controller": ("awsLoadBalancerController", "enabled"),
    "aws-node-termination-handler": ("nodeTerminationHandler", "enabled"),
    "amazon-eks-pod-identity-webhook": ("podIdentityWebhook", "enabled"),
    "cert-manager": ("certManager", "enabled"),
    "cluster-autoscaler": ("clusterAutoscaler", "enabled"),
    "metrics-server": ("metricsServer", "enabled"),
    "node-local-dns": ("kubeDNS", "nodeLocalDNS", "enabled"),
    "node-problem-detector": ("nodeProblemDetector", "enabled"),
    "snapshot-controller": ("snapshotController", "enabled"),
}
"""kops' addons by the name of the chart that installs the same, and what switches each on.

Source: https://kops.sigs.k8s.io/addons/ (kops 1.35)."""
ON_BY_DEFAULT = ("aws-node-termination-handler",)
"""Addons that kops installs unless they are switched off.

Source: https://kops.sigs.k8s.io/addons/#node-termination-handler (kops 1.35)."""
OTHER_NAMES: Mapping[str, str] = {
    "iam-role-for-serviceaccount": "amazon-eks-pod-identity-webhook",
    "node-termination-handler": "aws-node-termination-handler",
    "nodelocaldns": "node-local-dns",
    "pod-identity": "amazon-eks-pod-identity-webhook",
    "pod-identity-webhook": "amazon-eks-pod-identity-webhook",
}
"""Other names under which the same tools go."""
OVERPROVISIONERS = ("cluster-overprovisioner", "cluster-proportional-autoscaler")
"""Charts that make pause pods, which a cluster's `overprovisioning` makes too."""


def owned_by_kops(cluster: Plain) -> tuple[str, ...]:
    """Return the charts whose tools a kops Cluster document has kops run.

    cert-manager that is only used (`managed: false`) is another's.
    """
    found = []
    for chart, path in KOPS_ADDONS.items():
        switch = value_at(cluster, ("spec", *path))
        on = switch is True or (switch is None and chart in ON_BY_DEFAULT)
        if on and value_at(cluster, ("spec", *path[:-1], "managed")) is not False:
            found.append(chart)
    return tuple(found)


def _two_owners(view: FleetView) -> Iterable[Found]:
    """Note tools that kops runs too, on the clusters that are asked about."""
    if view.repository is None:
        return
    fleet = FleetTools(view.repository)
    kops_clusters = {it.name: it.kops.cluster.body for it in view.clusters if it.kops is not None}
    for tool in fleet.tools:
        charts = [tool.spec.chart.name, tool.metadata.name]
        charts = [OTHER_NAMES.get(chart, chart) for chart in charts]
        twice = [
            cluster.name
            for cluster in fleet.on(tool)
            if any(it in owned_by_kops(kops_clusters.get(cluster.name)) for it in charts)
        ]
        if twice:
            wrong = f"kops runs the same on {', '.join(twice)}, and the two would fight"
            advice = "take the tool out, or switch kops' addon off by a patch"
            yield fleet.found(tool, ("spec", "chart", "name"), wrong, advice)
        paused = [it.name for it in fleet.on(tool) if it.spec.overprovisioning]
        if tool.spec.chart.name in OVERPROVISIONERS and paused:
            wrong = f"{', '.join(paused)} has pause pods of its own (`overprovisioning:`)"
            advice = "take the tool out, or the cluster's overprovisioning"
            yield fleet.found(tool, ("spec", "chart", "name"), wrong, advice)


RULES = (
    Rule(
        code="KT509",
        title="Two owners of one tool",
        severity="error",
        why="kops and Helm both install it, each with its own version and settings, and undo each"
        " other at every rollout; two cluster-autoscalers scale the same groups against each"
        " other. Choose one owner: kops for what bootstraps identity and DNS, charts for what"
        " rolls at its own pace.",
        source="https://kops.sigs.k8s.io/addons/ (kops 1.35)",
        failing=Example(
            spec="kops: {patches: [{target: {kind: Cluster},"
            " merge: {spec: {metricsServer: {enabled: true}}}}]}",
            files={"tools/metrics-server/tool.yaml": tool_yaml("metrics-server")},
        ),
        passing=Example(files={"tools/metrics-server/tool.yaml": tool_yaml("metrics-server")}),
        check=_two_owners,
    ),
)
