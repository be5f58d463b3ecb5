"""Who may ask: whoever has the token, and nobody else, whatever the address."""

from __future__ import annotations

import hmac

from kingtide.twin.apiserver.refusals import unauthorized


class TokenAuthentication:
    """Compares bearer tokens with the one that holds, in constant time."""

    def __init__(self, token: str) -> None:
        self._token = token.encode()

    def check(self, authorization: str) -> None:
        """Take the Authorization header of a request.

        Raises:
            ApiRefusal: 401, it has no token or another one.
        """
        scheme, _, token = authorization.partition(" ")
        found = token.strip().encode("utf-8", "surrogateescape")
        if scheme.lower() != "bearer" or not hmac.compare_digest(found, self._token):
            raise unauthorized()
