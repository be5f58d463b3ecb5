from collections.abc import Mapping

import msgspec
import pytest

from kingtide.controlplane.disruption.matching import covers, matching_budgets
from kingtide.kube.labels import LabelSelector, Requirement
from tests.unit.controlplane.disruption.scene import budget, pod

EVERYTHING = LabelSelector()
IN = LabelSelector(match_expressions=(Requirement("app", "In", ("api", "web")),))
NOT_IN = LabelSelector(match_expressions=(Requirement("app", "NotIn", ("api",)),))


@pytest.mark.parametrize(
    ("selector", "namespace", "labels", "is_about"),
    [
        pytest.param(None, "shop", {"app": "api"}, True, id="its label"),
        pytest.param(None, "shop", {"app": "web"}, False, id="another label"),
        pytest.param(None, "depot", {"app": "api"}, False, id="another namespace"),
        pytest.param(EVERYTHING, "shop", {}, True, id="empty selector, policy/v1: every pod"),
        pytest.param(EVERYTHING, "depot", {}, False, id="empty selector, another namespace"),
        pytest.param(IN, "shop", {"app": "web"}, True, id="expression"),
        pytest.param(NOT_IN, "shop", {}, True, id="NotIn selects what has no such label"),
    ],
)
def test_a_budget_is_about_a_pod(
    selector: LabelSelector | None, namespace: str, labels: Mapping[str, str], *, is_about: bool
) -> None:
    it = budget()
    if selector is not None:
        it = msgspec.structs.replace(it, selector=selector)
    labelled = msgspec.structs.replace(pod("p", namespace=namespace), labels=labels)
    assert covers(it, labelled) is is_about


def test_budgets_come_in_the_order_given() -> None:
    first, second = budget(name="z"), budget(name="a")
    other = msgspec.structs.replace(budget(name="m"), namespace="depot")
    assert matching_budgets(pod("p"), (first, other, second)) == (first, second)
