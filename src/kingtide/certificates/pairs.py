"""Certificates with their keys: made, signed, read.

Elliptic curve P-256 throughout: every client of Kubernetes takes it, and a key is made in a
millisecond.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
from collections.abc import Sequence

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

EARLIER = dt.timedelta(hours=1)
"""Valid before now: clients' clocks may be behind ours."""


class KeyPair(msgspec.Struct, frozen=True):
    """A certificate with its private key; all of it PEM."""

    certificate: bytes
    key: bytes


def new_authority(name: str, now: dt.datetime, until: dt.datetime) -> KeyPair:
    """Return a new authority that signs servers' certificates, and no other authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = _name(name)
    found = (
        _builder(subject, subject, key, now, until)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    return KeyPair(found.public_bytes(serialization.Encoding.PEM), _written(key))


def new_serving(
    authority: KeyPair, name: str, addresses: Sequence[str], now: dt.datetime, until: dt.datetime
) -> KeyPair:
    """Return a new certificate for a server at these IP addresses and names.

    It ends with its authority at the latest.
    """
    issuer, signing = loaded(authority.certificate), _key(authority.key)
    key = ec.generate_private_key(ec.SECP256R1())
    by = x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key())
    found = (
        _builder(_name(name), issuer.subject, key, now, min(until, issuer.not_valid_after_utc))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(alternatives(addresses)), critical=False)
        .add_extension(by, critical=False)
        .sign(signing, hashes.SHA256())
    )
    return KeyPair(found.public_bytes(serialization.Encoding.PEM), _written(key))


def loaded(certificate: bytes) -> x509.Certificate:
    """Return a certificate as read.

    Raises:
        ValueError: it is none.
    """
    return x509.load_pem_x509_certificate(certificate)


def belong_together(pair: KeyPair) -> bool:
    """Return whether certificate and key can be read, and are of one key."""
    try:
        return _public(loaded(pair.certificate)) == _public(_key(pair.key))
    except (ValueError, TypeError):
        return False


def alternatives(addresses: Sequence[str]) -> list[x509.GeneralName]:
    """Return addresses as a certificate names them, each once."""
    found: list[x509.GeneralName] = []
    for it in dict.fromkeys(addresses):
        try:
            found.append(x509.IPAddress(ipaddress.ip_address(it)))
        except ValueError:
            found.append(x509.DNSName(it))
    return found


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    now: dt.datetime,
    until: dt.datetime,
) -> x509.CertificateBuilder:
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - EARLIER)
        .not_valid_after(until)
        .add_extension(identifier, critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _key(written: bytes) -> ec.EllipticCurvePrivateKey:
    found = serialization.load_pem_private_key(written, None)
    if not isinstance(found, ec.EllipticCurvePrivateKey):
        raise ValueError("the key is not one of an elliptic curve")
    return found


def _public(it: x509.Certificate | ec.EllipticCurvePrivateKey) -> bytes:
    return it.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def _written(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
