"""Settings of node autoscaling that the installed autoscaler does not have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kingtide.check.rule import Example, Rule
from kingtide.check.rules.autoscaling.priority_texts import autoscaling_policy
from kingtide.check.rules.tools.fleet_tools import FleetTools, tool_yaml
from kingtide.check.view import FleetView, Found
from kingtide.compile.kubernetes.expander_priorities import CLUSTER_AUTOSCALER
from kingtide.compile.tools.cluster_autoscaler import without_flag

_CHARTS = "https://kubernetes.github.io/autoscaler"
_THEIRS: Mapping[str, object] = {
    "capacityFailureDetection": "placeholders",
    "launchPatience": 0,
    "newPodAge": 2,
    "priorityConfigMap": "kube-system/cluster-autoscaler-priority-expander",
}
"""What Cluster Autoscaler does of itself, by the setting that says the same: nothing is lost there.

Source: kingtide.fleet.policies.node_autoscaling, which tells each with its place in the source."""


def _not_theirs(view: FleetView) -> Iterable[Found]:
    if view.repository is None:
        return
    fleet = FleetTools(view.repository)
    installed = [it for it in fleet.tools if it.spec.chart.name == CLUSTER_AUTOSCALER]
    on = {cluster.name: None for tool in installed for cluster in fleet.on(tool)}
    for cluster in view.clusters:
        if cluster.name not in on:
            continue
        written, policy = cluster.spec.autoscaler, autoscaling_policy(cluster)
        for path, value in without_flag(written, policy):
            name = str(path[-1])
            if name not in _THEIRS or _THEIRS[name] != value:
                wrong = "Cluster Autoscaler, which is installed, has no such setting"
                advice = "take it out, or keep it for rehearsals with a waiver"
                yield cluster.found(path, wrong, advice)


def _example(setting: str) -> Example:
    tool = tool_yaml(CLUSTER_AUTOSCALER, repo=_CHARTS, version="9.59.0")
    return Example(
        spec=f"autoscaler: {{{setting}}}", files={f"tools/{CLUSTER_AUTOSCALER}/tool.yaml": tool}
    )


RULES = (
    Rule(
        code="KT510",
        title="A setting that the installed autoscaler does not have",
        severity="warning",
        why="It counts in rehearsals, where Kingtide's own node autoscaling decides, and is left"
        " out of the values of Cluster Autoscaler's chart: the cluster would do otherwise than its"
        " rehearsal.",
        source="docs/reference/node-autoscaling.md (settings without a flag)",
        failing=_example("launchPatience: 25s"),
        passing=_example("maxNodeProvisionTime: 3m"),
        check=_not_theirs,
    ),
)
