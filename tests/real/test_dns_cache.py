"""The compiled configuration in the real dnsmasq, with name servers of this test behind it."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from kingtide.compile.dns.dnsmasq import configuration
from kingtide.kube.name_lookups import search_list
from kingtide.live.dns.client import DnsClient, Unanswered
from kingtide.live.dns.measuring import counters, measure, measure_without_upstream
from kingtide.live.dns.message import Answer, Question
from tests.free_ports import free_port
from tests.real import dnsmasq
from tests.real.dnsmasq import LOCAL, NameServer, node_dns
from tests.unit.compile.fleets import compiled, only

pytestmark = dnsmasq.needs_dnsmasq

DEAD_SECONDS = 1.0
"""How long an answer is waited for that does not come; one that comes needs a millisecond."""
INSIDE, OUTSIDE = "stock.shop.svc.cluster.local", "api.example.com"


class Node:
    """A cache with CoreDNS and two addresses of the VPC's resolver behind it, each to be ended."""

    def __init__(self, folder: Path, **changes: int) -> None:
        self.folder = folder
        ttl = changes.pop("ttl_seconds", 300)
        self.core_dns = NameServer({INSIDE: "100.64.1.1"}, ttl)
        self.vpc = NameServer({OUTSIDE: "192.0.2.7"}, ttl)
        self.second = NameServer({OUTSIDE: "192.0.2.7"}, ttl)
        self.port = free_port()
        self.changes = changes
        self._servers = {it: ExitStack() for it in (self.core_dns, self.vpc, self.second)}
        self._cache = ExitStack()

    def start(self) -> None:
        for server in self._servers:
            self.revive(server)
        self.start_cache()

    def start_cache(self) -> None:
        dns = node_dns(self.core_dns.address, self.vpc.address, self.second.address, **self.changes)
        self._cache.enter_context(dnsmasq.running(self.folder, dns, self.port))

    def kill(self, *servers: NameServer) -> None:
        for server in servers:
            self._servers[server].close()

    def revive(self, server: NameServer) -> None:
        self._servers[server].enter_context(server.running())

    def kill_cache(self) -> None:
        self._cache.close()

    def end(self) -> None:
        self._cache.close()
        self.kill(*self._servers)

    def client(self, timeout_seconds: float = 20.0, *, over_tcp: bool = False) -> DnsClient:
        return DnsClient(
            LOCAL,
            self.port,
            timeout_seconds=timeout_seconds,
            queries_per_second=5000,
            over_tcp=over_tcp,
        )

    def ask(self, name: str) -> Answer:
        with self.client() as client:
            return client.ask(Question(name))


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    found = Node(tmp_path, negative_ttl_seconds=300)  # longer than any test
    found.start()
    yield found
    found.end()


@pytest.fixture
def short(tmp_path: Path) -> Iterator[Node]:
    """A node whose answers are over after a second."""
    found = Node(tmp_path, ttl_seconds=1)
    found.start()
    yield found
    found.end()


def test_the_compiled_file_is_one_that_dnsmasq_takes(tmp_path: Path) -> None:
    objects = compiled(dns={"mode": "dnsmasq", "dnsmasq": {"image": "example.com/dnsmasq"}}).objects
    data = only(objects, "ConfigMap", "node-dns").body["data"]
    assert isinstance(data, dict)
    file = tmp_path / "dnsmasq.conf"
    command = [str(dnsmasq.DNSMASQ), "--test", f"--conf-file={file}"]
    file.write_text(str(data["dnsmasq.conf"]), encoding="utf-8")
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
    file.write_text("use-stalest-cache=1\n", encoding="utf-8")
    assert subprocess.run(command, capture_output=True, check=False).returncode != 0


def test_each_name_goes_to_whom_it_belongs_and_never_to_the_other(node: Node) -> None:
    assert node.ask(INSIDE).records == 1
    assert node.ask(OUTSIDE).records == 1
    assert node.ask("7.0.64.100.in-addr.arpa").code == 3
    assert node.ask("nothing.shop.svc.cluster.local").code == 3
    assert {*node.core_dns.asked} == {
        INSIDE,
        "7.0.64.100.in-addr.arpa",
        "nothing.shop.svc.cluster.local",
    }
    assert {*node.vpc.asked, *node.second.asked} == {OUTSIDE}


def test_what_was_answered_once_is_answered_from_the_node(node: Node) -> None:
    for _ in range(20):
        assert node.ask(OUTSIDE).records == 1
    assert len(node.vpc.asked) <= 2  # both are asked at first, to learn who answers
    with node.client() as client:
        found = counters(client)
    assert found is not None
    assert (found.hits, found.misses) == (19, 1)


