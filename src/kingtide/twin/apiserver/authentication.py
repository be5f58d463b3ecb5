"""Who asks: whoever has the token, or that of a service account, and nobody else."""

from __future__ import annotations

import hmac
from typing import Any

from kingtide.kube.wire.times import time_text
from kingtide.twin.apiserver.access.tokens import (
    LONGEST_SECONDS,
    SHORTEST_SECONDS,
    USUAL_SECONDS,
    Tokens,
)
from kingtide.twin.apiserver.access.users import ADMIN, User, service_account
from kingtide.twin.apiserver.causes import invalid_value
from kingtide.twin.apiserver.entries import Entry
from kingtide.twin.apiserver.objects import Objects
from kingtide.twin.apiserver.refusals import ApiRefusal, unauthorized


class TokenAuthentication:
    """Compares bearer tokens with the one that holds, in constant time, or reads an account's."""

    def __init__(self, token: str, objects: Objects) -> None:
        self._token = token.encode()
        self._tokens = Tokens(token)
        self._objects = objects
        self._accounts = next(it for it in objects.resources if it.kind == "ServiceAccount")

    def user(self, authorization: str) -> User:
        """Return who sends an Authorization header.

        Raises:
            ApiRefusal: 401, it has no token, or one that does not hold.
        """
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer":
            raise unauthorized()
        found = self.owner(token.strip())
        if found is None:
            raise unauthorized()
        return found

    def owner(self, token: str) -> User | None:
        """Return whose a token is, None where it does not hold."""
        if hmac.compare_digest(token.encode("utf-8", "surrogateescape"), self._token):
            return ADMIN
        claims = self._tokens.read(token, self._objects.now_ms)
        if claims is None:
            return None
        namespace, name, uid = claims.account
        entry = self._objects.table(self._accounts).entries.get((namespace, name))
        if entry is None or entry.uid != uid:
            return None  # its account was deleted
        return service_account(namespace, name, uid)

    def issue(self, account: Entry, sent: Any) -> dict[str, Any]:
        """Return a TokenRequest with a new token of a service account.

        Raises:
            ApiRefusal: 422, it is to hold for a time that no token may.
        """
        spec = (sent.get("spec") if isinstance(sent, dict) else None) or {}
        seconds = spec.get("expirationSeconds") or USUAL_SECONDS
        if not isinstance(seconds, int) or not SHORTEST_SECONDS <= seconds <= LONGEST_SECONDS:
            why = "may not specify a duration less than 10 minutes"
            cause = invalid_value("spec.expirationSeconds", seconds, why)
            text = f"TokenRequest.authentication.k8s.io {account.name!r} is invalid: {cause.field}"
            raise ApiRefusal(422, "Invalid", f"{text}: {cause.message}")
        key = (account.namespace, account.name, account.uid)
        audiences = [it for it in spec.get("audiences") or () if isinstance(it, str)]
        token, ends = self._tokens.issue(key, seconds, self._objects.now_ms, audiences)
        head = {"kind": "TokenRequest", "apiVersion": "authentication.k8s.io/v1"}
        metadata = {"name": account.name, "namespace": account.namespace}
        status = {"token": token, "expirationTimestamp": time_text(1000 * ends)}
        told = {"audiences": audiences, "expirationSeconds": seconds, "boundObjectRef": None}
        return head | {"metadata": metadata, "spec": told, "status": status}
