from __future__ import annotations

import time

from kingtide.check.registry import RULES
from kingtide.check.rule import Example
from kingtide.check.run import check_fleet
from tests.unit.check.example_fleet import API, example_view

CLUSTERS = 12
SPEC = """\
  class: base
  network: {{cidr: 10.{number}.0.0/16}}
  nodeGroups:
    api:
      dedicated: true
      spot: {{sizes: {{8x: {{instances: 8x-cpu32, min: 1, max: 60}}}}}}
      onDemandFallback: {{sizes: {{8x: {{max: 60}}}}}}
    admin: {{dedicated: true, onDemand: {{sizes: {{4x: {{instances: 4x-cpu16, min: 2, max: 6}}}}}}}}
  overprovisioning:
    api: {{ladder: [[0, 1], [200, 3], [600, 8]], pod: {{cpu: 15, memory: 24Gi}}}}
"""


def test_a_dozen_clusters_are_read_compiled_and_checked_in_less_than_a_second_and_a_half() -> None:
    files = {
        f"clusters/c{number}.yaml": f"{API}\nkind: Cluster\nmetadata: {{name: c{number}}}\nspec:\n"
        + SPEC.format(number=number)
        for number in range(1, CLUSTERS)
    }
    begin = time.process_time()
    checked = check_fleet(example_view(Example(files=files)), RULES, "2026-11-22")
    taken = time.process_time() - begin
    assert len(checked.clusters) == CLUSTERS
    assert checked.findings == ()
    # 0.2 s on the machine that was measured; the rest is for slower ones.
    assert taken < 1.5
