"""The fast way to serve demand and the plain one agree, and nothing is made or lost."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from kingtide.twin.definition import DemandPoint, Outage
from kingtide.twin.load.curves import DemandCurve
from kingtide.twin.load.demands import Demands
from kingtide.twin.load.filling import fill
from kingtide.twin.load.serving import NO_LIMIT, Serving
from tests.property.serving_plain import fill_one, serve_plainly
from tests.unit.twin.load.rows import Row, pods

APPLICATIONS, NODES = 4, 5

row = st.tuples(
    st.integers(-1, APPLICATIONS - 1),
    st.booleans(),
    st.sampled_from((0, 0, 0, 1, 250, 3_000)),
    st.one_of(st.just(NO_LIMIT), st.integers(0, 2_000)),
    st.one_of(st.just(1_000), st.integers(0, 4_000)),
    st.integers(-1, NODES - 1),
)
demands = st.lists(st.integers(0, 20_000), min_size=APPLICATIONS, max_size=APPLICATIONS)
nodes = st.lists(st.integers(0, 6_000), min_size=NODES, max_size=NODES)


@given(st.lists(st.tuples(demands, st.lists(row, max_size=25), nodes), min_size=1, max_size=4))
def test_fast_and_plain_agree_also_on_what_was_remembered(
    instants: list[tuple[list[int], list[Row], list[int]]],
) -> None:
    serving = Serving()
    for demand, rows, allocatable in instants:
        load = pods(rows)
        serving.look_at(load, APPLICATIONS)
        usage = serving.serve(np.array(demand, np.int64), np.array(allocatable, np.int64))
        plain = serve_plainly(demand, load, allocatable)
        assert (usage.per_pod.tolist(), usage.unserved.tolist()) == plain


@given(demands, st.lists(row, max_size=25), nodes)
def test_bounds_are_kept_and_nothing_is_lost(
    demand: list[int],
    rows: list[Row],
    allocatable: list[int],
) -> None:
    load = pods(rows)
    serving = Serving()
    serving.look_at(load, APPLICATIONS)
    usage = serving.serve(np.array(demand, np.int64), np.array(allocatable, np.int64))
    used = usage.per_pod
    assert (used >= 0).all()
    assert (used <= load.limit).all()
    assert (used[load.node < 0] == 0).all()
    for node, amount in enumerate(allocatable):
        assert used[load.node == node].sum() <= amount
    for application, amount in enumerate(demand):
        assert 0 <= usage.unserved[application] <= amount
        mine = (load.application == application) & load.ready
        own = np.minimum(load.fixed, load.limit)[mine & (load.node >= 0)].sum()
        taken = amount - usage.unserved[application]
        assert taken <= used[mine].sum() <= taken + own


def filled(amount: int, wants: list[int], weights: list[int]) -> list[int]:
    """Return what each taker of one bin gets."""
    bins = np.zeros(len(wants), np.intp)
    found = fill(np.array([amount]), bins, np.array(wants, np.int64), np.array(weights, np.int64))
    return [int(it) for it in found]


takers = st.lists(st.tuples(st.integers(0, 500), st.integers(1, 40)), max_size=12)


@given(st.integers(0, 3_000), takers)
def test_filling_is_fair(amount: int, wanting: list[tuple[int, int]]) -> None:
    """Max-min fairness: who does not get what he wants has no less, by weight, than anyone else."""
    wants, weights = [w for w, _ in wanting], [q for _, q in wanting]
    given_out = filled(amount, wants, weights)
    assert given_out == fill_one(amount, wants, weights)
    assert all(0 <= got <= want for got, want in zip(given_out, wants, strict=True))
    assert sum(given_out) == min(amount, sum(wants))
    for got, want, weight in zip(given_out, wants, weights, strict=True):
        if got < want:
            for other, other_weight in zip(given_out, weights, strict=True):
                # One unit each way is what whole numbers cost.
                assert (other - 1) * weight <= (got + 1) * other_weight


@given(
    st.lists(st.integers(0, 5_000), min_size=1, max_size=200), st.integers(1, 1_000_000), st.data()
)
def test_filling_does_not_depend_on_who_stands_where(
    wants: list[int], amount: int, data: st.DataObject
) -> None:
    weights = [1] * len(wants)
    order = data.draw(st.permutations(range(len(wants))))
    straight = sorted(filled(amount, wants, weights))
    mixed = filled(amount, [wants[i] for i in order], weights)
    assert sorted(mixed) == straight


steps = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 5_000)), max_size=6).map(
    lambda points: sorted(points, key=lambda point: point[0])
)
outages = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 30)), max_size=2)


@given(st.lists(st.tuples(steps, outages), max_size=3), st.lists(st.integers(0, 80), max_size=9))
def test_all_demands_at_once_are_those_of_the_curves_one_by_one(
    applications: list[tuple[list[tuple[int, int]], list[tuple[int, int]]]], times: list[int]
) -> None:
    curves = [
        DemandCurve([DemandPoint(at_ms, amount) for at_ms, amount in points])
        for points, _ in applications
    ]
    cuts = [[Outage(at_ms, at_ms + length) for at_ms, length in found] for _, found in applications]
    together = Demands(curves, cuts)
    for now_ms in times:
        expected = [
            0
            if any(cut.from_ms <= now_ms < cut.until_ms for cut in found)
            else curve.millicores_at(now_ms)
            for curve, found in zip(curves, cuts, strict=True)
        ]
        assert together.at(now_ms).tolist() == expected
