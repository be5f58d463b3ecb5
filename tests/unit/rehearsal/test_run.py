from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kingtide.rehearsal.prepare import prepare
from kingtide.rehearsal.record import RunRecord
from kingtide.rehearsal.run import NothingRecorded, Run
from kingtide.rehearsal.scenario.read import Options
from kingtide.rehearsal.summary import encode_summary
from kingtide.roster.journal import encode_journal
from tests.small_rehearsal import write_small


def run(folder: Path, *settings: str, **options: object) -> RunRecord:
    path = write_small(folder)
    options_ = Options(settings=settings, **options)  # type: ignore[arg-type]  # until and seed
    return Run(prepare(path, options_)).record()


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> RunRecord:
    return run(tmp_path_factory.mktemp("small"))


def test_a_record_holds_every_promised_series_on_one_time_axis(record: RunRecord) -> None:
    promised = {"nodes.spot", "nodes.on_demand", "nodes.not_ready", "cost.usd_per_hour"}
    promised |= {f"cores.{m}" for m in ("used", "requested", "reserved_not_used", "allocatable")}
    promised |= {f"pods.{c}.{m}" for c in ("high", "low") for m in ("available", "unavailable")}
    measures = "available unavailable replicas used requested reserved_not_used demand unserved"
    promised |= {f"app.{a}.{m}" for a in ("web", "worker") for m in measures.split()}
    promised |= {"app.web.hpa_trigger"}
    assert promised <= set(record.series)
    assert "app.worker.hpa_trigger" not in record.series
    assert len(record.times_ms) == 20 * 4 + 1
    assert {len(series.values) for series in record.series.values()} == {len(record.times_ms)}
    assert (record.times_ms[0], record.times_ms[-1]) == (record.start_ms, record.end_ms)


def test_the_peak_makes_the_autoscaler_add_pods_and_nodes(record: RunRecord) -> None:
    figures = {name: figure.value for name, figure in record.figures.items()}
    replicas = record.series["app.web.replicas"].values
    assert replicas[0] == 6
    # 20 cores at 70 % of one core a pod ask for 29 pods; a tenth of tolerance leaves 26 enough.
    assert 26 <= max(replicas) <= 40
    assert figures["hpa.web.max_replicas"] == max(replicas)
    nodes = record.series["nodes.spot"].values
    assert figures["nodes.max.spot"] == max(nodes) > nodes[0]
    assert figures["ready.web.max_seconds"] is not None
    wait = figures["node_wait.max_seconds"]
    assert wait is not None
    # At least the boot that the scenario sets, at most all latencies at their longest.
    assert 20 < wait < 400


def test_cost_is_what_the_nodes_cost_over_the_time(record: RunRecord) -> None:
    rates = record.series["cost.usd_per_hour"].values
    total = record.figures["cost.total_usd"].value
    assert total is not None
    hours = (record.end_ms - record.start_ms) / 3_600_000
    assert min(rates) * hours * 0.99 <= total <= max(rates) * hours * 1.01


def test_sampled_and_exact_figures_agree(record: RunRecord) -> None:
    for name in ("web", "worker"):
        exact = record.figures[f"unavailable.app.{name}.max_pods"].value
        assert exact is not None
        assert exact >= max(record.series[f"app.{name}.unavailable"].values)


def test_expectations_are_held_against_figures(record: RunRecord) -> None:
    (result,) = record.expectations
    assert result.figure == "pending.high.max_seconds"
    assert result.actual == record.figures[result.figure].value
    assert result.passed


def test_assumptions_are_told(record: RunRecord, tmp_path: Path) -> None:
    assert "Latency node.boot is 20 s: set by the scenario." in record.notes
    scaled = run(tmp_path, "applications.web.demand.scale=1.03", until="20:01")
    assert "The demand of web is multiplied by 1.03." in scaled.notes


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(
    record: RunRecord, tmp_path: Path
) -> None:
    again = run(tmp_path)
    assert encode_summary(again) == encode_summary(record)
    assert encode_journal(again.decisions) == encode_journal(record.decisions)
    assert run(tmp_path, seed=8).trace_hash != record.trace_hash


@pytest.mark.parametrize("hash_seed", ["0", "4242"])
def test_the_trace_does_not_depend_on_the_process(
    record: RunRecord, tmp_path: Path, hash_seed: str
) -> None:
    path = write_small(tmp_path)
    code = (
        "import sys; from pathlib import Path; from kingtide.rehearsal.prepare import prepare;"
        " from kingtide.rehearsal.run import Run;"
        " print(Run(prepare(Path(sys.argv[1]))).record().trace_hash)"
    )
    printed = subprocess.run(
        [sys.executable, "-c", code, str(path)],
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert printed.strip() == record.trace_hash


def test_a_run_that_ends_earlier_is_the_beginning_of_the_whole_one(
    record: RunRecord, tmp_path: Path
) -> None:
    short = run(tmp_path, until="20:10")
    assert not short.partial
    assert short.end_ms - short.start_ms == 600_000
    for name, series in short.series.items():
        assert series.values == record.series[name].values[: len(series.values)], name


def test_a_stopped_run_leaves_what_it_has(record: RunRecord, tmp_path: Path) -> None:
    prepared = prepare(write_small(tmp_path))
    running = Run(prepared)
    stop_ms = prepared.definition.start_ms + 300_000

    def progress(at_ms: int) -> None:
        if at_ms >= stop_ms:
            running.stop()

    partial = running.record(progress)
    assert partial.partial
    assert stop_ms <= partial.reached_ms < partial.end_ms
    assert partial.times_ms[-1] == stop_ms
    used = partial.series["cores.used"].values
    assert used == record.series["cores.used"].values[: len(used)]


def test_a_run_stopped_in_its_warm_up_has_nothing_to_tell(tmp_path: Path) -> None:
    running = Run(prepare(write_small(tmp_path)))
    with pytest.raises(NothingRecorded):
        running.record(lambda _: running.stop())


def test_progress_runs_from_the_warm_up_to_the_end(tmp_path: Path) -> None:
    prepared = prepare(write_small(tmp_path))
    seen: list[int] = []
    Run(prepared).record(seen.append)
    definition = prepared.definition
    assert seen == sorted(seen)
    assert seen[0] == definition.start_ms - definition.warm_up_ms
    assert seen[-1] == definition.end_ms
