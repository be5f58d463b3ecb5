"""What of URLs annotations may hold."""

from __future__ import annotations

MAX_URL = 2_048
"""Characters, as of a rule's path."""
CHARACTERS = r"A-Za-z0-9!$&'()*+,./:;=@_~%\[\]\-"
"""Of a path (RFC 3986, section 3.3), within brackets of an expression; a query has `?` as well."""
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


class NotAskable(ValueError):
    """A URL that nobody is asked by, or sent to; the message says why and what to do."""


def escaped(text: str) -> str:
    """Return a text of bytes as a parameter of a URL holds it (RFC 3986, section 2.1)."""
    return "".join(it if it in _UNRESERVED else f"%{ord(it):02X}" for it in text)
