from __future__ import annotations

import datetime as dt

import pytest
from cryptography import x509

from kingtide.certificates.pairs import (
    EARLIER,
    KeyPair,
    alternatives,
    belong_together,
    loaded,
    new_authority,
    new_serving,
)

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def test_a_server_is_verified_by_its_authority_and_no_other() -> None:
    ours, other = (new_authority(name, NOW, NOW + DAY) for name in ("ours", "other"))
    serving = loaded(new_serving(ours, "web", ["10.0.0.1"], NOW, NOW + DAY).certificate)
    serving.verify_directly_issued_by(loaded(ours.certificate))
    with pytest.raises(ValueError, match="does not match"):
        serving.verify_directly_issued_by(loaded(other.certificate))


def test_a_certificate_ends_with_its_authority_and_begins_before_now() -> None:
    authority = new_authority("ours", NOW, NOW + DAY)
    found = loaded(new_serving(authority, "web", ["a"], NOW, NOW + 9 * DAY).certificate)
    assert found.not_valid_after_utc == NOW + DAY
    assert found.not_valid_before_utc == NOW - EARLIER


def test_addresses_and_names_are_told_apart_and_named_once() -> None:
    found = alternatives(["10.0.0.1", "web.shop.svc", "::1", "10.0.0.1"])
    assert [type(it) for it in found] == [x509.IPAddress, x509.DNSName, x509.IPAddress]


def test_a_certificate_with_the_key_of_another_does_not_belong_together() -> None:
    one, other = (new_authority(name, NOW, NOW + DAY) for name in ("one", "other"))
    assert belong_together(one)
    assert not belong_together(KeyPair(one.certificate, other.key))
    assert not belong_together(KeyPair(b"", one.key))
    assert not belong_together(KeyPair(one.certificate, b"no key"))
