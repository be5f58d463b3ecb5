"""Pods of the twin get what the cluster's admission gives them."""

from __future__ import annotations

from pathlib import Path

import pytest

from kingtide.kube.pods import Container, Pod, PodSpec
from kingtide.kube.workloads import PriorityClass
from kingtide.rehearsal.prepare import prepare
from kingtide.twin.pod_admission import PodAdmission
from kingtide.twin.world import World
from tests.small_rehearsal import write_small
from tests.unit.controllers.admission.objects import POLICY, SNAPSHOT, TOLERATION

CLASSES = (
    PriorityClass("high", 5),
    PriorityClass("default", 0, global_default=True),
    PriorityClass("low", -5),
)


def made(namespace: str, spec: PodSpec) -> Pod:
    return Pod(namespace=namespace, name="one", uid="u", spec=spec, labels={}, created_ms=0)


def test_a_pod_gets_its_groups_class_selector_and_toleration() -> None:
    labels = SNAPSHOT.namespace_labels or {}
    admission = PodAdmission(POLICY, CLASSES, lambda: labels)
    spec = PodSpec(containers=(Container("main"),))
    first = admission.admitted(made("api", spec)).spec
    assert (first.priority_class_name, first.priority) == ("high", 5)
    assert first.node_selector == (("kingtide.dev/node-group", "api"),)
    assert [it.value for it in first.tolerations] == [TOLERATION["value"]]
    # One review a shape: pods that shared a spec share one.
    assert admission.admitted(made("api", spec)).spec is first
    assert admission.admitted(made("shop", spec)).spec is not first


def test_a_namespace_that_changes_its_group_counts_from_the_next_pod_on() -> None:
    labels = dict(SNAPSHOT.namespace_labels or {})
    admission = PodAdmission(POLICY, CLASSES, lambda: labels)
    spec = PodSpec(containers=(Container("main"),))
    assert admission.admitted(made("api", spec)).spec.node_selector
    labels["api"] = {}
    assert not admission.admitted(made("api", spec)).spec.node_selector


@pytest.mark.parametrize("is_asked", [True, False], ids=["asked-for", "not-asked-for"])
def test_a_rehearsal_admits_pods_where_the_clusters_files_ask_for_it(
    tmp_path: Path, is_asked: bool
) -> None:
    scenario = write_small(tmp_path)
    cluster = tmp_path / "fleet" / "clusters" / "prod.yaml"
    added = "  namespaces: {default: {nodeGroup: workers}}\n"
    added += "  admission: {priorityClass: {defaultClass: high}}\n" if is_asked else ""
    cluster.write_text(cluster.read_text() + added)
    definition = prepare(scenario).definition
    assert (definition.admission is not None) is is_asked
    world = World(definition)
    found = world.store.create_pod(made("default", PodSpec(containers=(Container("main"),))))
    expected = ("high", 5, (("kingtide.dev/node-group", "workers"),)) if is_asked else ("", 0, ())
    spec = found.spec
    assert (spec.priority_class_name, spec.priority, spec.node_selector) == expected
    assert world.store.pods["u"] is found
