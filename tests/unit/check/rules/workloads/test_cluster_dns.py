from __future__ import annotations

import pytest

from kingtide.check.rules.workloads.cluster_dns import RULES
from kingtide.check.rules.workloads.example import ADMIN, BUDGET, DEPLOYMENT, changed, on_admin
from tests.unit.check.rules.workloads.clusters import found

CORE_DNS = changed(
    DEPLOYMENT, ("{name: api, namespace: shop}", "{name: coredns, namespace: kube-system}")
)
ITS_BUDGET = changed(BUDGET, ("namespace: shop", "namespace: kube-system"))
NDOTS_ONE = '      dnsConfig: {options: [{name: ndots, value: "1"}]}\n'
OVER_TCP = changed(DEPLOYMENT, (NDOTS_ONE, "      dnsConfig: {options: [{name: use-vc}]}\n"))


def cache(connections: int, mode: str = "dnsmasq", admission: str = "") -> str:
    written = f"{{image: example.com/dnsmasq:2.91, tcpConnections: {connections}}}"
    return f"dns: {{mode: {mode}, dnsmasq: {written}}}\n{admission}"


@pytest.mark.parametrize(
    ("spec", "pods", "told"),
    [
        pytest.param(cache(20), DEPLOYMENT, None, id="over UDP"),
        pytest.param(cache(20), OVER_TCP, "Deployment api asks over TCP", id="one over TCP"),
        pytest.param(cache(21), OVER_TCP, None, id="more than dnsmasq's own"),
        pytest.param(cache(20, mode="nodeLocal"), OVER_TCP, None, id="another cache"),
        pytest.param(
            cache(20, admission="admission: {dns: {mode: audit}}\n"),
            DEPLOYMENT,
            "every pod that admission completes",
            id="by admission's own options",
        ),
        pytest.param(
            cache(20, admission="admission: {dns: {mode: 'off'}}\n"), DEPLOYMENT, None, id="off"
        ),
        pytest.param(
            cache(20, admission="admission: {dns: {options: ['ndots:1']}}\n"),
            DEPLOYMENT,
            None,
            id="options without it",
        ),
    ],
)
def test_connections_of_the_cache(spec: str, pods: str, told: str | None) -> None:
    texts = found(RULES, "KT418", pods, spec=spec)
    assert len(texts) == (told is not None)
    assert all(told is not None and told in it for it in texts)


@pytest.mark.parametrize(("memory", "count"), [("100Mi", 1), ("169Mi", 1), ("170Mi", 0)])
def test_memory_of_coredns(memory: str, count: int) -> None:
    limited = changed(
        CORE_DNS, ("limits: {cpu: 500m, memory: 512Mi}", f"limits: {{memory: {memory}}}")
    )
    assert len(found(RULES, "KT419", limited)) == count
    other = changed(DEPLOYMENT, ("limits: {cpu: 500m, memory: 512Mi}", "limits: {memory: 1Mi}"))
    assert found(RULES, "KT419", other) == []


def test_coredns_belongs_on_nodes_that_nobody_takes_back() -> None:
    (told,) = found(RULES, "KT420", CORE_DNS)
    assert "group workers, whose nodes are spot" in told
    assert found(RULES, "KT420", on_admin(CORE_DNS), spec=ADMIN) == []
    assert found(RULES, "KT420", DEPLOYMENT) == []


def test_coredns_by_its_label_is_coredns_too() -> None:
    other = changed(CORE_DNS, ("{name: coredns,", "{name: names,"))
    assert found(RULES, "KT420", other) == []
    assert found(
        RULES, "KT420", changed(other, ("{app: api}}\n    spec", "{k8s-app: kube-dns}}\n    spec"))
    )


def test_one_replica_and_no_budget_are_told_where_no_rule_for_tools_does() -> None:
    one = changed(CORE_DNS, ("replicas: 3", "replicas: 1"))
    assert [it.split(": ")[0] for it in found(RULES, "KT421", one)] == [
        "spec.replicas",
        "metadata.name",
    ]
    assert found(RULES, "KT421", CORE_DNS, ITS_BUDGET) == []
    assert found(RULES, "KT421", on_admin(one), spec=ADMIN) == []
    sized = found(RULES, "KT421", one, ITS_BUDGET, spec="dnsAutoscaling: {}\n")
    assert sized == []


@pytest.mark.parametrize(
    ("host", "spec", "count"),
    [
        pytest.param("api.acme.com", "dns: {ndots: null}\n", 1, id="searched"),
        pytest.param("api.acme.com.", "dns: {ndots: null}\n", 0, id="absolute"),
        pytest.param("a.b.c.d.acme.com", "dns: {ndots: null}\n", 0, id="as many dots as ndots"),
        pytest.param("b.c.d.acme.com", "dns: {ndots: null}\n", 1, id="one dot fewer"),
        pytest.param("api.acme.com", "", 0, id="the cluster says ndots: another rule"),
        pytest.param("10.0.0.7", "dns: {ndots: null}\n", 0, id="an address"),
        pytest.param("stock.shop.svc", "dns: {ndots: null}\n", 0, id="a service"),
        pytest.param("stock", "dns: {ndots: null}\n", 0, id="one part"),
    ],
)
def test_names_of_the_outside(host: str, spec: str, count: int) -> None:
    env = f"        env: [{{name: URL, value: 'https://{host}/v2'}}]\n"
    pods = changed(DEPLOYMENT, (NDOTS_ONE, ""), ("        resources", f"{env}        resources"))
    assert len(found(RULES, "KT422", pods, spec=spec)) == count
