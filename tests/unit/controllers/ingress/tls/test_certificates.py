from __future__ import annotations

import datetime as dt

import pytest

from kingtide.certificates.pairs import KeyPair, new_authority, new_serving
from kingtide.controllers.ingress.tls.certificates import Certificates
from kingtide.controllers.ingress.tls.pem import Unusable, authorities, certificate
from kingtide.controllers.ingress.told import Problem
from kingtide.kube.ingresses import Ingress, IngressRule, IngressTls
from kingtide.kube.secrets import Secret

NOW = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
NOW_MS = int(NOW.timestamp() * 1000)
DAY_MS = 86_400_000
AUTHORITY = new_authority("authority", NOW, NOW + dt.timedelta(days=90))


def made(*hosts: str) -> KeyPair:
    return new_serving(AUTHORITY, hosts[0], hosts, NOW, NOW + dt.timedelta(days=9))


A, B = made("a.example.com"), made("b.example.com", "*.b.example.com")


def secret(name: str, pair: KeyPair, key: bytes | None = None) -> Secret:
    return Secret("shop", name, data={"tls.crt": pair.certificate, "tls.key": key or pair.key})


def ingress(name: str, secret_name: str, *hosts: str) -> Ingress:
    return Ingress("shop", name, tls=(IngressTls(hosts, secret_name),))


def plain(namespace: str, *hosts: str) -> Ingress:
    return Ingress(namespace, "plain", rules=tuple(IngressRule(host, ()) for host in hosts))


def gathered(
    *asked: Ingress, now_ms: int | None = NOW_MS, default: str = ""
) -> tuple[dict[str, tuple[str, ...]], list[str]]:
    """Return hosts by the certificate's secret, and codes of what was told."""
    known = {it.key: it for it in (secret("a", A), secret("b", B), secret("mixed", A, B.key))}
    told: dict[Problem, None] = {}
    it = Certificates(known, now_ms)
    for one in asked:
        it.take(one, told)
    if default:
        it.usable(default, "place", told)
    return {one.secret: one.hosts for one in it.composed(default)}, [one.code for one in told]


@pytest.mark.parametrize(
    ("asked", "hosts", "codes"),
    [
        pytest.param(
            [ingress("x", "a", "a.example.com")], {"shop/a": ("a.example.com",)}, [], id="a host"
        ),
        pytest.param(
            [ingress("x", "b", "B.example.com", "c.b.example.com")],
            {"shop/b": ("b.example.com", "c.b.example.com")},
            [],
            id="by a wildcard of the certificate",
        ),
        pytest.param(
            [ingress("x", "b", "d.c.b.example.com")],
            {"shop/b": ("d.c.b.example.com",)},
            ["CertificateInvalid"],
            id="a wildcard is one label",
        ),
        pytest.param(
            [ingress("x", "a", "a.example.com"), ingress("y", "b", "a.example.com")],
            {"shop/a": ("a.example.com",)},
            ["CertificateInvalid", "CertificateConflict"],
            id="nobody takes over another's host",
        ),
        pytest.param(
            [ingress("x", "b")],
            {"shop/b": ("*.b.example.com", "b.example.com")},
            [],
            id="no host named: those within",
        ),
        pytest.param(
            [plain("shop", "C.b.example.com"), ingress("x", "b", "b.example.com")],
            {"shop/b": ("b.example.com", "c.b.example.com")},
            [],
            id="one that is for it, of its namespace",
        ),
        pytest.param(
            [plain("shop", "c.b.example.com"), ingress("x", "b", "*.b.example.com")],
            {"shop/b": ("*.b.example.com",)},
            [],
            id="a wildcard is found without each host of it",
        ),
        pytest.param(
            [
                plain("other", "c.b.example.com", "b.example.com"),
                ingress("x", "b", "d.b.example.com"),
            ],
            {"shop/b": ("d.b.example.com",)},
            [],
            id="none of another namespace",
        ),
        pytest.param(
            [
                plain("shop", "b.example.com", "d.c.b.example.com", ""),
                ingress("x", "b", "e.b.example.com"),
                ingress("y", "a", "b.example.com"),
            ],
            {"shop/a": ("b.example.com",), "shop/b": ("e.b.example.com",)},
            ["CertificateInvalid"],
            id="only where no Ingress names the host beside a Secret, or is for it",
        ),
        pytest.param([ingress("x", "no", "a.example.com")], {}, ["SecretMissing"], id="missing"),
        pytest.param(
            [ingress("x", "mixed", "a.example.com")], {}, ["CertificateInvalid"], id="another's key"
        ),
        pytest.param([ingress("x", "a", "a b")], {}, ["HostInvalid"], id="no host name"),
    ],
)
def test_which_certificate_answers_for_which_host(
    asked: list[Ingress], hosts: dict[str, tuple[str, ...]], codes: list[str]
) -> None:
    assert gathered(*asked) == (hosts, codes)


@pytest.mark.parametrize(
    ("now_ms", "codes"),
    [
        (NOW_MS, []),
        (NOW_MS + 10 * DAY_MS, ["CertificateExpired"]),
        (NOW_MS - DAY_MS, ["CertificateExpired"]),
        (None, []),
    ],
)
def test_one_that_is_not_valid_now_is_told_and_served(now_ms: int | None, codes: list[str]) -> None:
    hosts, told = gathered(ingress("x", "a", "a.example.com"), now_ms=now_ms)
    assert hosts == {"shop/a": ("a.example.com",)}
    assert told == codes


def test_one_that_is_not_valid_now_is_no_hosts_that_does_not_ask_for_it() -> None:
    asked = plain("shop", "c.b.example.com"), ingress("x", "b", "b.example.com")
    hosts, _ = gathered(*asked, now_ms=NOW_MS + 10 * DAY_MS)
    assert hosts == {"shop/b": ("b.example.com",)}


def test_the_default_comes_first_and_has_no_host_of_its_own() -> None:
    hosts, _ = gathered(ingress("x", "a", "a.example.com"), default="shop/b")
    assert list(hosts.items()) == [("shop/b", ()), ("shop/a", ("a.example.com",))]


def test_nothing_but_certificates_and_the_key_is_passed_on() -> None:
    noisy = b"ssl-engine evil\n" + A.certificate + b"\n# evil\n"
    found = certificate(Secret("d", "x", data={"tls.crt": noisy, "tls.key": A.key}))
    assert found.pem.startswith(A.certificate)
    assert found.pem.count(b"-----BEGIN") == 2
    assert b"evil" not in found.pem


def test_what_is_told_of_a_secret_never_has_its_key() -> None:
    it = certificate(secret("a", A))
    middle = A.key.splitlines()[1].decode()
    with pytest.raises(Unusable) as told:
        certificate(secret("a", A, A.key[:-60]))
    assert middle not in f"{told.value} {it!r} {secret('a', A)!r}"


@pytest.mark.parametrize(
    "data",
    [{}, {"tls.crt": b""}, {"tls.crt": b"x"}, {"ca.crt": b"\x00" * 99}, {"tls.crt": b"x" * 70_000}],
)
def test_authorities_that_are_none_are_refused(data: dict[str, bytes]) -> None:
    with pytest.raises(Unusable):
        authorities(Secret("d", "ca", data=data))


def test_authorities_are_each_once_from_either_key() -> None:
    twice = Secret("d", "ca", data={"ca.crt": AUTHORITY.certificate * 2})
    assert authorities(twice) == AUTHORITY.certificate
