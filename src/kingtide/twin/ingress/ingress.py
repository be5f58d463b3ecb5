"""The proxy before applications: who is told of a pod's life when, and what requests meet then.

A pod that changes is told to its EndpointSlice, and by that to the proxy, each after a latency.
Until then requests go to pods that are gone (and are tried elsewhere), and none to pods that are
new. Checks find the dead in between. Which rule takes a request, and which endpoints are servers,
is asked of the controller's own rules (`controllers/ingress`).

Left out: time. A try at a machine that is gone waits for its timeout before the next, which no rate
shows; requests that pods are too busy for are demand that is not served, and no error here.
"""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Address

from kingtide.controllers.ingress.compose import compose
from kingtide.controllers.ingress.routing.table import RouteTable
from kingtide.controllers.ingress.servers import servers_of
from kingtide.controllers.ingress.traffic_view import TrafficView
from kingtide.kube.pods import Pod
from kingtide.kube.services import EndpointSlice
from kingtide.twin.cluster.current_load import Load
from kingtide.twin.cluster.machines import Machines
from kingtide.twin.cluster.metrics import Metrics
from kingtide.twin.cluster.pod_columns import BoolArray, IntArray, PodColumns
from kingtide.twin.cluster.store import Store
from kingtide.twin.definition import Application
from kingtide.twin.engine import Engine, EventClass
from kingtide.twin.ingress.account import Account, Counts
from kingtide.twin.ingress.chances import WHOLE
from kingtide.twin.ingress.proxied import Proxied
from kingtide.twin.latencies import Latency
from kingtide.twin.requests import IngressTraffic
from kingtide.twin.seed import SeedTree

_FIRST_ADDRESS = int(IPv4Address("10.0.0.1"))


class OtherService(ValueError):
    """A rule sends an application's requests to a Service that is not its own."""


