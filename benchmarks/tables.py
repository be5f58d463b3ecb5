"""A record as tables: for a terminal, or as Markdown for README and docs."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence

import msgspec
from rich.table import Table

from benchmarks.record import Record, Rehearsed

PASS_TARGETS_MS = {"unchanged": 0.5, "pending_500": 30.0, "cold": 150.0}

SERVING = (
    ("list_ms", "a list, ms of processor time", "<= 500"),
    ("list_again_ms", "the same list again, ms", "-"),
    ("table_ms", "a list as kubectl's table, ms", "-"),
    ("first_writes_a_processor_second", "first patches of pods a processor second", "-"),
    ("writes_a_processor_second", "patches a processor second, 2 watches", ">= 2,000"),
    ("writes_a_second", "patches a second on the wall, clients on the same cores", "-"),
    ("watched_writes_a_second", "patches a second with 100 watches, 100 asked for", ">= 95"),
    ("watched_core_percent", "what those take of a core, %", "<= 100"),
)
"""What is measured of the twin's API with 10,000 pods over TLS, and its targets."""

INGRESS = (
    ("answered", "requests answered while everything changes", ">= 200,000"),
    ("failed", "of them failed", "0"),
    ("endpoint_changes", "changes of endpoints meanwhile", ">= 1,000"),
    ("reloads", "reloads for another structure meanwhile", ">= 50"),
    (
        "change_to_traffic_p50_ms",
        "from writing an endpoint to the first request at it, p50 ms",
        "-",
    ),
    ("change_to_traffic_p99_ms", "the same, p99 ms", "<= 100"),
    ("sync_2000_ingresses_ms", "2,000 Ingresses with 5,000 endpoints from nothing, ms", "<= 5,000"),
    ("one_endpoint_of_5000_ms", "one endpoint of them, ms", "<= 100"),
    ("one_route_of_2000_ms", "one path of them, without a reload, ms", "<= 100"),
    ("rate_a_second", "requests a second through our configuration", "-"),
    ("rate_by_hand_a_second", "through one by hand for one backend", "-"),
    ("rate_percent_of_by_hand", "ours of the other, median of 10 pairs, %", ">= 95"),
    ("plain_p50_ms", "a request on one connection, p50 ms", "-"),
    ("asked_p50_ms", "the same where auth-url is asked about it, p50 ms", "-"),
    ("asked_p99_ms", "the same, p99 ms", "-"),
    ("asked_rate_a_second", "requests a second that auth-url is asked about", "-"),
    ("asked_agent_cpu_ms", "processor time of the agent for each, ms", "<= 0.2"),
    ("load_before_a_core", "load of a core before it began; above 1 times say little", "<= 1"),
)
"""What is measured of the ingress controller with a real HAProxy, and its targets."""

RUNNING = (
    ("first_pass_wall_seconds", "from exec to the end of the first pass, s on the wall", "<= 5"),
    ("first_pass_best_wall_seconds", "the best of the starts", "-"),
    ("first_pass_cpu_seconds", "the same, s of processor time", "-"),
    ("first_pass_peak_megabytes", "most memory until then, MB", "<= 350"),
    ("peak_megabytes", "most memory, after all changes, MB", "<= 350"),
    ("change_p50_ms", "a new pod until its line in the journal, p50, ms", "-"),
    ("change_p99_ms", "the same, p99, ms", "<= 1,000"),
    ("changes", "pods of these", "-"),
    ("writes_a_second", "changes of other pods a second meanwhile", "-"),
    ("changing_core_percent", "what those take of a core, %", "-"),
    ("machine_load", "load of the machine before", "-"),
)
"""What is measured of `kingtide run --all` beside `kingtide up`, and its targets."""


class Sheet(msgspec.Struct, frozen=True):
    """A table; the first column is text, the others are figures."""

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]

    def for_terminal(self) -> Table:
        """Return it as a rich table."""
        table = Table(title=self.title)
        for place, heading in enumerate(self.headings):
            table.add_column(heading, justify="right" if place else "left")
        for row in self.rows:
            table.add_row(*row)
        return table

    def as_markdown(self) -> str:
        """Return it as a Markdown table under its title."""
        rule = ["---", *("---:" for _ in self.headings[1:])]
        lines = [f"| {' | '.join(row)} |" for row in (self.headings, rule, *self.rows)]
        return "\n".join([f"**{self.title}**", "", *lines, ""])


def sheets(record: Record) -> list[Sheet]:
    """Return all tables of a record."""
    return sheets_together(record) + [it for _, it in sheets_alone(record)]


def sheets_together(record: Record) -> list[Sheet]:
    """Return the tables of what only the whole run measures."""
    return [
        _rehearsals(record),
        *(_subsystems(it) for it in record.rehearsals if it.workload.by_subsystem),
        _work(record),
        _scheduling(record),
        _passes(record),
        *_serving(record),
    ]


def sheets_with_targets(record: Record) -> list[Sheet]:
    """Return the tables of `sheets_together` that have targets beside their figures."""
    return [_rehearsals(record), _scheduling(record), _passes(record), *_serving(record)]


def sheets_alone(record: Record) -> list[tuple[str, Sheet]]:
    """Return the tables of what is measured alone, too, each with whose figures it has."""
    found = [("the ingress controller", it) for it in ingress_sheets(record.ingress)]
    return found + [("the running process", it) for it in running_sheets(record.running)]


