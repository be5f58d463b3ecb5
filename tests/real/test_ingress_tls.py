"""TLS as clients and pods see it: certificates by host, passed through, asked for, checked."""

from __future__ import annotations

import asyncio
import datetime as dt
import re
import socket
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from kingtide.controllers.ingress.compose import Composed, compose
from kingtide.controllers.ingress.rendering.layout import Layout
from kingtide.controllers.ingress.traffic_view import TrafficView
from kingtide.fleet.policies.ingress import IngressPolicy
from kingtide.kube.ingresses import HttpPath, Ingress, IngressBackend, IngressRule, IngressTls
from kingtide.kube.secrets import Secret
from kingtide.kube.services import Endpoint, EndpointPort, EndpointSlice, Service, ServicePort
from kingtide.kube.workloads import ConfigMap
from kingtide.live.haproxy.process import Workers
from kingtide.live.haproxy.proxy import Brought, Proxy
from tests.free_ports import free_port
from tests.real import haproxy
from tests.real.echo import Answer, ask, echo
from tests.real.pki import NOW, Pair, pair, serving, trusting

pytestmark = haproxy.needs_haproxy

AUTHORITY = pair("authority", is_authority=True)
STRANGER = pair("stranger", is_authority=True)
NOW_MS = int(NOW.timestamp() * 1000)


class Cluster:
    """Services by their ports, and what else is put into it."""

    def __init__(self, ports: Mapping[str, int]) -> None:
        self.ports = ports
        self.ingresses: dict[str, Ingress] = {}
        self.secrets: dict[str, Secret] = {}
        self.values: dict[str, str] = {}

    def put(
        self,
        name: str,
        secret: Pair | Secret | None = None,
        service: str = "echo",
        hosts: Sequence[str] = (),
        **written: str,
    ) -> None:
        """Put an Ingress of the host `<name>.test`, with a Secret of the same name."""
        if isinstance(secret, Pair):
            secret = secret.secret(name)
        if secret is not None:
            self.secrets[secret.key] = secret
        rules = tuple(
            IngressRule(host, (HttpPath("/", "Prefix", IngressBackend(service, 80)),))
            for host in hosts or (f"{name}.test",)
        )
        self.ingresses[f"shop/{name}"] = Ingress(
            "shop",
            name,
            rules=rules,
            tls=() if secret is None else (IngressTls((), secret.name),),
            annotations={
                f"haproxy.org/{key.replace('_', '-')}": text for key, text in written.items()
            },
            created_ms=len(self.ingresses),
        )

    def composed(self) -> Composed:
        """Return the proxy that the cluster asks for."""
        slices = {
            f"shop/{name}": (
                EndpointSlice(
                    "shop",
                    name,
                    name,
                    endpoints=(Endpoint(("127.0.0.1",)),),
                    ports=(EndpointPort(port),),
                ),
            )
            for name, port in self.ports.items()
        }
        view = TrafficView(
            self.ingresses,
            {},
            {key: Service("shop", key[5:], ports=(ServicePort(80),)) for key in slices},
            slices,
            self.secrets,
            {"d/values": ConfigMap("d", "values", data=self.values)},
        )
        return compose(view, IngressPolicy(config_map="d/values"), now_ms=NOW_MS)


class Serving:
    """A proxy, with a loop that it is brought in."""

    def __init__(self, folder: Path, runner: asyncio.Runner) -> None:
        self.http, self.https = free_port(), free_port()
        layout = Layout(
            str(folder),
            f"127.0.0.1:{self.http}",
            f"127.0.0.1:{self.https}",
            f"127.0.0.1:{free_port()}",
        )
        assert haproxy.HAPROXY is not None
        self.proxy = Proxy(haproxy.HAPROXY, layout, 2)
        self._runner = runner

    def bring(self, cluster: Cluster) -> Brought:
        """Bring the proxy to what a cluster asks for."""
        brought = self._runner.run(self.proxy.bring(cluster.composed().desired))
        assert not brought.closed
        return brought

    def workers(self) -> Workers | None:
        """Return which worker serves."""
        return self._runner.run(self.proxy.process.workers())

    def keep_files(self) -> None:
        """Write the files as the proxy runs."""
        self._runner.run(self.proxy.keep_files())

    def end(self) -> None:
        """End the proxy."""
        self._runner.run(self.proxy.process.end(grace_seconds=2))

    def ask(self, host: str, trust: ssl.SSLContext | None = None, **more: object) -> Answer:
        """Return the answer over TLS."""
        tls = trust or trusting(AUTHORITY)
        return ask(self.https, host, tls=tls, **more)  # type: ignore[arg-type]  # passed on

    def shown(self, host: str, *, alpn: Sequence[str] = ()) -> tuple[str, str | None]:
        """Return the common name of the certificate for a host, and the protocol agreed on."""
        context = ssl.create_default_context(cadata=AUTHORITY.crt.decode())
        context.check_hostname = False
        context.set_alpn_protocols([*alpn])
        with (
            socket.create_connection(("127.0.0.1", self.https), 5) as plain,
            context.wrap_socket(plain, server_hostname=host) as tls,
        ):
            found = x509.load_der_x509_certificate(tls.getpeercert(binary_form=True) or b"")
            (name,) = found.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
            return str(name.value), tls.selected_alpn_protocol()


