"""A certificate for the server's own addresses, signed by an authority that is forgotten at once.

kubectl sends tokens over TLS alone, also on loopback. The kubeconfig tells clients the authority.
"""

from __future__ import annotations

import datetime as dt
import ssl
import tempfile
from pathlib import Path

import msgspec

from kingtide.certificates.pairs import new_authority, new_serving

VALID = dt.timedelta(days=365)
"""Longer than anybody lets a rehearsal run; the key is gone when the process is."""


class Certificate(msgspec.Struct, frozen=True):
    """A server's certificate; all of it PEM. `authority` is what clients verify it with."""

    authority: bytes
    chain: bytes
    key: bytes


def make_certificate(addresses: tuple[str, ...]) -> Certificate:
    """Return a new certificate for IP addresses and names."""
    now = dt.datetime.now(dt.UTC)
    authority = new_authority("kingtide twin authority", now, now + VALID)
    serving = new_serving(authority, "kingtide twin", addresses, now, now + VALID)
    return Certificate(authority.certificate, serving.certificate, serving.key)


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
