from __future__ import annotations

from pathlib import Path

import pytest

from kingtide.fleet.documents.mistakes import Mistakes
from kingtide.rehearsal.figures import catalogue
from kingtide.rehearsal.prepare import prepare, prepare_all
from tests.small_rehearsal import SCENARIO, with_lines, write_small


def test_every_figure_has_one_name_and_a_title(tmp_path: Path) -> None:
    specs = catalogue(prepare(write_small(tmp_path)).definition)
    names = [spec.name for spec in specs]
    assert len(set(names)) == len(names)
    assert all(spec.title for spec in specs)
    assert {
        "unavailable.high.max_seconds",
        "unavailable.app.web.max_pods",
        "ready.web.p90_seconds",
        "pending.low.max_seconds",
        "node_wait.max_seconds",
        "unserved.web.core_seconds",
        "nodes.max.on_demand",
        "cost.total_usd",
        "cpu.reserved_not_used.mean_percent",
        "hpa.web.max_replicas",
        "node_autoscaling.failed_requests",
        "scheduling.preemptions",
    } <= set(names)


def test_only_applications_with_an_hpa_have_its_figures(tmp_path: Path) -> None:
    names = [spec.name for spec in catalogue(prepare(write_small(tmp_path)).definition)]
    assert not [name for name in names if name.startswith("hpa.worker")]
    assert not [name for name in names if name.startswith("unserved.worker")]


def test_an_expectation_of_a_figure_that_does_not_exist_is_told_before_anything_runs(
    tmp_path: Path,
) -> None:
    changed = with_lines(SCENARIO, ("pending.high.max_seconds", "pending.hgh.max_seconds"))
    with pytest.raises(Mistakes) as caught:
        prepare(write_small(tmp_path, scenario=changed))
    assert str(caught.value).endswith(
        "rehearsal.yaml:35:12: spec.expect[0]: there is no figure 'pending.hgh.max_seconds';"
        " did you mean 'pending.high.max_seconds'?"
    )


def test_scenarios_of_one_name_are_a_mistake(tmp_path: Path) -> None:
    path = write_small(tmp_path)
    other = tmp_path / "other.yaml"
    other.write_text("extends: rehearsal.yaml\nspec: {seed: 8}\n")
    with pytest.raises(Mistakes) as caught:
        prepare_all([path, other])
    assert str(caught.value).endswith(
        "metadata.name: other.yaml and rehearsal.yaml are both called 'small';"
        " give each its own name"
    )
