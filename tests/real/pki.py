"""Certificates of tests: for hosts, for clients, and such as nobody should take."""

from __future__ import annotations

import datetime as dt
import ssl
from pathlib import Path

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from kingtide.kube.secrets import Secret

NOW = dt.datetime.now(dt.UTC)
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


class Pair(msgspec.Struct, frozen=True):
    """A certificate with its key."""

    certificate: x509.Certificate
    key: Key

    @property
    def crt(self) -> bytes:
        """The certificate as PEM."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def pem(self) -> bytes:
        """The key as PEM."""
        return self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )

    def secret(self, name: str, namespace: str = "shop") -> Secret:
        """The pair as a Secret."""
        data = {"tls.crt": self.crt, "tls.key": self.pem}
        return Secret(namespace, name, "kubernetes.io/tls", data)


def pair(
    name: str,
    *hosts: str,
    by: Pair | None = None,
    key: Key | None = None,
    is_authority: bool = False,
    ends: dt.timedelta = dt.timedelta(days=1),
) -> Pair:
    """Return a certificate of this common name for hosts, signed by itself where nobody else."""
    mine = key or ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    signing = mine if by is None else by.key
    mine_is = x509.SubjectKeyIdentifier.from_public_key(mine.public_key())
    signing_is = x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key())
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if by is None else by.certificate.subject)
        .public_key(mine.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - dt.timedelta(days=2))
        .not_valid_after(NOW + ends)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        # Clients of Python 3.13 ask for these and for an authority's usage: VERIFY_X509_STRICT.
        .add_extension(mine_is, critical=False)
        .add_extension(signing_is, critical=False)
    )
    if hosts:
        names = [x509.DNSName(host) for host in hosts]
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    if is_authority:
        builder = builder.add_extension(_signing_others(), critical=True)
    else:
        uses = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
        builder = builder.add_extension(x509.ExtendedKeyUsage(uses), critical=False)
    return Pair(builder.sign(signing, hashes.SHA256()), mine)


def _signing_others() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )


def trusting(
    authority: Pair, shown: Pair | None = None, folder: Path | None = None
) -> ssl.SSLContext:
    """Return a client that trusts an authority, and shows a certificate where one is given."""
    context = ssl.create_default_context(cadata=authority.crt.decode())
    context.set_alpn_protocols(["http/1.1"])
    if shown is not None and folder is not None:
        _load(context, shown, folder)
    return context


def serving(shown: Pair, folder: Path, clients: Pair | None = None) -> ssl.SSLContext:
    """Return a server's TLS; with an authority of clients it asks them for a certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _load(context, shown, folder)
    if clients is not None:
        context.load_verify_locations(cadata=clients.crt.decode())
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def _load(context: ssl.SSLContext, shown: Pair, folder: Path) -> None:
    file = folder / f"{shown.certificate.serial_number}.pem"
    file.write_bytes(shown.crt + shown.pem)
    context.load_cert_chain(file)
