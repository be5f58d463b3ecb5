"""Figures of the cluster's DNS: lookups that fail, what CoreDNS is asked, and how often it dies."""

from __future__ import annotations

from collections.abc import Iterator

from kingtide.rehearsal.figure_spec import FigureSpec
from kingtide.twin.definition import WorldDefinition


def dns(definition: WorldDefinition) -> Iterator[FigureSpec]:
    """Yield how lookups went, where a scenario has `dns`; shares and rates are of its steps."""
    if definition.dns is None:
        return
    yield FigureSpec(
        "dns.failed.max_percent",
        "percent",
        "lookups that fail, at the worst moment",
        lambda run: max(run.series["dns.failed_percent"], default=0),
    )
    yield FigureSpec(
        "dns.failing.seconds",
        "seconds",
        "time in which one lookup of a hundred or more fails",
        lambda run: run.step_seconds * sum(it >= 1 for it in run.series["dns.failed_percent"]),
    )
    yield FigureSpec(
        "dns.core_dns.max_queries_per_second",
        "count",
        "most queries that CoreDNS is asked in a second, retries among them",
        lambda run: max(run.series["dns.core_dns_queries_per_second"], default=0),
    )
    yield FigureSpec(
        "dns.core_dns.killed",
        "count",
        "times that CoreDNS was killed for memory",
        lambda run: run.marks.get("core_dns_killed", 0),
    )
