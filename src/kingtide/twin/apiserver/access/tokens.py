"""Tokens of service accounts: signed with the server's own token, and valid for a time.

A JSON Web Token (RFC 7519, HS256) with the claims of Kubernetes. Source:
https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-request-v1/
(v1.36). Times are the cluster's.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any

import msgspec

from kingtide.twin.apiserver.access.users import ACCOUNT

ISSUER = "https://kubernetes.default.svc"
SHORTEST_SECONDS = 600
LONGEST_SECONDS = 1 << 32
"""ValidateTokenRequest of pkg/apis/authentication/validation (v1.36)."""
USUAL_SECONDS = 3_600

_HEAD = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT"}').rstrip(b"=")


class _Account(msgspec.Struct, frozen=True):
    name: str
    uid: str


class _Bound(msgspec.Struct, frozen=True):
    namespace: str
    serviceaccount: _Account


class Claims(msgspec.Struct, frozen=True):
    """What a token says: whose it is, and from when until when, in Unix seconds."""

    sub: str
    iat: int
    exp: int
    bound: _Bound = msgspec.field(name="kubernetes.io")

    @property
    def account(self) -> tuple[str, str, str]:
        """Namespace, name and uid of the service account."""
        it = self.bound.serviceaccount
        return self.bound.namespace, it.name, it.uid


class Tokens:
    """Signs and reads tokens."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def issue(
        self, account: tuple[str, str, str], seconds: int, now_ms: int, audiences: list[str]
    ) -> tuple[str, int]:
        """Return a token of a service account (namespace, name, uid), and when it ends, in s."""
        namespace, name, uid = account
        now = now_ms // 1000
        claims: dict[str, Any] = {
            "aud": audiences,
            "exp": now + seconds,
            "iat": now,
            "iss": ISSUER,
            "kubernetes.io": {"namespace": namespace, "serviceaccount": {"name": name, "uid": uid}},
            "nbf": now,
            "sub": f"{ACCOUNT}{namespace}:{name}",
        }
        body = base64.urlsafe_b64encode(msgspec.json.encode(claims)).rstrip(b"=")
        signed = b".".join((_HEAD, body))
        return b".".join((signed, self._signature(signed))).decode(), now + seconds

    def read(self, token: str, now_ms: int) -> Claims | None:
        """Return what a token says, None where it is none, another's, or its time is over."""
        signed, _, signature = token.encode("utf-8", "surrogateescape").rpartition(b".")
        if not hmac.compare_digest(signature, self._signature(signed)):
            return None
        body = signed.partition(b".")[2]
        text = base64.urlsafe_b64decode(body + b"=" * (-len(body) % 4))
        claims = msgspec.json.decode(text, type=Claims)
        return claims if now_ms // 1000 < claims.exp else None

    def _signature(self, signed: bytes) -> bytes:
        digest = hmac.new(self._secret, signed, hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=")
