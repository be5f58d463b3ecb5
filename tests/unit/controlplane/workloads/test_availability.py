import msgspec
import pytest

from kingtide.controlplane.workloads.availability import available_from_ms, is_available
from kingtide.kube.pods import Condition, Container, Pod, PodSpec

POD = Pod("shop", "p", "u", PodSpec((Container("c"),)), {}, 0, ready=Condition("True", 5_000))


@pytest.mark.parametrize(
    ("min_ready_seconds", "now_ms", "available"),
    [
        pytest.param(0, 5_000, True, id="at once"),
        pytest.param(10, 14_999, False, id="a moment before"),
        pytest.param(10, 15_000, True, id="just then"),
    ],
)
def test_a_pod_is_available_after_it_has_been_ready(
    min_ready_seconds: int, now_ms: int, *, available: bool
) -> None:
    assert is_available(POD, min_ready_seconds, now_ms) is available


def test_a_pod_that_is_not_ready_never_becomes_available() -> None:
    for ready in (None, Condition("False", 0)):
        assert available_from_ms(msgspec.structs.replace(POD, ready=ready), 0) is None
