"""The order of deletion against Kubernetes' comparison of two pods, told step by step."""

from __future__ import annotations

from itertools import permutations
from math import log2

from hypothesis import given
from hypothesis import strategies as st

from kingtide.controlplane.workloads.deletion import DELETION_COST_ANNOTATION, pods_to_delete
from kingtide.kube.pods import Condition, Container, Pod, PodSpec

NOW_MS = 1_700_000_000_000
SPEC = PodSpec((Container("c"),))
AGES_MS = st.sampled_from((0, 500, 1_000, 1_300, 2_000, 9_000, 60_000, 70_000, 3_600_000))


@st.composite
def many_pods(draw: st.DrawFn) -> list[Pod]:
    uids = draw(st.lists(st.sampled_from("abcdefghij"), unique=True, min_size=2, max_size=7))
    return [
        Pod(
            "shop", uid, uid, SPEC, {}, NOW_MS - draw(AGES_MS),
            {DELETION_COST_ANNOTATION: draw(st.sampled_from(("0", "0", "1")))},
            node_name=draw(st.sampled_from(("", "n1", "n1", "n2"))),
            phase=draw(st.sampled_from(("Pending", "Running", "Running"))),
            ready=draw(
                st.one_of(
                    st.none(),
                    AGES_MS.map(lambda age_ms: Condition("True", NOW_MS - age_ms)),
                )
            ),
        )
        for uid in uids
    ]  # fmt: skip


def goes_first(a: Pod, b: Pod, pods: list[Pod]) -> bool:
    """Whether `a` is less than `b` in Kubernetes' sense; False also where nothing tells."""
    steps = [
        (a.node_name != "", b.node_name != ""),
        (a.phase == "Running", b.phase == "Running"),
        (a.is_ready, b.is_ready),
        (
            int(a.annotations[DELETION_COST_ANNOTATION]),
            int(b.annotations[DELETION_COST_ANNOTATION]),
        ),
        (-_there(a, pods), -_there(b, pods)),
    ]
    for left, right in steps:
        if left != right:
            return left < right
    times = [(a.created_ms, b.created_ms)]
    if a.ready is not None and b.ready is not None:
        times.insert(0, (a.ready.since_ms, b.ready.since_ms))
    for left_ms, right_ms in times:
        if left_ms // 1000 != right_ms // 1000:
            left, right = _magnitude(left_ms), _magnitude(right_ms)
            return a.uid < b.uid if left == right else left < right
    return False


def _cost(pod: Pod) -> int:
    return int(pod.annotations[DELETION_COST_ANNOTATION])


def _there(pod: Pod, pods: list[Pod]) -> int:
    return sum(other.node_name == pod.node_name for other in pods)


def _magnitude(time_ms: int) -> int:
    age_ns = (NOW_MS - time_ms // 1000 * 1000) * 1_000_000
    return int(log2(age_ns)) if age_ns > 0 else -1


@given(many_pods())
def test_no_pod_stands_before_one_that_goes_first(pods: list[Pod]) -> None:
    def less(a: Pod, b: Pod) -> bool:
        return goes_first(a, b, pods)

    found = list(pods_to_delete(pods, len(pods), NOW_MS))
    assert sorted(p.uid for p in found) == sorted(p.uid for p in pods)
    # Kubernetes' comparison can go in a circle; then no order is right.
    goes_in_a_circle = any(
        not less(b, a) and not less(c, b) and less(c, a) for a, b, c in permutations(pods, 3)
    )
    if not goes_in_a_circle:
        for number, pod in enumerate(found):
            assert not any(less(later, pod) for later in found[number + 1 :])
