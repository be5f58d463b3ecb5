"""Downscaling's settings of one rehearsal, and the namespaces that have a word in it."""

from __future__ import annotations

from collections.abc import Mapping

from kingtide.controllers.downscaling.annotation_check import annotation_mistakes
from kingtide.controllers.downscaling.dialect import dialect_of
from kingtide.controllers.downscaling.policy_check import policy_mistakes
from kingtide.fleet.documents.mistakes import Findings
from kingtide.fleet.documents.tree import Node, Path, node_at, place_of
from kingtide.fleet.downscale_timetable import downscaling_settings
from kingtide.fleet.policies.downscaling import DownscalingPolicy
from kingtide.fleet.policies.written import written_name
from kingtide.kube.namespaces import Namespace
from kingtide.rehearsal.building.policies import layered_policy, runs
from kingtide.rehearsal.scenario.read import Scenario
from kingtide.roster.registry import ControllerRun

KEY = "downscaling"
_AT: Path = ("spec", "policies", KEY)


def downscaling_run(scenario: Scenario) -> tuple[ControllerRun, ...]:
    """Return downscaling with its settings, nothing where it does not run.

    It runs where the cluster, or one of its groups, has a timetable, or the scenario sets it.

    Raises:
        Mistakes: texts of its settings, or of annotations, that cannot be read.
    """
    policy = downscaling_policy(scenario)
    return () if policy is None else (ControllerRun(KEY, policy),)


def downscaling_policy(scenario: Scenario) -> DownscalingPolicy | None:
    """Return downscaling's settings, the scenario's over the cluster's; None: it does not run.

    Raises:
        Mistakes: texts of its settings, or of annotations, that cannot be read.
    """
    timetable = scenario.cluster.spec.downscale
    groups = scenario.cluster.spec.node_groups.values()
    asked = timetable is not None or any(group.downscale is not None for group in groups)
    if not runs(scenario, KEY, unasked=asked):
        return None
    derived = {} if timetable is None else downscaling_settings(timetable)
    policy = layered_policy(DownscalingPolicy, scenario, KEY, derived)
    findings = Findings()
    note_policy(policy, findings, scenario.cluster.node, scenario.node)
    _check_annotations(scenario, policy, findings)
    findings.raise_if_any()
    return policy


def note_policy(
    policy: DownscalingPolicy, findings: Findings, cluster: Node, scenario: Node | None = None
) -> None:
    """Note what is wrong in a policy's texts, where the scenario or else the cluster says it."""
    for mistake in policy_mistakes(policy):
        field = written_name(mistake.field)
        if scenario is not None and node_at(scenario, (*_AT, field)) is not None:
            note_wrong(findings, scenario, (*_AT, field), mistake.wrong)
        else:
            path: Path = ("downscale", "timezone" if field == "defaultTimezone" else field)
            note_wrong(findings, cluster, path, mistake.wrong)


def namespaces(scenario: Scenario) -> tuple[Namespace, ...]:
    """Return the namespaces that a scenario annotates."""
    return tuple(
        Namespace(name, annotations=it.annotations) for name, it in scenario.spec.namespaces.items()
    )


def _check_annotations(scenario: Scenario, policy: DownscalingPolicy, findings: Findings) -> None:
    written: dict[Path, Mapping[str, str]] = {
        ("spec", "namespaces", name, "annotations"): it.annotations
        for name, it in scenario.spec.namespaces.items()
    }
    for name, application in scenario.spec.applications.items():
        written["spec", "applications", name, "annotations"] = application.annotations
        if application.hpa is not None:
            path: Path = ("spec", "applications", name, "hpa", "annotations")
            written[path] = application.hpa.annotations
    for path, said in written.items():
        for key, wrong in annotation_mistakes(said, dialect_of(policy)).items():
            note_wrong(findings, scenario.node, (*path, key), wrong)


def note_wrong(findings: Findings, node: Node, path: Path, wrong: str) -> None:
    """Note a mistake told as `what is wrong; what to write`."""
    text, _, instead = wrong.rpartition("; ")
    findings.add(place_of(node, path), path, text or wrong, instead if text else "")
