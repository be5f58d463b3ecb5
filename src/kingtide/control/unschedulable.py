"""Pods the scheduler could not place, kept in their order and in groups of those that are alike.

In a shortage a thousand pods wait that come from a few dozen templates, and a pass is made at every
change: who counts them counts groups, and looks at single pods only where they differ.
"""

from __future__ import annotations

from collections.abc import Collection

from kingtide.controlplane.scheduling.shape import PodShape, ShapeTable
from kingtide.kube.pods import Pod

_Key = tuple[int, tuple[tuple[str, str], ...]]


class AlikePods:
    """Pods of one shape with the same annotations, by arrival: smaller numbers came earlier.

    `unpromised` have no nominated node, `nominated` have one; `newest_ms` is when the youngest pod
    that was ever among them was created (milliseconds since the Unix epoch).
    """

    def __init__(self, shape: PodShape) -> None:
        self.shape = shape
        self.unpromised: dict[int, Pod] = {}
        self.nominated: dict[int, Pod] = {}
        self.newest_ms = 0

    def __len__(self) -> int:
        return len(self.unpromised) + len(self.nominated)

    @property
    def any_pod(self) -> Pod:
        """One of them; there is always one."""
        return next(iter(self.unpromised.values() if self.unpromised else self.nominated.values()))

    def put(self, arrival: int, pod: Pod) -> None:
        """Add or replace a pod; each part stays in the order of arrival."""
        here, other = self.unpromised, self.nominated
        if pod.nominated_node_name:
            here, other = other, here
        other.pop(arrival, None)
        is_late = arrival not in here and bool(here) and next(reversed(here)) > arrival
        here[arrival] = pod
        self.newest_ms = max(self.newest_ms, pod.created_ms)
        if is_late:  # only a pod whose promise changed
            in_order = sorted(here.items())
            here.clear()
            here.update(in_order)

    def remove(self, arrival: int) -> None:
        """Take a pod out."""
        self.unpromised.pop(arrival, None)
        self.nominated.pop(arrival, None)


class UnschedulablePods:
    """Nothing but `put` and `remove` changes anything; `arrivals` counts all there ever were."""

    def __init__(self, shapes: ShapeTable) -> None:
        self._pods: dict[str, Pod] = {}
        self.arrivals = 0
        self._shapes = shapes
        self._places: dict[str, tuple[int, _Key]] = {}
        """Each pod's arrival and group, by uid."""
        self._groups: dict[_Key, AlikePods] = {}
        self._directory_version = shapes.directory.version

    @property
    def alike(self) -> Collection[AlikePods]:
        """Return the groups, in no meaningful order but always the same."""
        if self._directory_version != self._shapes.directory.version:
            self._regroup()
        return self._groups.values()

    def put(self, pod: Pod) -> None:
        """Take in a pod that is, or still is, unschedulable."""
        place = self._places.get(pod.uid)
        self._pods[pod.uid] = pod
        if place is None:
            self.arrivals += 1
            self._enter(self.arrivals, pod)
            return
        arrival, key = place
        if key == self._key(pod):
            self._groups[key].put(arrival, pod)
        else:
            self._leave(arrival, key)
            self._enter(arrival, pod)

    def remove(self, uid: str) -> None:
        """Take a pod out, if it is known."""
        if self._pods.pop(uid, None) is not None:
            self._leave(*self._places.pop(uid))

    def _key(self, pod: Pod) -> _Key:
        notes = tuple(sorted(pod.annotations.items())) if pod.annotations else ()
        return self._shapes.intern(pod).index, notes

    def _enter(self, arrival: int, pod: Pod) -> None:
        key = self._key(pod)
        group = self._groups.get(key)
        if group is None:
            group = self._groups[key] = AlikePods(self._shapes[key[0]])
        group.put(arrival, pod)
        self._places[pod.uid] = (arrival, key)

    def _leave(self, arrival: int, key: _Key) -> None:
        group = self._groups[key]
        group.remove(arrival)
        if not group:
            del self._groups[key]

    def _regroup(self) -> None:
        """Find all shapes anew: what namespaces and owners say of them changed."""
        self._directory_version = self._shapes.directory.version
        self._groups.clear()
        for uid, pod in self._pods.items():
            self._enter(self._places[uid][0], pod)
