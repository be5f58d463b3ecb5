"""All families of annotations, in the order in which directives of one phase are written.

A new annotation is a file of its own and a line here.
"""

from __future__ import annotations

from kingtide.controllers.ingress.annotations.access import access, access_of_connections
from kingtide.controllers.ingress.annotations.balance import balance
from kingtide.controllers.ingress.annotations.captures import captures
from kingtide.controllers.ingress.annotations.checks import checks, checks_of_connections
from kingtide.controllers.ingress.annotations.cookies import cookies
from kingtide.controllers.ingress.annotations.cors import cors
from kingtide.controllers.ingress.annotations.credentials import credentials
from kingtide.controllers.ingress.annotations.external_auth import external_auth
from kingtide.controllers.ingress.annotations.family import Family, Found, Scope
from kingtide.controllers.ingress.annotations.headers import headers
from kingtide.controllers.ingress.annotations.listening import listening
from kingtide.controllers.ingress.annotations.logging import logging
from kingtide.controllers.ingress.annotations.passthrough import passthrough, unseen
from kingtide.controllers.ingress.annotations.path_rewrite import path_rewrite
from kingtide.controllers.ingress.annotations.process import process
from kingtide.controllers.ingress.annotations.rate_limit import rate_limit
from kingtide.controllers.ingress.annotations.redirects import redirects
from kingtide.controllers.ingress.annotations.scaling import scaling
from kingtide.controllers.ingress.annotations.snippets import snippets, whole_snippets
from kingtide.controllers.ingress.annotations.timeouts import timeouts
from kingtide.controllers.ingress.annotations.upstream import upstream, upstream_of_connections
from kingtide.controllers.ingress.annotations.whole import Whole

OF_CONNECTIONS: tuple[Family, ...] = (
    balance,
    checks_of_connections,
    scaling,
    timeouts,
    access_of_connections,
    upstream_of_connections,
    unseen,
)
"""Of a backend that gets connections and sees no requests."""
OF_REQUESTS: tuple[Family, ...] = (
    balance,
    checks,
    scaling,
    timeouts,
    access,
    captures,
    cookies,
    cors,
    credentials,
    external_auth,
    headers,
    path_rewrite,
    rate_limit,
    redirects,
    snippets,
    upstream,
)


def found_in(scope: Scope) -> Found:
    """Return what all families make of a scope."""
    found = passthrough(scope)
    for family in OF_CONNECTIONS if found.mode == "tcp" else OF_REQUESTS:
        found = found.plus(family(scope))
    return found


def found_whole(scope: Scope) -> Whole:
    """Return what the ConfigMap asks for of the whole proxy; of the scope only its values count."""
    made = [family(scope) for family in (process, logging, listening, whole_snippets)]
    taken = made[2]
    return Whole(
        process=tuple(it for one in made for it in one.process),
        defaults=tuple(it for one in made for it in one.defaults),
        frontend=tuple(it for one in made for it in one.frontend),
        stats=tuple(it for one in made for it in one.stats),
        listening=taken.listening,
        secret_files=taken.secret_files,
        default_certificate=taken.default_certificate,
        problems=tuple(it for one in made for it in one.problems),
    )
