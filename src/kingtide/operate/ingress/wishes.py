"""The proxy that is wished for: composed from what is seen, less what is not believed."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

import msgspec

from kingtide.controllers.ingress.compose import Composed, compose
from kingtide.controllers.ingress.desired import Backend, Desired
from kingtide.controllers.ingress.endpoints import with_endpoints
from kingtide.controllers.ingress.planning.emptied import doubted, with_servers_of
from kingtide.controllers.ingress.remembered import Remembered
from kingtide.fleet.policies.ingress import IngressPolicy
from kingtide.operate.ingress.sight import Changes

BELIEVED_SECONDS = 60.0
"""After so long even that all addresses are gone is believed: a list is made anew every few
seconds where the first was wrong, and pods that are really gone have answered nothing since."""


class Wished(msgspec.Struct, frozen=True, gc=False):
    """What to bring; `backends` are the names of those that changed, None for anything at all."""

    desired: Desired
    backends: tuple[str, ...] | None


class Wishes:
    """Composes what changes, from one look to the next."""

    def __init__(self, now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000) -> None:
        self._now_ms = now_ms  # of the wall clock: certificates end by it
        self.composed: Composed | None = None
        self.doubted: tuple[str, ...] = ()
        self._remembered = Remembered()
        self._serving: Mapping[str, Backend] = {}
        self._doubted_at = 0.0

    def believes_at(self) -> float | None:
        """Return when what is doubted will be believed, None where nothing is."""
        return self._doubted_at + BELIEVED_SECONDS if self.doubted else None

    def take(self, changes: Changes, policy: IngressPolicy, now: float) -> Wished:
        """Return what is wished for after these changes; `now` is monotonic."""
        backends: tuple[str, ...] | None = None
        if self.composed is None or changes.is_more:
            self.composed = compose(changes.view, policy, self._remembered, now_ms=self._now_ms())
        else:
            self.composed, backends = with_endpoints(self.composed, changes.view, changes.services)
        desired = self._believed(self.composed.desired, now)
        self._serving = desired.backends
        return Wished(desired, backends)

    def _believed(self, desired: Desired, now: float) -> Desired:
        if not self.doubted:
            self._doubted_at = now
        elif now - self._doubted_at >= BELIEVED_SECONDS:
            self.doubted = ()
            return desired
        still = tuple(it for it in self.doubted if _is_empty(desired, it))
        self.doubted = tuple(dict.fromkeys((*still, *doubted(self._serving, desired))))
        return with_servers_of(self._serving, desired, self.doubted)


def _is_empty(desired: Desired, name: str) -> bool:
    return name in desired.backends and not desired.backends[name].servers
