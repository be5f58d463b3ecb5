"""The series of applications at one instant: who is there, what is asked of them and what they use.

They are kept field by field, a list of all applications each. What counts pods is read again only
for applications of which a pod or the wanted size changed, what tells the load only when the load
is another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import itemgetter

import numpy as np

from kingtide.kube.pods import pod_requests
from kingtide.twin.cluster.autoscalers import Autoscalers
from kingtide.twin.cluster.availability import Availability
from kingtide.twin.cluster.current_load import Load
from kingtide.twin.cluster.pod_columns import PodColumns
from kingtide.twin.cluster.store import Store
from kingtide.twin.definition import Application

_FIELDS = (
    "available", "unavailable", "replicas", "used", "requested", "reserved_not_used", "demand",
    "unserved", "hpa_trigger",
)  # fmt: skip


class ApplicationSeries:
    """Reads applications; cores are cores, not millicores.

    `names` are those of all series, in the order of `values`; an application without an autoscaler
    has no trigger. `read` counts how often an application's pods were looked at.
    """

    def __init__(
        self,
        applications: tuple[Application, ...],
        store: Store,
        columns: PodColumns,
        availability: Availability,
        autoscalers: Autoscalers,
    ) -> None:
        self.read = 0
        self._applications = applications
        self._store = store
        self._columns = columns
        self._tallies = availability.applications
        self._autoscalers = autoscalers
        self._requests = tuple(pod_requests(a.template.spec).cpu_millicores for a in applications)
        self._number: Mapping[str, int] = {a.key: n for n, a in enumerate(applications)}
        self._rolling = tuple(n for n, a in enumerate(applications) if a.rollouts)
        kept = [
            (f"app.{a.name}.{field}", place)
            for place, (a, field) in enumerate((a, f) for a in applications for f in _FIELDS)
            if field != "hpa_trigger" or autoscalers.trigger_millicores(a.key, 0) is not None
        ]
        self.names: Sequence[str] = tuple(name for name, _ in kept)
        self._kept = itemgetter(*(place for _, place in kept), 0) if kept else None
        count = len(applications)
        self._available: list[float] = [0] * count
        self._unavailable: list[float] = [0] * count
        self._replicas: list[float] = [0] * count
        self._trigger: list[float] = [0] * count
        self._requested: list[float] = [0] * count
        self._used: list[float] = [0] * count
        self._demand: list[float] = [0] * count
        self._unserved: list[float] = [0] * count
        self._load: Load | None = None
        self._stale: dict[int, None] = dict.fromkeys(range(count))
        self._values: tuple[float, ...] = ()
        availability.on_change(self._note)
        store.on_workloads(self._note)

    def values(self, load: Load) -> Sequence[float]:
        """Return the values of now, of which `load` is the load."""
        if not self._stale and load is self._load:
            return self._values
        for number in self._stale:
            self._read(number)
        self._stale.clear()
        if load is not self._load:
            self._take(load)
        flat: list[float] = [0.0] * (len(_FIELDS) * len(self._applications))
        reserved: list[float] = [
            max(0.0, requested - used)
            for requested, used in zip(self._requested, self._used, strict=True)
        ]
        in_order = (
            self._available, self._unavailable, self._replicas, self._used, self._requested,
            reserved, self._demand, self._unserved, self._trigger,
        )  # fmt: skip
        for place, field in enumerate(in_order):
            flat[place :: len(_FIELDS)] = field
        self._values = self._kept(flat)[:-1] if self._kept is not None else ()
        return self._values

    def _note(self, application: str) -> None:
        number = self._number.get(application)
        if number is not None:
            self._stale[number] = None

    def _read(self, number: int) -> None:
        """Take over what counts the pods of one application."""
        self.read += 1
        application = self._applications[number]
        tally = self._tallies[application.key]
        self._available[number] = tally.available
        self._unavailable[number] = tally.unavailable
        wanted = self._store.wanted_replicas(application.key)
        self._replicas[number] = tally.wanted if wanted is None else wanted
        if not application.rollouts:
            self._requested[number] = tally.bound * self._requests[number] / 1000
        trigger = self._autoscalers.trigger_millicores(application.key, tally.available)
        self._trigger[number] = 0 if trigger is None else trigger / 1000

    def _take(self, load: Load) -> None:
        """Take over what is demanded and used; any change of a pod that runs is another load."""
        self._load = load
        place, count = self._columns.application.astype(np.int64) + 1, len(self._applications)
        used = np.bincount(place, weights=load.usage, minlength=count + 1)
        self._used = (used[1:] / 1000).tolist()
        self._demand = (load.demand / 1000).tolist()
        self._unserved = (load.unserved / 1000).tolist()
        if self._rolling:
            # Their pods may request different amounts; those that run are known one by one.
            running = np.bincount(place, weights=self._columns.request, minlength=count + 1)
            for number in self._rolling:
                self._requested[number] = int(running[number + 1]) / 1000
