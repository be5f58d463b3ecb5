"""What keeping one shape's keys current costs, counted."""

from __future__ import annotations

from kingtide.controlplane.scheduling.column import Column
from kingtide.controlplane.scheduling.kinds import Kinds
from kingtide.controlplane.scheduling.node_table import NodeTable
from kingtide.controlplane.scheduling.nominations import Nominations
from kingtide.controlplane.scheduling.shape import ShapeTable
from kingtide.controlplane.scheduling.static_verdicts import StaticVerdict
from kingtide.kube.labels import LabelSelector
from kingtide.kube.nodes import ZONE_LABEL
from kingtide.kube.pods import TopologySpreadConstraint
from tests.unit.controlplane.scheduling.situations import node, pod, requesting

NODES = 150
PODS = 90


def test_a_run_of_equal_pods_scores_one_row_a_pod_and_lists_its_groups_a_few_times() -> None:
    table = NodeTable(ShapeTable())
    for number in range(NODES):
        table.upsert(node(f"n{number}", 8_000, zone="abc"[number % 3]))
    web = LabelSelector((("app", "web"),))
    rule = TopologySpreadConstraint(1, ZONE_LABEL, "ScheduleAnyway", web)
    shape = table.shapes.intern(pod("p", requesting(100, 100, topology_spread=(rule,)), app="web"))
    column = Column(shape, table, StaticVerdict(shape), Nominations(table))
    kinds = Kinds(table)
    for _ in range(PODS):
        alike = kinds.alike(shape)
        assert alike is not None
        alike.refresh()
        column.watch(alike)
        column.refresh()
        points = column.points(alike)
        keys = column.keys if points is None else column.keys + points.take(alike.group_of)
        table.add(int(keys.argmax()), shape)
    assert column.rows_scored == PODS - 1
    assert column.fields_asked <= 4
    zones = [
        sum(table.living_at(row).get(shape.index, 0) for row in range(zone, NODES, 3))
        for zone in range(3)
    ]
    assert zones == [PODS // 3] * 3
