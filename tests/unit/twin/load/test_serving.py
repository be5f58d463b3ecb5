"""How demand lands on pods, and what nodes can bear of it."""

from __future__ import annotations

import numpy as np
import pytest

from kingtide.twin.load.serving import NO_LIMIT, PodLoad, Serving, Usage
from tests.unit.twin.load.rows import Row, pods


def serve(serving: Serving, demand: list[int], load: PodLoad, nodes: list[int]) -> Usage:
    serving.look_at(load, len(demand))
    return serving.serve(np.array(demand, np.int64), np.array(nodes, np.int64))


def served(demand: list[int], load: PodLoad, nodes: list[int]) -> tuple[list[int], list[int]]:
    usage = serve(Serving(), demand, load, nodes)
    return usage.per_pod.tolist(), usage.unserved.tolist()


FREE = NO_LIMIT
READY: Row = (0, True, 0, FREE, 1_000, 0)


@pytest.mark.parametrize(
    ("demand", "rows", "nodes", "used", "unserved"),
    [
        pytest.param([10], [READY] * 3, [9_000], [4, 3, 3], [0], id="evenly, rest to the first"),
        pytest.param(
            [900],
            [READY, (0, False, 250, FREE, 1_000, 0), READY],
            [9_000],
            [450, 250, 450],
            [0],
            id="a pod that starts uses its own and serves nothing",
        ),
        pytest.param(
            [900],
            [(0, False, 250, FREE, 1_000, 0)],
            [9_000],
            [250],
            [900],
            id="without a ready pod nothing is served",
        ),
        pytest.param([900], [(0, True, 0, FREE, 1_000, -1)], [9_000], [0], [900], id="unbound"),
        pytest.param(
            [900],
            [(0, True, 0, 100, 1_000, 0), READY, READY],
            [9_000],
            [100, 400, 400],
            [0],
            id="what a limit keeps out goes to the others",
        ),
        pytest.param(
            [901],
            [(0, True, 0, 100, 1_000, 0)] * 2,
            [9_000],
            [100, 100],
            [701],
            id="what no pod can take is unserved",
        ),
        pytest.param(
            [900],
            [(0, True, 80, 100, 1_000, 0)] * 2,
            [9_000],
            [100, 100],
            [860],
            id="own use counts in the limit",
        ),
        pytest.param(
            [0],
            [(0, True, 500, 100, 1_000, 0)],
            [9_000],
            [100],
            [0],
            id="own use above the limit is cut",
        ),
        pytest.param(
            [3_000],
            [(0, True, 0, FREE, 1_000, 0), (0, True, 0, FREE, 3_000, 0)],
            [2_000],
            [500, 1_500],
            [1_000],
            id="a crowded node divides by requests",
        ),
        pytest.param(
            [3_000],
            [(0, True, 0, FREE, 1_000, 0), (0, True, 0, FREE, 3_000, 1)],
            [1_000, 9_000],
            [1_000, 1_500],
            [500],
            id="only the crowded node loses",
        ),
        pytest.param(
            [100, 3_000],
            [(0, True, 0, FREE, 1_000, 0), (1, True, 0, FREE, 1_000, 0)],
            [2_000],
            [100, 1_900],
            [0, 1_100],
            id="who wants little gets it, the rest goes on",
        ),
        pytest.param(
            [2_000],
            [(0, True, 0, FREE, 0, 0), (-1, True, 4_000, FREE, 998, 0)],
            [2_000],
            [4, 1_996],
            [1_996],
            id="no request is the smallest weight",
        ),
        pytest.param(
            [1_000],
            [(0, True, 600, FREE, 1_000, 0)],
            [1_000],
            [1_000],
            [600],
            id="own use comes before serving",
        ),
        pytest.param(
            [5, 7, 9],
            [(2, True, 0, FREE, 1_000, 0), (0, True, 0, FREE, 1_000, 0)],
            [9_000],
            [9, 5],
            [0, 7, 0],
            id="an application without pods",
        ),
    ],
)
def test_demand_lands(
    demand: list[int], rows: list[Row], nodes: list[int], used: list[int], unserved: list[int]
) -> None:
    assert served(demand, pods(rows), nodes) == (used, unserved)


def test_no_pods_serve_nothing() -> None:
    assert served([4, 5], pods([]), [100]) == ([], [4, 5])
    assert served([], pods([]), []) == ([], [])


def test_what_is_remembered_follows_every_change() -> None:
    serving = Serving()
    nodes = [9_000, 9_000]
    load = pods([READY, READY, READY])
    first = serve(serving, [900], load, nodes)
    load.ready[1] = False
    load.node[2] = 1
    second = serve(serving, [900], load, nodes)
    third = serve(serving, [900], pods([READY]), nodes)
    assert first.per_pod.tolist() == [300, 300, 300]
    assert second.per_pod.tolist() == [450, 0, 450]
    assert third.per_pod.tolist() == [900]
    more = serve(serving, [900, 5], pods([READY]), nodes)
    assert more.unserved.tolist() == [0, 5]


def test_pods_are_put_in_order_only_when_others_serve() -> None:
    serving, load = Serving(), pods([READY, READY, READY])
    for demand in (900, 600, 300):
        serve(serving, [demand], load, [9_000])
    load.fixed[0] = 100
    serve(serving, [900], load, [9_000])
    assert serving.orders == 1
    load.ready[1] = False
    serve(serving, [900], load, [9_000])
    assert serving.orders == 2


def test_serving_changes_nothing_it_was_given() -> None:
    load, demand = pods([(0, True, 100, 300, 1_000, 0), READY]), np.array([5_000], np.int64)
    load_before = [column.tolist() for column in load]
    serving = Serving()
    serving.look_at(load, 1)
    serving.serve(demand, np.array([500], np.int64))
    assert demand.tolist() == [5_000]
    assert [column.tolist() for column in load] == load_before
