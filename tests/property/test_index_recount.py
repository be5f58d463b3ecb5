"""Whatever comes in whatever order: the index equals one that is made from what is left."""

from hypothesis import given
from hypothesis import strategies as st

from kingtide.control.index import ClusterIndex
from kingtide.kube.nodes import Node
from kingtide.kube.pods import Condition, Container, Pod, PodPhase, PodSpec
from kingtide.kube.resources import Resources
from tests.unit.control.unschedulable import unschedulable_pods

SPECS = tuple(PodSpec((Container("c", requests=Resources(cpu, 1 << 20)),)) for cpu in (100, 700))
ROOM = Resources(4_000, 8 << 30, pods=10)
NAMES = st.sampled_from(("n1", "n2", "n3"))
PHASES: st.SearchStrategy[PodPhase] = st.sampled_from(("Pending", "Running", "Succeeded"))


def a_node(name: str) -> Node:
    return Node(name, name, {}, ROOM, ROOM, 0, Condition("True", 0))


@st.composite
def pods(draw: st.DrawFn) -> Pod:
    """A pod in any state; a uid always has the same spec, and keeps its node once it has one."""
    number = draw(st.integers(0, 5))
    bound = draw(st.booleans())
    return Pod(
        "shop", str(number), str(number), SPECS[number % 2], {}, 0,
        node_name=f"n{number % 3 + 1}" if bound else "",
        phase=draw(PHASES) if bound else "Pending",
        scheduled=draw(st.sampled_from((None, Condition("False", 0, "Unschedulable")))),
        deletion_ms=draw(st.sampled_from((None, None, 1))),
    )  # fmt: skip


CHANGES = st.one_of(
    st.tuples(st.just("put node"), NAMES.map(a_node)),
    st.tuples(st.just("delete node"), NAMES.map(a_node)),
    st.tuples(st.just("put pod"), pods()),
    st.tuples(st.just("delete pod"), pods()),
)


def sums(index: ClusterIndex) -> dict[str, Resources]:
    table = index.node_table
    rows = {name: table.row_of(name) for name in sorted(index.nodes)}
    return {name: table.requested(row) for name, row in rows.items() if row is not None}


@given(st.lists(CHANGES, max_size=60))
def test_the_index_equals_a_recount(changes: list[tuple[str, Node | Pod]]) -> None:
    index = ClusterIndex()
    nodes: dict[str, Node] = {}
    known: dict[str, Pod] = {}
    for what, value in changes:
        if isinstance(value, Node):
            kept = nodes.pop(value.name, None)
            if what == "put node":
                nodes[value.name] = value
                index.apply(kept, value)
            else:
                index.apply(value, None)
            continue
        before = known.pop(value.uid, None)
        if before is not None and before.node_name and not value.node_name:
            known[value.uid] = before  # a pod never leaves its node
        elif what == "put pod":
            known[value.uid] = value
            index.apply(before, value)
        else:
            index.apply(value, None)
    fresh = ClusterIndex()
    for node in nodes.values():
        fresh.apply(None, node)
    for pod in known.values():
        fresh.apply(None, pod)
    assert sums(index) == sums(fresh)
    assert index.nodes == fresh.nodes
    assert unschedulable_pods(index) == unschedulable_pods(fresh)
    for name in ("n1", "n2", "n3"):
        assert index.pods_on(name) == fresh.pods_on(name)
    assert {uid: index.pod(uid) for uid in map(str, range(6))} == {
        uid: fresh.pod(uid) for uid in map(str, range(6))
    }
