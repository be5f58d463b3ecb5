"""The cluster's DNS in whole rehearsals: what a scenario says, and what its figures tell."""

from __future__ import annotations

from pathlib import Path

import pytest

from kingtide.fleet.documents.mistakes import Mistakes
from kingtide.rehearsal.figures import catalogue
from kingtide.rehearsal.prepare import prepare
from kingtide.rehearsal.record import RunRecord
from kingtide.rehearsal.run import Run
from kingtide.rehearsal.run_notes import notes
from kingtide.rehearsal.scenario.read import Options
from kingtide.report.panels import cluster_panels
from kingtide.twin.dns_conditions import DnsConditions
from tests.small_rehearsal import write_small

PEAK = Path(__file__).parents[3] / "examples" / "dns-peak"
LOOKUPS = "dns.lookups={api.example.com: 6, stock.shop.svc.cluster.local: 2}"


def conditions(folder: Path, *settings: str) -> DnsConditions:
    found = prepare(write_small(folder), Options(settings=(LOOKUPS, *settings))).definition.dns
    assert found is not None
    return found


def example(ndots: int, node_cache: str) -> RunRecord:
    settings = (f"dns.nodeCache={node_cache}",)
    return Run(prepare(PEAK / f"ndots-{ndots}.yaml", Options(settings=settings))).record()


def value(record: RunRecord, name: str) -> float:
    return record.figures[name].value or 0


def test_the_outage_of_the_peak_happens_without_the_cache_and_not_with_it() -> None:
    without, with_cache = example(5, "false"), example(5, "true")
    assert value(without, "dns.failed.max_percent") == 100
    assert value(without, "dns.failing.seconds") >= 12 * 60
    assert value(without, "unserved.api.core_seconds") > 100_000
    assert value(without, "dns.core_dns.killed") == sum(
        event.kind == "core_dns_killed" for event in without.events
    )
    for name in ("dns.failed.max_percent", "dns.failing.seconds", "unserved.api.core_seconds"):
        assert value(with_cache, name) == 0
    assert value(with_cache, "dns.core_dns.max_queries_per_second") < 2_000
    plots = {panel.id for panel in cluster_panels(without)}
    assert {"dns", "dns-queries"} <= plots


def test_ndots_1_asks_a_quarter_and_bears_this_peak() -> None:
    five, one = example(5, "true"), example(1, "false")
    assert value(one, "dns.failed.max_percent") == 0
    assert value(one, "dns.core_dns.max_queries_per_second") == 720 * 8 * 2
    assert value(five, "unserved.api.core_seconds") == value(one, "unserved.api.core_seconds") == 0


def test_a_scenario_without_dns_has_no_figure_and_no_series_of_it(tmp_path: Path) -> None:
    prepared = prepare(write_small(tmp_path))
    assert [it.name for it in catalogue(prepared.definition) if it.name.startswith("dns")] == []


@pytest.mark.parametrize(
    ("settings", "cluster_queries", "through_cluster", "has_cache"),
    [
        # Six lookups search three suffixes first, two find the second-last name: it has four dots.
        pytest.param((), 6 * 6 + 2 * 8, 8, False, id="kubelet's ndots and no cache"),
        pytest.param(("dns.ndots=1",), 2 * 2, 2, False, id="ndots 1"),
        pytest.param(("clusterSpec.dns={ndots: 1}",), 2 * 2, 2, False, id="the cluster's ndots"),
        pytest.param(("clusterSpec.admission={}",), 2 * 2, 2, False, id="what admission gives"),
        pytest.param(
            ("clusterSpec.admission={dns: {mode: audit}}",), 52, 8, False, id="only told of"
        ),
        pytest.param(("clusterSpec.admission={dns: {options: [use-vc]}}",), 52, 8, False, id="vc"),
        pytest.param(
            ("clusterSpec.admission={}", "clusterSpec.dns={ndots: 5}"),
            52,
            8,
            False,
            id="admission gives the cluster's",
        ),
        pytest.param(("clusterSpec.dns={nodeLocal: true}",), 52, 8, True, id="the cluster's cache"),
        pytest.param(
            ("clusterSpec.dns={mode: dnsmasq}",), 52, 8, True, id="the cluster's other cache"
        ),
        pytest.param(
            ("clusterSpec.dns={nodeLocal: true}", "dns.nodeCache=false"),
            52,
            8,
            False,
            id="taken away",
        ),
    ],
)
def test_queries_follow_from_ndots_and_the_cache_from_the_cluster(
    tmp_path: Path,
    settings: tuple[str, ...],
    cluster_queries: int,
    through_cluster: int,
    has_cache: bool,
) -> None:
    found = conditions(tmp_path, *settings)
    assert (found.cluster_queries, found.through_cluster) == (cluster_queries, through_cluster)
    assert (found.lookups, found.outside, found.outside_queries) == (8, 6, 12)
    assert (found.cache is not None) == has_cache


