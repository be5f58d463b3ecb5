"""Figures of the cloud: how nodes lie over zones, traffic between them, spot taken back."""

from __future__ import annotations

from collections.abc import Iterator

from kingtide.rehearsal.figure_spec import FigureSpec, Measure
from kingtide.rehearsal.measurements import Measurements
from kingtide.twin.cloud.capacity_changes import cause_of
from kingtide.twin.definition import WorldDefinition


def zones() -> Iterator[FigureSpec]:
    """Yield how far zones differ."""
    yield FigureSpec(
        "zones.skew.max_percent",
        "percent",
        "Ready nodes of the fullest zone less those of the emptiest, of all, at most",
        lambda run: max(run.zones.skew_percents),
    )
    yield FigureSpec(
        "zones.skew.mean_percent",
        "percent",
        "Ready nodes of the fullest zone less those of the emptiest, of all, on average",
        lambda run: sum(run.zones.skew_percents) / len(run.zones.skew_percents),
    )
    yield FigureSpec(
        "zones.skew.max_ratio",
        "count",
        "Ready nodes of the fullest zone over those of the emptiest, at most",
        _highest_ratio,
    )


def traffic(definition: WorldDefinition) -> Iterator[FigureSpec]:
    """Yield what crossed zones, where a scenario prices it."""
    if definition.cloud.cross_zone_traffic is None:
        return
    yield FigureSpec(
        "cross_zone.gigabytes",
        "count",
        "gigabytes from one zone to another",
        lambda run: run.zones.crossed_gigabytes,
    )
    yield FigureSpec(
        "cross_zone.usd",
        "usd",
        "traffic between zones, both directions",
        lambda run: run.zones.crossed_usd,
    )


def reclaimed(definition: WorldDefinition) -> Iterator[FigureSpec]:
    """Yield how many spot instances were taken back, and for whom."""
    yield FigureSpec(
        "spot.reclaimed",
        "nodes",
        "spot instances taken back",
        lambda run: sum(run.reclaimed.values()),
    )
    for account in definition.cloud.other_accounts:
        yield FigureSpec(
            f"spot.reclaimed_by.{account.name}",
            "nodes",
            f"spot instances taken back because account {account.name} launched on demand",
            _taken_for(account.name),
        )


def _taken_for(account: str) -> Measure:
    begins = cause_of(account)
    return lambda run: sum(n for why, n in run.reclaimed.items() if why.startswith(begins))


def _highest_ratio(run: Measurements) -> float | None:
    ratios = [ratio for ratio in run.zones.ratios if ratio is not None]
    return max(ratios, default=None)