def described(record: Record) -> str:
    """Return a sentence of when and where."""
    at, machine = record.at, record.machine
    return (
        f"Commit {record.commit}, {at[:4]}-{at[4:6]}-{at[6:8]}, one core of {machine.cores} of an"
        f" {machine.cpu}, Python {machine.python}, numpy {machine.numpy}. Seconds are processor"
        " time where a line says nothing else."
    )


def _timed(record: Record) -> list[Rehearsed]:
    return [it for it in record.rehearsals if not it.workload.by_subsystem]


def _median(it: Rehearsed) -> float:
    return statistics.median(run.cpu_seconds for run in it.runs)


def _rehearsals(record: Record) -> Sheet:
    rows = []
    for it in _timed(record):
        seconds = [run.cpu_seconds for run in it.runs]
        mib = max(run.peak_mib for run in it.runs)
        rows.append(
            [
                it.workload.title,
                f"{_median(it):.1f}",
                f"{min(seconds):.1f} - {max(seconds):.1f}" if len(seconds) > 1 else "one run",
                f"{it.target_seconds:g}" if it.target_seconds else "",
                f"{mib}",
                f"{it.target_mib}" if it.target_mib else "",
            ]
        )
    rows.extend(_growth(record))
    headings = ("rehearsal", "s", "min - max", "target s", "MiB", "target MiB")
    return Sheet("Rehearsals (median of the runs)", headings, rows)


def _growth(record: Record) -> list[list[str]]:
    """Return how time grows from one evening to one of four times its nodes."""
    timed = [it for it in _timed(record) if not it.workload.under_invariants]
    rows = []
    for small in timed:
        for large in timed:
            here, there = small.workload, large.workload
            if there.nodes == 4 * here.nodes and there.hours == here.hours:
                factor = _median(large) / _median(small)
                title = f"growth: {here.nodes:,} to {there.nodes:,} nodes"
                rows.append([title, f"x {factor:.1f}", "", "x 6", "", ""])
    return rows


def _subsystems(it: Rehearsed) -> Sheet:
    run = it.runs[0]
    rows = [
        [
            share.subsystem,
            f"{share.seconds:.2f}",
            f"{100 * share.seconds / run.cpu_seconds:.0f}",
            f"{share.events:,}" if share.events else "",
            f"{1e6 * share.seconds / share.events:,.0f}" if share.events else "",
            f"{share.most_us:,}" if share.events else "",
        ]
        for share in run.shares
    ]
    headings = ("subsystem", "s", "%", "events", "us each", "longest us")
    return Sheet(f"Where the time goes: {it.workload.title}", headings, rows)


def _work(record: Record) -> Sheet:
    timed = _timed(record)
    names = dict.fromkeys(name for it in timed for name in it.runs[0].counts)
    rows = [["events", *(f"{it.runs[0].events:,}" for it in timed)]]
    rows += [[name, *(f"{it.runs[0].counts.get(name, 0):,}" for it in timed)] for name in names]
    return Sheet("Work done in one run", ("what", *(it.workload.title for it in timed)), rows)


def _scheduling(record: Record) -> Sheet:
    rows = [
        [
            name,
            f"{it['placed']:,.0f}",
            f"{it['pods_per_second']:,.0f}",
            f"{it['target']:,.0f}" if it["target"] else "",
        ]
        for name, it in record.scheduling.items()
    ]
    rows += [
        [f"preemption search on 1,000 full nodes, {name}", "", f"{1e6 / us:,.0f} searches/s", ""]
        for name, us in record.preemption_us.items()
    ]
    headings = ("work", "placed", "pods/s", "target")
    return Sheet("Scheduling (median of the runs)", headings, rows)


def _passes(record: Record) -> Sheet:
    rows = [
        [name, f"{milliseconds:.2f}", f"{PASS_TARGETS_MS[name]:g}"]
        for name, milliseconds in record.node_autoscaling_passes_ms.items()
    ]
    title = "Passes of node_autoscaling: 1,000 nodes, 30,000 pods, 12 groups (median)"
    return Sheet(title, ("pass", "ms", "target ms"), rows)


def ingress_sheets(found: Mapping[str, float]) -> list[Sheet]:
    """Return the table of the ingress controller, none without figures."""
    rows = [(said, _figure(found[name]), target) for name, said, target in INGRESS if name in found]
    return (
        [Sheet("Ingress", ("HAProxy as Ingresses ask", "measured", "target"), rows)] if rows else []
    )


def running_sheets(found: Mapping[str, float]) -> list[Sheet]:
    """Return the table of `kingtide run`, none without figures."""
    rows = [(said, _figure(found[name]), target) for name, said, target in RUNNING if name in found]
    headings = ("`kingtide run --all`, 1,000 nodes, 30,000 pods", "measured", "target")
    return [Sheet("Running", headings, rows)] if rows else []


def _figure(value: float) -> str:
    return f"{value:,.1f}" if value < 100 and value != int(value) else f"{value:,.0f}"


def _serving(record: Record) -> list[Sheet]:
    """Return the table of the twin's API, none of a record without its figures."""
    found = record.apiserver
    rows = [
        (said, f"{found[name]:,.0f}", target) for name, said, target in SERVING if name in found
    ]
    headings = ("The twin's API with 10,000 pods", "measured", "target")
    return [Sheet("Serving", headings, rows)] if rows else []