def test_a_record_says_what_of_it_is_judged(tmp_path: Path) -> None:
    def judged(*settings: str) -> list[str]:
        scenario = prepare(write_small(tmp_path), Options(settings=settings)).scenario
        return [it for it in notes(scenario) if "DNS" in it]

    core = "coreDns.queriesPerSecond, coreDns.hitRate, coreDns.baseMemory, coreDns.memoryPerQuery"
    told = "Judged, not measured, of the cluster's DNS: "
    assert judged(LOOKUPS) == [f"{told}{core}."]
    cache = "cache.hitRate, cache.queriesPerSecond"
    assert judged(LOOKUPS, "dns.nodeCache=true") == [f"{told}{core}, {cache}."]
    measured = [f"dns.{it}" for it in ("coreDns.queriesPerSecond=1", "coreDns.hitRate=80%")]
    memory = [f"dns.coreDns.{it}=1Mi" for it in ("baseMemory", "memoryPerQuery")]
    assert judged(LOOKUPS, *measured, *memory) == []
    assert judged() == []


def test_coredns_may_be_an_application(tmp_path: Path) -> None:
    found = conditions(tmp_path, "dns.coreDns.application=web")
    assert found.core_dns.application == "default/web"


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        pytest.param("dns.lookups={}", "has no name", id="no name"),
        pytest.param("dns.lookups={web: 3}", "is no name", id="a name without a dot"),
        pytest.param("dns.lookups={a..b: 3}", "is no name", id="an empty label"),
        pytest.param("dns.coreDns.application=webb", "no application 'webb'", id="unknown"),
        pytest.param("dns.ndots=16", "resolvers take 15 at most", id="more dots than they count"),
        pytest.param("dns.attempts=6", "resolvers take 5 at most", id="more tries than they make"),
        pytest.param("dns.timeout=31s", "resolvers take 30 at most", id="longer than they wait"),
        pytest.param("dns.cache.hitRate=120%", "is 120 %", id="more than all"),
    ],
)
def test_what_does_not_fit_together_is_told(tmp_path: Path, setting: str, told: str) -> None:
    settings = (setting,) if setting.startswith("dns.lookups") else (LOOKUPS, setting)
    with pytest.raises(Mistakes) as error:
        prepare(write_small(tmp_path), Options(settings=settings))
    assert any(told in str(it) for it in error.value.all), [str(it) for it in error.value.all]


def test_the_cache_of_the_cluster_takes_its_part_of_every_node() -> None:
    (cache,) = prepare(PEAK / "ndots-5.yaml").definition.daemon_sets
    (container,) = cache.template.spec.containers
    assert (cache.namespace, cache.name) == ("kube-system", "node-dns")
    assert container.requests.cpu_millicores == 200
    none = prepare(PEAK / "ndots-5.yaml", Options(settings=("clusterSpec.dns.mode=none",)))
    assert none.definition.daemon_sets == ()


def test_expectations_can_name_the_figures(tmp_path: Path) -> None:
    wanted = "expect=['dns.failed.max_percent <= 1', dns.core_dns.killed == 0]"
    prepared = prepare(write_small(tmp_path), Options(settings=(LOOKUPS, wanted)))
    assert len(prepared.scenario.expectations) == 2
