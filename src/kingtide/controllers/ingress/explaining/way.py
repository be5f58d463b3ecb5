"""What is done to a request on its way to a backend's servers, in the order in which it is done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from kingtide.controllers.ingress.annotations import phases
from kingtide.controllers.ingress.desired import Backend
from kingtide.controllers.ingress.directive import Directive, PatternsOf, quoted
from kingtide.controllers.ingress.external_auth.settings import AuthSettings

ANSWERED = "what is answered without a pod"
ASKED = "whom somebody else lets in"
LISTED = "who may come in"
COUNTED = "how often"
PREFLIGHT = "what browsers ask before"
CREDENTIALS = "with which credentials"
SNIPPET = "lines that users write"
MAY_ANSWER = (ANSWERED, ASKED, LISTED, COUNTED, PREFLIGHT, CREDENTIALS, SNIPPET)
"""What lines are about that may answer a request themselves, so that no pod sees it."""
_DONE = (
    (phases.OPTION, "how servers are chosen and waited for"),
    (phases.TABLE, "what is kept of clients"),
    (phases.SOURCE, "who the client is"),
    (phases.ACCESS, LISTED),
    (phases.RATE, COUNTED),
    (phases.PREFLIGHT, PREFLIGHT),
    (phases.TO_TLS, ANSWERED),
    (phases.CREDENTIALS, CREDENTIALS),
    (phases.CAPTURE, "what is logged"),
    (phases.REDIRECT, ANSWERED),
    (phases.ASKED, ASKED),
    (phases.HEADER, "what is set on the way"),
    (phases.REWRITE, "which path the pod sees"),
    (phases.SNIPPET, SNIPPET),
)
MAX_PATTERNS = 20
"""Lines of a list that are shown; the count tells the rest."""


class Step(msgspec.Struct, frozen=True, gc=False):
    """A line of the backend, what it is about, and what stands in the lists that it names.

    `reads` are those of the request's headers that it looks at.
    """

    about: str
    line: str
    patterns: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()


def way(backend: Backend, headers: Iterable[str]) -> tuple[Step, ...]:
    """Return the steps of a request to a backend; `headers` are names of those that it has."""
    names = [it.lower() for it in headers]
    lists = {it.name: it.lines for it in backend.files}
    steps = [(it.phase, _step(it, lists, names)) for it in backend.directives]
    if backend.external_auth is not None:
        asked = [(phases.ASKED, it) for it in _asked(backend.external_auth)]
        steps = [it for it in steps if it[0] != phases.ASKED] + asked
    return tuple(step for _, step in sorted(steps, key=_phase))


def _phase(it: tuple[int, Step]) -> int:
    return it[0]


def _asked(settings: AuthSettings) -> Iterator[Step]:
    """Yield what a service is asked, instead of the rules that HAProxy asks the agent by."""
    about = _about(phases.ASKED)
    seconds = settings.timeout_ms / 1000
    yield Step(about, f"{settings.method} {settings.url}: 2xx does, within {seconds:g} s; else 503")
    if settings.signin:
        yield Step(about, f"401 is sent to {settings.signin}")
    if settings.response_headers:
        yield Step(about, f"from the answer alone: {', '.join(settings.response_headers)}")


def _step(it: Directive, lists: dict[str, tuple[str, ...]], headers: list[str]) -> Step:
    named = [word.name for word in it.words if isinstance(word, PatternsOf)]
    lines = [line for name in named for line in lists.get(name, ())]
    shown = [*lines[:MAX_PATTERNS]]
    if len(lines) > MAX_PATTERNS:
        shown.append(f"and {len(lines) - MAX_PATTERNS} more")
    words = [f"<{it.name}>" if isinstance(it, PatternsOf) else quoted(it) for it in it.words]
    line = " ".join(words)
    reads = tuple(name for name in headers if f"hdr({name})" in line.lower())
    return Step(_about(it.phase), line, tuple(shown), reads)


def _about(phase: int) -> str:
    """Return what lines of a phase are about; one between two belongs to the earlier."""
    return next((text for least, text in reversed(_DONE) if phase >= least), _DONE[0][1])
