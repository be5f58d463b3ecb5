"""Certificate authorities and the certificates that they sign, renewed before they end.

What is kept is one value (`Held`); `renewed` says what it should be now. A new authority is made
long before the old one ends, is published beside it, and signs only when it has been published for
long enough that every API server has heard of it. So at no moment does a server show a certificate
whose authority a client does not know.
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

AUTHORITY_VALID = dt.timedelta(days=365)
SERVING_VALID = dt.timedelta(days=90)
"""A leaked key is of use for a season at most; nobody has to do anything for the next one."""
RENEW_AT = 3
"""Renewed when a third of its time is left: a month for a human to notice that renewing fails."""
EARLIER = dt.timedelta(hours=1)
"""Valid before now: API servers' clocks may be behind ours."""
SETTLE = dt.timedelta(minutes=10)
"""From a new authority in the webhooks' caBundle to its first certificate. API servers hear of a
change through a watch, in seconds; those that were cut off for minutes as well."""
MAX_AUTHORITIES = 4
"""Kept at once. One is made a year, so that two are valid together."""


class KeyPair(msgspec.Struct, frozen=True):
    """A certificate with its private key; all of it PEM."""

    certificate: bytes
    key: bytes


class Held(msgspec.Struct, frozen=True):
    """Authorities, the newest first, and the certificate that is shown.

    `old_key` is that of the authority before the newest while that one still signs, else empty.
    `published` is when the newest was first in the webhooks' caBundle, None while it is not.
    """

    authorities: tuple[bytes, ...]
    key: bytes
    serving: KeyPair
    old_key: bytes = b""
    published: dt.datetime | None = None

    @property
    def bundle(self) -> bytes:
        """What clients trust."""
        return b"".join(self.authorities)


def renewed(held: Held | None, names: Sequence[str], now: dt.datetime) -> Held:
    """Return what is to be held now; the same value where nothing is due."""
    if held is None or not _is_valid(held.authorities[0], now):
        authority = _new_authority(now)
        serving = _new_serving(authority, names, now)
        return Held((authority.certificate,), authority.key, serving)
    if _is_due(held.authorities[0], now):
        authority = _new_authority(now)
        held = Held(
            (authority.certificate, *held.authorities)[:MAX_AUTHORITIES],
            authority.key,
            held.serving,
            old_key=held.key,
        )
    kept = [it for it in held.authorities if _is_valid(it, now)]
    if len(kept) < len(held.authorities):
        held = msgspec.structs.replace(held, authorities=tuple(kept))
    if held.old_key and (len(kept) < 2 or _is_settled(held, now)):
        held = msgspec.structs.replace(held, old_key=b"")  # it signs no more, and must not leak
    signing = _signing(held)
    if _is_due(held.serving.certificate, now) or not _is_for(held.serving, signing, names):
        held = msgspec.structs.replace(held, serving=_new_serving(signing, names, now))
    return held


def is_sound(held: Held) -> bool:
    """Whether certificates and keys can be read and belong together."""
    try:
        pairs = [KeyPair(held.authorities[0], held.key), held.serving]
        if held.old_key:
            pairs.append(KeyPair(held.authorities[1], held.old_key))
        return all(_public(_load(it.certificate)) == _public(_key(it.key)) for it in pairs)
    except (ValueError, IndexError, TypeError):
        return False


def ends(certificate: bytes) -> dt.datetime:
    """Return when a certificate ends."""
    return _load(certificate).not_valid_after_utc


def fingerprint(certificate: bytes) -> str:
    """Return what tells a certificate from all others."""
    return _load(certificate).fingerprint(hashes.SHA256()).hex()


def _signing(held: Held) -> KeyPair:
    """Return the authority that signs: the old one for as long as its key is kept."""
    if held.old_key:
        return KeyPair(held.authorities[1], held.old_key)
    return KeyPair(held.authorities[0], held.key)


def _is_settled(held: Held, now: dt.datetime) -> bool:
    """Whether the newest authority has been published for so long that everybody knows it."""
    return held.published is not None and now >= held.published + SETTLE


def _is_valid(certificate: bytes, now: dt.datetime) -> bool:
    return now < ends(certificate)


def _is_due(certificate: bytes, now: dt.datetime) -> bool:
    found = _load(certificate)
    whole = found.not_valid_after_utc - found.not_valid_before_utc
    return now >= found.not_valid_after_utc - whole / RENEW_AT


def _is_for(serving: KeyPair, signing: KeyPair, names: Sequence[str]) -> bool:
    found = _load(serving.certificate)
    alternatives = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    if list(alternatives) != _alternatives(names):
        return False
    try:
        found.verify_directly_issued_by(_load(signing.certificate))
    except Exception:  # noqa: BLE001 (cryptography raises several kinds; each means: not by this one)
        return False
    return True


def _new_authority(now: dt.datetime) -> KeyPair:
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name(f"kingtide admission authority {now:%Y-%m-%d}")
    found = (
        _builder(name, name, key, now, now + AUTHORITY_VALID)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    return KeyPair(found.public_bytes(serialization.Encoding.PEM), _written(key))


def _new_serving(authority: KeyPair, names: Sequence[str], now: dt.datetime) -> KeyPair:
    issuer, signing = _load(authority.certificate), _key(authority.key)
    key = ec.generate_private_key(ec.SECP256R1())
    until = min(now + SERVING_VALID, issuer.not_valid_after_utc)
    by = x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key())
    found = (
        _builder(_name("kingtide admission"), issuer.subject, key, now, until)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(_alternatives(names)), critical=False)
        .add_extension(by, critical=False)
        .sign(signing, hashes.SHA256())
    )
    return KeyPair(found.public_bytes(serialization.Encoding.PEM), _written(key))


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


def _alternatives(names: Sequence[str]) -> list[x509.GeneralName]:
    found: list[x509.GeneralName] = []
    for it in dict.fromkeys(names):
        try:
            found.append(x509.IPAddress(ipaddress.ip_address(it)))
        except ValueError:
            found.append(x509.DNSName(it))
    return found


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _load(certificate: bytes) -> x509.Certificate:
    return x509.load_pem_x509_certificate(certificate)


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