def test_the_second_address_of_the_vpc_answers_when_the_first_is_dead(node: Node) -> None:
    node.kill(node.vpc)
    assert node.ask(OUTSIDE).records == 1
    assert node.second.asked


def test_answers_go_on_after_their_time_while_the_upstreams_are_dead(short: Node) -> None:
    moved = "kafka-0.kafka.shop.svc.cluster.local"
    short.core_dns.names[moved] = "100.96.1.1"
    assert short.ask(OUTSIDE).records == short.ask(INSIDE).records == short.ask(moved).records == 1
    time.sleep(1.2)
    # Also while its upstreams live: the first who asks gets the old answer, and others a new one.
    assert short.ask(moved).least_ttl_seconds == 0
    ends = time.monotonic() + 20
    while not short.ask(moved).least_ttl_seconds:
        assert time.monotonic() < ends
        time.sleep(0.02)
    short.kill(short.core_dns, short.vpc, short.second)
    with short.client(DEAD_SECONDS) as client:
        found = measure_without_upstream(client, (OUTSIDE, INSIDE), 60.0)
    assert (found.answered, found.stale, found.fresh_answered) == (2, 2, 0)
    assert found.is_whole
    for server in (short.core_dns, short.vpc, short.second):
        short.revive(server)
    short.vpc.names["new.example.com"] = short.second.names["new.example.com"] = "192.0.2.9"
    assert short.ask("new.example.com").records == 1


def test_without_stale_answers_a_dead_upstream_is_an_outage(tmp_path: Path) -> None:
    node = Node(tmp_path, ttl_seconds=1, stale_seconds=0)
    node.start()
    try:
        assert node.ask(OUTSIDE).records == 1
        node.kill(node.vpc, node.second)
        time.sleep(1.2)
        with node.client(DEAD_SECONDS) as client:
            assert not measure_without_upstream(client, (OUTSIDE,), 60.0).is_whole
    finally:
        node.end()


def test_a_restarted_cache_begins_anew(node: Node) -> None:
    node.ask(OUTSIDE)
    node.kill_cache()
    with pytest.raises(Unanswered):
        node.ask(OUTSIDE)
    node.start_cache()
    before = len(node.vpc.asked) + len(node.second.asked)
    assert node.ask(OUTSIDE).records == 1
    assert len(node.vpc.asked) + len(node.second.asked) > before


def test_ndots_5_asks_four_times_as_much_for_a_name_of_the_outside(node: Node) -> None:
    with node.client() as client:
        found = measure(client, (OUTSIDE,), search_list("shop", "cluster.local"), 50, 60.0)
    five, one = found.by_ndots
    assert (five.queries, one.queries) == (50 * 8, 50 * 2)
    assert (five.failed, one.failed, five.absent, one.absent) == (0, 0, 0, 0)
    assert found.is_whole
    assert found.counted is not None
    # Whatever was asked once is answered from the cache: three searched names and the name itself.
    assert found.counted.hits + found.counted.misses == 500
    assert found.counted.misses <= 8


def test_dnsmasq_counts_nothing_that_it_answers_over_tcp(node: Node) -> None:
    node.ask(OUTSIDE)
    with node.client() as client:
        before = counters(client)
    with node.client(over_tcp=True) as client:
        assert [client.ask(Question(OUTSIDE)).records for _ in range(10)] == [1] * 10
    with node.client() as client:
        after = counters(client)
    assert before is not None
    assert after is not None
    assert (after.hits - before.hits, after.misses - before.misses) == (2, 0)  # our own questions


def test_it_gives_its_rights_up_and_needs_three_capabilities(tmp_path: Path, node: Node) -> None:
    """The DaemonSet's container: all capabilities dropped but these, and nobody's user after."""
    del node
    probe = subprocess.run(["setpriv", "--version"], capture_output=True, check=False)
    if probe.returncode != 0:
        pytest.skip("setpriv is not installed")
    bounds = "--bounding-set=-all,+net_bind_service,+setgid,+setuid"
    if subprocess.run(["setpriv", bounds, "true"], capture_output=True, check=False).returncode:
        pytest.skip("only root can drop capabilities")
    port = free_port()
    file = tmp_path / "bounded.conf"
    file.write_text(configuration(node_dns("127.0.0.1#9", "127.0.0.1#9"), port), encoding="utf-8")
    command = ["setpriv", bounds, str(dnsmasq.DNSMASQ), "-k", f"--conf-file={file}"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            ends = time.monotonic() + 60
            status = ""
            while "Uid:\t65534\t65534" not in status and time.monotonic() < ends:
                time.sleep(0.02)
                status = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")
            assert process.poll() is None
            assert "Uid:\t65534\t65534" in status
        finally:
            process.terminate()