class TwinIngress:
    """The proxy of a world. `revision` is another one whenever requests meet something else.

    Raises:
        OtherService: see there.
    """

    def __init__(
        self,
        engine: Engine,
        store: Store,
        seeds: SeedTree,
        machines: Machines,
        metrics: Metrics,
        traffic: IngressTraffic,
        applications: tuple[Application, ...],
    ) -> None:
        self.revision = 0
        self._engine = engine
        self._store = store
        self._seeds = seeds
        self._machines = machines
        self._columns: PodColumns = metrics.columns
        self._traffic = traffic
        self._view = TrafficView(
            {it.key: it for it in traffic.ingresses},
            {it.name: it for it in traffic.classes},
            {it.key: it for it in traffic.services},
        )
        self._proxied = _proxied(self._view, traffic, applications, engine.now_ms)
        self._uid_of: dict[str, str] = {}
        self._is_started = False
        store.on_pods(self._on_pod, heeds_refusals=False, counts_owners=True)
        machines.on_stop(self._on_machine_stopped)
        metrics.on_step(self._on_step)
        metrics.let_through(self)

    @property
    def keys(self) -> tuple[str, ...]:
        """Applications whose demand comes in as requests."""
        return tuple(self._proxied)

    def start(self) -> None:
        """Begin, with a proxy that knows every pod that is there."""
        self._is_started = True
        for it in self._proxied.values():
            it.slice = it.written_slice()
            it.writes += 1
            self._take_over(it.key, it.writes, it.slice)

    def counts(self, key: str) -> Counts:
        """Return the requests of an application since the world began."""
        return self._proxied[key].account.counts(self._engine.now_ms)

    # ------------------------------------------------------------ what pods get of it

    def reached(self, serving: BoolArray) -> BoolArray:
        """Return which rows of those that serve get requests."""
        found = serving.copy()
        rows = self._columns.row_of
        for it in self._proxied.values():
            found[self._columns.application == it.number] = False
            known = [rows[uid] for uid in it.taking if uid not in it.dead and uid in rows]
            found[known] = serving[known]
        return found

    def passed(self, demand: IntArray) -> IntArray:
        """Return what is left of the demand once requests have failed; int64[A] millicores."""
        found = demand.copy()
        for it in self._proxied.values():
            asked = int(demand[it.number])
            found[it.number] = asked - asked * it.chances(self._traffic.retries).failed // WHOLE
        return found

    # ------------------------------------------------------------ what happens

    def _on_step(self, load: Load) -> None:
        for it in self._proxied.values():
            it.account.demand(self._engine.now_ms, int(load.demand[it.number]))

    def _on_pod(self, old: Pod | None, new: Pod | None) -> None:
        pod = new if new is not None else old
        key = None if pod is None else self._store.application_of(pod)
        it = None if key is None else self._proxied.get(key)
        if pod is None or it is None:
            return
        if new is None or new.phase != "Running":
            it.pods.pop(pod.uid, None)
        else:
            if new.uid not in it.addresses:
                address = str(IPv4Address(_FIRST_ADDRESS + len(self._uid_of)))
                it.addresses[new.uid] = address
                self._uid_of[address] = new.uid
            it.pods[new.uid] = new
        if self._is_started:
            self._look_again(it, pod.uid)
            self._tell(it)

    def _on_machine_stopped(self, node: str) -> None:
        for it in self._proxied.values():
            hit = [uid for uid in it.taking if uid in it.pods and uid not in it.dead]
            for uid in [uid for uid in hit if it.pods[uid].node_name == node]:
                it.account.demand(self._engine.now_ms, it.account.millicores)
                it.account.cut(it.requests.takes_ms, len(it.taking) - len(it.down))
                self._look_again(it, uid)

    def _tell(self, it: Proxied) -> None:
        """Have the EndpointSlice written, once for all that changes until then."""
        if it.is_slice_due:
            return
        it.is_slice_due = True
        delay_ms = self._draw(self._traffic.endpoint_slice, "endpoint_slice", it.key, it.writes)
        self._engine.after(delay_ms, EventClass.WORLD, self._write, it.key)

    def _write(self, key: str) -> None:
        it = self._proxied[key]
        it.is_slice_due = False
        written = it.written_slice()
        if written == it.slice:
            return
        it.slice = written
        it.writes += 1
        delay_ms = self._draw(self._traffic.takes_over, "takes_over", key, it.writes)
        self._engine.after(delay_ms, EventClass.WORLD, self._take_over, key, it.writes, written)

    def _take_over(self, key: str, number: int, written: EndpointSlice) -> None:
        it = self._proxied[key]
        service = self._view.services.get(key)
        if number <= it.taken_over or it.backend is None or service is None:
            return  # a later one was faster, or nobody asks
        it.taken_over = number
        it.take_over(servers_of(service, it.port, (written,)), self._uid_of)
        known = it.dead
        it.dead = {uid: None for uid in it.taking if not self._accepts(it, uid)}
        for uid in it.dead:
            if uid not in known:
                self._check(it, uid)
        self._met(it)

    def _look_again(self, it: Proxied, uid: str) -> None:
        """Find out whether a pod that the proxy sends to takes connections."""
        if uid not in it.taking:
            return
        if self._accepts(it, uid):
            it.dead.pop(uid, None)
            it.down.pop(uid, None)
        elif uid not in it.dead:
            it.dead[uid] = None
            self._check(it, uid)
        self._met(it)

    def _accepts(self, it: Proxied, uid: str) -> bool:
        pod = it.pods.get(uid)
        return pod is not None and it.accepts(pod, is_up=self._machines.is_up(pod.node_name))

    def _check(self, it: Proxied, uid: str) -> None:
        """Have checks find a dead server."""
        if it.is_checked:
            delay_ms = self._draw(self._traffic.check_down, "check_down", uid, it.taken_over)
            self._engine.after(delay_ms, EventClass.WORLD, self._found_down, it.key, uid)

    def _found_down(self, key: str, uid: str) -> None:
        it = self._proxied[key]
        if uid in it.dead:
            it.down[uid] = None
            self._met(it)

    def _met(self, it: Proxied) -> None:
        now_ms, met = self._engine.now_ms, it.chances(self._traffic.retries)
        it.account.meet(now_ms, met, has_rule=it.backend is not None)
        self.revision += 1
        if self._is_started:
            self._engine.trace(f"ingress {it.key} {len(it.taking)} {len(it.dead)} {len(it.down)}")

    def _draw(self, latency: Latency, name: str, entity: str, number: int) -> int:
        return latency.at(self._seeds.below(1_000_001, f"ingress/{name}", entity, number))


def _proxied(
    view: TrafficView, traffic: IngressTraffic, applications: tuple[Application, ...], now_ms: int
) -> Mapping[str, Proxied]:
    """Return the applications whose demand comes in as requests, each with the rule it meets."""
    desired = compose(view, traffic.policy).desired
    table = RouteTable(desired.routes)
    found: dict[str, Proxied] = {}
    for number, it in enumerate(applications):
        if it.requests is None:
            continue
        match = table.match(it.requests.host, it.requests.path)
        name = desired.default_backend if match is None else match.route.backend
        backend = None if name is None else desired.backends[name]
        if backend is not None and backend.service != it.key:
            asked = f"{it.requests.host}{it.requests.path}"
            raise OtherService(f"requests for {asked} go to {backend.service}, not to {it.key}")
        account = Account(it.requests.cpu_ms, now_ms)
        found[it.key] = Proxied(it, it.requests, number, backend, account)
    return found
