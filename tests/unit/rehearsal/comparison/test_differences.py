from __future__ import annotations

from pathlib import Path

from kingtide.rehearsal.comparison.differences import differences
from tests.unit.rehearsal.comparison.small import write_comparison

CHANGED = """\
apiVersion: fleet.kingtide.dev/v1alpha1
kind: Rehearsal
extends: rehearsal.yaml
metadata: {name: changed, labels: {any: thing}}
spec:
  seed: 99
  notes: [for readers only]
  expect: []
  duration: 20m
  warmUp: 3m
  cloud: null
  applications:
    web: {demand: {csv: null, points: [["20:00", 4], ["20:05", 8]]}}
    new: {requests: {cpu: 1}}
  latencies: {node.boot: 30s}
"""


def test_a_scenario_differs_in_the_fields_that_change_its_run(tmp_path: Path) -> None:
    write_comparison(tmp_path)
    (tmp_path / "changed.yaml").write_text(CHANGED)
    assert differences(tmp_path / "changed.yaml", tmp_path / "rehearsal.yaml") == (
        "applications.new: {requests: {cpu: 1}}",
        "applications.web.demand.csv: left out",
        "applications.web.demand.points: [[20:00, 4], [20:05, 8]]",
        "cloud: left out",
        'latencies."node.boot": 30s',
        "warmUp: 3m",
    )


def test_a_scenario_does_not_differ_from_itself(tmp_path: Path) -> None:
    path = write_comparison(tmp_path).parent / "rehearsal.yaml"
    assert differences(path, path) == ()
