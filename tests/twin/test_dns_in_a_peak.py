"""The cluster's DNS in a peak: lookups fail, CoreDNS is killed, and stays down."""

from __future__ import annotations

import msgspec

from kingtide.fleet.policies.dns_autoscaling import DnsAutoscalingPolicy
from kingtide.roster.registry import ControllerRun
from kingtide.twin.definition import WorldDefinition
from kingtide.twin.dns_conditions import CoreDns, DnsConditions, NodeCache
from kingtide.twin.world import World
from tests.twin.worlds import MINUTE_MS, application, definition, fixed_node, run_for

CORE = CoreDns(
    application=None,
    replicas=2,
    queries_per_second=100,
    hit_percent=90,
    base_bytes=50,
    bytes_per_query=1,
    limit_bytes=650,
    restart_ms=10_000,
)
DNS = DnsConditions(
    lookups=1, through_cluster=1, cluster_queries=6, outside=1, outside_queries=2, core_dns=CORE
)
# 10 cores are 80 queries a second, 60 are 480; two replicas answer 200.
PEAK = [(0, 10_000), (120_000, 10_000), (125_000, 60_000), (240_000, 60_000), (245_000, 10_000)]


def world(dns: DnsConditions | None, seed: int = 1, **changes: object) -> World:
    nodes = [fixed_node(f"n{i}", 16_000) for i in range(5)]
    web = application("web", 40, demand=PEAK)
    made = definition(web, nodes=nodes, seed=seed)
    made = msgspec.structs.replace(made, dns=dns, **changes)
    return World(made)


def unserved(found: World) -> int:
    return found.metrics.unserved.core_milliseconds(0, found.engine.now_ms)


def marks(found: World, kind: str) -> int:
    return sum(it.kind == kind for it in found.journal.marks)


def test_without_a_cache_the_peak_is_an_outage_that_begins_with_a_kill() -> None:
    found = world(DNS)
    run_for(found, 2 * MINUTE_MS)
    assert unserved(found) == 0
    run_for(found, 2 * MINUTE_MS)
    assert found.dns is not None
    assert found.dns.killed == marks(found, "core_dns_killed") >= 2
    assert marks(found, "dns_failing") >= 1
    # Every part of 60 cores for a minute and a half and more.
    assert unserved(found) > 60 * 60 * 1000
    # Those requests reach no pod: it looks like a quiet evening.
    assert found.observe()["app.web.used"] < 60


def test_it_is_over_when_what_is_asked_twice_can_be_borne() -> None:
    found = world(DNS)
    run_for(found, 15 * MINUTE_MS)
    assert found.dns is not None
    assert found.dns.answered.failed == 0
    assert marks(found, "dns_answers") == marks(found, "dns_failing")


def test_with_a_cache_on_the_nodes_nothing_of_it_happens() -> None:
    cache = NodeCache(hit_percent=95, queries_per_second=1_000)
    found = world(msgspec.structs.replace(DNS, cache=cache))
    run_for(found, 5 * MINUTE_MS)
    assert unserved(found) == 0
    assert not found.journal.marks or marks(found, "core_dns_killed") == 0


def test_a_scenario_that_says_nothing_has_no_trace_of_it() -> None:
    silent = world(None)
    run_for(silent, MINUTE_MS)
    assert silent.dns is None
    assert not any(name.startswith("dns.") for name in silent.observe())


def test_the_same_seed_is_the_same_outage_whoever_looks() -> None:
    hashes = []
    for looks in (1, 40):
        found = world(DNS, seed=7)
        for _ in range(looks):
            run_for(found, 4 * MINUTE_MS // looks)
            found.observe()
        hashes.append(found.trace_hash)
    assert hashes[0] == hashes[1]


def test_our_controller_sizes_coredns_so_that_it_bears_the_peak() -> None:
    core = application("coredns", 2, 100)
    nodes = [fixed_node(f"n{i}", 16_000) for i in range(5)]
    policy = DnsAutoscalingPolicy(deployment="test/coredns", cores_per_replica=16)
    made: WorldDefinition = msgspec.structs.replace(
        definition(application("web", 40, demand=PEAK), core, nodes=nodes),
        dns=msgspec.structs.replace(
            DNS, core_dns=msgspec.structs.replace(CORE, application="test/coredns")
        ),
        controllers=(ControllerRun("dnsAutoscaling", policy),),
    )
    found = World(made)
    run_for(found, 5 * MINUTE_MS)
    assert found.store.wanted_replicas("test/coredns") == 5
    assert unserved(found) == 0
