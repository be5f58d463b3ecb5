"""What a configuration leaves out, and what is counted of a cluster."""

from __future__ import annotations

import pytest

from kingtide.control.proportional.cluster_size import ClusterSize, Tally, recount
from kingtide.control.proportional.linear import Linear, linear_replicas
from kingtide.controllers.overprovisioning.configuration import ConfigurationError, read_mode
from kingtide.controllers.overprovisioning.ladder import Ladder, Rung, ladder_replicas, rung_for
from kingtide.kube.nodes import Node
from kingtide.kube.pods import Condition
from kingtide.kube.resources import Resources


@pytest.mark.parametrize(
    ("written", "rung"),
    [
        pytest.param("[]", Rung(0, 0), id="nothing"),
        pytest.param("[16]", Rung(16, 0), id="a threshold alone"),
        pytest.param("[16, 4]", Rung(16, 4), id="both"),
        pytest.param('[16, 4, "more"]', Rung(16, 4), id="more, which is dropped unread"),
    ],
)
def test_missing_numbers_of_a_pair_are_none_and_further_ones_are_dropped(
    written: str, rung: Rung
) -> None:
    found = read_mode("ladder", f'{{"coresToReplicas": [{written}]}}')
    assert found == Ladder(cores=(rung,))


@pytest.mark.parametrize(
    ("written", "told"),
    [("[[-1, 0]]", r"\[-1, 0\]"), ("[[0, -1]]", r"\[0, -1\]")],
)
def test_a_pair_holds_no_negative_number(written: str, told: str) -> None:
    with pytest.raises(ConfigurationError, match=told):
        read_mode("ladder", f'{{"coresToReplicas": {written}}}')
    assert read_mode("ladder", '{"coresToReplicas": [[0, 0]]}') == Ladder(cores=(Rung(0, 0),))


def test_without_bounds_one_replica_is_the_least_and_there_is_no_most() -> None:
    found = read_mode("linear", '{"coresPerReplica": 2}')
    assert found == Linear(cores_per_replica=2.0, min_replicas=1, max_replicas=0)
    assert read_mode("linear", '{"coresPerReplica": 2, "min": 0}') == found
    assert linear_replicas(Linear(cores_per_replica=2.0), ClusterSize(0, 0, 0, 0)) == 1
    assert linear_replicas(Linear(cores_per_replica=2.0), ClusterSize(9, 5_001, 9, 5_001)) == 2_501
    with pytest.raises(ConfigurationError, match="min is -1"):
        read_mode("linear", '{"coresPerReplica": 2, "min": -1}')


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ('{"nodesPerReplica": 0}', "above 0"),
        ('{"nodesPerReplica": 0, "coresPerReplica": 0}', "above 0"),
        ("{}", "above 0"),
        ('{"nodesPerReplica": true}', "write a number"),
        ('{"nodesPerReplica": "2"}', "write a number"),
        ('{"nodesPerReplica": -1}', "no negative number"),
        ('{"nodesPerReplica": 1e999}', "a smaller number"),
    ],
)
def test_a_ratio_is_a_number_above_nothing(written: str, told: str) -> None:
    with pytest.raises(ConfigurationError, match=told):
        read_mode("linear", written)


def test_a_dimension_without_a_ratio_asks_for_one_whatever_the_bounds() -> None:
    # The minimum bounds each dimension that has a ratio: cluster-proportional-autoscaler's rule.
    linear = Linear(nodes_per_replica=4.0, min_replicas=1, max_replicas=3)
    assert [linear_replicas(linear, ClusterSize(it, 999, it, 999)) for it in (1, 4, 5, 99)] == [
        1, 1, 2, 3,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("amount", "replicas"), [(0, 4), (15, 4), (16, 4), (99, 4), (100, 10), (9_999, 10)]
)
def test_a_rung_holds_from_its_threshold_on_and_the_first_below_it_too(
    amount: int, replicas: int
) -> None:
    rungs = (Rung(16, 4), Rung(100, 10))
    assert rung_for(amount, rungs) == Rung(16 if replicas == 4 else 100, replicas)
    size = ClusterSize(0, amount, 0, amount)
    assert ladder_replicas(Ladder(cores=rungs), size) == replicas


def test_a_ladder_without_rungs_asks_for_nothing() -> None:
    assert ladder_replicas(Ladder(), ClusterSize(9, 99, 9, 99)) == 0


def node(name: str, millicores: int, *, ready: bool = True, cordoned: bool = False) -> Node:
    amounts = Resources(cpu_millicores=millicores)
    status = Condition("True" if ready else "False", 0)
    return Node(name, name, {}, amounts, amounts, 0, status, unschedulable=cordoned)


def test_cores_are_rounded_up_over_the_sum_of_those_that_take_pods_and_of_all() -> None:
    nodes = {
        it.name: it
        for it in (
            node("a", 1_000),
            node("b", 1_000),
            node("not-ready", 500, ready=False),
            node("cordoned", 501, cordoned=True),
        )
    }
    tally = recount(Tally(), nodes, nodes, ())
    assert tally.size == ClusterSize(
        schedulable_nodes=2, schedulable_cores=2, total_nodes=4, total_cores=4
    )
    without = {name: it for name, it in nodes.items() if name != "cordoned"}
    assert recount(tally, without, ["cordoned"], ()).size.total_cores == 3
    assert recount(tally, without, ["a"], ()) is tally
    assert recount(tally, {}, nodes, ()).size == ClusterSize(0, 0, 0, 0)
