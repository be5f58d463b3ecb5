from __future__ import annotations

from typing import Any

import pytest

from kingtide.fleet.daemon_overhead import daemon_overhead
from kingtide.kube.resources import Resources
from tests.unit.compile.fleets import cluster_with, compiled, fleet_of, mistakes, only, spec_of

IMAGE = "registry.example.com/dnsmasq:2.91"


def dns(**dnsmasq: Any) -> dict[str, Any]:
    return {"mode": "dnsmasq", "dnsmasq": {"image": IMAGE, **dnsmasq}}


def lines(written: dict[str, Any], **changes: Any) -> list[str]:
    objects = compiled(dns=written, **changes).objects
    data = only(objects, "ConfigMap", "node-dns").body["data"]
    assert isinstance(data, dict)
    return str(data["dnsmasq.conf"]).splitlines()


def daemon_set(**changes: Any) -> dict[str, Any]:
    settings = {"dns": dns(), **changes}
    return spec_of(only(compiled(**settings).objects, "DaemonSet", "node-dns"))


def pod(**changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = daemon_set(**changes)["template"]["spec"]
    return found


def kops(written: dict[str, Any]) -> dict[str, Any]:
    return spec_of(compiled(dns=written).kops[0])


def test_the_clusters_names_go_to_coredns_and_all_others_to_the_vpc() -> None:
    servers = [it for it in lines(dns()) if "server=" in it]
    assert servers == [
        "server=/cluster.local/100.64.0.10",
        "rev-server=100.64.0.0/10,100.64.0.10",
        "server=169.254.169.253",
        "server=10.0.0.2",
    ]


def test_the_ranges_and_the_domain_of_the_cluster_are_followed() -> None:
    network = {"cidr": "172.20.0.0/16", "pods": "cilium", "podCidr": "100.96.0.0/11"}
    servers = [
        it for it in lines({**dns(), "domain": "prod.local"}, network=network) if "server=" in it
    ]
    assert servers == [
        "server=/prod.local/100.96.0.10",
        "rev-server=100.96.0.0/11,100.96.0.10",
        "server=169.254.169.253",
        "server=172.20.0.2",
    ]


def test_nothing_is_read_from_the_node_and_only_its_own_address_is_listened_on() -> None:
    found = lines(dns(address="169.254.20.11"))
    assert {"no-resolv", "no-hosts", "bind-interfaces", "listen-address=169.254.20.11"} <= {*found}


def test_what_is_written_about_the_cache_is_in_its_configuration() -> None:
    written = dns(
        cacheSize=500, maxForwards=20, negativeTtl="9s", stale="1m", tcpConnections=7,
        upstreams=["10.9.0.2#5353"], coreDns="100.64.0.20",
    )  # fmt: skip
    found = lines(written)
    assert {"cache-size=500", "dns-forward-max=20", "neg-ttl=9", "use-stale-cache=60"} <= {*found}
    assert "max-tcp-connections=7" in found
    assert [it for it in found if it.startswith("server=")] == [
        "server=/cluster.local/100.64.0.20",
        "server=10.9.0.2#5353",
    ]
    assert not [it for it in lines(dns(stale=0)) if it.startswith("use-stale-cache")]


def test_it_is_guaranteed_runs_everywhere_and_may_do_little() -> None:
    spec = pod()
    (container,) = spec["containers"]
    amounts = {"cpu": "200m", "memory": "64Mi"}
    assert container["resources"] == {"limits": amounts, "requests": amounts}
    assert spec["priorityClassName"] == "system-node-critical"
    assert spec["tolerations"] == [{"operator": "Exists"}]
    assert spec["hostNetwork"] is True
    assert container["securityContext"]["capabilities"] == {
        "add": ["NET_BIND_SERVICE", "SETGID", "SETUID"],
        "drop": ["ALL"],
    }


def test_a_dead_upstream_makes_a_cache_unready_and_only_a_hung_one_is_restarted() -> None:
    (container,) = pod()["containers"]
    ready, alive = (container[it]["exec"]["command"] for it in ("readinessProbe", "livenessProbe"))
    assert ready[-2:] == ["kubernetes.default.svc.cluster.local.", "169.254.20.10"]
    # Asked of the process itself: it answers this name whoever else is dead.
    assert alive[-2:] == ["localhost.", "169.254.20.10"]
    assert {"address=/localhost/127.0.0.1", "address=/localhost/::1"} <= {*lines(dns())}
    # Time for every try of a question before the probe itself is over.
    tries = int(alive[-3].removeprefix("-retry=")) * int(alive[-4].removeprefix("-timeout="))
    assert tries < container["livenessProbe"]["timeoutSeconds"]


def test_no_two_caches_run_on_a_node_and_the_images_user_does_not_matter() -> None:
    (container,) = pod(dns=dns(address="169.254.20.11"))["containers"]
    place = {"containerPort": 53, "hostIP": "169.254.20.11", "hostPort": 53}
    assert container["ports"] == [{**place, "protocol": it} for it in ("UDP", "TCP")]
    assert container["securityContext"]["runAsUser"] == 0


def test_another_configuration_is_another_revision() -> None:
    def revision(**changes: Any) -> str:
        annotations = daemon_set(dns=dns(**changes))["template"]["metadata"]["annotations"]
        return str(annotations["kingtide.dev/configuration"])

    assert revision() == revision()
    assert revision() != revision(cacheSize=9)


def test_amounts_that_are_written_are_taken_and_counted_on_every_node() -> None:
    written = {"cpu": "50m", "memory": "32Mi"}
    (container,) = pod(daemonSets={"node-dns": {"requests": written}})["containers"]
    assert container["resources"] == {"limits": written, "requests": written}
    spec = fleet_of(cluster_with(dns=dns())).clusters["small"].spec
    assert daemon_overhead(spec, "workers") == Resources(200, 64 * 1024**2)


def test_kubelets_tell_pods_of_the_cache_and_of_coredns_behind_it() -> None:
    found = kops(dns())
    assert found["kubelet"]["clusterDNS"] == "169.254.20.10,100.64.0.10"
    (hook,) = found["hooks"]
    assert hook["before"] == ["kubelet.service"]
    assert "ip address replace 169.254.20.10/32 dev lo" in hook["manifest"]
    assert found["kubeDNS"]["nodeLocalDNS"] == {"enabled": False}


@pytest.mark.parametrize(
    ("written", "node_local"),
    [
        pytest.param({"mode": "none"}, {"enabled": False}, id="none"),
        pytest.param(
            {"mode": "nodeLocal"}, {"enabled": True, "forwardToKubeDNS": False}, id="kops' own"
        ),
        pytest.param({"mode": "none", "nodeLocal": True}, {"enabled": False}, id="mode wins"),
        pytest.param({}, None, id="nobody said anything"),
    ],
)
def test_without_our_cache_there_is_nothing_of_it(
    written: dict[str, Any], node_local: dict[str, Any] | None
) -> None:
    assert [it.name for it in compiled(dns=written).objects if it.name == "node-dns"] == []
    found = kops(written)
    assert found["kubelet"] == {"anonymousAuth": False}
    assert "hooks" not in found
    assert found["kubeDNS"].get("nodeLocalDNS") == node_local


@pytest.mark.parametrize(
    ("written", "told"),
    [
        pytest.param({"mode": "dnsmasq"}, "dns.dnsmasq.image: is missing", id="no image"),
        pytest.param(dns(address="node"), "'node' is no address", id="no address"),
        pytest.param(dns(address="169.254.20.10#5353"), "is no address", id="a port of its own"),
        pytest.param(dns(address="127.0.0.1"), "each pod's own loopback", id="loopback"),
        pytest.param(dns(address="0.0.0.0"), "is no address of a host", id="any"),
        pytest.param(dns(address="169.254.169.254"), "the metadata service", id="metadata"),
        pytest.param(dns(address="10.0.3.3"), "in the range of VPC, 10.0.0.0/16", id="the VPC's"),
        pytest.param(
            dns(address="100.64.0.11"), "in the range of pods and services", id="a service's"
        ),
        pytest.param(dns(upstreams=["10.0.0.2#0"]), "'10.0.0.2#0' is no address", id="no port"),
        pytest.param(
            dns(upstreams=["1.1.1.1\nserver=2.2.2.2"]), "is no address", id="a line of its own"
        ),
        pytest.param(dns(coreDns="169.254.20.10"), "it would ask itself", id="a loop"),
        pytest.param({**dns(), "domain": "a\nserver=2.2.2.2"}, "is no domain", id="a hostile name"),
    ],
)
def test_what_is_no_server_is_told(written: dict[str, Any], told: str) -> None:
    assert any(told in it for it in mistakes(dns=written)), mistakes(dns=written)
