"""Certificate authorities and the certificates that they sign, renewed before they end.

What is kept is one value (`Held`); `renewed` says what it should be now. A new authority is made
long before the old one ends, is published beside it, and signs only when it has been published for
long enough that every API server has heard of it. So at no moment does a server show a certificate
whose authority a client does not know.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from kingtide.certificates.pairs import (
    KeyPair,
    alternatives,
    belong_together,
    loaded,
    new_authority,
    new_serving,
)

AUTHORITY_VALID = dt.timedelta(days=365)
SERVING_VALID = dt.timedelta(days=90)
"""A leaked key is of use for a season at most; nobody has to do anything for the next one."""
RENEW_AT = 3
"""Renewed when a third of its time is left: a month for a human to notice that renewing fails."""
SETTLE = dt.timedelta(minutes=10)
"""From a new authority in the webhooks' caBundle to its first certificate. API servers hear of a
change through a watch, in seconds; those that were cut off for minutes as well."""
MAX_AUTHORITIES = 4
"""Kept at once. One is made a year, so that two are valid together."""


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
    except IndexError:
        return False
    return all(belong_together(it) for it in pairs)


def ends(certificate: bytes) -> dt.datetime:
    """Return when a certificate ends."""
    return loaded(certificate).not_valid_after_utc


def fingerprint(certificate: bytes) -> str:
    """Return what tells a certificate from all others."""
    return loaded(certificate).fingerprint(hashes.SHA256()).hex()


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
    found = loaded(certificate)
    whole = found.not_valid_after_utc - found.not_valid_before_utc
    return now >= found.not_valid_after_utc - whole / RENEW_AT


def _is_for(serving: KeyPair, signing: KeyPair, names: Sequence[str]) -> bool:
    found = loaded(serving.certificate)
    shown = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    if list(shown) != alternatives(names):
        return False
    try:
        found.verify_directly_issued_by(loaded(signing.certificate))
    except Exception:  # noqa: BLE001 (cryptography raises several kinds; each means: not by this one)
        return False
    return True


def _new_authority(now: dt.datetime) -> KeyPair:
    name = f"kingtide admission authority {now:%Y-%m-%d}"
    return new_authority(name, now, now + AUTHORITY_VALID)


def _new_serving(authority: KeyPair, names: Sequence[str], now: dt.datetime) -> KeyPair:
    return new_serving(authority, "kingtide admission", names, now, now + SERVING_VALID)
