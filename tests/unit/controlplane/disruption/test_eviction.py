"""Expected values: pkg/registry/core/pod/storage/eviction.go (v1.36), worked out by hand."""

import msgspec
import pytest

from kingtide.controlplane.disruption.eviction import (
    MAX_DISRUPTED_PODS,
    EvictionGranted,
    EvictionRefused,
    may_evict,
)
from kingtide.kube.pods import Condition, Pod
from kingtide.kube.workloads import PodDisruptionBudget
from tests.unit.controlplane.disruption.scene import NOW_MS, budget, pod

WOULD_VIOLATE = "Cannot evict pod as it would violate the pod's disruption budget."


def with_status(
    allowed: int = 0,
    healthy: int = 3,
    desired: int = 3,
    *,
    policy: str = "IfHealthyBudget",
    **changes: object,
) -> PodDisruptionBudget:
    return msgspec.structs.replace(
        budget("3"),
        disruptions_allowed=allowed,
        current_healthy=healthy,
        desired_healthy=desired,
        unhealthy_pod_eviction_policy=policy,
        **changes,
    )


SPENT = with_status()


@pytest.mark.parametrize(
    "leaving",
    [
        pytest.param(pod("p", phase="Succeeded"), id="succeeded"),
        pytest.param(pod("p", phase="Failed"), id="failed"),
        pytest.param(pod("p", phase="Pending", ready=False), id="pending"),
        pytest.param(pod("p", deleting=True), id="being deleted"),
    ],
)
def test_a_pod_that_is_no_disruption_goes_whatever_its_budgets_say(leaving: Pod) -> None:
    assert may_evict(leaving, (SPENT, budget(name="second")), NOW_MS) == EvictionGranted()


def test_a_pod_without_a_budget_goes() -> None:
    assert may_evict(pod("p", app="web"), (SPENT,), NOW_MS) == EvictionGranted()


def test_two_budgets_are_an_error_of_the_servers() -> None:
    two = (with_status(allowed=5), with_status(allowed=5, name="second"))
    refused = may_evict(pod("p"), two, NOW_MS)
    assert refused == EvictionRefused(
        500,
        "This pod has more than one PodDisruptionBudget, which the eviction subresource does not"
        " support.",
    )


def test_a_granted_eviction_is_charged() -> None:
    granted = may_evict(pod("p"), (with_status(allowed=2),), NOW_MS)
    assert isinstance(granted, EvictionGranted)
    assert granted.budget is not None
    assert granted.budget.disruptions_allowed == 1
    assert granted.budget.disrupted_pods == {"p": NOW_MS}


def test_the_last_disruption_turns_the_condition() -> None:
    last = with_status(allowed=1, disruption_allowed=Condition("True", 0, "SufficientPods"))
    granted = may_evict(pod("p"), (last,), NOW_MS)
    assert isinstance(granted, EvictionGranted)
    assert granted.budget is not None
    assert granted.budget.disruption_allowed == Condition("False", NOW_MS, "InsufficientPods")
    again = may_evict(pod("q"), (granted.budget,), NOW_MS)
    assert isinstance(again, EvictionRefused)


@pytest.mark.parametrize(
    ("it", "goes"),
    [
        pytest.param(with_status(healthy=3, desired=3), True, id="healthy: enough without it"),
        pytest.param(with_status(healthy=2, desired=3), False, id="healthy: too few without it"),
        pytest.param(with_status(healthy=0, desired=0), False, id="healthy: nothing is asked for"),
        pytest.param(
            with_status(healthy=2, desired=3, policy="AlwaysAllow"), True, id="always: too few"
        ),
        pytest.param(
            with_status(healthy=0, desired=0, policy="AlwaysAllow"), True, id="always: nothing"
        ),
    ],
)
def test_a_pod_that_is_not_ready_needs_no_allowance_where_its_policy_says_so(
    it: PodDisruptionBudget, *, goes: bool
) -> None:
    verdict = may_evict(pod("p", ready=False), (it,), NOW_MS)
    if goes:
        assert verdict == EvictionGranted()
    else:
        assert isinstance(verdict, EvictionRefused)


def test_a_ready_pod_needs_an_allowance_under_every_policy() -> None:
    assert isinstance(may_evict(pod("p"), (with_status(policy="AlwaysAllow"),), NOW_MS),
                      EvictionRefused)  # fmt: skip


@pytest.mark.parametrize(
    ("it", "code", "message", "cause"),
    [
        pytest.param(
            with_status(healthy=3, desired=3),
            429,
            WOULD_VIOLATE,
            "The disruption budget api needs 3 healthy pods and has 3 currently",
            id="spent",
        ),
        pytest.param(
            with_status(
                healthy=4, desired=3, disruption_allowed=Condition("False", 0, "SyncFailed", "gone")
            ),
            429,
            WOULD_VIOLATE,
            "The disruption budget api does not allow evicting pods currently because it failed"
            " sync: gone",
            id="failed sync",
        ),
        pytest.param(
            with_status(
                healthy=4, desired=3, disruption_allowed=Condition("False", 0, "Other", "so")
            ),
            429,
            WOULD_VIOLATE,
            "The disruption budget api does not allow evicting pods currently (Other): so",
            id="another reason",
        ),
        pytest.param(
            with_status(healthy=4, desired=3),
            429,
            WOULD_VIOLATE,
            "The disruption budget api does not allow evicting pods currently",
            id="no reason",
        ),
        pytest.param(
            with_status(allowed=5, generation=2, observed_generation=1),
            429,
            WOULD_VIOLATE,
            "The disruption budget api is still being processed by the server.",
            id="edited a moment ago",
        ),
        pytest.param(
            with_status(allowed=-1),
            403,
            'poddisruptionbudget.policy "api" is forbidden: pdb disruptions allowed is negative',
            "",
            id="negative",
        ),
        pytest.param(
            with_status(
                allowed=5, disrupted_pods={f"p{i}": 0 for i in range(MAX_DISRUPTED_PODS + 1)}
            ),
            403,
            'poddisruptionbudget.policy "api" is forbidden: DisruptedPods map too big - too many'
            " evictions not confirmed by PDB controller",
            "",
            id="too many granted",
        ),
    ],
)
def test_a_refusal_says_why(it: PodDisruptionBudget, code: int, message: str, cause: str) -> None:
    refused = may_evict(pod("p"), (it,), NOW_MS)
    assert refused == EvictionRefused(code, message, cause)
    assert refused.text == f"{message} {cause}".strip()
