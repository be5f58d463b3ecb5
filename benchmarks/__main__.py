"""`python -m benchmarks`: time the evenings, say where the time goes, keep the figures.

`python -m benchmarks --table FILE` prints the tables of a record as Markdown, `--publish FILE` puts
them into README.md and docs/concepts/performance.md.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import cyclopts
import msgspec
from rich.console import Console

from benchmarks import scheduling
from benchmarks.autoscaling import measure_passes
from benchmarks.evenings_told import compared, prime_time
from benchmarks.measure import Measurement, Workload
from benchmarks.publish import as_markdown, publish_alone
from benchmarks.publish import publish as put_into_pages
from benchmarks.record import Record, Rehearsed, keep, now, this_commit, this_machine
from benchmarks.tables import Sheet, ingress_sheets, running_sheets, sheets

EVENING = Workload("4 h, 1,000 nodes, 10,000 to 15,000 pods", nodes=1_000, pods=10_000, hours=4)
DAY = Workload("24 h, 300 nodes, 3,000 pods", nodes=300, pods=3_000, hours=24)
SMALL = Workload("4 h, 250 nodes, 2,500 pods", nodes=250, pods=2_500, hours=4)
LARGE = Workload("4 h, 4,000 nodes, 40,000 pods", nodes=4_000, pods=40_000, hours=4, runs=1)

REHEARSALS = (
    Rehearsed(EVENING, (), target_seconds=6, target_mib=300),
    Rehearsed(DAY, (), target_seconds=6),
    Rehearsed(SMALL, ()),
    Rehearsed(LARGE, ()),
    Rehearsed(
        Workload(
            "4 h, 250 nodes under all invariants", 250, 2_500, 4, runs=1, under_invariants=True
        ),
        (),
    ),
    *(
        Rehearsed(msgspec.structs.replace(it, runs=1, by_subsystem=True), ())
        for it in (EVENING, DAY, LARGE)
    ),
)

app = cyclopts.App(help="Time the twin and its controllers.")


@app.default
def main(
    *,
    table: Annotated[Path | None, cyclopts.Parameter(help="Print a record's tables.")] = None,
    publish: Annotated[
        Path | None, cyclopts.Parameter(help="Put a record's tables into README.md and docs.")
    ] = None,
) -> None:
    """Run everything several times, print tables, write one JSON file."""
    if table is not None:
        print(as_markdown(table))
    elif publish is not None:
        put_into_pages(publish)
    else:
        _run_all()


@app.command
def evenings(
    *,
    speed: Annotated[float, cyclopts.Parameter(help="Seconds of the cluster a second.")] = 10.0,
    seed: Annotated[int, cyclopts.Parameter(help="Where every chance comes from.")] = 2020,
    minutes: Annotated[int, cyclopts.Parameter(help="Of the evening, from 20:40 on.")] = 40,
    reaction: Annotated[bool, cyclopts.Parameter(help="Measure reactions at speed 1.")] = True,
) -> None:
    """Compare the evening that `kingtide run --all` brings with its rehearsal; 1 when it is off."""
    raise SystemExit(compared(prime_time(seed, speed, minutes), reaction=reaction))


@app.command
def ingress(
    *,
    publish: Annotated[
        bool, cyclopts.Parameter(negative="", help="Put the table into docs/concepts.")
    ] = False,
) -> None:
    """Load HAProxy while everything changes, count every request, time changes; 1 if one failed."""
    found = _measure_ingress()
    for sheet in ingress_sheets(found):
        Console().print(sheet.for_terminal())
        if publish:
            _publish("the ingress controller", sheet)
    raise SystemExit(1 if found["failed"] else 0)


@app.command
def run_at_scale(
    *,
    publish: Annotated[
        bool, cyclopts.Parameter(negative="", help="Put the table into docs/concepts.")
    ] = False,
) -> None:
    """Time the starts of `kingtide run --all` on 30,000 pods, its memory, and how soon it sees."""
    for sheet in running_sheets(_measured("benchmarks.run_at_scale")):
        Console().print(sheet.for_terminal())
        if publish:
            _publish("the running process", sheet)


def _publish(whose: str, sheet: Sheet) -> None:
    told = f"Commit {this_commit()}, {this_machine().cpu}, {this_machine().cores} cores."
    publish_alone(whose, f"{told}\n\n{sheet.as_markdown()}")


def _measure_ingress() -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.ingress"]
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE)
    return msgspec.json.decode(done.stdout, type=dict[str, float])


def _run_all() -> None:
    console = Console()
    at = now()
    rehearsals = tuple(
        msgspec.structs.replace(it, runs=_runs(it.workload, console)) for it in REHEARSALS
    )
    with console.status("scheduling"):
        works, preemptions = scheduling.measure_works(), scheduling.measure_preemptions()
    with console.status("node_autoscaling"):
        passes = measure_passes()
    with console.status("the twin's API"):
        serving = _measured("benchmarks.apiserver")
    with console.status("kingtide run"):
        running = _measured("benchmarks.run_at_scale")
    with console.status("ingress"):
        balanced = _measure_ingress()
    record = Record(
        at,
        this_commit(),
        this_machine(),
        rehearsals,
        works,
        preemptions,
        passes,
        serving,
        balanced,
        running,
    )
    for sheet in sheets(record):
        console.print(sheet.for_terminal())
    console.print(f"written to {keep(record)}")


def _measured(module: str) -> dict[str, float]:
    """Return the figures that a module prints, in a process of its own."""
    command = [sys.executable, "-m", module]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    return msgspec.json.decode(done.stdout, type=dict[str, float])


def _runs(workload: Workload, console: Console) -> tuple[Measurement, ...]:
    argument = msgspec.json.encode(workload).decode()
    runs = []
    for number in range(workload.runs):
        with console.status(f"{workload.title}: run {number + 1} of {workload.runs}"):
            done = subprocess.run(
                [sys.executable, "-m", "benchmarks.measure", argument],
                check=True,
                stdout=subprocess.PIPE,
            )
        runs.append(msgspec.json.decode(done.stdout, type=Measurement))
    if len({run.trace_hash for run in runs}) != 1:
        raise SystemExit(f"error: {workload.title}: runs of one seed differ in their trace hash")
    return tuple(runs)


if __name__ == "__main__":
    app()
