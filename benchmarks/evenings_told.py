"""`python -m benchmarks evenings`: runs both evenings, prints the differences, judges them."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import reactions
from benchmarks.evenings import (
    BOUND,
    BOUND_ON_DEMAND_SECONDS,
    Difference,
    differences,
    missed,
    on_demand_seconds,
)
from benchmarks.record import this_machine
from benchmarks.two_processes import Asked, machine_load, rehearse, serve
from kingtide.report.clock import clock_text

SCENARIO = Path(__file__).resolve().parent.parent / "examples" / "prime-time"
NO_SPOT = 'cloud={outages: [{lifecycle: spot, from: "20:51", until: "21:05"}]}'
"""The published evening never lacks spot capacity; here it does from the first peak on, so that
on-demand nodes are asked for."""
CLUSTER, TIMEZONE = "prod", "Europe/Paris"
BEGINS_MINUTE = 20 * 60 + 40


def prime_time(seed: int, speed: float, minutes: int) -> Asked:
    """Return the published evening with a shortage of spot, up to a minute."""
    hours, rest = divmod(BEGINS_MINUTE + minutes, 60)
    return Asked(SCENARIO, CLUSTER, seed, speed, (NO_SPOT, f'end="{hours:02}:{rest:02}"'))


def compared(asked: Asked, *, reaction: bool) -> int:
    """Run and compare one evening, print what came out, and return the exit code."""
    console, before = Console(), machine_load()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        (folder / "served").mkdir()
        with console.status("rehearse"):
            rehearsed = rehearse(asked, folder / "rehearsed")
        with console.status(f"up and run --all, at speed {asked.speed:g}"):
            served = serve(asked, folder / "served")
    found = differences(rehearsed, served.evening)
    later = on_demand_seconds(rehearsed, served.evening)
    console.print(_table(found))
    for name, evening in (("rehearsed", rehearsed), ("served", served.evening)):
        at_ms = evening.first_on_demand_ms
        when = "never" if at_ms is None else clock_text(at_ms, TIMEZONE)
        console.print(f"first on-demand request, {name}: {when}")
    wrong = [*missed(found, later)]
    if reaction:
        with console.status("reactions at speed 1"):
            wrong += _reactions(asked, console)
    load = ", ".join(f"{one:.1f}" for one in (before[0], machine_load()[0]))
    console.print(
        f"speed {asked.speed:g}, {served.lost_seconds:g} s late of the cluster's time, "
        f"{served.wall_seconds:.0f} s; "
        f"{this_machine().cores} cores, {this_machine().cpu}; load before and after: {load}"
    )
    for sentence in wrong:
        console.print(f"missed: {sentence}")
    return 1 if wrong else 0


def _reactions(asked: Asked, console: Console) -> Sequence[str]:
    found = sorted(reactions.measure(asked, "shop", "search"))
    told = ", ".join(f"{1000 * it:.0f}" for it in found)
    console.print(f"from a pod that finds no place to the decision, at speed 1: {told} ms")
    if found[-1] <= reactions.BOUND_SECONDS:
        return ()
    return (f"{found[-1]:.2f} s to a decision, more than {reactions.BOUND_SECONDS:g} s",)


def _table(found: Sequence[Difference]) -> Table:
    table = Table(
        title=f"Difference per minute, at most {BOUND:.0%} at p95;"
        f" first on-demand request within {BOUND_ON_DEMAND_SECONDS:g} s"
    )
    table.add_column("")
    for name in ("p50", "p95", "max", "at minute", "rehearsed", "served"):
        table.add_column(name, justify="right")
    for it in found:
        shares = [f"{share:.1%}" for share in (it.p50, it.p95, it.most)]
        values = [f"{it.rehearsed:.1f}", f"{it.served:.1f}"]
        table.add_row(it.name, *shares, str(it.worst_minute), *values)
    return table
