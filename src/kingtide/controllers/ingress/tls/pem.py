"""Secrets as certificates, looked at before HAProxy gets to see them.

HAProxy refuses a whole configuration for one certificate that it cannot use, so whatever OpenSSL 3
refuses at its default level (short keys, a key of another certificate) is refused here, for its
Ingress alone. What is passed on is written anew from what was read: nothing else of a Secret gets
into a file. Source: https://docs.openssl.org/3.0/man3/SSL_CTX_set_security_level/
"""

from __future__ import annotations

from functools import lru_cache

import msgspec
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from kingtide.kube.secrets import CA_CERTIFICATE, TLS_CERTIFICATE, TLS_KEY, Secret

MAX_BYTES = 65_536
"""Of one PEM text; a chain of three certificates of RSA 4096 has 8,000."""
MAX_CHAIN = 10
MAX_AUTHORITIES = 200
"""A whole bundle of a browser's authorities has 150."""
LEAST_RSA_BITS = 2_048
LEAST_EC_BITS = 224
_WEAK = ("md5", "sha1")
KEPT = 4_096
"""Answers that are kept: a proxy is composed anew many times a minute, of the same Secrets."""


class Unusable(ValueError):
    """A Secret that is no certificate which can be used; the message says why, and tells no key."""


class Usable(msgspec.Struct, frozen=True, gc=False):
    """A certificate with its chain and key as one PEM text; times as milliseconds since 1970.

    `mark` as `Certificate` has it.
    """

    pem: bytes
    names: tuple[str, ...]
    begins_ms: int
    ends_ms: int
    mark: str

    def __repr__(self) -> str:
        return f"Usable({len(self.pem)} bytes, names={self.names!r})"


def certificate(secret: Secret) -> Usable:
    """Return a Secret's certificate, from tls.crt and tls.key.

    Raises:
        Unusable: it is none, or OpenSSL would not take it.
    """
    return _certificate(_value(secret, TLS_CERTIFICATE), _value(secret, TLS_KEY))


def authorities(secret: Secret) -> bytes:
    """Return a Secret's authorities as one PEM text: tls.crt, or ca.crt where that is missing.

    Raises:
        Unusable: they are none.
    """
    name = TLS_CERTIFICATE if TLS_CERTIFICATE in secret.data else CA_CERTIFICATE
    return _authorities(_value(secret, name))


def _value(secret: Secret, name: str) -> bytes:
    value = secret.data.get(name)
    if not value:
        raise Unusable(f"it has no {name}")
    if (len(value) > MAX_BYTES and name != CA_CERTIFICATE) or len(value) > 16 * MAX_BYTES:
        raise Unusable(f"its {name} has {len(value)} bytes, at most {MAX_BYTES}")
    return value


def _certificate(chain: bytes, key: bytes) -> Usable:
    found = _looked_at(chain, key)
    if isinstance(found, Unusable):
        raise Unusable(str(found))
    return found


def _authorities(text: bytes) -> bytes:
    found = _bundle(text)
    if isinstance(found, Unusable):
        raise Unusable(str(found))
    return found


@lru_cache(maxsize=KEPT)
def _looked_at(chain: bytes, key: bytes) -> Usable | Unusable:
    try:
        certificates = _read(chain, MAX_CHAIN)
        first = certificates[0]
        written = _key(key, first)
        pem = b"".join(it.public_bytes(Encoding.PEM) for it in certificates) + written
        return Usable(
            pem,
            _names(first),
            int(first.not_valid_before_utc.timestamp() * 1000),
            int(first.not_valid_after_utc.timestamp() * 1000),
            f"{first.fingerprint(SHA1()).hex().upper()}+{len(certificates) - 1}",
        )
    except Unusable as error:
        return error


@lru_cache(maxsize=KEPT)
def _bundle(text: bytes) -> bytes | Unusable:
    try:
        found = _read(text, MAX_AUTHORITIES)
        return b"".join(sorted({it.public_bytes(Encoding.PEM) for it in found}))
    except Unusable as error:
        return error


def _read(text: bytes, most: int) -> list[x509.Certificate]:
    try:
        found = x509.load_pem_x509_certificates(text)
        for it in found:
            _check_strength(it)
    except (ValueError, UnsupportedAlgorithm) as error:
        if isinstance(error, Unusable):
            raise
        raise Unusable("it is no certificate in PEM") from None
    if len(found) > most:
        raise Unusable(f"it has {len(found)} certificates, at most {most}")
    return found


def _check_strength(it: x509.Certificate) -> None:
    key = it.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        if not LEAST_RSA_BITS <= key.key_size <= 16_384:
            raise Unusable(f"a key of {key.key_size} bits, which TLS does not take any more")
    elif isinstance(key, ec.EllipticCurvePublicKey):
        if key.key_size < LEAST_EC_BITS:
            raise Unusable(f"a key of {key.key_size} bits, which TLS does not take any more")
    elif not isinstance(key, ed25519.Ed25519PublicKey):
        raise Unusable("a key that is neither RSA, nor of a curve, nor Ed25519")
    hashed = it.signature_hash_algorithm
    if hashed is not None and hashed.name in _WEAK and it.issuer != it.subject:
        raise Unusable(f"signed with {hashed.name}, which TLS does not take any more")


def _key(text: bytes, first: x509.Certificate) -> bytes:
    """Return the private key as PEM; the loader's own check of RSA takes 50 ms and is OpenSSL's."""
    try:
        key = load_pem_private_key(text, None, unsafe_skip_rsa_key_validation=True)
        public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        written = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    except (TypeError, ValueError, UnsupportedAlgorithm):
        raise Unusable("its key is no private key in PEM, or needs a password") from None
    of_certificate = first.public_key().public_bytes(
        Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    )
    if public != of_certificate:
        raise Unusable("its key is that of another certificate")
    return written


def _names(it: x509.Certificate) -> tuple[str, ...]:
    """Return the hosts that it is for, in lower case; its common name where it lists none."""
    try:
        extension = it.extensions.get_extension_for_class(x509.SubjectAlternativeName)
        names = extension.value.get_values_for_type(x509.DNSName)
    except (x509.ExtensionNotFound, ValueError):
        names = [
            str(one.value) for one in it.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
        ]
    return tuple(dict.fromkeys(name.lower() for name in names))
