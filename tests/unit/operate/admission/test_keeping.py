"""Certificates over years: nobody is ever shown one that API servers do not trust."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any

import httpx2
from cryptography import x509

from kingtide.certificates.pairs import KeyPair
from kingtide.controllers.admission.webhooks import ServiceReach, webhook_configurations
from kingtide.fleet.policies.admission import AdmissionPolicy
from kingtide.live.kubernetes.performing.api import Api
from kingtide.live.kubernetes.performing.write_rate import WriteRate
from kingtide.operate.admission.authorities import SETTLE, ends
from kingtide.operate.admission.keeping import Keeping
from tests.unit.operate.admission.api_server import OneSecret

REACH = ServiceReach()
START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


class Replica:
    """A webhook's keeper of certificates, with the certificate that it shows."""

    def __init__(self, server: OneSecret, clock: list[dt.datetime]) -> None:
        client = httpx2.AsyncClient(transport=server, base_url="https://api")
        api = Api(client, WriteRate())
        self.shown: list[KeyPair] = []
        self.keeping = Keeping(
            api, REACH, REACH.names, AdmissionPolicy, self.shown.append, lambda: clock[0]
        )

    def round(self) -> None:
        asyncio.run(self.keeping.round())


def cluster(*, is_installed: bool = True) -> tuple[OneSecret, list[dt.datetime], list[Replica]]:
    server, clock = OneSecret(), [START]
    for it in webhook_configurations(AdmissionPolicy(), REACH) if is_installed else ():
        server.configure(it)
    return server, clock, [Replica(server, clock), Replica(server, clock)]


def is_trusted(shown: KeyPair, bundle: bytes, now: dt.datetime) -> bool:
    certificate = x509.load_pem_x509_certificate(shown.certificate)
    if not certificate.not_valid_before_utc <= now < certificate.not_valid_after_utc:
        return False
    for authority in x509.load_pem_x509_certificates(bundle):
        try:
            certificate.verify_directly_issued_by(authority)
        except Exception:  # noqa: BLE001 (signed by another one)
            continue
        return now < authority.not_valid_after_utc
    return False


def test_over_three_years_every_certificate_shown_is_trusted_by_what_was_known_before() -> None:
    server, clock, replicas = cluster()
    for it in replicas:
        it.round()
    known = server.bundle
    authorities = set()
    for _ in range(3 * 365 // 5):
        # Days pass, then a few rounds: the two replicas take turns, minutes apart.
        clock[0] += dt.timedelta(days=5)
        for _ in range(4):
            for it in replicas:
                clock[0] += SETTLE / 4
                it.round()
                # API servers may know only what was published a quarter of SETTLE ago.
                assert is_trusted(it.shown[-1], known, clock[0])
                known = server.bundle
                authorities.add(server.bundle)
    assert len({each.certificate for each in replicas[0].shown}) > 12
    assert len(authorities) > 3
    assert replicas[0].shown[-1] == replicas[1].shown[-1]
    assert len(x509.load_pem_x509_certificates(known)) <= 2


def test_a_new_authority_signs_only_when_it_was_published_for_a_while() -> None:
    server, clock, (one, _) = cluster()
    one.round()
    first = one.shown[-1]
    clock[0] = ends(one.keeping.held.authorities[0]) - dt.timedelta(days=100)  # type: ignore[union-attr]  # held since the round
    one.round()
    renewed_by_old = one.shown[-1]
    bundle = x509.load_pem_x509_certificates(server.bundle)
    assert len(bundle) == 2
    issued = x509.load_pem_x509_certificate(renewed_by_old.certificate)
    issued.verify_directly_issued_by(bundle[1])
    assert renewed_by_old != first
    clock[0] += SETTLE
    one.round()
    x509.load_pem_x509_certificate(one.shown[-1].certificate).verify_directly_issued_by(bundle[0])


def test_without_configurations_an_old_authority_goes_on_signing() -> None:
    server, clock, (one, _) = cluster(is_installed=False)
    one.round()
    assert not one.keeping.is_registered
    old = x509.load_pem_x509_certificates(one.keeping.held.bundle)[0]  # type: ignore[union-attr]  # held since the round
    for _ in range(30):
        clock[0] += dt.timedelta(days=10)
        one.round()
    shown = x509.load_pem_x509_certificate(one.shown[-1].certificate)
    shown.verify_directly_issued_by(old)
    assert server.secret["metadata"]["annotations"] == {"kingtide.dev/authority-published": ""}


def test_of_two_that_begin_at_once_one_makes_the_secret_and_both_show_it() -> None:
    server, _, (one, two) = cluster()

    async def both() -> None:
        await asyncio.gather(one.keeping.round(), two.keeping.round())

    asyncio.run(both())
    assert one.shown == two.shown
    assert server.writes.count("POST /api/v1/namespaces/kingtide-system/secrets") == 2


def test_a_secret_that_was_deleted_or_spoilt_is_written_again_as_it_was() -> None:
    server, _, (one, _) = cluster()
    one.round()
    path = next(it for it in server.objects if "/secrets/" in it)
    shown, before = one.shown[-1], dict(server.secret["data"])
    del server.objects[path]
    one.round()
    assert server.secret["data"] == before
    spoilt: dict[str, Any] = server.objects[path]["data"]
    spoilt["tls.key"] = spoilt["ca.key"]
    one.round()
    assert server.secret["data"] == before
    assert one.shown == [shown]


def test_nothing_is_written_while_nothing_is_due() -> None:
    server, clock, (one, two) = cluster()
    one.round()
    count = len(server.writes)
    for _ in range(20):
        clock[0] += dt.timedelta(minutes=30)
        one.round()
        two.round()
    assert len(server.writes) == count
