"""A certificate for the server's own addresses, signed by an authority that is forgotten at once.

kubectl sends tokens over TLS alone, also on loopback. The kubeconfig tells clients the authority.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
import tempfile
from pathlib import Path

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

VALID = dt.timedelta(days=365)
"""Longer than anybody lets a rehearsal run; the key is gone when the process is."""
EARLIER = dt.timedelta(hours=1)
"""Clients whose clocks are behind."""


class Certificate(msgspec.Struct, frozen=True):
    """A server's certificate; all of it PEM. `authority` is what clients verify it with."""

    authority: bytes
    chain: bytes
    key: bytes


def make_certificate(addresses: tuple[str, ...]) -> Certificate:
    """Return a new certificate for IP addresses and names."""
    now = dt.datetime.now(dt.UTC)
    signing, serving = (
        ec.generate_private_key(ec.SECP256R1()),
        ec.generate_private_key(ec.SECP256R1()),
    )
    issuer = _name("kingtide twin authority")
    signed_by = x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key())
    authority = (
        _builder(issuer, issuer, signing, now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(signing, hashes.SHA256())
    )
    certificate = (
        _builder(_name("kingtide twin"), issuer, serving, now)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(_alternatives(addresses)), critical=False)
        .add_extension(signed_by, critical=False)
        .sign(signing, hashes.SHA256())
    )
    key = serving.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    pem = serialization.Encoding.PEM
    return Certificate(authority.public_bytes(pem), certificate.public_bytes(pem), key)


def server_context(certificate: Certificate) -> ssl.SSLContext:
    """Return a TLS context that serves with a certificate.

    OpenSSL reads keys from files alone: they stand in a folder of our own for a moment.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    with tempfile.TemporaryDirectory() as folder:
        chain, key = Path(folder) / "chain.pem", Path(folder) / "key.pem"
        chain.write_bytes(certificate.chain)
        key.write_bytes(certificate.key)
        context.load_cert_chain(chain, key)
    return context


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: dt.datetime
) -> x509.CertificateBuilder:
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - EARLIER)
        .not_valid_after(now + VALID)
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


def _alternatives(addresses: tuple[str, ...]) -> list[x509.GeneralName]:
    found: list[x509.GeneralName] = []
    for it in dict.fromkeys(addresses):
        try:
            found.append(x509.IPAddress(ipaddress.ip_address(it)))
        except ValueError:
            found.append(x509.DNSName(it))
    return found