@contextmanager
def serving_proxy(folder: Path) -> Iterator[Serving]:
    with asyncio.Runner() as runner:
        it = Serving(folder, runner)
        try:
            yield it
        finally:
            it.end()


def signed(name: str, *hosts: str, by: Pair = AUTHORITY) -> Pair:
    return pair(name, *(hosts or (f"{name}.test",)), by=by)


@pytest.fixture(scope="module")
def served() -> Iterator[Serving]:
    """Return a proxy with Ingresses of all kinds, among them some that nobody can serve."""
    inner = signed("pod", "pass.test", "a.wild.test", "pod")
    with ExitStack() as stack:
        folder = stack.enter_context(haproxy.short_folder())
        ports = {
            "echo": stack.enter_context(echo()),
            "tls": stack.enter_context(echo("tls", serving(inner, folder))),
            "mutual": stack.enter_context(echo("mutual", serving(inner, folder, AUTHORITY))),
        }
        it = stack.enter_context(serving_proxy(folder / "proxy"))
        cluster = Cluster(ports)
        cluster.put("a", signed("a"))
        cluster.put("b", signed("b"), ssl_redirect="false")
        cluster.put("any", signed("any", "*.any.test"), hosts=["*.any.test"])
        exact = signed("exact", "own.any.test", "beside.test")
        cluster.put("exact", exact, hosts=["own.any.test"])
        cluster.put("later", signed("later", "a.test"), hosts=["a.test"])
        cluster.put("beside")
        cluster.put("plain")
        cluster.put("pass", service="tls", ssl_passthrough="true")
        cluster.put("wild", service="tls", hosts=["*.wild.test"], ssl_passthrough="true")
        cluster.put("own", signed("own", "own.wild.test"), hosts=["own.wild.test"])
        cluster.put("late", service="tls", hosts=["a.test"], ssl_passthrough="true")
        cluster.put("barred", service="tls", ssl_passthrough="true", allow_list="10.0.0.0/8")
        cluster.secrets["shop/authority"] = Secret(
            "shop", "authority", data={"tls.crt": AUTHORITY.crt}
        )
        cluster.secrets["shop/stranger"] = Secret("shop", "stranger", data={"ca.crt": STRANGER.crt})
        cluster.secrets["shop/client"] = signed("client").secret("client")
        cluster.put("unchecked", service="tls", server_ssl="true")
        cluster.put("checked", service="tls", server_ssl="true", server_ca="authority")
        cluster.put("strange", service="tls", server_ca="shop/stranger")
        cluster.put("mutual", service="mutual", server_ca="authority", server_crt="client")
        cluster.put("unshown", service="mutual", server_ca="authority")
        for name, secret in UNUSABLE.items():
            cluster.put(name, secret)
        it.bring(cluster)
        yield it


RSA = rsa.generate_private_key(65_537, 2_048)
UNUSABLE: Mapping[str, Secret] = {
    "garbage": Secret("shop", "garbage", data={"tls.crt": b"\xff\x00", "tls.key": b"x"}),
    "keyless": Secret("shop", "keyless", data={"tls.crt": AUTHORITY.crt}),
    "other-key": Secret(
        "shop", "other-key", data={"tls.crt": signed("other-key").crt, "tls.key": AUTHORITY.pem}
    ),
    "short": pair("short", "short.test", key=rsa.generate_private_key(65_537, 1_024)).secret(
        "short"
    ),
    "torn": Secret(
        "shop", "torn", data={"tls.crt": signed("torn").crt[:-40], "tls.key": AUTHORITY.pem}
    ),
}


@pytest.mark.parametrize(
    ("host", "name"),
    [
        pytest.param("a.test", "a", id="the elder Ingress' of two"),
        pytest.param("B.test", "b", id="in any case"),
        pytest.param("x.any.test", "any", id="a wildcard"),
        pytest.param("own.any.test", "exact", id="its own beside a wildcard"),
        pytest.param("beside.test", "exact", id="one that is for it, though none names it"),
    ],
)
def test_a_host_has_the_certificate_of_its_ingress(served: Serving, host: str, name: str) -> None:
    assert served.shown(host)[0] == name
    answer = served.ask(host.lower())
    assert answer.request["headers"]["x-forwarded-proto"] == "https"
    assert answer.request["headers"]["x-forwarded-for"] == "127.0.0.1"


