from __future__ import annotations

import pytest

from tests.unit.check.rules.checking import found, told

API = """\
nodeGroups:
  api:
    dedicated: true
    onDemand: {sizes: {4x: {instances: 4x-cpu16, max: 9}}}
overprovisioning: {api: {ladder: [[0, 1]], pod: {cpu: 4, memory: 8Gi}}}
"""


def workload(cpu: str, memory: str = "1Gi", pod: str = "", kind: str = "Deployment") -> str:
    return (
        f"apiVersion: apps/v1\nkind: {kind}\nmetadata: {{name: big, namespace: shop}}\n"
        f"spec:\n  template:\n    spec:\n{pod}      containers:\n      - name: big\n"
        f"        resources: {{requests: {{cpu: {cpu}, memory: {memory}}}}}\n"
    )


SELECTS = "      nodeSelector: {kingtide.dev/node-group: api}\n"


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        (workload("7"), []),
        (workload("9"), ["workers"]),
        (workload("1", "13Gi"), ["workers"]),
        (workload("7", pod=SELECTS), ["api"]),
        (workload("9", pod=SELECTS), ["api"]),
        (workload("9", kind="DaemonSet"), []),
    ],
    ids=["fits", "more CPU", "more memory", "on its own nodes", "there only", "a DaemonSet"],
)
def test_a_pause_pod_is_as_large_as_what_may_run_on_its_nodes(text: str, fields: list[str]) -> None:
    of = [it.field.split(".")[2] for it in found("KT324", API, manifests__big=text)]
    assert of == fields


def test_containers_of_a_pod_count_together() -> None:
    two = workload("5") + "      - {name: side, resources: {requests: {cpu: 4}}}\n"
    (it,) = found("KT324", manifests__big=two)
    assert "smaller than a pod of Deployment shop/big (9 CPU, 1Gi)" in it.wrong
    assert it.instead == "write `pod: {cpu: 9, memory: 12Gi}` or more"


@pytest.mark.parametrize(
    ("cpu", "memory", "what"),
    [("8", "1Gi", "CPU"), ("1", "12Gi", "memory"), ("7", "11Gi", "")],
    ids=["CPU", "memory", "neither"],
)
def test_one_just_as_large_is_warned_of(cpu: str, memory: str, what: str) -> None:
    said = told("KT325", manifests__big=workload(cpu, memory))
    assert said == (
        [f"a pause pod has just the {what} of the largest application pod"] if what else []
    )


def test_without_manifests_nothing_is_said() -> None:
    assert told("KT324", API) == told("KT325", API) == []


def test_daemon_sets_take_room_before_a_pause_pod_does() -> None:
    pod = "overprovisioning: {workers: {ladder: [[0, 1]], pod: {cpu: 31300m, memory: 1Gi}}}"
    assert told("KT326", pod) == []
    (it,) = told("KT326", pod + "\ndaemonSets: {logs: {requests: {cpu: 2}, limits: {cpu: 2}}}")
    assert it.startswith("a pause pod (31300m CPU, 1Gi) fits on no node, which offer 29650m CPU")


def test_a_linear_ratio_that_holds_itself_up_is_found() -> None:
    def linear(cores: int, more: str = "") -> str:
        ratio = f"{{coresPerReplica: {cores}{more}}}"
        return f"overprovisioning: {{workers: {{ladder: null, linear: {ratio}}}}}"

    assert len(told("KT321", linear(8))) == 1
    assert told("KT321", linear(9)) == []
    assert len(told("KT322", linear(9))) == 1
    assert told("KT322", linear(16)) == []
    assert told("KT321", linear(8, ", max: 5")) == []
