from __future__ import annotations

import pytest

from kingtide.check.rules.workloads.example import DAEMON_SET, changed
from kingtide.check.rules.workloads.guaranteed import RULES
from tests.unit.check.rules.workloads.clusters import found

EQUAL = "requests: {cpu: 500m, memory: 512Mi}, limits: {cpu: 500m, memory: 512Mi}"
AT = "spec.template.spec.containers[0].resources.limits"


@pytest.mark.parametrize(
    ("resources", "faulty"),
    [
        pytest.param(EQUAL, [], id="equal"),
        pytest.param(
            "requests: {cpu: 0.5, memory: 512Mi}, limits: {cpu: 500m, memory: 0.5Gi}",
            [],
            id="the same in other words",
        ),
        pytest.param(
            "limits: {cpu: 500m, memory: 512Mi}", [], id="limits alone, which are requested too"
        ),
        pytest.param("requests: {cpu: 500m, memory: 512Mi}", ["cpu", "memory"], id="no limits"),
        pytest.param(
            "requests: {cpu: 500m, memory: 512Mi}, limits: {memory: 512Mi}",
            ["cpu"],
            id="no CPU limit",
        ),
        pytest.param(
            "requests: {cpu: 400m, memory: 512Mi}, limits: {cpu: 500m, memory: 512Mi}",
            ["cpu"],
            id="less requested",
        ),
    ],
)
def test_a_daemon_set_of_a_manifest_requests_what_it_is_limited_to(
    resources: str, faulty: list[str]
) -> None:
    told = found(RULES, "KT401", changed(DAEMON_SET, (EQUAL, resources)))
    assert [it.partition(":")[0] for it in told] == [f"{AT}.{resource}" for resource in faulty]


def test_every_container_counts_also_one_that_runs_before_the_others() -> None:
    init = "      initContainers: [{name: wait, image: registry.acme.com/wait:1}]\n"
    told = found(
        RULES, "KT401", changed(DAEMON_SET, ("      containers:\n", f"{init}      containers:\n"))
    )
    assert len(told) == 2
    assert all("initContainers[0]" in it and "container wait" in it for it in told)


@pytest.mark.parametrize(
    ("daemon_set", "wrong"),
    [
        pytest.param("{requests: {cpu: 1, memory: 1Gi}}", "has no limits", id="no limits"),
        pytest.param(
            "{requests: {cpu: 1, memory: 1Gi}, limits: {cpu: 2, memory: 1Gi}}",
            "limits are not",
            id="more",
        ),
        pytest.param(
            "{requests: {cpu: 1}, limits: {cpu: 1}}", "requests no memory", id="no memory"
        ),
    ],
)
def test_a_daemon_set_of_the_fleet_requests_what_it_is_limited_to(
    daemon_set: str, wrong: str
) -> None:
    (told,) = found(RULES, "KT401", spec=f"daemonSets: {{proxy: {daemon_set}}}")
    assert told.startswith("spec.daemonSets.proxy")
    assert wrong in told
