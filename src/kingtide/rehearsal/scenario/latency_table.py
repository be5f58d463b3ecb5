"""A scenario's latencies: its own over those of the file it shares with others."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

from kingtide.files.reading import read_yaml
from kingtide.fleet.documents.mistakes import Mistakes
from kingtide.fleet.documents.nearest import did_you_mean
from kingtide.fleet.documents.validation import read
from kingtide.rehearsal.scenario.latency_model import LatencyFile, WrittenLatency
from kingtide.rehearsal.scenario.model import RehearsalSpec
from kingtide.rehearsal.scenario.notes import Noter
from kingtide.twin.latencies import DEFAULT_LATENCIES, ONE_VALUE, Latency

_OWN_SOURCE = "set by the scenario"

_SHORTEST_MS: Mapping[str, int] = {"metrics.scrape_interval": 1000}
"""Times that are periods, not delays: at none there would be no end of it."""


def read_latencies(spec: RehearsalSpec, noter: Noter) -> Mapping[str, Latency]:
    """Return every latency that differs from the defaults, by name."""
    found: dict[str, Latency] = {}
    if spec.latencies_from is not None:
        path = ("spec", "latenciesFrom")
        shared = _shared(noter.folder(path) / spec.latencies_from, noter, path)
        found |= shared
    for name, written in spec.latencies.items():
        if name not in DEFAULT_LATENCIES:
            advice = did_you_mean(name, DEFAULT_LATENCIES, what="latencies")
            noter.note(("spec", "latencies", name), "there is no such latency", advice, key=True)
        else:
            default = found.get(name, DEFAULT_LATENCIES[name])
            found[name] = _within_reason(name, to_latency(written, default), noter, "latencies")
    return found


def to_latency(written: WrittenLatency, default: Latency | None = None) -> Latency:
    """Return a written latency as the twin takes it; `default` is what `scale` multiplies."""
    source = written.source or _OWN_SOURCE
    if written.points is not None:
        return Latency(written.points, source, bool(written.assumed))
    scale = written.scale or Decimal(1)
    assert default is not None  # only named latencies are scaled, and those have a default
    points = tuple((percent, int(ms * scale)) for percent, ms in default.points)
    assumed = default.assumed if written.assumed is None else written.assumed
    return Latency(points, f"{default.source}; times {scale}", assumed)


def _shared(file: Path, noter: Noter, path: tuple[str, ...]) -> Mapping[str, Latency]:
    try:
        node = read_yaml(file, named_at=noter.place(path))
    except Mistakes as error:
        noter.findings.extend(error.all)
        return {}
    document, reading = read(LatencyFile, node, noter.findings)
    if document is None:
        return {}
    own = Noter(node, noter.findings, reading)
    found: dict[str, Latency] = {}
    for name, written in document.spec.items():
        if name not in DEFAULT_LATENCIES:
            advice = did_you_mean(name, DEFAULT_LATENCIES, what="latencies")
            own.note(("spec", name), "there is no such latency", advice, key=True)
        else:
            latency = to_latency(written, DEFAULT_LATENCIES[name])
            found[name] = _within_reason(name, latency, own)
    return found


def _within_reason(name: str, latency: Latency, noter: Noter, *below: str) -> Latency:
    """Return the latency, noting one that is shorter, or spread wider, than it may be."""
    shortest_ms = _SHORTEST_MS.get(name, 0)
    if latency.points[0][1] < shortest_ms:
        wrong = f"is shorter than {shortest_ms / 1000:g} s"
        noter.note(("spec", *below, name), wrong, f"write {shortest_ms // 1000}s or more")
    if name in ONE_VALUE and not latency.is_constant:
        wrong = "has one value in a run, not a spread"
        noter.note(("spec", *below, name), wrong, "write one duration, as 5s")
    return latency
