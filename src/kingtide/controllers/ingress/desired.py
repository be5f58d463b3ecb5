"""The proxy as it should be: what the objects of a cluster ask for, and nothing about how."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from kingtide.controllers.ingress.directive import Directive, PatternFile
from kingtide.controllers.ingress.routing.table import Route
from kingtide.kube.services import ServicePort

Mode = Literal["http", "tcp"]


class Server(msgspec.Struct, frozen=True, gc=False, order=True):
    """A pod behind a backend. `is_draining` finishes what it has and gets nothing new.

    `is_free` is no pod but a place for one, in maintenance; `is_named` has a DNS name for address,
    which HAProxy resolves.

    `name` is unique in its backend and stays the same as long as the address does; it names the pod
    where it is known, so that HAProxy's metrics can be read.
    """

    name: str
    address: str
    port: int
    is_draining: bool = False
    weight: int = 100
    is_free: bool = False
    is_named: bool = False

    @property
    def weight_in_force(self) -> int:
        """The share of requests it gets: none while it drains."""
        return 0 if self.is_draining else self.weight


class Backend(msgspec.Struct, frozen=True, gc=False):
    """Where requests of some routes go, with what was asked for on the way.

    `service` is `namespace/name`; `port` the one of it that the servers are behind, None where that
    is not known. `server_words` are options of every server. `needs_slots` where
    servers cannot be added while HAProxy runs (cookies): then free places are kept.
    """

    name: str
    service: str
    servers: tuple[Server, ...] = ()
    mode: Mode = "http"
    directives: tuple[Directive, ...] = ()
    files: tuple[PatternFile, ...] = ()
    server_words: tuple[str, ...] = ()
    needs_slots: bool = False
    port: ServicePort | None = None


class Certificate(msgspec.Struct, frozen=True, gc=False):
    """A certificate with its key, as one PEM text; `secret` is `namespace/name`.

    Its repr tells no key.
    """

    secret: str
    pem: bytes
    hosts: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Certificate({self.secret!r}, {len(self.pem)} bytes, hosts={self.hosts!r})"


class Desired(msgspec.Struct, frozen=True, gc=False):
    """All of it. `routes` are in the order in which they win.

    `default_backend` None answers 404. `passthrough` maps a server name (SNI) to a backend that
    gets the connection as it is. `frontend` are directives of the frontends.
    """

    routes: tuple[Route, ...] = ()
    backends: Mapping[str, Backend] = {}
    default_backend: str | None = None
    certificates: tuple[Certificate, ...] = ()
    passthrough: Mapping[str, str] = {}
    frontend: tuple[Directive, ...] = ()