@pytest.mark.parametrize("host", ["plain.test", "y.x.any.test", *(f"{it}.test" for it in UNUSABLE)])
def test_a_host_without_a_certificate_is_not_spoken_to(served: Serving, host: str) -> None:
    with pytest.raises(ssl.SSLError):
        served.ask(host)


@pytest.mark.parametrize(
    ("offered", "agreed"),
    [(["h2", "http/1.1"], "h2"), (["http/1.1"], "http/1.1"), ([], None)],
)
def test_http_2_is_agreed_on_with_clients_that_speak_it(
    served: Serving, offered: Sequence[str], agreed: str | None
) -> None:
    assert served.shown("a.test", alpn=offered)[1] == agreed


@pytest.mark.parametrize(
    ("host", "status"),
    [
        pytest.param("a.test", 302, id="with TLS"),
        pytest.param("b.test", 200, id="told not to"),
        pytest.param("plain.test", 200, id="without TLS"),
        pytest.param("pass.test", 302, id="passed through"),
    ],
)
def test_who_is_sent_to_tls(served: Serving, host: str, status: int) -> None:
    assert ask(served.http, host).status == status


@pytest.mark.parametrize("host", ["pass.test", "a.wild.test"])
def test_tls_that_is_passed_through_ends_at_the_pod(served: Serving, host: str) -> None:
    assert served.shown(host)[0] == "pod"
    assert served.ask(host).request["name"] == "tls"


def test_a_host_keeps_its_tls_within_a_wildcard_that_is_passed_through(served: Serving) -> None:
    assert served.shown("own.wild.test")[0] == "own"
    assert served.ask("own.wild.test").request["name"] == "echo"


def test_who_may_not_come_in_is_no_client_of_what_is_passed_through(served: Serving) -> None:
    with pytest.raises((ssl.SSLError, ConnectionError)):
        served.shown("barred.test")


def test_a_connection_for_one_host_gets_no_other_that_is_passed_through(served: Serving) -> None:
    assert served.ask("pass.test", server_name="a.test").status == 421


@pytest.mark.parametrize(
    ("host", "status", "told"),
    [
        pytest.param("unchecked.test", {200}, "", id="whoever the pod is"),
        pytest.param("checked.test", {200}, "", id="the pod's authority"),
        pytest.param("strange.test", {503}, "", id="another authority"),
        pytest.param("mutual.test", {200}, "client", id="a certificate is shown"),
        pytest.param("unshown.test", {502, 503}, "", id="none is shown to who asks"),
    ],
)
def test_how_pods_are_spoken_to_over_tls(
    served: Serving, host: str, status: set[int], told: str
) -> None:
    answer = ask(served.http, host)
    assert answer.status in status, "502 where the pod hangs up, 503 once checks have seen it"
    if answer.status == 200:
        assert told in answer.request["client"]


def test_certificates_are_renewed_added_and_dropped_without_a_reload(short_path: Path) -> None:
    with echo() as port, serving_proxy(short_path) as it:
        cluster = Cluster({"echo": port})
        cluster.put("a", signed("first", "a.test"))
        it.bring(cluster)
        before = it.workers()
        cluster.put("a", signed("renewed", "a.test"))
        assert not it.bring(cluster).is_loaded
        assert it.shown("a.test")[0] == "renewed"
        cluster.put("c", signed("c"))
        changes = it.bring(cluster)
        assert it.shown("c.test")[0] == "c"
        cluster.put("a", signed("renewed", "a.test", "d.test"), hosts=["a.test", "d.test"])
        del cluster.ingresses["shop/c"]
        del cluster.secrets["shop/c"]
        it.bring(cluster)
        assert it.shown("d.test")[0] == "renewed"
        with pytest.raises(ssl.SSLError):
            it.ask("c.test")
        cluster.put("any", signed("any", "*.test"), hosts=["*.test"])
        cluster.put("later", signed("later", "a.test"), hosts=["a.test"])
        it.bring(cluster)
        assert (it.shown("a.test")[0], it.shown("c.test")[0]) == ("renewed", "any")
        for name, next_one in (("a", "later"), ("later", "any")):
            del cluster.ingresses[f"shop/{name}"]
            it.bring(cluster)
            assert it.shown("a.test")[0] == next_one
        cluster.put("a", signed("renewed", "a.test"))
        it.bring(cluster)
        assert it.shown("a.test")[0] == "renewed", "its own, though the wildcard is elder"
        del cluster.ingresses["shop/any"]
        it.bring(cluster)
        assert it.bring(cluster).changes == 0
        after = it.workers()
        assert before is not None
        assert after is not None
        assert not changes.is_loaded, "the backend is the same: it is a route and a certificate"
        assert after.worker == before.worker
        it.keep_files()
        files = {path.name for path in short_path.glob("certificates/*")}
        assert all(
            path.stat().st_mode & 0o777 == 0o600 for path in short_path.glob("certificates/*")
        )
        assert files == {"list.txt", "shop_a.pem"}, "keys of Secrets that are gone are gone"
        assert not [*short_path.glob("trial/certificates/*")]


