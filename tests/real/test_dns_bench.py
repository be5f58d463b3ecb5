"""`kingtide dns bench` against the real dnsmasq."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.free_ports import free_port
from tests.real import dnsmasq
from tests.real.dnsmasq import LOCAL, NameServer, node_dns

pytestmark = dnsmasq.needs_dnsmasq
KINGTIDE = str(Path(sys.executable).with_name("kingtide"))
OUTSIDE = "api.example.com"


class Bench:
    def __init__(self, port: int, upstream: ExitStack) -> None:
        self.port = port
        self.upstream = upstream

    def run(self, *words: str) -> tuple[int, str, str]:
        command = [KINGTIDE, "dns", "bench", f"{LOCAL}:{self.port}", "--name", OUTSIDE, *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout, done.stderr


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    server = NameServer({OUTSIDE: "192.0.2.7"}, ttl_seconds=300)
    port = free_port()
    with ExitStack() as upstream:
        upstream.enter_context(server.running())
        dns = node_dns(server.address, server.address, negative_ttl_seconds=300)
        with dnsmasq.running(tmp_path, dns, port):
            yield Bench(port, upstream)


def test_it_tells_hits_times_and_what_ndots_costs_and_then_what_is_left(bench: Bench) -> None:
    code, told, _ = bench.run("--lookups", "40", "--rate", "5000", "--json")
    assert code == 0
    five, one = json.loads(told)["by_ndots"]
    assert (five["ndots"], five["queries"], one["ndots"], one["queries"]) == (5, 320, 1, 80)
    assert 0 < one["p50_microseconds"] < five["p50_microseconds"]
    counted = json.loads(told)["counted"]
    assert counted["hits"] + counted["misses"] == 400

    code, told, _ = bench.run("--lookups", "10", "--rate", "5000")
    assert code == 0
    assert "queries a lookup" in told
    assert "Hit rate 100.0 %: 100 from the cache, 0 asked upstream." in told

    bench.upstream.close()
    code, told, _ = bench.run("--upstream-dead", "--timeout", "1")
    assert code == 0
    assert "1 of 1 names answered" in told
    assert "0 of 1 names that nobody asked for before answered" in told
    code, _, _ = bench.run("--upstream-dead", "--timeout", "1", "--name", "new.example.com")
    assert code == 1
