"""Whom an Ingress of the namespace `shop` may have asked."""

from __future__ import annotations

import pytest

from kingtide.controllers.ingress.annotations.auth_target import Target, target
from kingtide.controllers.ingress.external_auth.urls import NotAskable
from kingtide.kube.services import Service, ServicePort

SERVICES = {
    it.key: it
    for it in (
        Service("shop", "auth", ports=(ServicePort(80), ServicePort(443), ServicePort(4180))),
        Service("shop", "far", type="ExternalName", external_name="x", ports=(ServicePort(80),)),
        Service("other", "auth", ports=(ServicePort(80),)),
    )
}
HOSTS = ("sso.auth.svc", "*.example.com", "10.1.2.3", "[fd00::5]")


def asked(url: str, hosts: tuple[str, ...] = ()) -> Target:
    return target(url, "shop", SERVICES, hosts)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        pytest.param("http://auth.shop.svc", ("http", "auth.shop.svc", 80, "/"), id="plain"),
        pytest.param("https://auth.shop.svc/a", ("https", "auth.shop.svc", 443, "/a"), id="https"),
        pytest.param(
            "http://auth.shop.svc.cluster.local:4180/oauth2/auth?x=1&y=%20",
            ("http", "auth.shop.svc.cluster.local", 4180, "/oauth2/auth?x=1&y=%20"),
            id="whole name, port, path and query",
        ),
        pytest.param("http://AUTH.shop.SVC.", ("http", "auth.shop.svc", 80, "/"), id="canonical"),
        pytest.param("http://auth.shop.svc?x", ("http", "auth.shop.svc", 80, "/?x"), id="no path"),
    ],
)
def test_a_service_of_the_own_namespace_is_asked(
    url: str, expected: tuple[str, str, int, str]
) -> None:
    it = asked(url)
    assert (it.scheme, it.host, it.port, it.path) == expected
    assert not it.is_address


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("http://auth.other.svc", id="another namespace"),
        pytest.param("http://gone.shop.svc", id="no such Service"),
        pytest.param("http://auth.shop.svc:81", id="no such port"),
        pytest.param("http://far.shop.svc", id="a Service that is another's name"),
        pytest.param("http://auth.shop", id="half a name"),
        pytest.param("http://auth", id="a bare name"),
        pytest.param("http://169.254.169.254/latest", id="metadata"),
        pytest.param("http://127.0.0.1:1024/metrics", id="loopback"),
        pytest.param("http://[::1]/", id="loopback of IPv6"),
        pytest.param("http://2130706433/", id="loopback as a number"),
        pytest.param("http://0x7f.1/", id="loopback in parts"),
        pytest.param("http://localhost/", id="localhost"),
        pytest.param("http://auth.example.com/", id="the Internet"),
        pytest.param("http://auth.shop.svc@evil.example.com/", id="userinfo"),
        pytest.param("http://auth.shop.svc/#part", id="fragment"),
        pytest.param("http://auth.shop.svc/a b", id="space"),
        pytest.param("http://auth.shop.svc/a\r\nX: y", id="newline"),
        pytest.param("http://auth.shop.svc/é", id="beyond ASCII"),
        pytest.param("http://auth.shop.svc:65536/", id="no port at all"),
        pytest.param("http://auth.shop.svc:0/", id="port 0"),
        pytest.param("https://$host/oauth2/auth", id="the request's host"),
        pytest.param("ftp://auth.shop.svc/", id="scheme"),
        pytest.param("auth.shop.svc", id="no scheme"),
        pytest.param("http:///oauth2", id="no host"),
        pytest.param("http://auth.shop.svc/" + "a" * 2_048, id="too long"),
    ],
)
def test_nobody_else_is_asked(url: str) -> None:
    with pytest.raises(NotAskable):
        asked(url)


@pytest.mark.parametrize(
    ("url", "is_address"),
    [
        pytest.param("http://sso.auth.svc:4180/", False, id="a name"),
        pytest.param("http://sso.auth.svc.cluster.local/", False, id="the same in whole"),
        pytest.param("https://login.example.com/", False, id="below a name"),
        pytest.param("http://10.1.2.3:9/", True, id="an address"),
        pytest.param("http://[fd00::5]:9/", True, id="an address of IPv6"),
    ],
)
def test_hosts_of_the_policy_are_asked(url: str, is_address: bool) -> None:
    assert asked(url, HOSTS).is_address is is_address


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("http://example.com/", id="a wildcard is of names below it"),
        pytest.param("http://evilexample.com/", id="whole labels"),
        pytest.param("http://sso.auth.svc.evil.com/", id="the end counts"),
        pytest.param("http://10.1.2.30/", id="another address"),
    ],
)
def test_what_the_policy_does_not_list_is_not_asked(url: str) -> None:
    with pytest.raises(NotAskable):
        asked(url, HOSTS)
