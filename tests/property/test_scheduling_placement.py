"""Rules that no placement and no preemption may break, whatever the cluster looks like."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from kingtide.controlplane.scheduling import profile
from kingtide.controlplane.scheduling.cache import SchedulerCache
from kingtide.kube.labels import LabelSelector
from kingtide.kube.nodes import HOSTNAME_LABEL, ZONE_LABEL, Node
from kingtide.kube.pods import Condition, Container, Pod, PodSpec
from kingtide.kube.resources import Resources
from kingtide.kube.taints import Taint, Toleration, untolerated
from kingtide.kube.workloads import PodDisruptionBudget

MEBIBYTE = 1 << 20
APPS = ("web", "api")

taints = st.builds(
    Taint,
    key=st.sampled_from(("spot", "gpu")),
    effect=st.sampled_from(("NoSchedule", "PreferNoSchedule", "NoExecute")),
)
tolerations = st.builds(
    Toleration, key=st.sampled_from(("spot", "gpu", "")), operator=st.just("Exists")
)
amounts = st.builds(
    Resources,
    cpu_millicores=st.sampled_from((0, 100, 999, 1_000, 1_001, 2_000)),
    memory_bytes=st.sampled_from((0, 1, 512, 1_023, 1_024)).map(lambda n: n * MEBIBYTE),
)
specs = st.builds(
    lambda requests, priority, tolerated: PodSpec(
        containers=(Container("main", requests=requests),),
        priority=priority,
        tolerations=tuple(tolerated),
    ),
    amounts,
    st.sampled_from((-10, 0, 1, 1_000_000_000)),
    st.lists(tolerations, max_size=1),
)
pods = st.lists(st.tuples(specs, st.sampled_from(APPS), st.integers(0, 9)), min_size=1, max_size=30)


@st.composite
def clusters(draw: st.DrawFn) -> SchedulerCache:
    cache = SchedulerCache()
    for number in range(draw(st.integers(1, 5))):
        size = Resources(
            cpu_millicores=draw(st.sampled_from((0, 1_000, 2_000, 3_900))),
            memory_bytes=draw(st.sampled_from((0, 1, 3, 8))) * 1_024 * MEBIBYTE,
            pods=draw(st.sampled_from((0, 1, 5, 110))),
        )
        name = f"n{number}"
        cache.set_node(
            Node(
                name=name,
                uid=name,
                labels={HOSTNAME_LABEL: name, ZONE_LABEL: draw(st.sampled_from(("a", "b")))},
                capacity=size,
                allocatable=size,
                created_ms=0,
                ready=Condition("True", 0),
                taints=tuple(draw(st.lists(taints, max_size=2))),
                unschedulable=draw(st.integers(0, 4)) == 0,
            )
        )
    return cache


def pod_of(number: int, spec: PodSpec, app: str, started_ms: int) -> Pod:
    return Pod("default", f"p{number}", f"p{number}", spec, {"app": app}, 0, started_ms=started_ms)


@given(cache=clusters(), wanted=pods)
@settings(deadline=None)
def test_pods_go_only_where_they_fit_and_are_tolerated(
    cache: SchedulerCache, wanted: list[tuple[PodSpec, str, int]]
) -> None:
    for number, (spec, app, started_ms) in enumerate(wanted):
        pod = pod_of(number, spec, app, started_ms)
        shape = cache.shapes.intern(pod)
        assert cache.placement.pick(shape) == profile.pick(cache.table, shape)
        name = cache.pick(pod)
        if name is None:
            continue
        cache.place(pod, name)
        row = cache.table.row_of(name)
        assert row is not None
        node, used = cache.table.node_at(row), cache.table.requested(row)
        assert not node.unschedulable or any(not t.key for t in spec.tolerations)
        assert untolerated(node.taints, spec.tolerations) is None
        assert used.pods <= node.allocatable.pods
        assert not shape.cpu_millicores or used.cpu_millicores <= node.allocatable.cpu_millicores
        assert not shape.memory_bytes or used.memory_bytes <= node.allocatable.memory_bytes


@given(
    cache=clusters(),
    wanted=pods,
    preemptor=specs,
    allowed=st.dictionaries(st.sampled_from(APPS), st.integers(0, 2)),
)
@settings(deadline=None)
def test_preemption_takes_lower_priority_only_and_no_more_than_needed(
    cache: SchedulerCache,
    wanted: list[tuple[PodSpec, str, int]],
    preemptor: PodSpec,
    allowed: dict[str, int],
) -> None:
    placed: dict[str, Pod] = {}
    for number, (spec, app, started_ms) in enumerate(wanted):
        pod = pod_of(number, spec, app, started_ms)
        name = cache.pick(pod)
        if name is not None:
            cache.place(pod, name)
            placed[pod.uid] = pod
    urgent = pod_of(1_000, preemptor, "urgent", 0)
    if cache.pick(urgent) is not None:
        return
    budgets = [
        PodDisruptionBudget("default", app, LabelSelector((("app", app),)), count)
        for app, count in allowed.items()
    ]
    found = cache.preempt(urgent, 100, budgets)
    if found is None:
        return
    for uid in found.victims:
        assert placed[uid].spec.priority < preemptor.priority
        cache.displace(uid)
    assert cache.pick(urgent) == found.node_name
    for uid in found.victims:  # each of them was needed
        cache.place(placed[uid], found.node_name)
        assert cache.pick(urgent) is None
        cache.displace(uid)
