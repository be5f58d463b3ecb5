"""What an Ingress asks for: whom its requests are shown to, and what becomes of the answer."""

from __future__ import annotations

from hashlib import blake2s

import msgspec

MAX_COOKIES = 8
"""Set-Cookie headers of an answer. A session that is too large for one cookie takes two or three;
an answer with more is none."""


class AuthSettings(msgspec.Struct, frozen=True, gc=False):
    """Whom to ask, how, and what of the answer goes on.

    `namespace` is the Ingress': what waits for answers is bounded for each. `path` begins with a
    slash and may have a query. `signin` is a URL whose variables stand yet (`signin.py`), empty:
    nobody is sent there. `response_headers` are lower-case names. `is_address`: the host is an
    address that the policy names itself, which is not judged again.
    """

    namespace: str
    scheme: str
    host: str
    port: int
    path: str
    method: str = "GET"
    signin: str = ""
    response_headers: tuple[str, ...] = ()
    timeout_ms: int = 5_000
    is_address: bool = False

    @property
    def name(self) -> str:
        """The name of its file, the same for the same settings: nothing in it ever changes."""
        return blake2s(msgspec.json.encode(self), digest_size=12).hexdigest()

    @property
    def authority(self) -> str:
        """The Host header of what is asked."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """Whom it asks, for people."""
        return f"{self.scheme}://{self.authority}{self.path}"


DEFAULT_PORTS = {"http": 80, "https": 443}


def header_variable(place: int) -> str:
    """Return the variable of the header that stands at a place of `response_headers`."""
    return f"header{place}"


def cookie_variable(place: int) -> str:
    """Return the variable of a Set-Cookie header, counted from 0."""
    return f"cookie{place}"
