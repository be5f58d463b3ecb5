"""Figures of requests: how many came in by the ingress, and what became of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise

from kingtide.rehearsal.figure_spec import FigureSpec, Measure
from kingtide.rehearsal.measurements import Measurements
from kingtide.twin.definition import Application, WorldDefinition
from kingtide.twin.ingress.account import MICRO, Counts

Pick = Callable[[Counts], int]

_TOTALS: tuple[tuple[str, str, Pick], ...] = (
    ("total", "requests, all", lambda it: it.requests),
    ("failed", "requests that failed", lambda it: it.failed),
    ("no_rule", "requests that met no rule (404)", lambda it: it.no_rule),
    ("no_server", "requests without a server (503)", lambda it: it.no_server),
    ("refused", "requests that no server took in any try (503)", lambda it: it.refused),
    ("cut", "requests under way at a machine that went", lambda it: it.cut),
    ("retries", "tries after the first", lambda it: it.retries),
    ("redispatches", "tries at another server", lambda it: it.redispatches),
)
_OWN = ("total", "failed", "retries", "redispatches")
"""Those that each application has as well."""


def requests(definition: WorldDefinition) -> Iterator[FigureSpec]:
    """Yield what became of requests, where an application's demand comes in as such."""
    asked = _asked(definition.applications)
    if not asked:
        return
    every = tuple(it.key for it in asked)
    for name, title, pick in _TOTALS:
        yield FigureSpec(f"requests.{name}", "count", title, _count(every, pick))
    yield FigureSpec(
        "requests.failed_percent", "percent", "requests that failed, of all", _share(every)
    )
    for it in asked:
        for name, title, pick in _TOTALS:
            if name in _OWN:
                titled = f"{it.name}: {title}"
                figure = f"requests.{it.name}.{name}"
                yield FigureSpec(figure, "count", titled, _count((it.key,), pick))
        yield FigureSpec(
            f"requests.{it.name}.failed_percent",
            "percent",
            f"{it.name}: requests that failed, of all",
            _share((it.key,)),
        )


def request_series(
    applications: Sequence[Application], series: Mapping[str, Sequence[float]]
) -> tuple[Mapping[str, Sequence[float]], frozenset[str]]:
    """Return what failed and was tried again within each step, and the names that it replaces.

    The world tells sums since its beginning; a step has the difference. The first step has none.
    """
    found: dict[str, Sequence[float]] = {}
    sums: list[str] = []
    asked = _asked(applications)
    for field, measure in (("failed", "failed"), ("retries", "tried_again")):
        parts = []
        for it in asked:
            name = f"requests.{it.name}.{field}"
            sums.append(name)
            parts.append(_differences(series[name]))
            found[f"app.{it.name}.{measure}"] = parts[-1]
        if parts:
            total = [sum(values) for values in zip(*parts, strict=True)]
            found[f"requests.{measure}"] = total
    return found, frozenset(sums)


def _differences(sums: Sequence[float]) -> list[float]:
    return [0.0, *(round(now - before, 6) for before, now in pairwise(sums))]


def _asked(applications: Sequence[Application]) -> tuple[Application, ...]:
    return tuple(it for it in applications if it.requests is not None)


def _count(keys: tuple[str, ...], pick: Pick) -> Measure:
    def measure(run: Measurements) -> float:
        return sum(pick(run.requests[key]) for key in keys) / MICRO

    return measure


def _share(keys: tuple[str, ...]) -> Measure:
    def measure(run: Measurements) -> float | None:
        every = sum(run.requests[key].requests for key in keys)
        failed = sum(run.requests[key].failed for key in keys)
        return 100 * failed / every if every else None

    return measure
