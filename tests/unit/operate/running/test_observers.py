from __future__ import annotations

import io
import json
from pathlib import Path

from prometheus_client import generate_latest
from starlette.testclient import TestClient

from kingtide.control.action import SetDesiredCapacity
from kingtide.control.decision_entry import DecisionEntry
from kingtide.control.outcome import Outcome
from kingtide.control.report import Report, Verdict
from kingtide.operate.running.health import application
from kingtide.operate.running.journal import JOURNAL, DecisionFile
from kingtide.operate.running.logs import DecisionLog
from kingtide.operate.running.metrics import Metrics
from kingtide.roster.journal import decode_journal

REQUEST = SetDesiredCapacity(reason="more", group="g", desired=2, expected_desired=1)
ENTRY = DecisionEntry(
    1_795_348_800_123,
    "node_autoscaling",
    Report(verdicts=(Verdict("group/g", "chose", "ScaleUp", {"nodes": 1}),)),
    (REQUEST,),
    (Outcome(REQUEST, "refused", 1, "Throttling"),),
)


def shown(metrics: Metrics) -> str:
    return generate_latest(metrics.registry).decode()


def test_decisions_actions_refusals_passes_and_staleness_are_counted() -> None:
    metrics = Metrics(lambda: {"pods": 1.5, "nodes": float("inf")}, lambda: True)
    metrics.decided(ENTRY)
    metrics.refused("StaleView")
    metrics.passed("node_autoscaling", 0.003)
    text = shown(metrics)
    for line in (
        'kingtide_verdicts_total{code="ScaleUp",controller="node_autoscaling",stance="chose"} 1.0',
        'action="SetDesiredCapacity",code="Throttling",controller="node_autoscaling"',
        'kingtide_refusals_total{code="StaleView"} 1.0',
        'kingtide_pass_seconds_count{controller="node_autoscaling"} 1.0',
        'kingtide_view_staleness_seconds{watched="pods"} 1.5',
        'kingtide_view_staleness_seconds{watched="nodes"} +Inf',
        "kingtide_leader 1.0",
    ):
        assert line in text


def test_health_tells_what_is_wrong() -> None:
    wrong: list[str | None] = [None]
    metrics = Metrics(dict, lambda: False)
    client = TestClient(application(metrics.registry, lambda: wrong[0], lambda: "not synced"))
    assert (client.get("/healthz").status_code, client.get("/healthz").text) == (200, "ok\n")
    wrong[0] = "no pass for 10 min"
    assert client.get("/healthz").status_code == 503
    assert client.get("/readyz").text == "not synced\n"
    assert "kingtide_leader 0.0" in client.get("/metrics").text


def test_a_journal_goes_on_after_a_crash_in_the_middle_of_a_line(tmp_path: Path) -> None:
    file = DecisionFile(tmp_path)
    file.write(ENTRY)
    file.close()
    path = tmp_path / JOURNAL
    path.write_bytes(path.read_bytes() + b'{"at_ms": 17')
    file = DecisionFile(tmp_path)
    file.write(ENTRY)
    file.close()
    assert decode_journal(path.read_bytes()) == (ENTRY, ENTRY)


def test_a_journal_takes_two_files_at_most(tmp_path: Path) -> None:
    file = DecisionFile(tmp_path, max_bytes=1)
    for _ in range(5):
        file.write(ENTRY)
    file.close()
    assert sorted(it.name for it in tmp_path.iterdir()) == ["decisions.1.jsonl", JOURNAL]


def test_a_decision_is_a_line_for_each_sentence() -> None:
    stream = io.StringIO()
    DecisionLog(stream, lambda _: ("asked for one", "was refused"), as_json=True).decided(ENTRY)
    first, second = (json.loads(line) for line in stream.getvalue().splitlines())
    assert first["event"] == "asked for one"
    assert first["timestamp"] == "2026-11-22T12:00:00.123000Z"
    assert second["controller"] == "node_autoscaling"
