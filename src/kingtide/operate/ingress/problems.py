"""What is told of Ingresses as Events: each problem once, by who leads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

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
_BETWEEN = "; "
_ROOM_FOR_COUNT = 20
"""Bytes of a message that are kept for how many problems do not fit into it."""


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
        """Tell of what is new, or mended in part; in another term of all.

        Nobody knows what was told in the term before.
        """
        known = self._told if term == self._term else {}
        for report in reports:
            before = known.get(report.ingress, ())
            ingress = ingresses.get(report.ingress)
            if ingress is not None:
                news = {it.code for it in {*report.problems} ^ {*before}}
                for it in _events(ingress, (it for it in report.problems if it.code in news)):
                    self._tell(it)
        self._term = term
        self._told = {it.ingress: it.problems for it in reports if it.problems}


def _events(ingress: Ingress, problems: Iterable[Problem]) -> Iterator[ToldEvent]:
    """Yield an Event a code, with all problems of it.

    Of an object and a reason there is one Event, which has the newest words: of problems that were
    told one by one all but the last would be hidden, as a list that keeps everybody out.
    """
    regarding = Regarding(
        "Ingress", _KIND.api_version, ingress.namespace, ingress.name, ingress.uid
    )
    sentences: dict[str, list[str]] = {}
    for it in problems:
        sentences.setdefault(it.code, []).append(f"{it.place}: {it.message}")
    for code, said in sentences.items():
        yield ToldEvent(CONTROLLER, regarding, "Warning", code, _joined(said))


def _joined(sentences: list[str]) -> str:
    """Return sentences as one message; those that do not fit are counted."""
    kept: list[str] = []
    room = MAX_MESSAGE_BYTES - _ROOM_FOR_COUNT
    for it in sentences:
        room -= len(it.encode()) + len(_BETWEEN)
        if room < 0 and kept:
            break
        kept.append(it)
    if len(kept) < len(sentences):
        kept.append(f"and {len(sentences) - len(kept)} more")
    return _BETWEEN.join(kept).encode()[:MAX_MESSAGE_BYTES].decode("utf-8", "ignore")