def test_a_default_certificate_answers_for_other_hosts(short_path: Path) -> None:
    with echo() as port, serving_proxy(short_path) as it:
        cluster = Cluster({"echo": port})
        cluster.values["ssl-certificate"] = "d/default"
        cluster.values["tls-alpn"] = "http/1.1"
        cluster.secrets["d/default"] = signed("default", "plain.test").secret("default", "d")
        cluster.put("plain", ssl_redirect="true")
        it.bring(cluster)
        assert it.shown("plain.test", alpn=["h2", "http/1.1"]) == ("default", "http/1.1")
        assert it.ask("plain.test").status == 200
        assert ask(it.http, "plain.test").status == 302
        cluster.values["client-strict-sni"] = "true"
        it.bring(cluster)
        with pytest.raises(ssl.SSLError):
            it.ask("plain.test")


@pytest.mark.parametrize("optional", ["false", "true"])
def test_clients_are_asked_for_certificates(short_path: Path, optional: str) -> None:
    with echo() as port, serving_proxy(short_path / "proxy") as it:
        cluster = Cluster({"echo": port})
        cluster.values.update({"client-ca": "d/clients", "client-crt-optional": optional})
        cluster.secrets["d/clients"] = Secret("d", "clients", data={"tls.crt": AUTHORITY.crt})
        cluster.put("a", signed("a"))
        it.bring(cluster)
        known = trusting(AUTHORITY, signed("ann"), short_path)
        spoofed = {"X-SSL-Client-CN": "root"}
        seen = it.ask("a.test", known, headers=spoofed).request["headers"]
        assert (seen["x-ssl-client-cn"], seen["x-ssl-client-verify"]) == ("ann", "0")
        stranger = trusting(AUTHORITY, signed("eve", by=STRANGER), short_path)
        with pytest.raises((ssl.SSLError, ConnectionError)):
            it.ask("a.test", stranger)
        if optional == "true":
            assert "x-ssl-client-cn" not in it.ask("a.test", headers=spoofed).request["headers"]
        else:
            with pytest.raises((ssl.SSLError, ConnectionError)):
                it.ask("a.test")
        del cluster.secrets["d/clients"]
        it.bring(cluster)
        assert it.ask("a.test", known).status == 503, "who cannot be checked is not answered"


def test_clients_come_by_the_proxy_protocol(short_path: Path) -> None:
    with echo() as port, serving_proxy(short_path) as it:
        cluster = Cluster({"echo": port})
        cluster.values["proxy-protocol"] = "127.0.0.0/8"
        cluster.put("plain")
        it.bring(cluster)
        with socket.create_connection(("127.0.0.1", it.http), 5) as client:
            head = b"PROXY TCP4 203.0.113.9 127.0.0.1 40000 80\r\n"
            client.sendall(head + b"GET / HTTP/1.0\r\nHost: plain.test\r\n\r\n")
            answer = b"".join(iter(lambda: client.recv(4_096), b""))
        assert b'"x-forwarded-for": "203.0.113.9"' in answer
        with pytest.raises((OSError, ValueError, AssertionError)):
            assert ask(it.http, "plain.test").status == 200, "one without the header is refused"


def test_a_certificate_that_cannot_be_used_is_told_and_the_others_are_served() -> None:
    cluster = Cluster({"echo": 1})
    for name, secret in UNUSABLE.items():
        cluster.put(name, secret)
    cluster.put("old", pair("old", "old.test", by=AUTHORITY, ends=dt.timedelta(hours=-1)))
    cluster.put("another", signed("another", "elsewhere.test"))
    composed = cluster.composed()
    told = {it.ingress: {one.code for one in it.problems} for it in composed.reports}
    for name in UNUSABLE:
        assert told[f"shop/{name}"] == {"CertificateInvalid"}
    assert told["shop/old"] == {"CertificateExpired"}
    assert told["shop/another"] == {"CertificateInvalid"}, "served, though not for this host"
    assert [it.secret for it in composed.desired.certificates] == ["shop/another", "shop/old"]
    text = repr(composed.desired)
    assert not re.search("PRIVATE KEY", text)
