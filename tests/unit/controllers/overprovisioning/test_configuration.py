"""The steps of a configuration hold whole numbers."""

from __future__ import annotations

import pytest

from kingtide.control.proportional.cluster_size import ClusterSize
from kingtide.control.proportional.linear import Linear, linear_replicas
from kingtide.controllers.overprovisioning.configuration import ConfigurationError, read_mode
from kingtide.controllers.overprovisioning.ladder import Ladder


@pytest.mark.parametrize("written", ["true", '"1"', "1.5", "1e3", "null", "[1]"])
def test_what_is_no_whole_number_is_no_step(written: str) -> None:
    with pytest.raises(ConfigurationError, match="write a whole number"):
        read_mode("ladder", f'{{"coresToReplicas": [[{written}, 1]]}}')


def test_a_step_is_two_whole_numbers() -> None:
    found = read_mode("ladder", '{"coresToReplicas": [[16, 4]]}')
    assert isinstance(found, Ladder)
    assert [(it.threshold, it.replicas) for it in found.cores] == [(16, 4)]


def test_a_maximum_may_be_as_small_as_the_minimum_and_no_smaller() -> None:
    found = read_mode("linear", '{"nodesPerReplica": 1, "min": 3, "max": 3}')
    assert isinstance(found, Linear)
    assert (found.min_replicas, found.max_replicas) == (3, 3)
    with pytest.raises(ConfigurationError, match="below min"):
        read_mode("linear", '{"nodesPerReplica": 1, "min": 3, "max": 2}')


@pytest.mark.parametrize(("nodes", "replicas"), [(0, 1), (1, 1), (2, 2), (3, 2)])
def test_a_single_point_of_failure_is_one_of_several_nodes(nodes: int, replicas: int) -> None:
    linear = Linear(nodes_per_replica=10.0, prevents_single_point_of_failure=True)
    size = ClusterSize(nodes, 4 * nodes, nodes, 4 * nodes)
    assert linear_replicas(linear, size) == replicas
