"""The proxy before applications: what requests meet while pods come, end and die."""

from __future__ import annotations

import msgspec
import pytest

from kingtide.kube.ingresses import HttpPath, Ingress, IngressBackend, IngressRule
from kingtide.kube.pods import Condition
from kingtide.kube.services import Service, ServicePort
from kingtide.twin.cluster.metrics import LOAD_STEP_MS, Metrics
from kingtide.twin.ingress.account import MICRO, Counts
from kingtide.twin.ingress.ingress import OtherService, TwinIngress
from kingtide.twin.latencies import constant
from kingtide.twin.requests import IngressTraffic, Requests
from tests.twin.worlds import application
from tests.unit.twin.cluster.parts import Parts

SLICE_MS, TAKES_OVER_MS, DOWN_MS = 300, 100, 5_000
LAG_MS = SLICE_MS + TAKES_OVER_MS
PER_SECOND = 400
"""Four cores of demand at 10 ms of CPU a request."""
PORTS = (ServicePort(80, "http"),)
RULE = IngressRule("a.b", (HttpPath("/", "Prefix", IngressBackend("api", "http")),))
ASKED = Requests("a.b", "/x", 10)


class Proxy(Parts):
    """Four ready pods on two nodes, and the proxy before them; counted from the first load on."""

    def __init__(
        self, asked: Requests = ASKED, retries: int = 3, check: str = "true", pods: int = 4
    ) -> None:
        super().__init__()
        written = {"haproxy.org/check": check}
        traffic = IngressTraffic(
            ingresses=(Ingress("test", "api", rules=(RULE,), annotations=written),),
            services=(Service("test", "api", ports=PORTS), Service("test", "other", ports=PORTS)),
            retries=retries,
            endpoint_slice=constant(SLICE_MS, "test"),
            takes_over=constant(TAKES_OVER_MS, "test"),
            check_down=constant(DOWN_MS, "test"),
        )
        made = application("api", pods, demand=[(0, 4_000)])
        applications = (msgspec.structs.replace(made, requests=asked),)
        self.metrics = Metrics(
            self.engine, self.store, self.seeds, self.latencies, applications, self.machines
        )
        self.ingress = TwinIngress(
            self.engine,
            self.store,
            self.seeds,
            self.machines,
            self.metrics,
            traffic,
            applications,
        )
        for name in ("n1", "n2"):
            self.add_node(name)
        for number in range(pods):
            self.add_pod(f"p{number}", f"n{1 + number % 2}", ready=True)
        self.ingress.start()
        self.metrics.start()
        self.after(LOAD_STEP_MS)
        self._before = self.ingress.counts("test/api")

    def later(self, milliseconds: int) -> None:
        """Run on from the first load."""
        self.after(LOAD_STEP_MS + milliseconds)

    def counts(self) -> Counts:
        """Return the requests since the first load, whole."""
        now = self.ingress.counts("test/api")
        return Counts(*(round((a - b) / MICRO) for a, b in zip(now, self._before, strict=True)))

    def used(self, uid: str) -> int:
        columns = self.metrics.columns
        return int(self.metrics.load().usage[columns.row_of[uid]])

    def terminate(self, uid: str) -> None:
        """SIGTERM; the pod is gone two seconds later."""
        self.store.update_pod(self.pod(uid), deletion_ms=self.engine.now_ms)


def test_a_pod_that_closes_its_port_at_sigterm_costs_tries_until_the_proxy_knows() -> None:
    proxy = Proxy()
    proxy.terminate("p0")
    proxy.later(LAG_MS)
    found = proxy.counts()
    # A quarter of the requests meets it, and is answered by another at the second try.
    assert (found.requests, found.redispatches) == (160, 40)
    assert found.failed == 0
    proxy.later(10_000)
    assert proxy.counts().redispatches == 40


