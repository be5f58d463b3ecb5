"""What is told of Ingresses as Events: each problem once, by who leads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from kingtide.controllers.ingress.compose import Composed
from kingtide.controllers.ingress.told import IngressReport, Problem
from kingtide.kube.ingresses import Ingress
from kingtide.kube.wire.traffic import traffic_kinds
from kingtide.live.kubernetes.events.told_event import (
    MAX_MESSAGE_BYTES,
    Regarding,
    ToldEvent,
)

CONTROLLER = "ingress"
_KIND = traffic_kinds()["Ingress"]


def with_closed_told(composed: Composed, closed: Mapping[str, str]) -> tuple[IngressReport, ...]:
    """Return the reports, with a problem for each Ingress that leads to a closed backend."""
    blamed: dict[str, dict[Problem, None]] = {}
    for route in composed.desired.routes:
        if route.backend in closed:
            message = f"it answers 503, as HAProxy refuses it: {closed[route.backend]}"
            problem = Problem("BackendClosed", f"{route.host}{route.path}", message)
            blamed.setdefault(route.ingress, {})[problem] = None
    if not blamed:
        return composed.reports
    return tuple(
        IngressReport(it.ingress, it.routes, (*it.problems, *blamed.get(it.ingress, ())))
        for it in composed.reports
    )


class Telling:
    """Turns reports into Events; what was told by this leader is not told again."""

    def __init__(self, tell: Callable[[ToldEvent], None]) -> None:
        self._tell = tell
        self._told: Mapping[str, tuple[Problem, ...]] = {}
        self._term = 0

    def take(
        self, reports: tuple[IngressReport, ...], ingresses: Mapping[str, Ingress], term: int
    ) -> None:
        """Tell what is new; in another term all of it, as nobody knows what was told before."""
        known = self._told if term == self._term else {}
        for report in reports:
            before = known.get(report.ingress, ())
            ingress = ingresses.get(report.ingress)
            if ingress is not None:
                for it in _events(ingress, (it for it in report.problems if it not in before)):
                    self._tell(it)
        self._term = term
        self._told = {it.ingress: it.problems for it in reports if it.problems}


def _events(ingress: Ingress, problems: Iterator[Problem]) -> Iterator[ToldEvent]:
    regarding = Regarding(
        "Ingress", _KIND.api_version, ingress.namespace, ingress.name, ingress.uid
    )
    for it in problems:
        message = f"{it.place}: {it.message}".encode()[:MAX_MESSAGE_BYTES].decode("utf-8", "ignore")
        yield ToldEvent(CONTROLLER, regarding, "Warning", it.code, message)
