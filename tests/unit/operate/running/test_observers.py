from __future__ import annotations

import io
import json
import resource
import signal
from pathlib import Path

import pytest
from prometheus_client import generate_latest
from starlette.testclient import TestClient

from kingtide.control.action import SetDesiredCapacity
from kingtide.control.decision_entry import DecisionEntry
from kingtide.control.outcome import Outcome
from kingtide.control.report import Report, Verdict
from kingtide.operate.running.health import HUNG_SECONDS, Pulse, address_of, application, listening
from kingtide.operate.running.journal import JOURNAL, DecisionFile
from kingtide.operate.running.logs import DecisionLog
from kingtide.operate.running.metrics import Metrics
from kingtide.operate.running.telling import Journal
from kingtide.operate.running.troubles import Trouble, Troubles
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


def test_a_line_that_a_full_disk_takes_in_part_is_taken_away(tmp_path: Path) -> None:
    file = DecisionFile(tmp_path)
    file.write(ENTRY)
    whole = (tmp_path / JOURNAL).stat().st_size
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (whole + 10, hard))
    try:
        with pytest.raises(OSError, match="too large"):
            file.write(ENTRY)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    file.write(ENTRY)
    file.close()
    assert decode_journal((tmp_path / JOURNAL).read_bytes()) == (ENTRY, ENTRY)


def test_a_journal_that_fails_is_told_once_counted_and_told_when_it_works(tmp_path: Path) -> None:
    stream = io.StringIO()
    log = DecisionLog(stream, lambda _: (), as_json=True)
    metrics = Metrics(dict, lambda: True)
    file = DecisionFile(tmp_path)
    journal = Journal(file, log, metrics)
    file.close()
    (tmp_path / JOURNAL).unlink()
    (tmp_path / JOURNAL).symlink_to("/dev/full")
    journal.write(ENTRY)
    journal.write(ENTRY)
    assert "kingtide_journal_works 0.0" in shown(metrics)
    (tmp_path / JOURNAL).unlink()
    journal.write(ENTRY)
    file.close()
    assert "kingtide_journal_works 1.0" in shown(metrics)
    assert 'kingtide_journal_entries_total{result="lost"} 2.0' in shown(metrics)
    told = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [(it["level"], it.get("lost")) for it in told] == [("warning", None), ("info", 2)]


def test_a_pulse_that_stops_is_unhealthy() -> None:
    now = [0.0]
    pulse = Pulse(lambda: now[0])
    now[0] = HUNG_SECONDS
    assert pulse.unhealthy() is None
    now[0] += 1
    assert "not moved for 121 s" in (pulse.unhealthy() or "")
    pulse.beat()
    assert pulse.unhealthy() is None


@pytest.mark.parametrize("address", ["", "here", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:70000"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="write for example"):
        listening(address)


@pytest.mark.parametrize(
    ("address", "host"),
    [("0", "127.0.0.1"), ("127.0.0.1:0", "127.0.0.1"), ("0.0.0.0:0", "0.0.0.0")],
)
def test_a_port_alone_is_for_this_machine_only(address: str, host: str) -> None:
    with listening(address) as listener:
        assert address_of(listener).startswith(f"http://{host}:")


def test_a_trouble_is_told_when_it_is_new_and_once_a_minute() -> None:
    now = [0.0]
    stream = io.StringIO()
    log = DecisionLog(stream, lambda _: (), as_json=True)
    found = [Trouble("lease", 1, "403 Forbidden")]
    troubles = Troubles(lambda: found, log, lambda: now[0])
    for now[0], failures in ((0.0, 1), (1.0, 2), (59.0, 9), (61.0, 9), (200.0, 9)):
        found[0] = Trouble("lease", failures, "403 Forbidden")
        troubles.look()
    told = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [it["failures"] for it in told] == [1, 8]