def test_without_retries_the_same_are_errors() -> None:
    proxy = Proxy(retries=0)
    proxy.terminate("p0")
    proxy.later(10_000)
    found = proxy.counts()
    assert (found.refused, found.failed, found.retries) == (40, 40, 0)


def test_a_pod_that_serves_while_it_ends_costs_nothing() -> None:
    proxy = Proxy(msgspec.structs.replace(ASKED, serves_while_ending=True), retries=0)
    proxy.terminate("p0")
    proxy.later(1_000)
    proxy.store.delete_pod(proxy.pod("p0"))
    proxy.later(10_000)
    found = proxy.counts()
    assert (found.failed, found.retries) == (0, 0)
    assert found.requests == 10 * PER_SECOND


@pytest.mark.parametrize(
    ("check", "seconds"),
    [
        pytest.param("true", DOWN_MS // 1000, id="until checks find them"),
        pytest.param("false", 20, id="without checks until its pods are gone"),
    ],
)
def test_a_machine_that_goes_without_notice_is_met(check: str, seconds: int) -> None:
    proxy = Proxy(check=check, retries=1)
    proxy.machines.stop("n1")
    proxy.later(20_000)
    found = proxy.counts()
    # Half of the servers are dead: a half is tried again, a third of those in vain.
    assert found.redispatches == seconds * PER_SECOND // 2
    assert found.refused == pytest.approx(seconds * PER_SECOND / 6, abs=1)
    # A tenth of a second's requests was under way, half of them there.
    assert found.cut == PER_SECOND // 10 // 2


def test_a_new_pod_gets_requests_once_the_proxy_knows_it() -> None:
    proxy = Proxy()
    proxy.add_pod("new", "n1", ready=True)
    assert proxy.used("new") == 0
    proxy.later(LAG_MS - 1)
    assert proxy.used("new") == 0
    proxy.later(LAG_MS)
    assert proxy.used("new") == 800
    assert proxy.used("p0") == 800


def test_a_pod_that_turns_unready_gets_requests_until_the_proxy_knows() -> None:
    proxy = Proxy()
    unready = Condition("False", proxy.engine.now_ms, "probe")
    proxy.store.update_pod(proxy.pod("p0"), ready=unready)
    proxy.later(LAG_MS)
    assert (proxy.counts().failed, proxy.counts().retries) == (0, 0)  # it takes connections
    assert proxy.used("p1") == 1_333 + 1


def test_without_a_server_requests_fail_and_no_demand_comes_through() -> None:
    proxy = Proxy(pods=1)
    proxy.store.delete_pod(proxy.pod("p0"))
    proxy.later(LAG_MS + 1_000)
    found = proxy.counts()
    # Until the proxy knows, its only server is tried four times; then there is none to try.
    assert (found.refused, found.retries, found.redispatches) == (160, 480, 0)
    assert found.no_server == PER_SECOND
    load = proxy.metrics.load()
    assert (int(load.demand[0]), int(load.unserved[0])) == (4_000, 4_000)


def test_a_host_without_a_rule_is_404_for_all() -> None:
    proxy = Proxy(msgspec.structs.replace(ASKED, host="c.d"))
    proxy.later(1_000)
    found = proxy.counts()
    assert (found.requests, found.no_rule, found.no_server) == (PER_SECOND, PER_SECOND, 0)
    assert proxy.used("p0") == 0


def test_requests_that_a_rule_sends_elsewhere_are_refused() -> None:
    made = application("other", 1, demand=[(0, 1_000)])
    parts = Parts()
    traffic = IngressTraffic(
        (Ingress("test", "api", rules=(RULE,)),), (Service("test", "api", ports=PORTS),)
    )
    applications = (msgspec.structs.replace(made, requests=ASKED),)
    metrics = Metrics(
        parts.engine, parts.store, parts.seeds, parts.latencies, applications, parts.machines
    )
    with pytest.raises(OtherService, match="go to test/api, not to test/other"):
        TwinIngress(
            parts.engine, parts.store, parts.seeds, parts.machines, metrics, traffic, applications
        )
