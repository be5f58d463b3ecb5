"""What overprovisioning says of its passes: every code with its sentence."""

from __future__ import annotations

from collections.abc import Mapping

from kingtide.control.counted import counted
from kingtide.control.proportional.cluster_size import ClusterSize
from kingtide.control.report import Detail, Phrases, Stance, Verdict
from kingtide.controllers.overprovisioning.configuration import Configuration
from kingtide.controllers.overprovisioning.ladder import Ladder, Rung, rung_for

PHRASES = Phrases(
    {
        "Scaled": "{name} goes from {present} to {replicas} pause {replicas:pod|pods}: {why}",
        "Kept": "{name} keeps {replicas} pause {replicas:pod|pods}: {why}",
        "DeploymentMissing": "{name} is not there: nothing to scale",
        "ConfigMapMissing": "{name} is left alone: there is no ConfigMap {config_map}",
        "ConfigMapUnusable": "{name} is left alone: in {config_map}, {detail}",
    }
)


def verdict(
    deployment: str, stance: Stance, code: str, details: Mapping[str, Detail] | None = None
) -> Verdict:
    """Return a verdict on the pause Deployment."""
    return Verdict(f"deployment/{deployment}", stance, code, {} if details is None else details)


def gist(said: Verdict) -> tuple[str, ...]:
    """Return what makes a verdict a new one: not every core that comes or goes."""
    details = said.details
    keys = ("replicas", "rung", "detail", "present")
    return (said.code, *(f"{key}={details[key]}" for key in keys if key in details))


def why(configuration: Configuration, size: ClusterSize) -> tuple[str, str]:
    """Return which rung or ratio counted, and the same with the cores and nodes it counted for."""
    unschedulable = configuration.include_unschedulable_nodes
    cores, nodes = size.cores(unschedulable), size.nodes(unschedulable)
    if not isinstance(configuration, Ladder):
        return "linear", f"linear, for {counted(cores, 'core')} on {counted(nodes, 'node')}"
    from_cores = rung_for(cores, configuration.cores)
    from_nodes = rung_for(nodes, configuration.nodes)
    if from_nodes is not None and (from_cores is None or from_nodes.replicas > from_cores.replicas):
        return _rung(from_nodes), f"{_rung(from_nodes)}, for {counted(nodes, 'node')}"
    if from_cores is not None:
        return _rung(from_cores), f"{_rung(from_cores)}, for {counted(cores, 'core')}"
    return "none", "the ladder has no rung"


def _rung(rung: Rung) -> str:
    return f"rung [{rung.threshold}, {rung.replicas}]"
