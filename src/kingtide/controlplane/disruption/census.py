"""What a budget's status depends on, counted once over all pods it covers."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from kingtide.controlplane.disruption.expectation import OwnedPods
from kingtide.controlplane.disruption.health import is_healthy
from kingtide.kube.pods import Pod


class Census(msgspec.Struct, frozen=True, gc=False):
    """The covered pods, counted.

    `healthy` leaves granted evictions aside: `granted` are the covered pods for which one was
    granted, so that whoever keeps counts need not look at all pods again. `unmanaged` is how many
    have no controller.
    """

    pods: int = 0
    healthy: int = 0
    owned: tuple[OwnedPods, ...] = ()
    unmanaged: int = 0
    granted: tuple[Pod, ...] = ()


def census(pods: Iterable[Pod], granted: Iterable[str] = ()) -> Census:
    """Count covered pods; `granted` names those for which an eviction was granted."""
    names = dict.fromkeys(granted)
    owned: dict[str, OwnedPods] = {}
    count = healthy = unmanaged = 0
    named: list[Pod] = []
    for pod in pods:
        count += 1
        healthy += is_healthy(pod)
        if pod.owner is None:
            unmanaged += 1
        else:
            owned.setdefault(pod.owner.uid, OwnedPods(pod.owner, pod.name))
        if pod.name in names:
            named.append(pod)
    return Census(count, healthy, tuple(owned.values()), unmanaged, tuple(named))
