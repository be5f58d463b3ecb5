"""A small comparison on disk: two scenarios, two variants, two judged values."""

from __future__ import annotations

from pathlib import Path

from tests.small_rehearsal import write_small

OTHER = """\
apiVersion: fleet.kingtide.dev/v1alpha1
kind: Rehearsal
extends: rehearsal.yaml
metadata: {name: other}
spec:
  duration: 10m
  applications: {worker: {replicas: 4}}
"""
COMPARISON = """\
apiVersion: fleet.kingtide.dev/v1alpha1
kind: Comparison
metadata: {name: small}
spec:
  title: A small evening
  base: rehearsal.yaml
  document: fidelity.md
  seeds: 3
  variantSeeds: 2
  reference: plain
  variants:
    plain: []
    hot: [policies.hpa.target=0.5]
  rows:
    most:
      title: most pods
      scenario: rehearsal.yaml
      measure: {figure: hpa.web.max_replicas}
      published: {value: 30, tolerance: 3}
      source: somebody counted
      resolution: 1
    early:
      title: pods before five past
      scenario: other.yaml
      measure: {series: app.web.replicas, over: max, window: {until: "20:05"}}
      resolution: 100
      sensitivity: false
    absent:
      title: from a file that is not here
      scenario: nowhere.yaml
      needs: [nowhere/data.csv]
      measure: {figure: events}
  sensitivity:
    seeds: 1
    judgements:
      demand:
        title: demand, as it is written
        low: [applications.web.demand.scale=0.5]
        high: [applications.web.demand.scale=1.5]
"""
DOCUMENT = """\
# Ours

<!-- comparison small: begin (generated) -->
old
<!-- comparison small: end -->

What people wrote below.
"""


def write_comparison(
    folder: Path, comparison: str = COMPARISON, *, document: str | None = DOCUMENT
) -> Path:
    """Write everything below a folder and return the comparison's path."""
    write_small(folder)
    (folder / "other.yaml").write_text(OTHER)
    (folder / "comparison.yaml").write_text(comparison)
    if document is not None:
        (folder / "fidelity.md").write_text(document)
    return folder / "comparison.yaml"
