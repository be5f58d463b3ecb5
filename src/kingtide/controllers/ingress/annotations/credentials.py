"""auth-type, auth-secret, auth-realm: who knows a password may come in.

A Secret's keys are users, its values hashes of crypt(3); or its key `auth` is a file of htpasswd,
as users of ingress-nginx have it. Whatever is wrong with it, nobody comes in.
"""

from __future__ import annotations

from hashlib import blake2s
from re import fullmatch

from kingtide.controllers.ingress.annotations.family import Found, Scope
from kingtide.controllers.ingress.annotations.named_secret import closed, named_secret
from kingtide.controllers.ingress.annotations.phases import CREDENTIALS
from kingtide.controllers.ingress.annotations.reading import Reading, one_of, writable
from kingtide.controllers.ingress.desired import UserList
from kingtide.controllers.ingress.directive import Directive
from kingtide.kube.secrets import Secret

REALM = "Protected Content"
MAX_USERS = 10_000
HTPASSWD = "auth"
"""The key that ingress-nginx reads: a whole file of lines `user:hash`."""

_SALTED = r"[./A-Za-z0-9]"
_HASHES = (
    rf"\$1\${_SALTED}{{1,8}}\${_SALTED}{{22}}",
    rf"\$5\$(rounds=[1-9][0-9]{{3}}\$|rounds=10000\$)?{_SALTED}{{1,16}}\${_SALTED}{{43}}",
    rf"\$6\$(rounds=[1-9][0-9]{{3}}\$|rounds=10000\$)?{_SALTED}{{1,16}}\${_SALTED}{{86}}",
    rf"\$2[abxy]\$(0[4-9]|10)\${_SALTED}{{53}}",
    rf"\$y\$j[5-9]T\${_SALTED}{{1,64}}\${_SALTED}{{43}}",
)
"""MD5, SHA-256, SHA-512, bcrypt and yescrypt of crypt(5), each with a bound on its work: HAProxy
computes them within its event loop, where bcrypt of cost 10 already holds all traffic for 50 ms."""
_USER = r"[!-9;-~]{1,128}"
"""Printable ASCII without a colon (RFC 7617, section 2)."""


def credentials(scope: Scope) -> Found:
    """Return whom a backend asks for a password."""
    reading = Reading(scope)
    kind = reading.value("auth-type", one_of("basic-auth"))
    if kind is None:
        if not reading.problems and reading.is_from("auth-secret", "ingress"):
            reading.refuse("auth-type", "auth-secret needs it: write basic-auth")
        return closed(reading) if reading.problems else Found()
    if reading.text("auth-secret") is None:
        reading.refuse("auth-secret", "auth-type needs it: name a Secret of users and hashes")
    secret = named_secret(reading, "auth-secret")
    users = () if secret is None else _users(reading, secret)
    if not users:
        return closed(reading)
    realm = reading.value("auth-realm", writable) or REALM
    name = f"users-{blake2s(repr(users).encode(), digest_size=8).hexdigest()}"
    known = ("!{", f"http_auth({name})", "}")
    asked = Directive(CREDENTIALS, ("http-request", "auth", "realm", realm, "if", *known))
    return Found((asked,), user_lists=(UserList(name, users),), problems=tuple(reading.problems))


def _users(reading: Reading, secret: Secret) -> tuple[tuple[str, str], ...]:
    """Return users and hashes, sorted; one that is wrong is told by its name and left out."""
    found = {}
    wrong = 0
    for user, value in _written(secret):
        if fullmatch(_USER, user) and any(fullmatch(it, value) for it in _HASHES):
            found[user] = value
        else:
            wrong += 1
    if wrong:
        reading.refuse(
            "auth-secret",
            f"Secret {secret.key}: {wrong} of its entries are no user with a hash of crypt(3)"
            " ($1$, $5$, $6$, $2y$ up to cost 10, $y$); those users cannot come in",
        )
    if len(found) > MAX_USERS:
        reading.refuse("auth-secret", f"Secret {secret.key} has over {MAX_USERS} users")
        return ()
    if not found and not wrong:
        reading.refuse("auth-secret", f"Secret {secret.key} has no users")
    return tuple(sorted(found.items()))


def _written(secret: Secret) -> list[tuple[str, str]]:
    found = []
    for name, value in secret.data.items():
        text = value.decode("utf-8", "replace").strip()
        if name == HTPASSWD and ":" in text:
            for line in text.splitlines():
                user, _, hashed = line.strip().partition(":")
                if user and not user.startswith("#"):
                    found.append((user, hashed.strip()))
        else:
            found.append((name, text))
    return found
