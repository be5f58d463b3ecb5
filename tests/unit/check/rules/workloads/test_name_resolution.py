from __future__ import annotations

import pytest

from kingtide.check.rules.workloads.example import ADMIN, BUDGET, DEPLOYMENT, changed, on_admin
from kingtide.check.rules.workloads.name_resolution import RULES, _calling
from tests.unit.check.rules.workloads.clusters import found

DNS = '      dnsConfig: {options: [{name: ndots, value: "1"}]}\n'
SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: stock, namespace: shop}\n"


@pytest.mark.parametrize(
    ("dns", "told"),
    [
        pytest.param(DNS, 0, id="as the cluster"),
        pytest.param("", 1, id="nothing"),
        pytest.param(DNS.replace('"1"', '"2"'), 1, id="another"),
        pytest.param("      dnsPolicy: Default\n", 0, id="by the node"),
        pytest.param("      hostNetwork: true\n", 0, id="in the node's network"),
        pytest.param(
            "      hostNetwork: true\n      dnsPolicy: ClusterFirstWithHostNet\n",
            1,
            id="there, by the cluster",
        ),
    ],
)
def test_pods_have_the_clusters_ndots(dns: str, told: int) -> None:
    assert len(found(RULES, "KT406", changed(DEPLOYMENT, (DNS, dns)))) == told


def test_a_groups_own_ndots_counts_for_its_pods() -> None:
    spec = ADMIN.replace("dedicated: true", "dedicated: true, dns: {ndots: 2}")
    (told,) = found(RULES, "KT406", on_admin(DEPLOYMENT), BUDGET, spec=spec)
    assert "ndots is '1', and the cluster says 2" in told


@pytest.mark.parametrize(
    ("text", "full"),
    [
        pytest.param("http://stock.shop.svc.cluster.local.:80", None, id="full"),
        pytest.param(
            "http://stock.shop.svc.cluster.local:80", "stock.shop.svc.cluster.local.", id="no dot"
        ),
        pytest.param(
            "http://me:x@stock.shop.svc/a?b", "stock.shop.svc.cluster.local.", id="to svc"
        ),
        pytest.param("redis://stock.shop", "stock.shop.svc.cluster.local.", id="with a namespace"),
        pytest.param("http://stock:8080", "stock.shop.svc.cluster.local.", id="alone"),
        pytest.param(
            "stock.shop.svc.cluster.local:6379", "stock.shop.svc.cluster.local.", id="no scheme"
        ),
        pytest.param("https://api.acme.com/", None, id="outside"),
        pytest.param("http://proxy:3128", None, id="alone, of nobody"),
        pytest.param("http://localhost:9000", None, id="itself"),
        pytest.param("http://10.0.0.2:80", None, id="an address"),
        pytest.param("a.svc.example.com", None, id="no service of ours"),
    ],
)
def test_services_are_called_by_their_full_names(text: str, full: str | None) -> None:
    told = found(RULES, "KT408", _calling(text), SERVICE)
    assert len(told) == (0 if full is None else 1)
